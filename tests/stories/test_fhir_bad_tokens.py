"""Assertions handed in for FHIR are proven before anybody is asked for an access token."""

import base64
from dataclasses import replace

from edge_node.sandbox.samples.fhir import handed_in
from edge_node.sandbox.samples.people import GP, PRACTICE
from edge_node.sandbox.samples.tokens import Said, TokenMaker, application, signed
from edge_node.sandbox.signing import Card
from tests.stories import certificates, moves
from tests.stories.caller import code_of
from tests.stories.fhir_moves import a_search, a_transaction_token
from tests.stories.fhir_story import TOKEN, FhirStory
from tests.stories.moves import ANNA

MANDATE = "edge-node-mandate-token"
_TOKENS = TokenMaker(PRACTICE, zim="1", now=moves.now, chance=moves.chance)


def card(name: str) -> Card:
    """A card, good or bad."""
    return Card.read(certificates.pki().out / "cards" / name)


def said() -> Said:
    """What the doctor's token says, for whatever is asked."""
    text = base64.urlsafe_b64decode(a_transaction_token() + "==").decode()
    names = text.partition('Name="interactionId"')[2].partition("AttributeValue>")[2].partition("<")[0]
    asker = ("applicationID", application("80000001"))
    attributes = (("interactionId", names), ("burgerServiceNummer", ANNA.bsn), asker)
    return _TOKENS.transaction(attributes, f"{GP.uzi}:{GP.role}", card("gp"))


class TestAnAssertionHandedIn(FhirStory):
    async def _refused(self, code: str, token: str, **beside: str) -> None:
        told = await self.asks(a_search(), system="his", **{TOKEN: token, **beside})
        assert (code_of(told), self.broker.heard) == (code, [])
        assert not [turn for turn in self.server.heard if turn.method == "POST"]

    async def test_that_nobody_signed_is_refused(self) -> None:
        """The authorisation server would see it as ours."""
        await self._refused("EN-TOKEN-UNSIGNED", handed_in(signed(said(), None)))

    async def test_that_was_changed_is_refused(self) -> None:
        """What was signed is another question."""
        changed = signed(said(), card("gp")).replace(b"<saml:Attribute ", b'<saml:Attribute FriendlyName="x" ', 1)
        await self._refused("EN-TOKEN-DIGEST", handed_in(changed))

    async def test_of_a_revoked_card_is_refused(self) -> None:
        """The list says so."""
        hand = card("bad/revoked")
        await self._refused("EN-TOKEN-CARD-REVOKED", handed_in(signed(replace(said(), confirms=None), hand)))

    async def test_for_another_question_is_refused(self) -> None:
        """A token is for what it names."""
        other = replace(said(), attributes=(("interactionId", "create:Other:1.0:request"),))
        await self._refused("EN-TOKEN-MISMATCH", handed_in(signed(other, card("gp"))))

    async def test_of_another_kind_than_its_header_is_refused(self) -> None:
        """A mandate where the transaction token belongs opens another door."""
        mandate = handed_in(signed(_TOKENS.mandate(GP, "rule"), card("gp-signature")))
        await self._refused("EN-TOKEN-PLACE", mandate)

    async def test_with_a_mandate_for_somebody_else_is_refused(self) -> None:
        """It gives our organisation nothing."""
        mandate = replace(_TOKENS.mandate(GP, "rule"), subject="urn:IIroot:2.16.528.1.1007.3.3:IIext:90000202")
        beside = {MANDATE: handed_in(signed(mandate, card("gp-signature")))}
        await self._refused("EN-TOKEN-MANDATE", handed_in(signed(said(), card("gp"))), **beside)

    async def test_that_is_good_passes(self) -> None:
        """And is exchanged."""
        told = await self.asks(a_search(), system="his", **{TOKEN: handed_in(signed(said(), card("gp")))})
        assert (told.status, len(self.broker.heard)) == (200, 1)
