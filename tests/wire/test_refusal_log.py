"""The log of callers turned away."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from twisted.internet.task import Clock

from edge_node.wire.refusal_log import MAX_KINDS, QUIET_S, Refusal, RefusalLog


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def clock() -> Clock:
    return Clock()


def refusal(code: str = "EN-TLS-CHAIN", source: str = "192.0.2.1", detail: str = "") -> Refusal:
    words = {"detail": detail}
    return Refusal(event="tls.refused", code=code, words=words, level=logging.WARNING, source=source)


def flood(book: RefusalLog, count: int) -> None:
    for _ in range(count):
        book.tell(refusal())


def scan(book: RefusalLog, hosts: int) -> None:
    for number in range(hosts):
        book.tell(refusal(source=f"host {number}"))


def counts(logged: list[Any]) -> list[int]:
    return [line["count"] for line in logged]


class TestRefusalLog:
    def test_writes_the_first_at_once(self, clock: Clock, logged: list[Any]) -> None:
        """Somebody who is turned away rings the operator now."""
        RefusalLog(clock).tell(refusal(detail="no root"))
        assert logged == [
            {
                "event": "tls.refused",
                "log_level": "warning",
                "code": "EN-TLS-CHAIN",
                "count": 1,
                "detail": "no root",
            }
        ]

    def test_writes_one_line_a_minute_in_a_flood(self, clock: Clock, logged: list[Any]) -> None:
        """A scanner that never stops must not fill the disk on which the messages are kept."""
        book = RefusalLog(clock)
        flood(book, 1000)
        clock.advance(QUIET_S)
        flood(book, 500)
        clock.advance(QUIET_S)
        assert counts(logged) == [1, 999, 500]

    def test_writes_the_last_words_with_a_count(self, clock: Clock, logged: list[Any]) -> None:
        """What goes on now tells more than what began it."""
        book = RefusalLog(clock)
        flood(book, 2)
        book.tell(refusal(detail="ended yesterday"))
        clock.advance(QUIET_S)
        assert (logged[-1]["count"], logged[-1]["detail"]) == (2, "ended yesterday")

    def test_is_at_once_again_after_a_quiet_minute(self, clock: Clock, logged: list[Any]) -> None:
        """Only a flood is counted; and nothing is remembered of what is over."""
        book = RefusalLog(clock)
        flood(book, 1)
        clock.advance(QUIET_S)
        assert clock.getDelayedCalls() == []
        flood(book, 1)
        assert counts(logged) == [1, 1]

    @pytest.mark.parametrize("other", [refusal(code="EN-TLS-EXPIRED"), refusal(source="192.0.2.2")])
    def test_counts_another_kind_apart(self, clock: Clock, logged: list[Any], other: Refusal) -> None:
        """One system that hammers must not hide that another is turned away as well."""
        book = RefusalLog(clock)
        flood(book, 10)
        book.tell(other)
        assert counts(logged) == [1, 1]

    def test_counts_hosts_together_when_there_are_many(self, clock: Clock, logged: list[Any]) -> None:
        """A flood from ten thousand addresses is one flood."""
        book = RefusalLog(clock)
        scan(book, 10_000)
        clock.advance(QUIET_S)
        assert len(logged) == MAX_KINDS + 2
        assert sum(counts(logged)) == 10_000

    def test_writes_what_it_counted_when_it_stops(self, clock: Clock, logged: list[Any]) -> None:
        """The counts of all lines add up to how many were turned away."""
        book = RefusalLog(clock)
        flood(book, 7)
        book.stop()
        assert counts(logged) == [1, 6]
        assert clock.getDelayedCalls() == []


class TestAfterTheStop:
    def test_a_late_refusal_is_written_and_leaves_no_timer(self) -> None:
        """A handshake that ends while the node stops must not keep it from stopping."""
        clock = Clock()
        told = RefusalLog(clock)
        told.stop()
        with capture_logs() as lines:
            told.tell(Refusal(event="tls.refused", code="EN-TLS-HANDSHAKE", words={}))
        assert (len(lines), clock.getDelayedCalls()) == (1, [])
