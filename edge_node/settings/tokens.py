"""The tokens that people sign messages with: whose cards are trusted, and how long a token may count.

Knows: the keys under `tokens`.
Must not know: how a token is read, how a signature is verified. The algorithms are pinned, and no settings.
"""

from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from edge_node.settings.values import FileReference, OidText, Seconds, Section, Text, setting

_G3: tuple[tuple[str, Literal["professional", "employee", "unnamed", "server"], str], ...] = (
    ("UZI-register Zorgverlener CA G3", "professional", "2.16.528.1.1003.1.3.5.5.2"),
    ("UZI-register Medewerker op naam CA G3", "employee", "2.16.528.1.1003.1.3.5.5.3"),
    ("UZI-register Medewerker niet op naam CA G3", "unnamed", "2.16.528.1.1003.1.3.5.5.4"),
    ("UZI-register Private Server CA G1", "server", "2.16.528.1.1003.1.3.5.5.5"),
)
ShortSeconds = Annotated[float, Ge(0), Le(3600)]


class CardIssuerSettings(Section):
    """A CA that issues what tokens are signed with."""

    name: Text = setting("Common name of the CA.")
    card: Literal["professional", "employee", "unnamed", "zorg-id", "server"] = setting(
        "What it issues. The CA says what kind of card it is, and the letter in the card must agree; a card without "
        "a name gives no access to the LSP."
    )
    oid_ca: OidText | None = setting("Its OID-CA in UZI names; another one is let pass with a warning.", None)


class TokenSettings(Section):
    """The tokens that people sign messages with."""

    anchors: FileReference | None = setting(
        "File with the CAs, in PEM, of the cards and servers that sign tokens: their roots, and the CAs between, "
        "which tokens do not hold. Production needs it; without it a test site does not judge signatures, and says "
        "so.",
        None,
    )
    issuers: Annotated[tuple[CardIssuerSettings, ...], MinLen(1)] = setting(
        "The CAs that issue directly, and what each stands for.",
        tuple(CardIssuerSettings(name=name, card=card, oid_ca=oid) for name, card, oid in _G3),
        origin="domain reference GBZ 3.1 and 3.3",
    )
    cards: tuple[FileReference, ...] = setting(
        "Files with certificates of cards, in PEM, that tokens name only by issuer and serial number. One that is "
        "not known here is let pass with a warning: the switchboard judges it.",
        (),
    )
    clock_skew_s: ShortSeconds = setting(
        "Seconds by which the clock of a signer may be ahead of this machine's.", 5.0
    )
    queue_delay_s: ShortSeconds = setting(
        "Seconds that a token must still count for when its message comes in, for the way to the switchboard.", 1.0
    )
    longest_s: Seconds = setting(
        "Longest window of a token for one message, in seconds; a longer one is let pass with a warning. What the "
        "switchboard allows at most is not public.",
        300.0,
    )
    longest_mandate_s: Seconds = setting(
        "Longest window of a mandate token, in seconds: three years.",
        1096.0 * 86_400,
        origin="domain reference GBZ 1.2",
    )
    longest_enrolment_s: Seconds = setting(
        "Longest window of an enrolment token, in seconds: a year and a half.",
        549.0 * 86_400,
        origin="domain reference GBZ 5.4",
    )
    unchecked: Literal["warn", "refuse"] = setting(
        "What becomes of a token when nobody can tell whether its card was revoked: a doctor does not stand still "
        "for a list.",
        "warn",
    )
    signed_lasts_s: Annotated[float, Ge(10), Le(3600)] = setting(
        "Seconds for which a transaction token counts that the node makes, from its beginning; what the switchboard "
        "allows at most is not public.",
        300.0,
    )
    signed_before_s: Annotated[float, Ge(0), Le(300)] = setting(
        "Seconds by which such a token begins before it is made, since clocks differ.", 5.0
    )
    unknown: Literal["warn", "refuse"] = setting(
        "What becomes of a token whose certificate is only named, and is neither in tokens.cards nor seen before: "
        "its signature cannot be judged here. Refuse, once every local system sends its certificates along.",
        "warn",
    )
    passed: Literal["warn", "refuse"] = setting(
        "What becomes of a token that only the switchboard can prove: of a patient (DigiD), a customer desk or a "
        "contract. Refuse, where neither patients nor a customer desk work with this site: whoever reaches a local "
        "door could write one.",
        "warn",
    )
