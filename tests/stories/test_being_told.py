"""A message that was kept has an end, and its sender hears of it: by events, by webhook, by mail."""

import base64
import hashlib
import hmac
import json
from typing import Any, ClassVar

import trustme
import yaml
from twisted.internet.defer import Deferred, ensureDeferred

from edge_node.model.notice import Ages
from edge_node.sandbox.samples.making import Sample
from tests import mail_server
from tests.stories import moves
from tests.stories.caller import Told
from tests.stories.far_end import FarEnd, Turn
from tests.stories.moves import AT_PRACTICE
from tests.stories.story import Story, a_prescription, a_report, deferred, reactor

SECRET = b"the secret between node and HIS"
CA = trustme.CA(key_type=trustme.KeyType.RSA)
LINE_DOWN: dict[str, Any] = {"switchboard": {"link_breaker": {"failures": 100}}}


def takes(turn: Turn) -> None:
    """A webhook that takes what it is told."""
    turn.answer(b"", 204)


def an_urgent_referral() -> Sample:
    """Acute care: fifteen minutes, then somebody must telephone."""
    return AT_PRACTICE.request("urgent-referral", receiver="80000003", patient=moves.ANNA)


class Telling(Story):
    """A story whose HIS can be told in more ways."""

    told_by: ClassVar[list[str]] = ["status"]

    def furnish(self) -> None:
        self.hook = FarEnd(takes)
        self.hook.up()
        self.addCleanup(self._async(self.hook.down))
        self.post = mail_server.MailServer(mail_server.ServerTls(CA, "localhost"))
        self.post.login = (b"node", b"mail password")
        self.post.up()
        self.addCleanup(lambda: ensureDeferred(self.post.down()))
        self._secret("hook.secret", SECRET.decode())
        self._secret("mail.secret", "mail password")
        (self.folder / "mail.pem").write_bytes(CA.cert_pem.bytes())
        site = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        for identity in site["identities"]:
            for application in identity["applications"]:
                if application["local_system"] == "his":
                    application |= self.ways()
        site["alerts"] = self.alerts()
        self.paths[0].write_text(yaml.safe_dump(site), encoding="utf-8")

    def ways(self) -> dict[str, Any]:
        """How the HIS is told."""
        return {"told_by": self.told_by}

    def alerts(self) -> dict[str, Any]:
        """How the staff is told."""
        return {"retry": {"first_pause_s": 0.1, "longest_pause_s": 0.1}}

    def _secret(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    async def events(self, query: str = "", system: str = "his") -> dict[str, Any]:
        """What there is at /v1/events."""
        told = await self.local(system).get(f"/v1/events{query}")
        self.assertEqual(told.status, 200, told.body)
        return dict(json.loads(told.body))

    def looks(self) -> Deferred[None]:
        """When the node has looked for events once, and found what there was."""
        assert self.node is not None
        looked: Deferred[None] = Deferred()
        notices = self.node.store.notices
        after = notices.after

        async def spy(*what: Any) -> Any:
            found = await after(*what)
            reactor.callLater(0, looked.callback, None)
            return found

        self.patch(notices, "after", spy)
        return looked

    async def kept_while_down(self, sample: Sample | None = None) -> Told:
        """A message that is kept because the line is cut."""
        await self.switch.down()
        told = await self.send(sample or a_prescription())
        self.assertEqual(told.headers["edge-node-state"], "kept")
        return told


class TestEvents(Telling):
    given: ClassVar = LINE_DOWN

    async def test_what_was_kept_is_told_of_when_it_arrives(self) -> None:
        """The doctor heard "kept"; the screen of the HIS says later that it arrived."""
        told = await self.kept_while_down()
        self.switch.up()
        found = await self.events("?after=0&wait_s=20")
        (event,) = found["events"]
        self.assertEqual((event["type"], event["message"]), ("message.delivered", told.headers["location"]))
        self.assertEqual(found["next"], event["id"])

    async def test_what_arrives_at_once_is_no_news(self) -> None:
        """Its sender has the switchboard's own answer."""
        await self.send(a_prescription())
        self.assertEqual((await self.events())["events"], [])

    async def test_who_waits_hears_it_at_once(self) -> None:
        """A HIS need not ask every second."""
        waiting = deferred(self.events("?after=0&wait_s=20"))
        await self.quiet()
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(a_prescription())
        (event,) = (await waiting)["events"]
        self.assertEqual((event["type"], event["code"]), ("message.dead", "RTUDEST"))
        self.assertIn("RTUDEST", event["what"]["nl"])

    async def test_another_local_system_hears_nothing_of_it(self) -> None:
        """The pharmacy is no party to it."""
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(a_prescription())
        self.assertEqual((await self.events(system="ais"))["events"], [])

    async def test_they_are_there_after_a_restart(self) -> None:
        """An event is committed with the step that caused it."""
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(a_prescription())
        before = await self.events()
        await self.restart()
        self.assertEqual(await self.events(), before)

    async def test_a_node_that_stops_lets_go_who_waits(self) -> None:
        """A stop must not take as long as the longest poll."""
        looked = self.looks()
        waiting = deferred(self.events("?wait_s=50"))
        await looked
        await self.stop()
        self.assertEqual((await waiting)["events"], [])

    async def test_unknown_outcome_is_told_plainly(self) -> None:
        """Nobody may think that it was not sent, or that it arrived."""
        self.switch.will(moves.resets, moves.resets, moves.resets)
        await self.send(a_prescription())
        event = (await self.events("?wait_s=20"))["events"][0]
        self.assertEqual((event["type"], event["outcome_unknown"]), ("message.outcome-unknown", True))
        self.assertIn("onbekend", event["what"]["nl"])

    async def test_message_itself_says_what_to_do(self) -> None:
        """The screen of one message has the same words as the event."""
        self.switch.will(moves.resets, *[moves.silent] * 3)
        told = await self.send(a_report())
        found = await self.about(told)
        self.assertEqual((found["state"], found["outcome_unknown"]), ("NEEDS_TOKEN", True))
        self.assertIn("opnieuw", found["advice"]["do"]["nl"])
        self.assertIn("kan wel zijn aangekomen", found["advice"]["what"]["nl"])


class TestExpired(Telling):
    given: ClassVar = {**LINE_DOWN, "store": {"lifetimes_s": {"PORX_IN932000NL": 1.0}}}

    async def test_is_told_with_what_to_do_and_stays_in_sight(self) -> None:
        """The node does not try for ever, and nobody may think that it still does."""
        told = await self.kept_while_down()
        assert self.node is not None
        store = self.node.store
        await self.eventually(lambda: store.expire(10), bool)
        (event,) = (await self.events("?wait_s=5"))["events"]
        self.assertEqual((event["type"], event["code"]), ("message.expired", "EN-LIFETIME-ENDED"))
        found = await self.about(told)
        self.assertEqual(found["state"], "EXPIRED")
        self.assertIn("andere manier", found["advice"]["do"]["nl"])
        reasons = {part.code for part in (await self.node.overseeing.look()).reasons}
        self.assertIn("EN-QUEUE-ATTENTION", reasons)


class TestWebhook(Telling):
    given: ClassVar = LINE_DOWN

    def ways(self) -> dict[str, Any]:
        return {
            "told_by": ["webhook"],
            "webhook": {
                "url": f"http://127.0.0.1:{self.hook.port}/news",
                "secret_files": [str(self.folder / "hook.secret")],
                "timeout_s": 2.0,
            },
        }

    async def test_his_is_called_with_a_signature_it_can_verify(self) -> None:
        """Only the node can tell the HIS that a message arrived."""
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(a_prescription())
        await self.hook.has_heard(1)
        (turn,) = self.hook.heard
        signed = f"{turn.headers['webhook-id']}.{turn.headers['webhook-timestamp']}.".encode() + turn.body
        expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        self.assertEqual(turn.headers["webhook-signature"], f"v1,{expected}")
        self.assertEqual((turn.path, json.loads(turn.body)["type"]), ("/news", "message.dead"))

    async def test_same_event_comes_again_under_the_same_id_until_it_is_taken(self) -> None:
        """A HIS that was restarting misses nothing, and knows a second one."""
        self.hook.will(moves.says(b"", 500), moves.resets)
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(a_prescription())
        await self.hook.has_heard(3)
        self.assertEqual(len({turn.headers["webhook-id"] for turn in self.hook.heard}), 1)

    async def test_order_is_kept_across_a_restart(self) -> None:
        """What happened first is told first, and nothing that was taken is told again."""
        self.switch.will(*[moves.refuses("RTUDEST")] * 3)
        await self.send(a_prescription())
        await self.hook.has_heard(1)
        await self.eventually(self._upto, lambda upto: upto == 1)
        await self.hook.down()
        await self.send(a_prescription())
        await self.send(a_prescription())
        await self.restart()
        self.hook.up()
        await self.hook.has_heard(3)
        self.assertEqual([json.loads(turn.body)["id"] for turn in self.hook.heard], [1, 2, 3])

    async def test_one_that_fails_holds_nothing_up_and_is_shown(self) -> None:
        """Messages go on; the operator sees whose side the fault is on."""
        await self.hook.down()
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(a_prescription())
        parts = await self.eventually(self._parts, lambda found: "EN-WEBHOOK-FAILED" in found)
        self.assertEqual(parts["EN-WEBHOOK-FAILED"]["health"], "degraded")
        self.assertEqual((await self.send(a_prescription())).status, 200)
        self.assertEqual(len(self.logged("telling.failed")), 1)

    async def _upto(self) -> int:
        assert self.node is not None
        return await self.node.store.notices.cursor("80000001", "webhook")

    async def _parts(self) -> dict[str, Any]:
        assert self.node is not None
        return {part.code: {"health": part.health.value} for part in (await self.node.overseeing.look()).parts}


class TestMail(Telling):
    given: ClassVar = LINE_DOWN

    def ways(self) -> dict[str, Any]:
        return {"told_by": ["mail"], "mail_to": ["praktijk@example.org"]}

    def alerts(self) -> dict[str, Any]:
        mail = {
            "host": "localhost",
            "port": self.post.port,
            "anchors": str(self.folder / "mail.pem"),
            "user": "node",
            "password_file": str(self.folder / "mail.secret"),
            "sender": "node@example.org",
            "to": ["beheer@example.org"],
        }
        return {**super().alerts(), "mail": mail, "help_name": "Servicedesk", "help_phone": "020 1234567"}

    async def test_practice_and_operator_get_a_mail_without_patient_data(self) -> None:
        """Somebody reads it, wherever it is forwarded to."""
        self.switch.will(moves.refuses("RTUDEST"))
        prescription = a_prescription()
        await self.send(prescription)
        await self.post.has_taken(2)
        self.assertEqual({to for to, _ in self.post.mails}, {"praktijk@example.org", "beheer@example.org"})
        _, mail = self.post.mails[0]
        text = mail.get_content()
        self.assertIn("niet bezorgd", text)
        self.assertIn(prescription.id.extension, text)
        self.assertIn("Servicedesk, 020 1234567", text)
        self.assertNotIn(moves.ANNA.bsn, text)

    async def test_acute_care_says_telephone(self) -> None:
        """A patient is on the way, and the emergency department knows nothing."""
        self.switch.will(moves.refuses("RTUDEST"))
        await self.send(an_urgent_referral())
        await self.post.has_taken(1)
        _, mail = self.post.mails[0]
        self.assertIn("BEL: LSP-bericht niet aangekomen", mail["Subject"])
        self.assertIn("BEL DE ONTVANGER", mail.get_content())

    async def test_push_in_that_the_his_refuses_is_told_at_once(self) -> None:
        """Its sender got CA and believes that the practice has it."""
        self.systems["his"].will(*[moves.refuses("SYN105")] * 3)
        await self.call(moves.ELSEWHERE.request("prescription", receiver="80000001", patient=moves.ANNA))
        await self.post.has_taken(2)
        _, mail = self.post.mails[0]
        self.assertIn("(SYN105)", mail.get_content())
        self.assertEqual(len([to for to, _ in self.post.mails if to == "praktijk@example.org"]), 1)

    async def test_push_in_that_waits_too_long_is_told_and_shown(self) -> None:
        """Nobody looks at a queue that has always been empty."""
        await self.systems["his"].down()
        await self.call(moves.ELSEWHERE.request("prescription", receiver="80000001", patient=moves.ANNA))
        assert self.node is not None
        notices, ages = self.node.store.notices, Ages(acute_s=0.0, other_s=0.0)
        await self.eventually(lambda: notices.late(ages, 10), bool)
        await self.post.has_taken(2)
        self.assertIn("ligt te wachten", self.post.mails[0][1].get_content())
        reasons = {part.code for part in (await self.node.overseeing.look()).reasons}
        self.assertIn("EN-QUEUE-OLD", reasons)
