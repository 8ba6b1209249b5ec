"""The state of sources of revocation, and when a person is told."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from edge_node.errors import Unavailable
from edge_node.wire.source_state import SourceStates

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIST = "list", "http://crl.example/one.crl"
OCSP = "ocsp", "http://ocsp.example"
AWAY = Unavailable("no answer", code="EN-SOURCE-UNREACHABLE")


@pytest.fixture
def states() -> SourceStates:
    return SourceStates()


def fail_for(states: SourceStates, minutes: int) -> None:
    """Fail once a minute."""
    for minute in range(minutes):
        states.failed(LIST, NOW + minute * MINUTE, AWAY)


def waver_for(states: SourceStates, minutes: int) -> None:
    """Do well about one certificate and fail about the other, once a minute."""
    for minute in range(minutes):
        states.good(OCSP, NOW + minute * MINUTE, "one")
        states.failed(OCSP, NOW + minute * MINUTE, AWAY, "other")


def know_many(states: SourceStates, count: int) -> None:
    for number in range(count):
        states.good(("list", f"http://{number}.example/"), NOW)


class TestTelling:
    def test_is_done_once_when_a_source_dies(self, states: SourceStates) -> None:
        """A day of tries is not a day of lines."""
        with capture_logs() as logs:
            fail_for(states, minutes=100)
        assert [(log["event"], log["is_up"], log["code"]) for log in logs] == [
            ("revocation.source", False, "EN-SOURCE-UNREACHABLE")
        ]

    def test_is_done_once_when_it_is_back(self, states: SourceStates) -> None:
        """With how long it was away."""
        states.failed(LIST, NOW, AWAY)
        with capture_logs() as logs:
            states.good(LIST, NOW + 5 * MINUTE)
            states.good(LIST, NOW + 6 * MINUTE)
        assert [(log["is_up"], log["down_s"]) for log in logs] == [(True, 300)]

    def test_says_nothing_of_a_source_that_does_well(self, states: SourceStates) -> None:
        """Good news every hour is noise."""
        with capture_logs() as logs:
            states.good(LIST, NOW)
        assert logs == []

    def test_does_not_begin_again_for_each_certificate(self, states: SourceStates) -> None:
        """A responder that knows one peer and not the other is not news every half hour."""
        with capture_logs() as logs:
            waver_for(states, minutes=10)
        assert len(logs) == 1


class TestAState:
    def test_says_since_when_it_fails_and_when_it_was_good(self, states: SourceStates) -> None:
        """A person reckons from these how much time is left."""
        states.good(LIST, NOW)
        states.failed(LIST, NOW + MINUTE, AWAY)
        states.failed(LIST, NOW + 2 * MINUTE, AWAY)
        (state,) = states.all
        assert (state.good_at, state.failing_since, state.tried_at) == (NOW, NOW + MINUTE, NOW + 2 * MINUTE)
        assert (state.is_up, state.code, state.detail) == (False, "EN-SOURCE-UNREACHABLE", "no answer")

    def test_ends_with_what_it_was_asked_about(self, states: SourceStates) -> None:
        """A source nobody needs any more is in nobody's way."""
        states.failed(LIST, NOW, AWAY)
        states.forget(LIST)
        assert states.all == ()

    def test_is_well_when_what_failed_is_not_asked_any_more(self, states: SourceStates) -> None:
        """The rest of what it says is fine."""
        states.good(OCSP, NOW, "one")
        states.failed(OCSP, NOW, AWAY, "other")
        states.forget(OCSP, "other")
        assert states.all[0].is_up

    def test_is_kept_for_so_many_only(self, states: SourceStates) -> None:
        """Addresses come from certificates, and their number is not ours to choose."""
        know_many(states, 300)
        assert len(states.all) == 256
