"""The checks on monitoring, broken through the figures themselves and through who fetches them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.trial.unittest import TestCase

from edge_node.looking_at_monitoring import looks
from edge_node.model.check import Outcome, Result
from edge_node.settings.schema import Settings
from edge_node.status.management import management_site
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import Snapshot, snapshot

from .check_doubles import settings_of
from .folders import a_folder
from .look_ground import outcome
from .status.doubles import facts
from .status.test_management import Whole

TOKEN = "eyJhbGciOiJub25lIn0.e30."


class Clock:
    """The clock of a reactor."""

    def __init__(self) -> None:
        self.at_s: float = reactor.seconds()  # type: ignore[attr-defined]

    def seconds(self) -> float:
        return self.at_s


class Monitored:
    """A node with figures, as its looks have it."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings, self.clock = settings, Clock()
        ground: Any = SimpleNamespace(
            settings=settings,
            machine=SimpleNamespace(reactor=self.clock),
            carrying=SimpleNamespace(metrics=metrics),
        )
        self._looks = looks(ground)

    def judged(self, check: str) -> Outcome:
        (look,) = (one for one in self._looks if check in one.rules)
        return outcome(self._settings, look, check)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


class TestFigures:
    @pytest.fixture(autouse=True)
    def _of_a_site(self, settings: Settings) -> None:
        self.settings = settings

    def judged(self, *labels: str, meaning: str = "Messages.", amount: float = 1) -> Outcome:
        registry = CollectorRegistry()
        metrics = Metrics(registry)
        planted = Counter("planted", meaning, ("who",), registry=registry)
        for label in labels:
            planted.labels(label).inc(amount)
        return Monitored(self.settings, metrics).judged("telemetry-no-phi")

    @pytest.mark.parametrize("label", ["switchboard", "123456789", "app 00001001", "2.16.840.1.113883.2.4.6.6.1"])
    def test_with_words_of_the_settings_are_good(self, label: str) -> None:
        """Names of links, codes, numbers that no patient has."""
        assert self.judged(label).result is Result.GOOD

    @pytest.mark.breaks("telemetry-no-phi")
    @pytest.mark.parametrize("label", ["999911120", "patient 999911120", f"Bearer {TOKEN}", TOKEN, "x" * 300])
    def test_with_a_patient_or_a_token_turn_the_check(self, label: str) -> None:
        """What monitoring has once, a dozen screens and archives have."""
        found = self.judged("switchboard", label)
        assert (found.result, "999911120" in str(found), TOKEN in str(found)) == (Result.VIOLATED, False, False)

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

    def monitored(self, *, is_expected: bool = True) -> Monitored:
        text = f"checks:\n  upkeep: {{is_monitored: {str(is_expected).lower()}}}\n"
        return Monitored(settings_of(a_folder(self), text), self.metrics)

    @pytest.mark.breaks("heartbeat")
    async def test_is_good_while_monitoring_comes(self) -> None:
        """It fetched them just now; six minutes later it did not."""
        at = self.monitored()
        await self.fetch()
        found = []
        for seconds in (60, 300):
            at.clock.at_s += seconds
            found.append(at.judged("heartbeat").result)
        assert found == [Result.GOOD, Result.VIOLATED]

    def test_that_never_came_turns_the_check(self) -> None:
        """Monitoring has another address; a minute after a start that may still be, an hour later it is not."""
        at = self.monitored()
        found = [at.judged("heartbeat").result]
        at.clock.at_s += 3600
        found.append(at.judged("heartbeat").result)
        assert found == [Result.UNKNOWN, Result.VIOLATED]

    def test_is_no_matter_where_nobody_monitors(self) -> None:
        """Not every practice has it."""
        assert self.monitored(is_expected=False).judged("heartbeat").result is Result.NOT_USED
