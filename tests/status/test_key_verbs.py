"""The verb that changes the key of the store, asked as a request."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from edge_node.status import key_verbs
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant, register


@dataclass(frozen=True)
class Changed:
    key: str
    file: Path | None


class Keys:
    """A store whose key can be changed."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.rotated = 0

    async def rotate(self) -> Changed:
        self.rotated += 1
        return Changed("00ff", self.file)


def asked(keys: Keys, request: dict[str, object]) -> tuple[dict[str, object], list[Change]]:
    changes: list[Change] = []

    async def record(change: Change) -> None:
        changes.append(change)

    answers: list[dict[str, object]] = []
    attendant = Attendant(register(key_verbs.verbs(keys)), record, lambda: "c1")
    Deferred.fromCoroutine(attendant.attend(request, "anna")).addCallback(answers.append)
    return answers[0], changes


class TestRotate:
    @pytest.mark.parametrize(("file", "told"), [(None, None), (Path("/var/lib/x.next"), "/var/lib/x.next")])
    def test_tells_which_key_and_where_it_waits(self, file: Path | None, told: str | None) -> None:
        """A key that systemd lends is put in place by a person, who must know which file."""
        answer, _ = asked(Keys(file), {"verb": "store.rotate-key", "why": "yearly"})
        assert answer == {"ok": True, "result": {"key": "00ff", "file": told}}

    def test_is_recorded_with_who_and_why(self) -> None:
        """The inspection asks who changed the keys."""
        _, changes = asked(Keys(None), {"verb": "store.rotate-key", "why": "yearly"})
        assert [(change.verb, change.by.who, change.by.why) for change in changes] == [
            ("store.rotate-key", "anna", "yearly")
        ]

    def test_needs_a_reason(self) -> None:
        """Nothing is changed without one."""
        keys = Keys(None)
        answer, changes = asked(keys, {"verb": "store.rotate-key"})
        assert (answer["ok"], keys.rotated, changes) == (False, 0, [])
