"""The checks on monitoring, broken through the figures themselves and through who fetches them."""

import pytest
from prometheus_client import CollectorRegistry, Counter
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.trial.unittest import TestCase

from edge_node.looking_at_monitoring import beat, figures
from edge_node.model.check import Outcome, Result
from edge_node.policy import check_telemetry
from edge_node.status.management import management_site
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import Snapshot, snapshot

from .policy.check_limits import limits
from .status.doubles import facts
from .status.test_management import Whole

TOKEN = "eyJhbGciOiJub25lIn0.e30."


class TestFigures:
    def judged(self, *labels: str, meaning: str = "Messages.", amount: float = 1) -> Outcome:
        registry = CollectorRegistry()
        metrics = Metrics(registry)
        planted = Counter("planted", meaning, ("who",), registry=registry)
        for label in labels:
            planted.labels(label).inc(amount)
        return check_telemetry.no_patient(figures(metrics), {})

    @pytest.mark.parametrize("label", ["switchboard", "123456789", "app 00001001", "2.16.840.1.113883.2.4.6.6.1"])
    def test_with_words_of_the_settings_are_good(self, label: str) -> None:
        """Names of links, codes, numbers that no patient has."""
        assert self.judged(label).result is Result.GOOD

    @pytest.mark.parametrize("label", ["999911120", "patient 999911120", f"Bearer {TOKEN}", TOKEN, "x" * 300])
    def test_with_a_patient_or_a_token_turn_the_check(self, label: str) -> None:
        """What monitoring has once, a dozen screens and archives have."""
        outcome = self.judged("switchboard", label)
        assert (outcome.result, "999911120" in str(outcome), TOKEN in str(outcome)) == (Result.VIOLATED, False, False)

    def test_with_a_patient_in_their_meaning_turn_the_check(self) -> None:
        """It is handed out as well."""
        assert self.judged(meaning="of 999911120").result is Result.VIOLATED

    def test_may_count_anything(self) -> None:
        """A number of bytes passes the eleven-test once in eleven times."""
        assert self.judged("switchboard", amount=999911120).result is Result.GOOD


class TestHeartbeat(TestCase):
    def setUp(self) -> None:
        self.metrics = Metrics(CollectorRegistry())
        site = management_site(self.look, self.metrics, reactor)
        self.port = reactor.listenTCP(0, site, interface="127.0.0.1")  # type: ignore[attr-defined]
        self.addCleanup(self.port.stopListening)

    async def look(self) -> Snapshot:
        return snapshot(facts())

    async def fetch(self) -> None:
        """As monitoring does."""
        whole = Whole(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self.port.getHost().port), whole)
        await whole.ended

    def judged(self, after_s: float, *, is_expected: bool = True) -> Result:
        """The result so many seconds after now; the first look was an hour ago."""
        now = reactor.seconds() + after_s  # type: ignore[attr-defined]
        seen = beat(self.metrics, (now - 3600, now), is_expected=is_expected)
        return check_telemetry.heartbeat(seen, limits()).result

    def test_is_good_while_monitoring_comes(self) -> None:
        """It fetched them just now; six minutes later it did not."""

        async def story() -> None:
            await self.fetch()
            assert (self.judged(60), self.judged(360)) == (Result.GOOD, Result.VIOLATED)

        return ensureDeferred(story())  # type: ignore[return-value]

    def test_that_never_came_turns_the_check(self) -> None:
        """Monitoring has another address, and nobody noticed for an hour."""
        assert self.judged(0) is Result.VIOLATED

    def test_is_waited_for_after_a_start(self) -> None:
        """It comes every minute, and the node has been up for one."""
        seen = beat(self.metrics, (0, 60), is_expected=True)
        assert check_telemetry.heartbeat(seen, limits()).result is Result.UNKNOWN

    def test_is_no_matter_where_nobody_monitors(self) -> None:
        """Not every practice has it."""
        assert self.judged(0, is_expected=False) is Result.NOT_USED
