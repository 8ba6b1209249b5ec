"""What can be asked of the daemon about backups, and about what a restore holds."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Band, Made, Manifest, Report, Safety, Span
from edge_node.model.message import Direction
from edge_node.model.overview import By
from edge_node.status import backup_verbs
from edge_node.status.ports import Change, Nudge
from edge_node.status.verbs import Attendant, register

NOW = 1_790_000_000.0
MANIFEST = Manifest(
    id="b", site="post", made_at="m", release="1", schema=11, usable_from=11, settings_hash="h", run=1, journal_seq=9,
    last_line_at="l", patient_key="p", keys=("k",), counts=(("out", "KEPT", 3),),
)  # fmt: skip
REPORT = Report(
    site="post", backup="b", made_at="2026-11-21T03:00:00Z", last_line_at="2026-11-21T02:59:00Z", journal_seq=9,
    restored_at="2026-11-21T09:00:00Z", held=130, was=(("out", "KEPT", 130),),
)  # fmt: skip


class Room:
    """Backups and held messages, as far as the verbs see them."""

    def __init__(self) -> None:
        self.folders: list[Path | None] = []
        self.failure: EdgeNodeError | None = None
        self.drills: list[dict[str, object]] = []
        self.held = [NOW - 60.0] * 120 + [NOW - 90_000.0] * 10
        self.acts: list[tuple[str, Span, int]] = []
        self.woken: list[Direction] = []
        self.hoped: list[Direction] = []
        self.changes: list[Change] = []
        verbs = backup_verbs.verbs(self, self, lambda: NOW, Nudge(wake=self.woken.append, hope=self.hoped.append))
        self.attendant = Attendant(register(verbs), self.record, lambda: "c1")
        self.heard: list[dict[str, Any]] = []
        self.is_stopped = False

    async def record(self, change: Change) -> None:
        self.changes.append(change)

    async def tell(self, part: dict[str, Any]) -> None:
        self.heard.append(part)

    async def make(self, folder: Path | None, told: Callable[[str, int, int], None]) -> Made:
        self.folders.append(folder)
        if self.failure is not None:
            raise self.failure
        told("copied", 1, 2)
        return Made(path="/backups/one", nbytes=7, took_s=0.25, manifest=MANIFEST)

    async def drilled(self, detail: dict[str, object]) -> None:
        self.drills.append(detail)

    async def safety(self) -> Safety:
        return Safety(restored=REPORT, held=len(self.held))

    async def bands(self, span: Span) -> tuple[Band, ...]:
        found = [at for at in self.held if span.since <= at < span.until]
        return (Band(Direction.OUT, len(found), min(found, default=None)), Band(Direction.IN, 0, None))

    async def act(self, ending: str, span: Span, limit: int, by: By) -> Sequence[Direction]:
        self.acts.append((ending, span, limit))
        chosen = [at for at in self.held if span.since <= at < span.until][:limit]
        for at in chosen:
            self.held.remove(at)
        return [Direction.OUT] * len(chosen)

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        asked = self.attendant.attend({"verb": verb, **fields}, "jan", self)
        Deferred.fromCoroutine(asked).addCallback(answers.append)
        return answers[0]


@pytest.fixture
def room() -> Room:
    return Room()


class TestMake:
    def test_tells_how_far_it_is_and_what_it_made(self, room: Room) -> None:
        """A large store takes minutes."""
        answer = room.ask("backup.make", why="before the release")
        assert answer["result"]["file"] == "/backups/one"
        assert room.heard == [{"step": "copied", "done": 1, "of": 2}]
        assert [change.verb for change in room.changes] == ["backup.make"]

    def test_goes_where_it_is_told(self, room: Room) -> None:
        """Onto the stick that somebody holds in hand."""
        room.ask("backup.make", to="/usb", why="by hand")
        assert room.folders == [Path("/usb")]

    def test_takes_no_part_of_a_path(self, room: Room) -> None:
        """The daemon stands in another folder than whoever asks."""
        assert room.ask("backup.make", to="usb", why="by hand")["error"]["code"] == "EN-CONTROL-REQUEST"
        assert room.folders == []

    def test_says_what_kept_it_from_being_made(self, room: Room) -> None:
        """With the code and what to do."""
        room.failure = EdgeNodeError("none", code="EN-BACKUP-NO-KEY")
        assert room.ask("backup.make", why="by hand")["error"]["code"] == "EN-BACKUP-NO-KEY"


class TestDrilled:
    def test_is_remembered(self, room: Room) -> None:
        """The status tells how long ago a restore was proven."""
        room.ask("backup.drilled", backup="b", made_at="m", messages=3, why="drill")
        assert room.drills == [{"backup": "b", "made_at": "m", "messages": 3}]


class TestShow:
    def test_tells_of_the_restore_and_the_ages(self, room: Room) -> None:
        """By age is how people decide."""
        told = room.ask("restored.show")["result"]
        assert told["restored"]["missing_from"] == "2026-11-21T02:59:00Z"
        assert [(each["held"], each["older_than_s"], each["younger_than_s"]) for each in told["ages"]] == [
            (120, 0.0, 3600.0),
            (10, 86_400.0, 259_200.0),
        ]


class TestCount:
    def test_tells_how_many_a_span_holds_and_how_old(self, room: Room) -> None:
        """A person sees the number before he lets go of them."""
        answer = room.ask("restored.count", until=NOW - 3600)
        assert answer["result"] == {"held": 10, "oldest_s": 90_000.0}
        assert room.changes == []

    def test_of_nothing_is_nothing(self, room: Room) -> None:
        """All was let go."""
        assert room.ask("restored.count", since=NOW)["result"] == {"held": 0, "oldest_s": 0.0}


class TestAct:
    def test_lets_go_in_small_units(self, room: Room) -> None:
        """Interactive messages go in between; whoever asked hears how far it is."""
        answer = room.ask("restored.act", ending="release", why="telephoned")
        assert answer["result"] == {"done": 130, "left": 0}
        assert [limit for _, _, limit in room.acts] == [50, 50, 50, 50]
        assert [part["done"] for part in room.heard] == [50, 100, 130]
        assert (set(room.woken), room.hoped) == ({Direction.OUT}, [Direction.OUT])

    def test_keeps_to_the_span(self, room: Room) -> None:
        """What is older stays for who knows more of it."""
        answer = room.ask("restored.act", ending="release", since=NOW - 3600, until=NOW, direction="out", why="seen")
        assert answer["result"] == {"done": 120, "left": 10}
        assert room.acts[0][1] == Span(since=NOW - 3600, until=NOW, direction=Direction.OUT)

    def test_stops_when_it_is_told_to(self, room: Room) -> None:
        """What is done stays, and is counted."""
        room.is_stopped = True
        assert room.ask("restored.act", ending="release", why="seen")["result"] == {"done": 0, "left": 130}

    @pytest.mark.parametrize("field", [{"since": "yesterday"}, {"until": True}, {"direction": "up"}, {"limit": 0}])
    def test_refuses_what_is_no_span(self, room: Room, field: dict[str, Any]) -> None:
        """Nothing is let go by a slip of the pen."""
        answer = room.ask("restored.act", **{"ending": "release", "why": "seen", **field})
        assert answer["error"]["code"] == "EN-CONTROL-REQUEST"
        assert room.acts == []

    def test_asks_why(self, room: Room) -> None:
        """It may send a message twice: somebody answers for it."""
        assert room.ask("restored.act", ending="release")["error"]["code"] == "EN-CONTROL-REQUEST"


class TestReport:
    def test_begins_at_the_backup_where_no_line_was_written(self) -> None:
        """A node on its first day has no access log."""
        assert backup_verbs.of_report(replace(REPORT, last_line_at=""))["missing_from"] == "2026-11-21T03:00:00Z"
