"""What can be asked of the running daemon."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from edge_node.errors import Refused, SettingsInvalid, StoreUnavailable
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import By
from edge_node.model.record import Result
from edge_node.status import node_verbs, queue_verbs
from edge_node.status.ports import Change, Nudge
from edge_node.status.snapshot import Snapshot, snapshot
from edge_node.status.verbs import Attendant, Call, Run, Verb, register, said_of

from .doubles import NOW, OTHER_UID, UID, MemoryQueue, facts, row

THROW = {"verb": "throw", "why": "x"}


class Office:
    """An attendant, what it works on, and what it did."""

    def __init__(self) -> None:
        self.queue = MemoryQueue([row(), row(uid=OTHER_UID, direction=Direction.IN, state=State.HELD)])
        self.changes: list[Change] = []
        self.can_record = True
        self.can_record_times = 1000
        self.wrong_settings: tuple[str, ...] = ()
        self.reloads: list[By] = []
        self.woken: list[Direction] = []
        self.hoped: list[Direction] = []
        nudge = Nudge(wake=self.woken.append, hope=self.hoped.append)
        self.verbs = register(node_verbs.verbs(self.look, self.reload), queue_verbs.verbs(self.queue, nudge))
        self.attendant = Attendant(self.verbs, self.record, lambda: "c1")

    async def look(self) -> Snapshot:
        return snapshot(facts(queue=await self.queue.overview()))

    async def record(self, change: Change) -> None:
        if not self.can_record or len(self.changes) >= self.can_record_times:
            raise StoreUnavailable
        self.changes.append(change)

    async def reload(self, by: By) -> None:
        if self.wrong_settings:
            raise SettingsInvalid(self.wrong_settings)
        self.reloads.append(by)

    def ask(self, request: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        Deferred.fromCoroutine(self.attendant.attend(request, "anna")).addCallback(answers.append)
        return answers[0]


@pytest.fixture
def office() -> Office:
    return Office()


class TestWhatAPersonSays:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("J\u00f3hanna \u0141ukasz \u5f20\u4f1f", "J\u00f3hanna \u0141ukasz \u5f20\u4f1f"),
            ("\x1b[31mAnna\x07", "[31mAnna"),
            ("\u202eannA\u202c", "annA"),
            ("two\nlines\t here", "two lines here"),
            ("\u200b\ufeff\u2066", ""),
        ],
    )
    def test_is_kept_as_it_can_be_seen(self, said: str, kept: str) -> None:
        """It is shown in terminals and on paper: nothing may steer those, turn a name round, or be an empty one."""
        assert said_of({"owner": said}, "owner", "the owner") == kept

    def test_may_be_the_head_of_a_log(self) -> None:
        """Many a hash has nine digits in a row, and whoever archives a log has to name its head."""
        head = "51234:" + "a999911120" + "b" * 54
        assert said_of({"why": f"up to {head}"}, "why", "the reason") == f"up to {head}"

    @pytest.mark.parametrize("text", ["999911120:" + "a" * 64, "a999911120" + "b" * 53, "12:a999911120"])
    def test_is_no_head_where_a_patient_would_fit(self, text: str) -> None:
        """Only the form of a head is one."""
        with pytest.raises(Refused):
            said_of({"why": text}, "why", "the reason")

    def test_hides_no_patient_number(self) -> None:
        """Nine digits with nothing to be seen between them are nine digits."""
        with pytest.raises(Refused):
            said_of({"why": "\u200b".join("999911120")}, "why", "the reason")


class TestReading:
    def test_status_tells_how_the_node_is(self, office: Office) -> None:
        """The first thing anyone asks."""
        assert office.ask({"verb": "status"})["result"]["verdict"] == "degraded"

    def test_a_list_holds_what_was_chosen(self, office: Office) -> None:
        """An operator looks for what is held, not for everything."""
        rows = office.ask({"verb": "queue.list", "state": "HELD", "direction": "in"})["result"]
        assert [each["uid"] for each in rows] == [OTHER_UID]

    def test_a_list_leaves_out_what_is_over(self, office: Office) -> None:
        """A day has thousands of delivered messages: between them nobody finds the one that waits."""
        office.queue.rows[UID] = row(state=State.DELIVERED)
        assert [each["uid"] for each in office.ask({"verb": "queue.list"})["result"]] == [OTHER_UID]

    @pytest.mark.parametrize("asked", [{"ended": True}, {"state": "DELIVERED"}])
    def test_a_list_holds_what_is_over_when_asked(self, office: Office, asked: dict[str, Any]) -> None:
        """Did it arrive? That is asked as well."""
        office.queue.rows[UID] = row(state=State.DELIVERED)
        assert UID in [each["uid"] for each in office.ask({"verb": "queue.list", **asked})["result"]]

    def test_a_list_is_in_order_of_age_whatever_the_state(self, office: Office) -> None:
        """The oldest is the one to look at."""
        office.queue.rows[UID] = row(kept_at=NOW + timedelta(hours=1))
        assert [each["uid"] for each in office.ask({"verb": "queue.list", "limit": 1})["result"]] == [OTHER_UID]

    def test_one_message_is_shown_with_its_history(self, office: Office) -> None:
        """What happened when, and who did it."""
        office.ask({"verb": "queue.hold", "uid": UID, "why": "pharmacy moved"})
        history = office.ask({"verb": "queue.show", "uid": UID})["result"]["history"]
        assert [(step["event"], step["who"], step["why"]) for step in history] == [
            ("HELD_BACK", "anna", "pharmacy moved")
        ]

    def test_reading_is_not_recorded_as_a_change(self, office: Office) -> None:
        """The record of changes must not drown in looks."""
        office.ask({"verb": "status"})
        assert office.changes == []

    @pytest.mark.parametrize("field", ["receiver", "interaction", "code"])
    def test_takes_no_half_characters(self, office: Office, field: str) -> None:
        """JSON can write them; looked for in the store they would be a mistake of ours."""
        error = office.ask({"verb": "queue.list", field: "\ud800"})["error"]
        assert error["code"] == "EN-CONTROL-REQUEST"


class TestChanging:
    @pytest.mark.parametrize(
        ("verb", "uid", "state"),
        [
            ("queue.retry", UID, "WAITING"),
            ("queue.hold", UID, "HELD"),
            ("queue.discard", UID, "DISCARDED"),
            ("queue.release", OTHER_UID, "WAITING"),
        ],
    )
    def test_is_done_and_recorded_with_who_and_why(self, office: Office, verb: str, uid: str, state: str) -> None:
        """Months later somebody asks who threw a prescription away, and why."""
        answer = office.ask({"verb": verb, "uid": uid, "why": "  asked by\nthe  doctor "})
        assert answer["result"]["state"] == state
        assert office.changes == [
            Change(verb=verb, target=uid, by=By(who="anna", why="asked by the doctor"), correlation="c1")
        ]

    def test_takes_effect_at_once(self, office: Office) -> None:
        """Who releases a message expects it to go, not at the next turn of a clock."""
        office.ask({"verb": "queue.release", "uid": OTHER_UID, "why": "line restored"})
        assert office.hoped == [Direction.IN]

    def test_that_ends_a_message_lets_the_next_one_go(self, office: Office) -> None:
        """Its lane is open; that something is repaired nobody said."""
        office.ask({"verb": "queue.discard", "uid": UID, "why": "sent by post"})
        assert (len(office.woken), office.hoped) == (1, [])

    def test_that_was_refused_wakes_nobody(self, office: Office) -> None:
        """Nothing changed."""
        office.ask({"verb": "queue.release", "uid": UID, "why": "x"})
        assert (office.woken, office.hoped) == ([], [])

    def test_is_not_done_when_it_cannot_be_recorded(self, office: Office) -> None:
        """A change nobody can account for is not made."""
        office.can_record = False
        answer = office.ask({"verb": "queue.discard", "uid": UID, "why": "x"})
        assert answer["error"]["code"] == "EN-STORE-UNAVAILABLE"
        assert office.queue.rows[UID].state is State.WAITING

    @pytest.mark.parametrize("why", [None, "", "   ", "patient 999911120 died", "x" * 501, 7, "half \ud800"])
    def test_needs_a_reason_without_patient_number(self, office: Office, why: Any) -> None:
        """The reason is shown in lists and logs."""
        answer = office.ask({"verb": "queue.discard", "uid": UID, "why": why})
        assert answer["error"]["code"] == "EN-CONTROL-REQUEST"
        assert office.changes == []

    @pytest.mark.parametrize(
        "number",
        [
            "999 911 120",
            "999.911.120",
            "9999-11120",
            "9999 11 120",
            "12 999 911 120",
            "999 911 120 3",
            "９９９９１１１２０",
        ],
    )
    def test_finds_a_patient_number_however_it_is_written(self, office: Office, number: str) -> None:
        """People copy it from a card, with the spaces that are on it."""
        answer = office.ask({"verb": "queue.discard", "uid": UID, "why": f"patient {number} telephoned"})
        assert (answer["error"]["code"], office.changes) == ("EN-CONTROL-REQUEST", [])
        assert number not in answer["error"]["detail"]

    @pytest.mark.parametrize(
        "why",
        ["call 010 123 4567 back", "ticket 2026-11-22 7", "since 22-11-2026 10:15", "case 12345678", "0612345678"],
    )
    def test_takes_other_numbers(self, office: Office, why: str) -> None:
        """A ticket, a telephone, a date: a reason without them says little."""
        assert office.ask({"verb": "queue.discard", "uid": UID, "why": why})["ok"]

    def test_that_the_state_does_not_allow_is_refused(self, office: Office) -> None:
        """The table of the lifecycle decides, not the operator's hurry."""
        answer = office.ask({"verb": "queue.release", "uid": UID, "why": "x"})
        assert answer["error"]["code"] == "EN-ILLEGAL-STEP"

    def test_of_an_unknown_message_is_refused(self, office: Office) -> None:
        """A typing mistake changes nothing."""
        answer = office.ask({"verb": "queue.retry", "uid": "0" * 32, "why": "x"})
        assert answer["error"]["code"] == "EN-NOT-FOUND"

    def test_reload_is_recorded_too(self, office: Office) -> None:
        """New settings can change who may speak for whom."""
        assert office.ask({"verb": "reload", "why": "new application"}) == {"ok": True, "result": {}}
        assert office.reloads == [By(who="anna", why="new application")]
        assert [change.verb for change in office.changes] == ["reload"]

    def test_a_reload_of_wrong_settings_tells_every_complaint(self, office: Office) -> None:
        """The operator mends all lines at once; the old settings stay in force."""
        office.wrong_settings = ("site.yaml:3:1: node: missing", "site.yaml:9:3: local: unknown key")
        error = office.ask({"verb": "reload", "why": "x"})["error"]
        assert (error["code"], error["detail"].splitlines()) == ("EN-SETTINGS", list(office.wrong_settings))


class TestNotDone:
    """The line that stands there before the verb begins says what is asked for, not what came of it."""

    @pytest.mark.parametrize(
        ("verb", "uid", "code"),
        [("queue.release", UID, "EN-ILLEGAL-STEP"), ("queue.retry", "0" * 32, "EN-NOT-FOUND")],
    )
    def test_that_was_refused_has_a_second_line(self, office: Office, verb: str, uid: str, code: str) -> None:
        """Years later a reader must not take it for done."""
        office.ask({"verb": verb, "uid": uid, "why": "x"})
        before, after = (change.record for change in office.changes)
        assert (before.event.result, before.event.code) == (Result.OK, verb)
        assert (after.event.result, after.event.code) == (Result.REFUSED, code)
        assert after.event.details == (("verb", verb),)
        assert (after.correlation, after.user) == (before.correlation, before.user)
        assert before.correlation.id == "c1"

    def test_that_broke_has_a_second_line(self) -> None:
        """A mistake of ours changes nothing of what the log has to say, and goes on to whoever called."""
        changes: list[Change] = []
        failed: list[Failure] = []
        Deferred.fromCoroutine(attendant_of(breaks, changes).attend(THROW, "anna")).addErrback(failed.append)
        assert [change.record.event.code for change in changes] == ["throw", "EN-INTERNAL"]
        assert failed[0].check(ZeroDivisionError)

    def test_that_answers_with_a_code_has_a_second_line(self) -> None:
        """A certificate that did not fit is an answer, and no change."""
        changes: list[Change] = []
        verbs = attendant_of(nothing, changes, outcome=lambda _: "EN-CERT-UNFIT")
        Deferred.fromCoroutine(verbs.attend(THROW, "anna"))
        assert [change.code for change in changes] == ["", "EN-CERT-UNFIT"]

    def test_that_waits_has_one_line(self) -> None:
        """It was done, and is not over: no code."""
        changes: list[Change] = []
        Deferred.fromCoroutine(attendant_of(nothing, changes, outcome=lambda _: "waiting").attend(THROW, "anna"))
        assert [change.code for change in changes] == [""]

    def test_is_told_as_it_was_where_the_second_line_cannot_be_written(self, office: Office) -> None:
        """The caller asked for the verb; what became of the log stands elsewhere."""
        office.can_record_times = 1
        answer = office.ask({"verb": "queue.release", "uid": UID, "why": "x"})
        assert (answer["error"]["code"], len(office.changes)) == ("EN-ILLEGAL-STEP", 1)


class TestRefusing:
    @pytest.mark.parametrize(
        "request_",
        [
            None,
            [],
            {},
            {"verb": ["status"]},
            {"verb": "shutdown"},
            {"verb": "status", "uid": UID},
            {"verb": "queue.show"},
            {"verb": "queue.show", "uid": "../etc"},
            {"verb": "queue.list", "limit": 0},
            {"verb": "queue.list", "limit": True},
            {"verb": "queue.list", "limit": 10**9},
            {"verb": "queue.list", "state": "ASLEEP"},
            {"verb": "queue.list", "receiver": 5},
            {"verb": "queue.list", "ended": "yes"},
        ],
    )
    def test_anything_that_is_not_exactly_a_verb(self, office: Office, request_: Any) -> None:
        """A guess at what was meant could discard the wrong message."""
        assert office.ask(request_)["error"]["code"] == "EN-CONTROL-REQUEST"

    def test_a_change_that_takes_no_reason_cannot_be_registered(self) -> None:
        """A new verb cannot forget it."""
        with pytest.raises(ValueError, match="take no reason: throw"):
            register({"throw": Verb(changes=True, run=nothing)})

    def test_two_verbs_of_one_name_cannot_be_registered(self) -> None:
        """One part must not take another's verb away by accident."""
        with pytest.raises(ValueError, match="twice: look"):
            register({"look": Verb(run=nothing)}, {"look": Verb(run=nothing)})


async def nothing(call: Call) -> None:
    """What no test asks for."""


async def breaks(call: Call) -> None:
    """A mistake of ours."""
    raise ZeroDivisionError


def attendant_of(run: Run, changes: list[Change], outcome: Callable[[Any], str] = lambda _: "done") -> Attendant:
    """One verb, and what is recorded of it."""

    async def record(change: Change) -> None:
        changes.append(change)

    verb = Verb(changes=True, fields=frozenset({"why"}), run=run, outcome=outcome)
    return Attendant({"throw": verb}, record, lambda: "c1")
