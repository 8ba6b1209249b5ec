"""Emergency accesses wait until somebody has looked at them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_node.errors import Refused
from edge_node.model.emergency import Emergency, EmergencyState, Verdict
from edge_node.model.overview import By
from edge_node.model.record import LogEvent, LogRecord, Result, Situation
from edge_node.store import emergencies, journal, rehashing
from tests.store.logged import lines
from tests.store.shelf import PATIENT, ROOT, Shelf, push
from tests.store.test_journal import RECORD

ANN = By(who="ann", why="she was unconscious, and nobody knew her medication")
CHIEF = By(who="chief", why="looked at with the doctor")


@pytest.fixture
def shelf(tmp_path: Path) -> Any:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def asked(event: LogEvent = LogEvent.QUERY, code: str = "asked", reason: str = "", **correlation: str) -> LogRecord:
    """The line of an emergency access."""
    told = replace(RECORD.event, type=event, code=code, situation=Situation.EMERGENCY, reason=reason)
    return replace(RECORD, event=told, correlation=replace(RECORD.correlation, **{"id": "c1", **correlation}))


def logged(shelf: Shelf, *records: LogRecord) -> None:
    for record in records:
        shelf.do(lambda session, record=record: journal.add(session, record, shelf.at.now))


def waiting(shelf: Shelf, *, reviewed: bool = False) -> tuple[Emergency, ...]:
    return emergencies.listed(shelf.session.connection, 10, reviewed=reviewed)


def explained(shelf: Shelf, by: By = ANN) -> Emergency:
    return shelf.do(lambda session: emergencies.explain(session, 1, by, shelf.at))


def signed(shelf: Shelf, verdict: Verdict = Verdict.JUSTIFIED) -> Emergency:
    return shelf.do(lambda session: emergencies.sign_off(session, 1, verdict, (CHIEF, shelf.at)))


class TestTheList:
    def test_holds_each_access_once(self, shelf: Shelf) -> None:
        """The line of its answer is of the same access."""
        logged(shelf, asked(), asked(LogEvent.ANSWER, "answered"))
        assert [(one.interaction, one.system, one.role) for one in waiting(shelf)] == [
            ("REPC_IN990003NL", "his", "01.015")
        ]

    def test_holds_no_other_access(self, shelf: Shelf) -> None:
        """A list that holds everything is read by nobody."""
        logged(shelf, RECORD)
        assert waiting(shelf) == ()

    def test_holds_a_push_that_was_kept(self, shelf: Shelf) -> None:
        """What is sent in an emergency is looked at like what is asked."""
        shelf.kept(push(1, log=asked(LogEvent.PUSH)))
        assert len(waiting(shelf)) == 1

    @pytest.mark.parametrize(("correlation", "is_there"), [("c1", True), ("c2", False)])
    def test_knows_a_push_by_its_correlation(self, shelf: Shelf, correlation: str, is_there: bool) -> None:
        """What was kept in an emergency goes past a soft check at each try, also after a restart."""
        logged(shelf, asked(LogEvent.PUSH, "kept"))
        assert emergencies.has(shelf.session.connection, correlation) is is_there

    def test_holds_one_that_was_refused(self, shelf: Shelf) -> None:
        """Who tried is asked why, too."""
        logged(shelf, asked(LogEvent.REFUSED).ended(Result.REFUSED, "EN-AUTHOR"))
        assert [one.result for one in waiting(shelf)] == ["refused"]

    def test_is_written_with_the_line_or_not_at_all(self, shelf: Shelf) -> None:
        """A kill between the two would leave an access that nobody looks at."""
        with pytest.raises(RuntimeError):
            shelf.do(lambda session: _logged_and_broken(session, shelf))
        assert (waiting(shelf), lines(shelf.session)) == ((), [])

    def test_names_no_patient(self, shelf: Shelf) -> None:
        """It is shown to whoever keeps the list; who it was about, the access log says to whom may open it."""
        logged(shelf, asked(message=f"{ROOT}/{PATIENT.value}"))
        assert PATIENT.value not in str(waiting(shelf))

    def test_survives_a_restart(self, shelf: Shelf) -> None:
        """A night's emergency is there in the morning."""
        logged(shelf, asked())
        shelf.restart()
        assert len(waiting(shelf)) == 1


class TestTheReason:
    def test_given_with_the_access_counts(self, shelf: Shelf) -> None:
        """Who had the time to say it is not asked again."""
        logged(shelf, asked(reason="unconscious"))
        assert waiting(shelf)[0].explained_at is not None

    def test_given_afterwards_stands_in_the_log(self, shelf: Shelf) -> None:
        """Sealed, beside the lines of the access, under the same patient."""
        logged(shelf, asked())
        explained(shelf)
        access, line = lines(shelf.session)
        assert (line["event.type"], line["event.code"], line["event.reason"]) == ("emergency", "explained", ANN.why)
        assert line["correlation.id"] == access["correlation.id"]
        assert line["marks"]["object.patient"] == access["marks"]["object.patient"]

    def test_stands_nowhere_else(self, shelf: Shelf) -> None:
        """A reason is about a patient: no table holds it in the clear."""
        logged(shelf, asked(reason="unconscious"))
        explained(shelf)
        dump = "\n".join(shelf.session.connection.iterdump())
        assert ANN.why not in dump
        assert "unconscious" not in dump

    def test_can_be_given_better(self, shelf: Shelf) -> None:
        """Until it is signed off; the log has both."""
        logged(shelf, asked())
        explained(shelf)
        assert explained(shelf, CHIEF).explained_by == "chief"


class TestSigningOff:
    def test_ends_it(self, shelf: Shelf) -> None:
        """And it stays in the list of all, with who and what."""
        logged(shelf, asked())
        explained(shelf)
        signed(shelf)
        assert waiting(shelf) == ()
        (one,) = waiting(shelf, reviewed=True)
        assert (one.signed_by, one.verdict) == ("chief", "justified")

    def test_as_justified_needs_a_reason(self, shelf: Shelf) -> None:
        """Whoever signs what nobody explained has looked at nothing."""
        logged(shelf, asked())
        with pytest.raises(Refused) as refused:
            signed(shelf)
        assert refused.value.code == "EN-EMERGENCY-UNEXPLAINED"

    def test_as_unjustified_needs_none(self, shelf: Shelf) -> None:
        """That nobody can say why is the finding."""
        logged(shelf, asked())
        assert signed(shelf, Verdict.UNJUSTIFIED).verdict == "unjustified"

    def test_is_done_once(self, shelf: Shelf) -> None:
        """What was signed is not signed over, nor explained anew."""
        logged(shelf, asked())
        signed(shelf, Verdict.UNJUSTIFIED)
        with pytest.raises(Refused) as refused:
            explained(shelf)
        assert refused.value.code == "EN-ILLEGAL-STEP"

    def test_of_none_is_refused(self, shelf: Shelf) -> None:
        """A slip of the finger signs nothing."""
        with pytest.raises(Refused) as refused:
            signed(shelf)
        assert refused.value.code == "EN-NOT-FOUND"

    def test_is_counted(self, shelf: Shelf) -> None:
        """The check on review looks at how many wait, and since when."""
        logged(shelf, asked(), asked(reason="unconscious"))
        state = emergencies.state(shelf.session.connection)
        assert (state.open, state.unexplained, state.oldest_at is not None) == (2, 1, True)
        signed(shelf, Verdict.UNJUSTIFIED)
        assert emergencies.state(shelf.session.connection).unexplained == 0

    def test_of_none_at_all_is_counted_too(self, shelf: Shelf) -> None:
        """Most sites never have one."""
        assert emergencies.state(shelf.session.connection) == EmergencyState()


class TestKeeping:
    def test_ends_with_the_log(self, shelf: Shelf) -> None:
        """What the log does not have any more is in no list either."""
        logged(shelf, asked())
        signed(shelf, Verdict.UNJUSTIFIED)
        shelf.clock.advance(6 * 366 * 86_400)
        assert shelf.do(lambda session: emergencies.prune(session, 10, shelf.at)) == 1

    def test_never_ends_what_nobody_looked_at(self, shelf: Shelf) -> None:
        """However long it takes."""
        logged(shelf, asked())
        shelf.clock.advance(6 * 366 * 86_400)
        assert shelf.do(lambda session: emergencies.prune(session, 10, shelf.at)) == 0

    def test_its_patient_gets_the_new_key_of_the_store(self, shelf: Shelf) -> None:
        """A hash under an older key would be found by nobody."""
        assert "emergencies" in {walk.table for walk in rehashing.WALKS}


def _logged_and_broken(session: Any, shelf: Shelf) -> None:
    journal.add(session, asked(), shelf.at.now)
    raise RuntimeError("the process ends here")
