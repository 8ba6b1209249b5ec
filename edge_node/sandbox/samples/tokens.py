"""Writes the tokens that go with sample messages, and has them signed.

Knows: what each kind of token says (domain reference 6.2 to 6.4, GBZ 5.4).
Must not know: how a signature is made, which message a token goes with.

Without a hand that signs, a token has no signature: then only what it says can be tried.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from edge_node.model.identifiers import APPLICATION_ROOT, URA_ROOT, MessageId
from edge_node.sandbox.samples.people import Party, Person
from edge_node.sandbox.signing import Hand

#: How long a token for one message lasts; longer than its sender waits for an answer.
LASTS: Final = timedelta(minutes=5)
#: A token begins a little before it is signed: clocks differ.
BEFORE: Final = timedelta(seconds=2)
CARD_CONTEXT: Final = "SmartcardPKI"
SERVER_CONTEXT: Final = "X509"
_DUTCH_TIME: Final = ZoneInfo("Europe/Amsterdam")
_UZI_ROOT: Final = "2.16.528.1.1007.3.1"
_OPEN: Final = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"></ds:Signature>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an assertion says."""

    id: str
    issuer: str
    subject: str = field(repr=False)
    issued: str
    ends: str
    audience: str
    method: str = "holder-of-key"
    confirms: tuple[str, int] | None = None
    context_class: str = CARD_CONTEXT
    attributes: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said805:
    """What an older token says."""

    id: str
    root: str
    extension: str
    issued: str
    ends: str
    zim: str
    trigger_event: str
    bsn: str | None = field(default=None, repr=False)


def organisation(ura: str) -> str:
    """An organisation, as a token names it."""
    return f"urn:IIroot:{URA_ROOT}:IIext:{ura}"


def application(id_: str) -> str:
    """An application, as a token names it."""
    return f"urn:IIroot:{APPLICATION_ROOT}:IIext:{id_}"


def professional(uzi: str) -> str:
    """A professional, as a mandate names who gave it."""
    return f"urn:IIroot:{_UZI_ROOT}:IIext:{uzi}"


def saml_moment(at: datetime) -> str:
    """A moment, as SAML writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def older_moment(at: datetime) -> str:
    """A moment, as the older token writes it."""
    return f"{at.astimezone(_DUTCH_TIME):%Y%m%d%H%M%S}"


@cache
def _templates() -> Environment:
    loader = PackageLoader("edge_node.sandbox.samples", "templates")
    # XML, whatever the files are called.
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def written(said: Said) -> bytes:
    """The assertion with an open place for its signature."""
    return _templates().get_template("saml.xml.j2").render(said=said).strip().encode()


def written_805(said: Said805) -> bytes:
    """The block of the older token."""
    return _templates().get_template("aorta805.xml.j2").render(said=said).strip().encode()


def signed(said: Said, hand: Hand | None) -> bytes:
    """The assertion as it goes along."""
    return written(said).replace(_OPEN, b"") if hand is None else hand.sign(written(said))


class TokenMaker:
    """Writes the tokens of one party. `now` and `chance` (random hexadecimal digits) are handed in."""

    def __init__(self, party: Party, *, zim: str, now: Callable[[], datetime], chance: Callable[[int], str]) -> None:
        self.party = party
        self._audience = application(zim)
        self._now = now
        self._chance = chance

    def transaction(self, attributes: Sequence[tuple[str, str]], subject: str, hand: Hand | None) -> Said:
        """A transaction token; an empty subject is a server's."""
        return self._said(
            subject=subject,
            confirms=None if hand is None else hand.names,
            attributes=tuple(attributes),
            context_class=CARD_CONTEXT if subject else SERVER_CONTEXT,
        )

    def mandate(self, giver: Person, rule: str, lasts: timedelta = timedelta(days=180)) -> Said:
        """A mandate that this professional gives the organisation of the party."""
        return self._said(
            issuer=professional(giver.uzi),
            subject=organisation(self.party.ura),
            method="sender-vouches",
            attributes=(("autorisatieregel/context", rule),),
            lasts=lasts,
        )

    def enrolment(self, bsn: str, performer: Person, *scan: str, lasts: timedelta = timedelta(days=365)) -> Said:
        """An enrolment of this patient; `scan` is the id of a scan token."""
        attributes = [("Uitvoerder", performer.uzi), *(("Scantoken", one) for one in scan)]
        return self._said(subject=bsn, method="sender-vouches", attributes=tuple(attributes), lasts=lasts)

    def _said(
        self,
        *,
        subject: str,
        attributes: tuple[tuple[str, str], ...],
        issuer: str = "",
        method: str = "holder-of-key",
        confirms: tuple[str, int] | None = None,
        context_class: str = CARD_CONTEXT,
        lasts: timedelta = LASTS,
    ) -> Said:
        begins = self._now() - BEFORE
        return Said(
            id=f"_{self._chance(16)}",
            issuer=issuer or organisation(self.party.ura),
            subject=subject,
            issued=saml_moment(begins),
            ends=saml_moment(begins + lasts),
            audience=self._audience,
            method=method,
            confirms=confirms,
            context_class=context_class,
            attributes=attributes,
        )

    def older(self, id_: MessageId, trigger_event: str, bsn: str | None) -> Said805:
        """An older token for the message with that id."""
        begins = self._now() - BEFORE
        return Said805(
            id=f"token_{id_.root}_{id_.extension}",
            root=id_.root,
            extension=id_.extension,
            issued=older_moment(begins),
            ends=older_moment(begins + LASTS),
            zim=self._audience.rpartition(":")[2],
            trigger_event=trigger_event,
            bsn=bsn,
        )
