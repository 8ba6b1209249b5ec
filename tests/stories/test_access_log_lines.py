"""What stands in the access log after things happened: who did what, to whose data, and how it ended."""

import sqlite3
from collections.abc import Iterator
from typing import Any, ClassVar

from twisted.internet.threads import deferToThread

from edge_node.errors import EdgeNodeError
from edge_node.sandbox.samples.people import GP, OUT_OF_HOURS_POST
from edge_node.status import control_client
from tests.stories import moves
from tests.stories.moves import ANNA, BRAM, ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, a_report, an_index_update
from tests.stories.test_access_log import WHY, Logged

REASON = "bewusteloos%20binnengebracht"
EMERGENCY = {"edge-node-situation": "emergency"}


def named(records: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some fields of each line, without those of the node itself."""
    told = [one for one in records if one["event.type"] not in {"node", "settings", "log", "operator"}]
    return [tuple(one.get(name) for name in names) for one in told]


class Told(Logged):
    async def told(self, **fields: Any) -> list[dict[str, Any]]:
        """What was done with the data, without the looks into the log itself."""
        return [line for line in await self.found(**fields) if line["event.type"] != "log"]


class TestAQuestion(Told):
    async def test_is_told_with_its_answer(self) -> None:
        """Who asked, in which role, with which card, about whom, and that he got to see it."""
        await self.send(a_query())
        asked, answer = await self.told(patient=ANNA.bsn)
        assert (asked["user.kind"], asked["user.uzi"], asked["user.role"]) == ("person", GP.uzi, GP.role)
        assert (asked["access_point.system"], asked["access_point.connection"]) == ("his", "bearer")
        assert (asked["event.action"], asked["event.direction"], asked["event.result"]) == ("R", "out", "ok")
        assert (answer["event.type"], answer["event.result"], answer["correlation.ack"]) == ("answer", "ok", "AA")
        assert asked["correlation.message"] == answer["correlation.message"]

    async def test_that_comes_in_is_told_too(self) -> None:
        """What others saw of our patients is what those ask for most."""
        await self.call(a_query(ELSEWHERE, HIS))
        asked, answer = await self.told(patient=ANNA.bsn)
        assert (asked["event.direction"], asked["access_point.system"]) == ("in", "his")
        assert (asked["user.kind"], bool(asked["counterparty.fingerprint"])) == ("person", True)
        assert asked["counterparty.organisation"] == OUT_OF_HOURS_POST.name
        assert answer["event.result"] == "ok"

    async def test_that_got_no_answer_is_told_as_such(self) -> None:
        """Nothing was seen, and the log must not say otherwise."""
        self.switch.will(moves.refuses("AUTERR"))
        await self.send(a_query())
        assert named(await self.found(patient=ANNA.bsn), "event.result", "event.code") == [
            ("ok", "asked"),
            ("refused", "AUTERR"),
        ]

    async def test_that_was_refused_here_is_told(self) -> None:
        """An attempt in another's name is what an auditor looks for."""
        await self.send(a_query(), system="ais")
        (line,) = await self.told(patient=ANNA.bsn)
        assert (line["event.type"], line["event.code"]) == ("refused", "EN-SENDER-FOREIGN")
        assert line["access_point.system"] == "ais"

    async def test_that_cannot_be_read_is_told(self) -> None:
        """Of whom it was nobody knows; from where, we do."""
        await self.send(a_query(), body=b"<not>a message")
        (line,) = await self.found(event="refused")
        assert (line["event.code"], line["access_point.system"]) == ("EN-SOAP-ENVELOPE", "his")


class TestAPush(Told):
    async def test_is_told_from_when_it_is_kept_to_its_end(self) -> None:
        """That it was kept is not that it arrived: both stand there, under one message id."""
        sample = a_prescription(patient=BRAM)
        await self.send(sample)
        told = await self.told(patient=BRAM.bsn)
        assert named(told, "event.type", "event.code") == [("push", "kept"), ("handover", "CA")]
        assert {one["correlation.message"] for one in told} == {str(sample.id)}
        assert told[1]["correlation.ack"] == "CA"

    async def test_that_comes_in_is_told_up_to_the_local_system(self) -> None:
        """A letter that the switchboard is rid of and the doctor never saw is ours to answer for."""
        await self.call(a_prescription(ELSEWHERE, HIS, BRAM))
        await self.eventually(lambda: self.found(patient=BRAM.bsn, event="handover"), bool)
        told = await self.told(patient=BRAM.bsn)
        assert named(told, "event.direction", "event.result") == [("in", "ok"), ("in", "ok")]

    async def test_that_is_passed_on_is_told_with_its_answer(self) -> None:
        """A registration is not kept: what the index said of it is."""
        await self.send(an_index_update())
        told = named(await self.found(patient=ANNA.bsn), "event.type", "event.code")
        assert told == [("push", "begun"), ("answer", "answered"), ("consent", "registered")]

    async def test_names_its_tokens_by_digest(self) -> None:
        """Whoever has the token finds its use; nobody makes the token of it."""
        await self.send(a_report())
        kept = (await self.found(patient=ANNA.bsn))[0]
        assert kept["correlation.tokens"][0].startswith("transaction:")
        assert kept["user.card"] == "Z"


class TestAnEmergency(Told):
    given: ClassVar[dict[str, Any]] = {
        "version": 1,
        "journal": {"head_interval_s": 0.05},
        "switchboard": {"waits": {"connect_s": 1.9, "query_out_s": 2.0}},
    }

    async def waiting(self) -> list[dict[str, Any]]:
        """What nobody signed off yet."""
        return list(await self.ask("emergency.list"))

    async def test_goes_through_without_a_reason(self) -> None:
        """Whoever stands beside the patient is not asked to type first."""
        told = await self.send(a_query(), headers=EMERGENCY)
        assert told.status == 200
        (one,) = await self.waiting()
        assert (one["system"], one["explained_at"], one["signed_at"]) == ("his", None, None)

    async def test_is_told_apart_in_the_log(self) -> None:
        """The overview for the patient marks it."""
        await self.send(a_query(), headers=EMERGENCY)
        await self.send(a_query())
        lines = await self.told(patient=ANNA.bsn, situation="emergency")
        assert [line["event.type"] for line in lines] == ["query", "answer"]

    async def test_says_why_where_there_was_time_to(self) -> None:
        """The reason is sealed: it is about a patient."""
        await self.send(a_query(), headers={**EMERGENCY, "edge-node-reason": REASON})
        (line,) = await self.found(patient=ANNA.bsn, event="query")
        assert line["event.reason"] == "bewusteloos binnengebracht"
        assert "bewusteloos" not in self.tape.getvalue()

    async def test_is_on_the_list_until_it_is_signed_off(self) -> None:
        """Asked afterwards, and by name."""
        await self.send(a_query(), headers=EMERGENCY)
        (one,) = await self.waiting()
        with self.assertRaises(EdgeNodeError):
            await self.ask("emergency.sign-off", id=one["id"], verdict="justified", why=WHY)
        await self.ask("emergency.explain", id=one["id"], why="zij was bewusteloos")
        await self.ask("emergency.sign-off", id=one["id"], verdict="justified", why="besproken met de arts")
        assert await self.waiting() == []
        told = named(await self.found(patient=ANNA.bsn, event="emergency"), "event.code", "event.reason")
        assert told == [("explained", "zij was bewusteloos"), ("justified", "besproken met de arts")]

    async def test_is_on_the_list_after_a_restart(self) -> None:
        """A night's emergency is there in the morning."""
        await self.send(a_query(), headers=EMERGENCY)
        await self.restart()
        assert len(await self.waiting()) == 1

    async def test_word_goes_no_further_than_the_node(self) -> None:
        """The switchboard gets the very message that was signed, and no header of ours."""
        await self.send(a_query(), headers={**EMERGENCY, "edge-node-reason": REASON})
        (turn,) = self.switch.heard
        assert not [name for name in turn.headers if name.startswith("edge-node-")]


class TestTheNodeItself(Told):
    async def test_tells_of_its_start_and_its_stop(self) -> None:
        """A gap in the log has two ends."""
        await self.restart()
        codes = [line["event.code"] for line in await self.found(event="node")]
        assert [code for code in codes if code in {"started", "stopped"}] == ["started", "stopped", "started"]

    async def test_tells_of_other_settings_by_their_hash(self) -> None:
        """Who loosened a rule, and when, is asked years later."""
        self.write_settings({**self.given, "checks": {"processing_codes": ["T", "P", "D"]}})
        await self.reload()
        await self.quiet()
        first, second = [dict(line["event.details"]) for line in await self.found(event="settings")]
        assert (first["before"], second["before"]) == ("", first["after"])
        assert second["section"] == "checks"

    async def test_tells_of_settings_changed_while_it_was_down(self) -> None:
        """Whoever has the disk need not reload."""
        await self.stop()
        self.write_settings({**self.given, "checks": {"processing_codes": ["T", "P", "D"]}})
        self.start()
        await self.quiet()
        assert len(await self.found(event="settings")) == 2

    async def test_tells_nothing_of_settings_that_are_the_same(self) -> None:
        """A line a restart would hide the one that matters."""
        await self.restart()
        await self.quiet()
        assert len(await self.found(event="settings")) == 1

    async def test_tells_what_people_do(self) -> None:
        """Who, and why, before it is done."""
        await deferToThread(control_client.ask, self.folder / "control.sock", {"verb": "reload", "why": "a new key"})
        (line,) = await self.found(event="operator")
        assert (line["event.code"], line["event.reason"]) == ("reload", "a new key")
        assert line["user.name"]

    async def test_tells_of_whom_the_log_was_read(self) -> None:
        """A patient may ask who looked into what others saw of him."""
        await self.found(patient=ANNA.bsn)
        (line,) = await self.found(event="log", patient=ANNA.bsn, code="log.search", limit=1)
        assert line["object.patient"] == ANNA.bsn

    async def test_has_no_line_with_a_hole(self) -> None:
        """What the standard wants is there, whatever happened."""
        await self.send(a_query())
        await self.send(a_prescription())
        await self.send(an_index_update())
        await self.call(a_query(ELSEWHERE, HIS))
        await self.send(a_query(), body=b"<not>a message")
        await self.quiet()
        assert [line for line in await self.found() if line.get("missing")] == []


class TestNothingElse(Story):
    """The access log alone knows of whom: nothing beside it does."""

    secrets: ClassVar = (ANNA.bsn, GP.uzi, "bewusteloos", "balie-zeven")

    async def places(self) -> dict[str, str]:
        """Everything the node wrote or shows beside the messages themselves."""
        headers = {**EMERGENCY, "edge-node-reason": REASON, "edge-node-workstation": "balie-zeven"}
        await self.send(a_query(), headers=headers)
        await self.send(a_report(), headers=headers)
        await self.quiet()
        assert self.node is not None
        shown = [(await self.management(path)).body.decode() for path in ("/metrics", "/healthz", "/readyz")]
        listed = await deferToThread(control_client.ask, self.folder / "control.sock", {"verb": "emergency.list"})
        facts = repr(await self.node.store.emergencies.list(10, reviewed=True))
        await self.stop()
        return {
            "technical log": self.tape.getvalue(),
            "shown": "".join(shown),
            "list": repr(listed) + facts,
            "store": "\n".join(self._rows()),
        }

    def _rows(self) -> Iterator[str]:
        connection = sqlite3.connect(self.folder / "state" / "store.db")
        self.addCleanup(connection.close)
        return connection.iterdump()

    def _found(self, places: dict[str, str]) -> list[tuple[str, str]]:
        return [(place, secret) for place, text in places.items() for secret in self.secrets if secret in text]

    async def test_knows_of_whom_and_why(self) -> None:
        """Logs, graphs and lists are read by people who may not know who is a patient of whom."""
        assert self._found(await self.places()) == []

    async def test_a_number_that_is_planted_is_found(self) -> None:
        """A scan that finds nothing must be one that would."""
        places = await self.places()
        places["technical log"] += f'{{"detail": "{ANNA.bsn}"}}'
        assert self._found(places) == [("technical log", ANNA.bsn)]
