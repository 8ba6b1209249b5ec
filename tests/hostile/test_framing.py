"""Every case against the server: one answer each, nothing reaches anybody, and the next caller is served."""

import re
from collections import Counter

import pytest

from edge_node.wire.http1 import Limits
from tests.hostile import framing_bodies, framing_heads
from tests.hostile.framing import BODY_BYTES, EVIL, GOOD, Case, Step, named
from tests.wire.http_doubles import Listener, Visit

CASES = named({**framing_heads.FAMILIES, **framing_bodies.FAMILIES})
BYTES = [case for case in CASES if case.is_bytes]


def id_of(case: Case) -> str:
    return f"{case.family}: {case.name}"


def play(visit: Visit, listener: Listener, steps: tuple[Step, ...]) -> bytes:
    """Send and wait as the case says; return all that came back."""
    told = b""
    for step in steps:
        told += visit.send(step) if isinstance(step, bytes) else _wait(visit, listener, step)
    return told


def _wait(visit: Visit, listener: Listener, seconds: float) -> bytes:
    listener.clock.advance(seconds)
    return visit.received()


def statuses_of(told: bytes) -> tuple[int, ...]:
    return tuple(int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", told))


@pytest.fixture
def listener() -> Listener:
    return Listener(limits=Limits(body_bytes=BODY_BYTES))


@pytest.mark.parametrize("case", CASES, ids=id_of)
class TestCase:
    def test_gets_its_answers_and_the_connection_ends(self, case: Case, listener: Listener) -> None:
        """What follows something doubtful on a connection could be anybody's."""
        visit = listener.visit()
        told = play(visit, listener, case.steps)
        assert statuses_of(told) == case.statuses
        listener.clock.advance(listener.factory.limits.linger_s)
        assert visit.wire.connected is (case.statuses == (200,) and case.family == "extension")

    def test_reaches_nobody(self, case: Case, listener: Listener) -> None:
        """What was refused must not have been acted on, not even by its head."""
        play(listener.visit(), listener, case.steps)
        assert len(listener.handler.requests) == case.served
        assert b"evil" not in b"".join(request.body for request in listener.handler.requests)

    def test_never_comes_back(self, case: Case, listener: Listener) -> None:
        """An answer that repeats its question can be made to say anything."""
        assert EVIL not in play(listener.visit(), listener, case.steps).lower()

    def test_leaves_the_next_caller_alone(self, case: Case, listener: Listener) -> None:
        """One hostile caller costs the others nothing, and leaves nothing behind."""
        visit = listener.visit()
        play(visit, listener, case.steps)
        assert statuses_of(listener.visit().send(GOOD)) == (200,)
        visit.leave()
        assert (listener.factory.connections, listener.budget.used_bytes) == (1, 0)

    def test_is_the_same_byte_by_byte(self, case: Case, listener: Listener) -> None:
        """How the network cuts it must not decide whether it is refused."""
        steps = tuple(step[i : i + 1] if isinstance(step, bytes) else step
                      for step in case.steps for i in range(_size(step)))  # fmt: skip
        assert statuses_of(play(listener.visit(), listener, steps))[-1:] == case.statuses[-1:]


def _size(step: Step) -> int:
    return len(step) if isinstance(step, bytes) else 1


class TestTable:
    def test_has_at_least_five_cases_in_each_family(self) -> None:
        """A family of which only the best known member is refused is not refused."""
        counted = Counter(case.family for case in CASES)
        assert [family for family, number in counted.items() if number < 5] == []

    def test_has_at_least_ninety_cases(self) -> None:
        """All different."""
        assert len({case.steps for case in CASES}) >= 90

    def test_has_most_of_them_in_bytes(self) -> None:
        """These are sent to a whole node as well."""
        assert len(BYTES) >= 90
