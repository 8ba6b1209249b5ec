"""New settings are taken up while the node serves; wrong ones change nothing."""

from typing import Any, ClassVar

from edge_node.errors import SettingsInvalid
from edge_node.sandbox.samples.people import patient
from tests.stories import certificates, moves
from tests.stories.caller import code_of, seen
from tests.stories.certificates import another_pki, pki
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, deferred

DECLARED = {
    "id": "PORX_IN932777NL",
    "meaning": "a push this site declares",
    "pattern": "push",
    "accept_ack": "AL",
    "answers": ["MCCI_IN000002"],
    "refusal": "MCCI_IN000002",
    "keep": True,
    "inbound": "keep",
    "order": "medication",
    "patient_at": ["attention-line"],
}


class TestWrongSettings(Story):
    async def test_are_refused_and_the_old_ones_stay(self) -> None:
        """A slip in a file must not close the practice."""
        self.write_settings({"switchboard": {"waits": {"query_out_s": -1}}, "locale": {}})
        with self.assertRaises(SettingsInvalid) as caught:
            await self.reload()
        assert len(caught.exception.complaints) == 2
        assert seen(await self.send(a_query())).is_positive

    async def test_with_a_broken_certificate_are_refused(self) -> None:
        """The certificate that works goes on working."""
        broken = self.folder / "broken.pem"
        broken.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n", encoding="utf-8")
        self.rewrite((str(pki().files("practice").chain), str(broken)))
        with self.assertRaises(SettingsInvalid) as caught:
            await self.reload()
        (complaint,) = caught.exception.complaints
        assert complaint.startswith(f"{self.paths[0]}:")
        assert "identities[0].certificate: " in complaint
        assert seen(await self.send(a_query())).is_positive
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive


class TestNewSettings(Story):
    async def test_new_certificate_is_shown_by_new_connections(self) -> None:
        """Certificates end every few years; the change must not need a closed door."""
        await self.switch.down()
        self.switch.use(certificates.ServerTls("switchboard", another_pki().anchors))
        self.switch.up()
        await self.send(a_query())
        self.rewrite((str(pki().out / "practice"), str(another_pki().out / "practice")))
        await self.reload()
        await self.send(a_query())
        serials = [turn.peer.serial_number for turn in self.switch.heard if turn.peer is not None]
        assert len(set(serials)) == 2

    async def test_question_under_way_is_answered(self) -> None:
        """Nobody at a screen notices a reload."""
        late = moves.Late()
        self.switch.will(late)
        asked = deferred(self.send(a_query()))
        await self.switch.has_heard(1)
        await self.reload()
        late.go_on()
        assert seen(await asked).is_positive

    async def test_new_secret_is_taken_up_and_the_old_one_ends(self) -> None:
        """A secret that leaked is changed at once."""
        old = self.local()
        (self.folder / "his.secret").write_text("n" * 43, encoding="utf-8")
        await self.reload()
        assert (await old.get("/v1/messages/" + "0" * 32)).status == 401
        assert seen(await self.send(a_query())).is_positive

    async def test_interaction_no_longer_qualified_is_refused(self) -> None:
        """What an operator takes away is gone with the next message."""
        self.rewrite(("told_by:", "interactions: [PORX_IN932000NL]\n    told_by:"))
        await self.reload()
        assert code_of(await self.send(a_query())) == "EN-INTERACTION-UNQUALIFIED"
        assert seen(await self.send(a_prescription())).is_positive

    async def test_message_of_an_interaction_that_left_does_not_block_others(self) -> None:
        """A kept message whose kind is no longer declared waits; the others go."""
        self.write_settings({"switchboard": {"interactions": [DECLARED]}})
        await self.reload()
        await self.switch.down()
        body = a_prescription()
        told = await self.send(body, body=body.body.replace(b"PORX_IN932000NL", b"PORX_IN932777NL"))
        assert told.headers["edge-node-state"] == "kept"
        self.write_settings({})
        await self.reload()
        found: dict[str, Any] = await self.comes_to("HELD", told)
        assert found["answer_code"] == "EN-INTERACTION-UNKNOWN"
        self.switch.up()
        assert seen(await self.send(a_prescription(patient=moves.BRAM))).is_positive

    async def test_message_of_an_application_that_left_leaves_the_line_open(self) -> None:
        """A removed application is a setting, not a line that is down: the others go on."""
        self.switch.usual = moves.refuses("RTEDEST")
        sent = [await self.send(a_prescription(moves.AT_PORTAL, patient=patient(n)), "portal") for n in range(6)]
        assert {told.headers["edge-node-state"] for told in sent} == {"kept"}
        self.rewrite(("80000006", "80000007"))
        await self.reload()
        await self.eventually(self.kept_messages, lambda rows: {row.state for row in rows} == {"HELD"})
        assert {row.code for row in await self.kept_messages()} == {"EN-SENDER-FOREIGN"}
        self.switch.usual = moves.usual
        assert seen(await self.send(a_query())).is_positive
        assert self.logged("link.changed") == []


class TestLineThatWasDown(Story):
    given: ClassVar = {"switchboard": {"link_breaker": {"failures": 2, "probe_s": 600}}}

    async def test_is_tried_at_once_with_new_settings(self) -> None:
        """Whoever put the address right must not wait ten minutes to see that it helped."""
        await self.switch.down()
        told = [await self.send(a_prescription(patient=patient(number))) for number in range(3)]
        assert self.logged("link.changed")[-1]["is_up"] is False
        self.switch.up()
        await self.reload()
        await self.comes_to("DELIVERED", told[-1])

    async def test_counts_failures_as_the_new_settings_say(self) -> None:
        """A number in the settings is the number in use."""
        self.write_settings({"switchboard": {"link_breaker": {"failures": 50}}})
        await self.reload()
        await self.switch.down()
        for number in range(3):
            await self.send(a_prescription(patient=patient(number)))
        assert self.logged("link.changed") == []
