"""Whether something keeps the clock right."""

import ctypes
from typing import Any

import pytest

from edge_node.probes.clock import is_kept_right, is_synchronised


class TestTheKernel:
    def test_is_asked(self) -> None:
        """It answers on every Linux; in a container too, for asking changes nothing."""
        assert is_synchronised() in {True, False}

    @pytest.mark.parametrize(("status", "expected"), [(0x0, True), (0x2001, True), (0x40, False), (0x2041, False)])
    def test_says_it_in_one_bit(self, status: int, expected: bool) -> None:
        """STA_UNSYNC: nobody set the clock, or somebody set it by hand."""
        assert is_kept_right(status) is expected

    def test_that_may_not_be_asked_is_not_counted_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """systemd's ProtectClock forbids the question."""
        monkeypatch.setattr(ctypes, "CDLL", lambda _: Forbidding())
        assert not is_synchronised()


class Forbidding:
    """A C library whose every call is refused."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: -1
