"""The verbs on many messages, as the daemon carries them out."""

from collections.abc import Sequence
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import Refused
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Format, Payload
from edge_node.model.overview import By, Cause, Choice, Crowd, Deed, Errand, Moved, Page, Preview, Tally
from edge_node.status import crowd_verbs
from edge_node.status.crowd_verbs import UNIT
from edge_node.status.ports import Change, Nudge
from edge_node.status.verbs import Attendant

from .doubles import UID, row

MANY = UNIT * 3
SEEN_AT = 1_790_000_000.25


class Pile:
    """Messages that are only numbers; fits `status.ports.Stock`."""

    def __init__(self) -> None:
        self.seqs_there = list(range(1, MANY + 1))
        self.units: list[tuple[Errand, Sequence[int]]] = []
        self.asked: list[Crowd] = []
        self.skipped: dict[str, int] = {}
        self.tallies: tuple[Tally, ...] = ()
        self.body = b"x" * 100_000

    async def preview(self, crowd: Crowd) -> Preview:
        self.asked.append(crowd)
        return Preview(messages=MANY, oldest_s=60, newest_s=1, examples=(row(),), through=MANY, seen_at=SEEN_AT)

    async def seqs(self, crowd: Crowd, after: int, limit: int) -> Page:
        self.asked.append(crowd)
        found = [seq for seq in self.seqs_there if seq > after][:limit]
        return Page(seqs=tuple(found), following=found[-1] if len(found) == limit else None)

    async def rows(self, crowd: Crowd, after: int, limit: int) -> Page:
        self.asked.append(crowd)
        return Page(seqs=(after + 1,), rows=(row(),), following=after + 1 if after < 2 else None)

    async def causes(self, crowd: Crowd) -> tuple[Cause, ...]:
        self.asked.append(crowd)
        return ()

    async def shape(self, choice: Choice) -> tuple[Tally, ...]:
        return self.tallies

    async def do(self, errand: Errand, seqs: Sequence[int]) -> Moved:
        self.units.append((errand, seqs))
        return Moved(done=len(seqs), skipped=self.skipped)

    async def open(self, uid: str, by: By) -> Payload:
        if not self.body:
            raise Refused("the body of this message was removed", code="EN-ILLEGAL-STEP")
        return Payload(path="", soap_action="", body=self.body, format=Format.SOAP)


class Listener:
    """A caller that hears parts, and has had enough after some."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.enough: int | None = None

    @property
    def is_stopped(self) -> bool:
        return self.enough is not None and len(self.told) >= self.enough

    async def tell(self, part: dict[str, Any]) -> None:
        self.told.append(part)


class Office:
    """An attendant at a pile."""

    def __init__(self) -> None:
        self.pile = Pile()
        self.listener = Listener()
        self.woken: list[Direction] = []
        self.hoped: list[Direction] = []
        self.changes: list[Change] = []
        nudge = Nudge(wake=self.woken.append, hope=self.hoped.append)
        self.attendant = Attendant(crowd_verbs.verbs(self.pile, nudge), self.record, lambda: "c1")

    async def record(self, change: Change) -> None:
        self.changes.append(change)

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        asked = self.attendant.attend({"verb": verb, **fields}, "anna", self.listener)
        Deferred.fromCoroutine(asked).addCallback(answers.append)
        return answers[0]


@pytest.fixture
def office() -> Office:
    return Office()


class TestDeeds:
    def test_are_done_in_small_units_in_the_order_of_arrival(self, office: Office) -> None:
        """What a local system sends meanwhile never waits behind a thousand messages."""
        answer = office.ask("queue.retry-all", code="RTUDEST", through=MANY, seen_at=SEEN_AT, why="mended")
        assert answer["result"] == {"done": MANY, "skipped": {}, "stopped": False}
        assert [len(seqs) for _, seqs in office.pile.units] == [UNIT] * 3
        assert [seq for _, seqs in office.pile.units for seq in seqs] == list(range(1, MANY + 1))

    def test_carry_who_and_why(self, office: Office) -> None:
        """With each message, and once before it begins."""
        office.ask("queue.discard-all", code="RTUDEST", through=MANY, seen_at=SEEN_AT, why="sent by post")
        by = By(who="anna", why="sent by post")
        assert {errand.by for errand, _ in office.pile.units} == {by}
        assert office.changes == [Change(verb="queue.discard-all", target="", by=by, correlation="c1")]

    def test_tell_how_far_they_are(self, office: Office) -> None:
        """A person who sees nothing happen does it again."""
        office.ask("queue.retry-all", code="RTUDEST", through=MANY, seen_at=SEEN_AT, why="mended")
        assert [part["done"] for part in office.listener.told] == [UNIT, 2 * UNIT, 3 * UNIT]

    def test_end_after_the_unit_in_hand_when_stopped(self, office: Office) -> None:
        """A mistake is noticed at the first line of progress: the rest is still as it was."""
        office.listener.enough = 1
        answer = office.ask("queue.discard-all", code="RTUDEST", through=MANY, seen_at=SEEN_AT, why="x")
        assert answer["result"] == {"done": UNIT, "skipped": {}, "stopped": True}
        assert len(office.pile.units) == 1

    def test_tell_what_they_could_not_be_done_to(self, office: Office) -> None:
        """The sum must be right."""
        office.pile.skipped = {"EN-ILLEGAL-STEP": 1}
        answer = office.ask("queue.hold-all", receiver="400", through=MANY, seen_at=SEEN_AT, why="x")
        assert answer["result"]["skipped"] == {"EN-ILLEGAL-STEP": 3}

    def test_let_the_line_go_on_after_each_unit(self, office: Office) -> None:
        """What was released first leaves while the rest is still being released."""
        office.ask("queue.release-all", receiver="400", direction="in", through=MANY, seen_at=SEEN_AT, why="x")
        assert office.woken == [Direction.IN] * 3

    @pytest.mark.parametrize(
        ("verb", "hoped"),
        [("release", [Direction.IN]), ("retry", [Direction.IN]), ("discard", []), ("hold", [])],
    )
    def test_say_once_that_it_may_be_repaired(self, office: Office, verb: str, hoped: list[Direction]) -> None:
        """A switchboard that is down is tried once for ten thousand messages, not once for each twenty-five."""
        office.ask(f"queue.{verb}-all", receiver="400", direction="in", through=MANY, seen_at=SEEN_AT, why="x")
        assert office.hoped == hoped

    def test_mean_what_was_seen_at_the_moment_of_the_preview(self, office: Office) -> None:
        """Neither the ages nor the states are judged anew while the work runs."""
        office.ask("queue.discard-all", older_s=900, through=MANY, seen_at=SEEN_AT, why="x")
        assert {crowd.seen_at for crowd in office.pile.asked} == {SEEN_AT}
        assert {errand.seen_at for errand, _ in office.pile.units} == {SEEN_AT}

    @pytest.mark.parametrize("seen", [{}, {"through": MANY}, {"seen_at": SEEN_AT}])
    def test_need_what_a_preview_gave(self, office: Office, seen: dict[str, Any]) -> None:
        """Nobody throws away what he has not seen the number of."""
        answer = office.ask("queue.discard-all", code="RTUDEST", why="x", **seen)
        assert answer["error"]["code"] == "EN-CONTROL-REQUEST"
        assert (office.pile.units, office.changes) == ([], [])

    def test_need_a_reason(self, office: Office) -> None:
        """As each change does."""
        assert office.ask("queue.discard-all", through=1, seen_at=SEEN_AT)["error"]["code"] == "EN-CONTROL-REQUEST"

    @pytest.mark.parametrize(
        ("deed", "state"), [("release", "DEAD"), ("hold", "HELD"), ("retry", "NEEDS_TOKEN"), ("discard", "IN_FLIGHT")]
    )
    def test_in_a_state_that_forbids_them_are_refused(self, office: Office, deed: str, state: str) -> None:
        """Refused before anything is changed, with the state named."""
        answer = office.ask(f"queue.{deed}-all", states=[state], through=MANY, seen_at=SEEN_AT, why="x")
        assert (answer["error"]["code"], state in answer["error"]["detail"]) == ("EN-ILLEGAL-STEP", True)
        assert office.pile.units == []


class TestPreview:
    def test_is_of_the_states_in_which_it_can_be_done(self, office: Office) -> None:
        """What cannot be retried is not counted among what would be."""
        answer = office.ask("queue.preview", deed="retry", receiver="400")
        assert (answer["result"]["messages"], answer["result"]["through"]) == (MANY, MANY)
        assert office.pile.asked[0].states == Deed.RETRY.states

    def test_passes_on_every_column(self, office: Office) -> None:
        """A column that got lost would widen the choice."""
        fields = {
            "direction": "in",
            "receiver": "400",
            "interaction": "A",
            "code": "B",
            "older_s": 60,
            "younger_s": 90,
        }
        office.ask("queue.preview", deed="hold", states=["KEPT"], **fields)
        wanted = Choice(
            direction=Direction.IN, receiver="400", interaction="A", code="B", older_s=60.0, younger_s=90.0
        )
        assert office.pile.asked == [Crowd(choice=wanted, states=frozenset({State.KEPT}))]

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"deed": "burn"},
            {"deed": "retry", "states": "DEAD"},
            {"deed": "retry", "states": ["ASLEEP"]},
            {"deed": "retry", "older_s": -1},
            {"deed": "retry", "older_s": True},
            {"deed": "retry", "younger_s": "1h"},
            {"deed": "retry", "through": 1},
            {"deed": "retry", "seen_at": SEEN_AT},
        ],
    )
    def test_of_anything_else_is_refused(self, office: Office, fields: dict[str, Any]) -> None:
        """A guess at what was meant could touch the wrong messages."""
        assert office.ask("queue.preview", **fields)["error"]["code"] == "EN-CONTROL-REQUEST"


class TestDead:
    def test_is_what_ended_without_arriving(self, office: Office) -> None:
        """What waits for a signature is on its sender's list, not on this one."""
        office.ask("queue.dead")
        assert office.pile.asked[0].states == {State.DEAD, State.EXPIRED}

    def test_is_everything_stuck_when_asked(self, office: Office) -> None:
        """At the end of the day people look at all of it."""
        office.ask("queue.dead", all_stuck=True)
        assert office.pile.asked[0].states == {State.DEAD, State.EXPIRED, State.HELD, State.NEEDS_TOKEN}


class TestShape:
    def test_puts_age_against_destination(self, office: Office) -> None:
        """One look says who does not answer, and since when."""
        office.pile.tallies = (
            tally("400", State.WAITING, 0, 2),
            tally("400", State.WAITING, 3600, 3),
            tally("400", State.HELD, 0, 1),
            tally("401", State.WAITING, 900, 9),
        )
        found = office.ask("queue.shape")["result"]
        assert [(each["receiver"], each["state"], each["by_age"]) for each in found["rows"]] == [
            ("401", "WAITING", [0, 9, 0, 0, 0, 0]),
            ("400", "HELD", [1, 0, 0, 0, 0, 0]),
            ("400", "WAITING", [2, 0, 3, 0, 0, 0]),
        ]

    def test_holds_the_fullest_and_counts_the_rest(self, office: Office) -> None:
        """A thousand pharmacies with one message each do not hide the one with a thousand."""
        office.pile.tallies = (tally("400", State.WAITING, 0, 2), tally("401", State.WAITING, 0, 9))
        found = office.ask("queue.shape", limit=1)["result"]
        assert ([each["receiver"] for each in found["rows"]], found["messages"], found["receivers"]) == (
            ["401"],
            11,
            2,
        )


class TestExport:
    def test_comes_in_parts(self, office: Office) -> None:
        """Neither the daemon nor the command ever holds a million rows."""
        answer = office.ask("queue.export")
        assert answer["result"] == {"rows": 3, "stopped": False}
        assert [len(part["rows"]) for part in office.listener.told] == [1, 1, 1]

    def test_can_be_stopped(self, office: Office) -> None:
        """Who closes the pager wants no more."""
        office.listener.enough = 1
        assert office.ask("queue.export")["result"] == {"rows": 1, "stopped": True}

    def test_leaves_out_what_is_over_unless_asked(self, office: Office) -> None:
        """As a list does."""
        office.ask("queue.export")
        office.ask("queue.export", ended=True)
        without, whole = office.pile.asked[0].states, office.pile.asked[-1].states
        assert whole - without == {State.DELIVERED, State.DISCARDED, State.REFUSED}

    def test_of_bodies_is_recorded_and_comes_in_pieces(self, office: Office) -> None:
        """Ten megabytes in one line would stand before everybody else's answer."""
        office.ask("queue.export-bodies", why="asked by the doctor")
        assert [change.verb for change in office.changes] == ["queue.export-bodies"]
        kinds = [next(iter(part)) for part in office.listener.told[:5]]
        assert kinds == ["rows", "bytes", "bytes", "bytes", "body"]

    def test_never_calls_half_a_body_whole(self, office: Office) -> None:
        """A file that ends in the middle of a prescription would be read as the whole of it."""
        office.listener.enough = 3
        office.ask("queue.export-bodies", why="asked by the doctor")
        assert [next(iter(part)) for part in office.listener.told] == ["rows", "bytes", "bytes"]

    def test_goes_on_where_a_body_is_gone(self, office: Office) -> None:
        """Bodies are removed a day after delivery; the others are still wanted."""
        office.pile.body = b""
        answer = office.ask("queue.export-bodies", why="asked by the doctor")
        assert answer["result"] == {"rows": 3, "stopped": False}
        assert office.listener.told[1] == {"body": {"uid": UID, "code": "EN-ILLEGAL-STEP"}}


def tally(receiver: str, state: State, age_s: int, messages: int) -> Tally:
    return Tally(direction=Direction.OUT, state=state, receiver=receiver, age_s=age_s, messages=messages)
