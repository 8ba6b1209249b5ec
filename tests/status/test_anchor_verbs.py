"""The verbs on anchors of peers, asked as requests."""

from datetime import UTC, datetime

from twisted.internet.defer import Deferred

from edge_node.errors import Refused
from edge_node.model.anchors import AnchorChange, AnchorsInUse, Phase
from edge_node.status import anchor_verbs
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant, register

WAITS = AnchorChange(
    peer="zim",
    phase=Phase.WAITING,
    added=("New Root",),
    removed=("Old Root",),
    since=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    why="not yet tried",
)
TOLD = {
    "peer": "zim",
    "phase": "waiting",
    "added": ["New Root"],
    "removed": ["Old Root"],
    "since": "2026-11-22T08:00:00Z",
    "reason": "not yet tried",
}


class Care:
    """One peer, whose new anchors wait until they are accepted."""

    def __init__(self) -> None:
        self.change: AnchorChange | None = WAITS

    @property
    def in_use(self) -> tuple[AnchorsInUse, ...]:
        return (AnchorsInUse(peer="zim", counting=("New Root", "Old Root"), change=self.change),)

    def accept(self, peer: str | None) -> tuple[AnchorChange, ...]:
        if peer not in (None, "zim"):
            raise Refused(f"no anchors of {peer} wait", code="EN-NOT-FOUND")
        self.change = None
        return (WAITS,)


def asked(care: Care, request: dict[str, object]) -> tuple[dict[str, object], list[Change]]:
    changes: list[Change] = []

    async def record(change: Change) -> None:
        changes.append(change)

    answers: list[dict[str, object]] = []
    attendant = Attendant(register(anchor_verbs.verbs(care)), record, lambda: "c1")
    Deferred.fromCoroutine(attendant.attend(request, "anna")).addCallback(answers.append)
    return answers[0], changes


class TestAnchors:
    def test_are_shown_with_what_becomes_of_them(self) -> None:
        """Who pushed a list sees whether it counts, without reading the log."""
        answer, changes = asked(Care(), {"verb": "cert.anchors"})
        assert answer["result"] == [{"peer": "zim", "counting": ["New Root", "Old Root"], "change": TOLD}]
        assert changes == []

    def test_are_accepted_with_who_and_why_on_record(self) -> None:
        """Trust that was changed by hand is the first thing an inspection asks about."""
        answer, changes = asked(Care(), {"verb": "cert.accept-anchors", "peer": "zim", "why": "CA compromised"})
        assert answer["result"] == [TOLD]
        assert [(one.verb, one.target, one.by.who, one.by.why) for one in changes] == [
            ("cert.accept-anchors", "zim", "anna", "CA compromised")
        ]

    def test_are_not_accepted_without_a_reason(self) -> None:
        """Nothing is changed without one."""
        care = Care()
        answer, changes = asked(care, {"verb": "cert.accept-anchors"})
        assert (answer["ok"], care.change, changes) == (False, WAITS, [])
