"""A message under a bad token is refused by the node that runs, and nothing of it leaves."""

from dataclasses import replace
from typing import Any

from lxml import etree

from edge_node.formats.names import SAML
from edge_node.sandbox.samples.making import Token
from edge_node.sandbox.samples.tokens import signed
from edge_node.sandbox.signing import Card
from tests.stories import certificates, moves
from tests.stories.caller import code_of, fault_of, seen
from tests.stories.moves import AT_PRACTICE, BRAM
from tests.stories.site import without_cards
from tests.stories.story import Story, a_query, a_report

_DS = "http://www.w3.org/2000/09/xmldsig#"


def card(name: str) -> Card:
    """A card, good or bad."""
    return Card.read(certificates.pki().out / "cards" / name)


def under(sample: Any, name: str, **changes: Any) -> Any:
    """The message under another token: signed with that card, saying something else."""
    said = replace(sample.token.said, confirms=card(name).names, **changes)
    return AT_PRACTICE.under(sample, Token(said=said, inside=signed(said, card(name)).decode()))


class TestABadToken(Story):
    async def _refused(self, sample: Any, code: str, **changes: Any) -> None:
        told = await self.send(sample, **changes)
        assert (told.status, code_of(told)) == (500, code), fault_of(told)
        assert self.switch.heard == []
        assert await self.kept_messages() == []

    async def test_that_nobody_signed(self) -> None:
        """Whoever can reach the local door could write one."""
        report = a_report()
        bare = AT_PRACTICE.under(
            report, Token(said=report.token.said, inside=signed(report.token.said, None).decode())
        )
        await self._refused(bare, "EN-TOKEN-UNSIGNED")

    async def test_that_was_changed_after_signing(self) -> None:
        """The doctor signed something else."""
        query = a_query()
        body = query.body.replace(b"autorisatieregels/summary-query/v1", b"autorisatieregels/summary-query/v2")
        await self._refused(query, "EN-TOKEN-DIGEST", body=body)

    async def test_of_another_person_than_the_card(self) -> None:
        """A colleague's card under the doctor's name."""
        await self._refused(under(a_report(), "post-gp"), "EN-TOKEN-HOLDER")

    async def test_of_a_card_that_was_revoked(self) -> None:
        """The list of the register says so, and the node has read it."""
        await self._refused(under(a_report(), "bad/revoked"), "EN-TOKEN-CARD-REVOKED")

    async def test_of_a_card_that_ended(self) -> None:
        """Its holder needs a new one."""
        await self._refused(under(a_query(), "bad/expired"), "EN-TOKEN-CARD-EXPIRED")

    async def test_of_a_register_of_the_same_name(self) -> None:
        """Names anybody can write."""
        await self._refused(under(a_report(), "bad/other-ca"), "EN-TOKEN-CARD-CHAIN")

    async def test_for_another_environment(self) -> None:
        """A token of test opens nothing in production, nor the other way about."""
        audience = "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:2"
        await self._refused(under(a_report(), "gp", audience=audience), "EN-TOKEN-AUDIENCE")

    async def test_that_ended(self) -> None:
        """The switchboard would refuse it after the doctor has gone."""
        report = a_report()
        begun = "2020-01-01T00:00:00Z"
        await self._refused(under(report, "gp", issued=begun, ends="2020-01-01T00:05:00Z"), "EN-TOKEN-EXPIRED")

    async def test_that_wraps_a_good_one(self) -> None:
        """The signature holds, of something that nobody uses."""
        report = a_report(patient=BRAM)
        root = etree.fromstring(report.body)
        true = root.find(f".//{{{SAML}}}Assertion")
        assert true is not None
        forged = etree.fromstring(etree.tostring(true, with_tail=False))
        forged.set("ID", "_forged")
        signature = forged.find(f"{{{_DS}}}Signature")
        assert signature is not None
        block = true.getparent()
        assert block is not None
        block.replace(true, forged)
        etree.SubElement(signature, f"{{{_DS}}}Object").append(true)
        await self._refused(report, "EN-TOKEN-WRAPPED", body=etree.tostring(root))

    async def test_in_a_renewal_renews_nothing(self) -> None:
        """The message goes on waiting, for a signature that counts."""
        self.switch.will(moves.resets)
        report = a_report()
        await self.send(report)
        (row,) = await self.kept_messages()
        bad = under(AT_PRACTICE.renewed(report), "post-gp")
        answer = await self.local().post(f"/v1/messages/{row.uid}/token", bad.body)
        assert (answer.status, b"EN-TOKEN-HOLDER" in answer.body) == (400, True)
        assert [one.state for one in await self.kept_messages()] == ["NEEDS_TOKEN"]
        assert len(self.switch.heard) == 1

    async def test_is_in_no_log(self) -> None:
        """Neither its id nor who signed: both say who was where."""
        bad = under(a_report(), "bad/expired")
        await self.send(bad)
        text = self.tape.getvalue()
        assert "EN-TOKEN-CARD-EXPIRED" in text
        assert not [word for word in (bad.token.id, "900000101", "Praktijkman") if word in text]


class TestAGoodToken(Story):
    async def test_beside_all_these_passes(self) -> None:
        """And its bytes go out as they were signed."""
        report = a_report()
        told = await self.send(report)
        assert (told.status, seen(told).type_code) == (200, "CA")
        assert self.switch.heard[-1].body == report.body

    async def test_of_a_guest_passes_and_is_told(self) -> None:
        """A locum has the card of another organisation."""
        told = await self.send(under(a_report(), "bad/guest"))
        assert (told.status, seen(told).type_code) == (200, "CA")
        assert ["EN-TOKEN-GUEST"] in [line["codes"] for line in self.logged("message.odd")]


class TestASiteWithoutAnchors(Story):
    def furnish(self) -> None:
        """A test site that knows no cards yet."""
        without_cards(self.paths[0])

    async def test_says_so_and_never_that_a_signature_is_good(self) -> None:
        """What nobody looked at must not pass for good."""
        assert self.logged("tokens.unjudged")
        (part,) = [it for it in await self._parts() if it["kind"] == "tokens"]
        assert (part["health"], part["code"]) == ("unknown", "EN-TOKEN-UNJUDGED")
        assert (await self.send(under(a_report(), "post-gp"))).status == 200

    async def _parts(self) -> list[dict[str, Any]]:
        assert self.node is not None
        look = await self.node.overseeing.look()
        return [{"kind": it.kind, "health": it.health, "code": it.code} for it in look.parts]
