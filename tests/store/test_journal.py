"""What stands in the access log of what the store does, in the commit that does it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Said, StoredAnswer
from edge_node.model.overview import By
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    LogRecord,
    ObjectPart,
    Result,
    UserKind,
    UserPart,
)
from edge_node.store import admission, interventions, journal, queue
from tests.store.logged import lines
from tests.store.shelf import ANSWER, PATIENT, ROOT, Shelf, push

ANN = By(who="ann", why="asked by the practice")
ACK = replace(ANSWER, said=Said(ack="CE", details=("KEY204",), answer=f"{ROOT}/ack", is_good=False))
RECORD = LogRecord(
    event=EventPart(
        type=LogEvent.PUSH,
        action=Action.CREATE,
        result=Result.OK,
        direction=Direction.OUT,
        interaction="REPC_IN990003NL",
    ),
    user=UserPart(kind=UserKind.PERSON, uzi="900000101", role="01.015", card="Z"),
    access_point=AccessPoint(node="n1", application="300", system="his"),
    counterparty=Counterparty(application="400"),
    object=ObjectPart(patient=PATIENT.value, is_named=True),
    correlation=Correlation(message=f"{ROOT}/1"),
)


@pytest.fixture
def shelf(tmp_path: Path) -> Any:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def last(shelf: Shelf) -> dict[str, Any]:
    """The newest line."""
    return lines(shelf.session)[-1]


def handed_over(shelf: Shelf, event: Event, code: str = "", answer: StoredAnswer | None = None) -> dict[str, Any]:
    """The line of how a handover ended."""
    shelf.settle(shelf.leased(push(1)), event, code, answer)
    return last(shelf)


class TestAPush:
    def test_that_is_kept_says_who_sent_it(self, shelf: Shelf) -> None:
        """The line is in the commit that keeps the message: there is never one without the other."""
        shelf.kept(push(1, log=RECORD))
        line = last(shelf)
        assert (line["event.type"], line["event.code"], line["event.result"]) == ("push", "kept", "ok")
        assert (line["user.uzi"], line["user.card"], line["object.patient"]) == ("900000101", "Z", PATIENT.value)

    def test_without_a_line_of_its_own_has_what_is_known(self, shelf: Shelf) -> None:
        """One that a tool of ours brings back is in the log as well."""
        shelf.kept(push(1))
        line = last(shelf)
        assert (line["access_point.application"], line["counterparty.application"]) == ("300", "400")
        assert line["user.kind"] == "not supplied"

    def test_says_by_how_much_the_clock_was_off(self, shelf: Shelf) -> None:
        """The moment of a line is held against that of the other side's."""
        shelf.session.clock_offset_ms = -120
        shelf.kept(push(1, log=RECORD))
        assert last(shelf)["event.clock_offset_ms"] == -120

    def test_that_is_passed_on_has_two_lines(self, shelf: Shelf) -> None:
        """That it went, and what was said of it."""
        shelf.begin(push(1, log=RECORD))
        shelf.do(lambda session: admission.finish(session, push(1, log=RECORD), ANSWER, shelf.at))
        found = [(line["event.type"], line["event.code"]) for line in lines(shelf.session)]
        assert found == [("push", "begun"), ("answer", "answered")]

    @pytest.mark.parametrize(
        ("code", "unknown", "result"),
        [
            ("EN-NOT-SENT", False, "error"),
            ("EN-OUTCOME-UNKNOWN", True, "unknown"),
            ("EN-DELIVERY-REFUSED", False, "refused"),
        ],
    )
    def test_that_was_not_taken_says_whether_it_may_have_been(
        self, shelf: Shelf, code: str, unknown: bool, result: str
    ) -> None:
        """Who asks whether a prescription went out is not told no when nobody knows."""
        given = push(1, log=RECORD)
        shelf.begin(given)
        shelf.do(lambda session: admission.abandon(session, given, code, (unknown, shelf.at)))
        assert (last(shelf)["event.code"], last(shelf)["event.result"]) == (code, result)


class TestAHandover:
    @pytest.mark.parametrize(
        ("event", "code", "result"),
        [
            (Event.ACKNOWLEDGED, "", "ok"),
            (Event.REFUSED_FOR_GOOD, "KEY204", "refused"),
            (Event.CONFIGURATION_ERROR, "INACTIVEAPP", "error"),
            (Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN", "unknown"),
        ],
    )
    def test_says_how_it_ended(self, shelf: Shelf, event: Event, code: str, result: str) -> None:
        """That a letter was kept is not that it arrived."""
        line = handed_over(shelf, event, code)
        assert (line["event.type"], line["event.result"], line["user.kind"]) == ("handover", result, "node")
        assert line["event.code"] == (code or "delivered")

    def test_says_what_was_answered(self, shelf: Shelf) -> None:
        """With the id of the answer it is found at the switchboard."""
        line = handed_over(shelf, Event.REFUSED_FOR_GOOD, "KEY204", ACK)
        assert (line["correlation.ack"], line["correlation.ack_details"]) == ("CE", ["KEY204"])
        assert (line["correlation.answer"], line["correlation.message"]) == (f"{ROOT}/ack", f"{ROOT}/1")

    def test_is_found_by_its_patient(self, shelf: Shelf) -> None:
        """The number is gone from the store's own tables; its hash is not."""
        ended = handed_over(shelf, Event.ACKNOWLEDGED)
        kept = lines(shelf.session)[0]
        assert ended["marks"]["object.patient"] == kept["marks"]["object.patient"]
        assert ended["object.is_named"]

    def test_that_may_have_arrived_is_told_once(self, shelf: Shelf) -> None:
        """A line a try, for a week, would hide what else happened."""
        entry = shelf.leased(push(1))
        shelf.put_back(entry, unknown=True)
        shelf.clock.advance(10)
        shelf.put_back(shelf.lease()[0], unknown=True)
        assert [line["event.result"] for line in lines(shelf.session)] == ["ok", "unknown"]

    def test_that_never_left_is_not_told(self, shelf: Shelf) -> None:
        """Nobody saw anything: that it waits, the queue says."""
        shelf.put_back(shelf.leased(push(1)), unknown=False)
        assert len(lines(shelf.session)) == 1

    def test_that_came_too_late_is_told(self, shelf: Shelf) -> None:
        """A message that ended undelivered is what somebody will ask for."""
        shelf.kept(push(1, lifetime_s=10))
        shelf.clock.advance(11)
        shelf.do(lambda session: queue.expire(session, 10, shelf.at))
        assert (last(shelf)["event.code"], last(shelf)["event.result"]) == ("EN-LIFETIME-ENDED", "error")


class TestAPerson:
    def test_who_does_something_to_a_message_is_named(self, shelf: Shelf) -> None:
        """A letter that was thrown away has a name beside it."""
        uid = shelf.kept(push(1))
        shelf.do(lambda session: interventions.discard(session, uid, ANN, shelf.at))
        line = last(shelf)
        assert (line["event.type"], line["event.action"], line["event.code"]) == ("queue", "D", "DISCARDED")
        assert (line["user.kind"], line["user.name"], line["event.reason"]) == ("operator", "ann", ANN.why)

    def test_is_sealed(self, shelf: Shelf) -> None:
        """Whoever copies the disk does not learn who works here."""
        uid = shelf.kept(push(1))
        shelf.do(lambda session: interventions.hold(session, uid, ANN, shelf.at))
        (written,) = shelf.session.execute("SELECT record FROM log_records ORDER BY seq DESC LIMIT 1").fetchone()
        assert ANN.why not in written
        assert "user.name" not in json.loads(written)


class TestALineWithAHole:
    def test_is_written_and_says_what_it_lacks(self, shelf: Shelf) -> None:
        """No line is lost for being incomplete, and none is incomplete unseen."""
        holed = replace(RECORD, event=replace(RECORD.event, interaction=""), counterparty=Counterparty())
        shelf.do(lambda session: journal.add(session, holed, shelf.at.now))
        assert last(shelf)["missing"] == ["event.interaction", "counterparty.application"]

    def test_of_a_known_hash_lacks_no_patient(self, shelf: Shelf) -> None:
        """Of a kept message the store knows the patient by his hash alone."""
        handed_over(shelf, Event.ACKNOWLEDGED)
        assert [line for line in lines(shelf.session) if "missing" in line] == []


class TestConsent:
    """Registered with the index: others may ask for the data of this patient from then on."""

    @pytest.mark.parametrize(
        ("order", "action", "told"),
        [
            ("index", Action.CREATE, [("consent", "U", "registered")]),
            ("index:medication", Action.CREATE, [("consent", "U", "registered")]),
            ("index:medication", Action.DELETE, [("consent", "D", "removed")]),
            ("report", Action.CREATE, []),
        ],
    )
    def test_that_changed_has_a_line(self, shelf: Shelf, order: str, action: Action, told: list[Any]) -> None:
        """A change of the consent profile is an event of its own (NEN 7513), whoever brought it about."""
        record = replace(RECORD, event=replace(RECORD.event, action=action))
        given = push(7, order=order, log=record)
        shelf.do(lambda session: journal.add_answered(session, given, ANSWER, shelf.at.now))
        found = [line for line in lines(shelf.session) if line["event.type"] == "consent"]
        assert [(line["event.type"], line["event.action"], line["event.code"]) for line in found] == told

    def test_that_was_refused_has_none(self, shelf: Shelf) -> None:
        """The index said no: nobody may ask for more than before."""
        given = push(7, order="index", log=RECORD)
        shelf.do(lambda session: journal.add_answered(session, given, ACK, shelf.at.now))
        assert not [line for line in lines(shelf.session) if line["event.type"] == "consent"]

    def test_that_a_kept_message_changed_has_one_when_it_arrived(self, shelf: Shelf) -> None:
        """By then nobody of the practice waits for it; whose it was is known by a mark."""
        entry = shelf.leased(push(7, order="index:medication", priority=0))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        (line,) = [line for line in lines(shelf.session) if line["event.type"] == "consent"]
        assert (line["event.code"], "object.patient" in line["marks"]) == ("registered", True)
