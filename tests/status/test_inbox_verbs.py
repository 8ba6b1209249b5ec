"""What people ask of the inbox through the control socket."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import StoreUnavailable
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.status import inbox_verbs
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant

from .doubles import UID, PeoplesInbox


class Hearing:
    """A caller that hears the parts of an answer."""

    is_stopped = False

    def __init__(self) -> None:
        self.parts: list[dict[str, Any]] = []

    async def tell(self, part: dict[str, Any]) -> None:
        self.parts.append(part)


class Desk:
    """The verbs, on an inbox with one message."""

    def __init__(self) -> None:
        self.inbox = PeoplesInbox()
        self.woken: list[Direction] = []
        self.log: list[str] = []
        self.log_works = True
        self.hearing = Hearing()
        self._attendant = Attendant(inbox_verbs.verbs(self.inbox, self.woken.append), self._record, lambda: "c1")

    async def _record(self, change: Change) -> None:
        if not self.log_works:
            raise StoreUnavailable("the access log cannot be written")
        self.log.append(f"{change.verb} {change.target} {change.by.who} {change.by.why}")

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        asking = self._attendant.attend({"verb": verb, **fields}, "anna", self.hearing)
        Deferred.fromCoroutine(asking).addCallback(answers.append)
        return answers[0]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestList:
    def test_tells_who_has_it_in_hand_and_for_how_long(self, desk: Desk) -> None:
        """Is somebody at it, or may a person take it?"""
        desk.inbox.locked_by, desk.inbox.lock_s = "his", 39.96
        (row,) = desk.ask("inbox.list")["result"]
        assert (row["uid"], row["locked_by"], row["lock_ends_in_s"]) == (UID, "his", 40.0)

    @pytest.mark.parametrize("limit", [0, 1001, "5", True])
    def test_is_bounded(self, desk: Desk, limit: Any) -> None:
        """A list of a hundred thousand helps nobody."""
        assert desk.ask("inbox.list", limit=limit)["error"]["code"] == "EN-CONTROL-REQUEST"


class TestRead:
    def test_gives_the_bytes_in_parts_and_says_how_many(self, desk: Desk) -> None:
        """So that a message that did not come whole is seen."""
        answer = desk.ask("inbox.read", uid=UID, why="HIS down")
        assert (len(desk.hearing.parts), answer["result"]["size_bytes"]) == (1, len(desk.inbox.payload.body))

    def test_tells_neither_address_nor_headers(self, desk: Desk) -> None:
        """In FHIR the one may name a patient, the others may hold tokens."""
        assert {"path", "headers", "method"}.isdisjoint(desk.ask("inbox.read", uid=UID, why="HIS down")["result"])

    def test_opens_nothing_that_cannot_be_recorded(self, desk: Desk) -> None:
        """First the access log, then the message."""
        desk.log_works = False
        answer = desk.ask("inbox.read", uid=UID, why="HIS down")
        assert (answer["ok"], desk.inbox.read_by, desk.hearing.parts) == (False, [], [])

    def test_needs_a_reason(self, desk: Desk) -> None:
        """Curiosity is none."""
        assert desk.ask("inbox.read", uid=UID)["error"]["code"] == "EN-CONTROL-REQUEST"
        assert (desk.log, desk.inbox.read_by) == ([], [])


class TestConfirm:
    def test_is_recorded_and_lets_the_next_one_go(self, desk: Desk) -> None:
        """What stood behind it in its lane is due."""
        desk.ask("inbox.confirm", uid=UID, why="printed")
        assert (desk.inbox.row.state, desk.log, desk.woken) == (
            State.DELIVERED,
            [f"inbox.confirm {UID} anna printed"],
            [Direction.IN],
        )
