"""Every look of the product where what it looks at fails, hangs or lies: unknown with the reason, never a pass."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node import looking
from edge_node.errors import StoreUnavailable
from edge_node.model.check import Result, Verdict
from edge_node.probing import Gate, Look, Parts, Probing

from .check_doubles import BookInMemory, settings_of

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NO_NODE: Any = None  # none is carried out as the node has it, so no node is needed
LOOKS = {look.name: look for look in looking.looks(NO_NODE)}
FAILURES = [
    PermissionError(13, "Permission denied"),
    FileNotFoundError(2, "No such file or directory"),
    OSError(5, "Input/output error"),
    TimeoutError("timed out"),
    ValueError("invalid literal for int() with base 10"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    StoreUnavailable("no room", code="EN-STORE-FULL"),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
]
GARBAGE = ["good", "", b"\xff\xfe\x00", 0, 1, -1.5, True, object(), {"result": "good"}, "x" * 8_000_000]


class Site:
    """A node with one look, and a clock of the test's own."""

    def __init__(self, folder: Path, look: Look[Any], see: Any) -> None:
        self.clock = Clock()
        self.settings = settings_of(folder)
        self.begun = 0
        self._see = see
        self._gate = Gate()
        self.look = replace(look, see=self._counted)
        self.probing = Probing(
            Parts(
                looks=(self.look,),
                gate=self._gate,
                book=BookInMemory(),
                settings=lambda: self.settings,
                reactor=self.clock,
                moment=lambda: datetime.fromtimestamp(START.timestamp() + self.clock.seconds(), UTC),
            )
        )
        self.probing.begin()
        self.clock.advance(0)

    def _counted(self) -> Any:
        self.begun += 1
        return self._see()

    @property
    def judged(self) -> list[Verdict]:
        return [self._gate.standing.verdicts[name] for name in self.look.rules]

    @property
    def results(self) -> set[Result]:
        return {verdict.result for verdict in self.judged}

    def all_have_reasons(self) -> bool:
        return all(each.outcome.reason is not None and each.outcome.reason.nl for each in self.judged)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
class TestEveryLook:
    @pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
    def test_that_fails_makes_its_checks_unknown(self, tmp_path: Path, look: Look[Any], failure: Exception) -> None:
        """No permission, no file, no memory: none of it is a pass, and none of it ends the others."""

        async def see() -> Any:
            raise failure

        site = Site(tmp_path, look, see)
        assert (site.results, site.all_have_reasons()) == ({Result.UNKNOWN}, True)

    def test_that_hangs_makes_them_unknown_in_its_time(self, tmp_path: Path, look: Look[Any]) -> None:
        """A disk of the network that is gone answers nobody; whoever reads the report must not wait for it."""
        site = Site(tmp_path, look, Deferred)
        site.clock.advance(site.settings.checks.look_limit_s)
        assert (site.results, site.all_have_reasons(), site.begun) == ({Result.UNKNOWN}, True, 1)

    @pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: str(garbage)[:12])
    def test_that_sees_garbage_passes_nothing(self, tmp_path: Path, look: Look[Any], garbage: Any) -> None:
        """What is no fact of its kind says nothing of a check, also where it says `good`; empty may be none."""

        async def see() -> Any:
            return garbage

        site = Site(tmp_path, look, see)
        assert site.results <= ({Result.UNKNOWN} if garbage else {Result.UNKNOWN, Result.NOT_USED})
        assert site.all_have_reasons()

    def test_that_failed_is_made_again_and_tells_then(self, tmp_path: Path, look: Look[Any]) -> None:
        """Nobody has to restart anything once the machine answers again."""

        async def see() -> Any:
            raise OSError(5, "Input/output error")

        site = Site(tmp_path, look, see)
        site.clock.advance(site.settings.checks.seldom_s)
        assert site.begun == 2
