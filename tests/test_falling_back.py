"""Falling back by itself: only the switchboard steers it, only when something better is there, and told once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs
from twisted.internet.task import Clock

from edge_node.errors import SettingsInvalid
from edge_node.falling_back import FallingBack, Parts
from edge_node.model.certificate import Counted, Telling
from edge_node.wire.trust_choice import Choice, Pair, Source, choose
from tests.wire.test_trust_choice import own

NOW = datetime(2027, 3, 10, tzinfo=UTC)
OLD = Pair(source=Source.SETTINGS, certificate="/old.pem", key="/old.key", own=own("old", -800, 30))
NEW = Pair(
    source=Source.INSTALLED,
    certificate="/new.pem",
    key="sealed:new",
    own=own("new", -20, 1000),
    installed_at=NOW - timedelta(days=10),
)
ENDED = Pair(source=Source.SETTINGS, certificate="/old.pem", key="/old.key", own=own("old", -800, -1))


@dataclass
class Site:
    """A node with one organisation, as far as falling back sees it."""

    pairs: tuple[Pair, ...] = (OLD, NEW)
    clock: Clock = field(default_factory=Clock)
    at: datetime = NOW
    is_broken: bool = False
    told: list[tuple[Counted, Telling, int]] = field(default_factory=list)
    rewired: int = 0

    def __post_init__(self) -> None:
        self.falling_back = FallingBack()
        self.choice = self._choose()
        self.falling_back.begin(
            Parts(
                wired=self._wired,
                rewire=self.rewire,
                tell=self._tell,
                surroundings=lambda: None,  # type: ignore[arg-type,return-value]
                reactor=self.clock,
                moment=lambda: self.at,
            )
        )

    @property
    def shown(self) -> str:
        return self.choice.in_use.fingerprint if self.choice.in_use else ""

    def rewire(self) -> None:
        if self.is_broken:
            raise SettingsInvalid(("a file is broken",))
        self.rewired += 1
        self.choice = self._choose()

    def refuse(self, fingerprint: str) -> None:
        """The switchboard turns that one down, and the reactor turns."""
        self.falling_back.turned_down(fingerprint, "lsp")
        self.clock.advance(0)

    def _choose(self) -> Choice:
        return choose("practice", self.pairs, self.at, self.falling_back.refused)

    def _wired(self) -> Any:
        identity = SimpleNamespace(name="practice", organisation="De Linde")
        settings = SimpleNamespace(
            identities=(identity,), switchboard=SimpleNamespace(refused_certificate_retry_s=900.0)
        )
        return SimpleNamespace(settings=settings, held=SimpleNamespace(choices={"practice": self.choice}))

    async def _tell(self, certificate: Counted, telling: Telling, days: int) -> bool:
        self.told.append((certificate, telling, days))
        return True


class TestARefusal:
    def test_of_the_newest_brings_the_one_before_it(self) -> None:
        """At once: each further request would be lost for nothing."""
        site = Site()
        site.refuse("new")
        assert (site.shown, site.falling_back.refused) == ("old", frozenset({"new"}))

    def test_is_told_with_the_day_until_which_all_goes_on(self) -> None:
        """That day is what people have to work towards."""
        site = Site()
        site.refuse("new")
        ((certificate, telling, _),) = site.told
        assert (certificate.name, certificate.fingerprint, telling) == ("De Linde", "new", Telling.REFUSED)
        assert certificate.ends_at == NOW + timedelta(days=30)

    def test_acts_only_after_openssl_is_done(self) -> None:
        """It is heard of in the midst of a handshake, whose context must not be taken away."""
        site = Site()
        site.falling_back.turned_down("new", "lsp")
        assert site.rewired == 0

    @pytest.mark.parametrize("pairs", [(NEW,), (ENDED, NEW)])
    def test_with_nothing_better_changes_nothing(self, pairs: tuple[Pair, ...]) -> None:
        """One that has ended would be refused for certain."""
        site = Site(pairs)
        site.refuse("new")
        assert (site.shown, site.falling_back.refused, site.told) == ("new", frozenset(), [])

    def test_of_one_that_is_not_shown_changes_nothing(self) -> None:
        """A trial of another certificate says nothing of this one."""
        site = Site()
        site.refuse("old")
        assert (site.shown, site.rewired) == ("new", 0)

    def test_of_both_shows_no_circle(self) -> None:
        """When the old one is refused too the fault is somewhere else."""
        site = Site()
        site.refuse("new")
        site.refuse("old")
        assert (site.shown, site.rewired) == ("old", 1)

    def test_heard_twice_acts_once(self) -> None:
        """Four connections of a pool meet the same refusal."""
        site = Site()
        site.refuse("new")
        site.refuse("new")
        assert (site.rewired, len(site.told)) == (1, 1)


class TestOneThatIsTaken:
    def test_after_a_refusal_is_shown_again(self) -> None:
        """Somebody installed it anew, and the switchboard took it: the refusal was of before."""
        site = Site()
        site.refuse("new")
        site.falling_back.taken("new")
        site.clock.advance(0)
        assert (site.shown, site.falling_back.refused) == ("new", frozenset())

    def test_without_a_refusal_changes_nothing(self) -> None:
        """Connections are not made anew for a trial."""
        site = Site()
        site.falling_back.taken("new")
        site.clock.advance(0)
        assert site.rewired == 0


class TestWhatStandsInTheWay:
    def test_a_broken_file_is_told_and_it_is_tried_again(self) -> None:
        """A file half copied at that very moment."""
        site = Site(is_broken=True)
        with capture_logs() as lines:
            site.refuse("new")
        assert [line["event"] for line in lines] == ["certificate.refused", "certificate.not-switched"]
        site.is_broken = False
        site.clock.advance(60)
        assert site.shown == "old"


class TestDates:
    def test_bring_the_next_one_on_its_day(self) -> None:
        """One that is installed early is shown from its first moment, without anybody."""
        early = Pair(
            source=Source.INSTALLED, certificate="/n.pem", key="sealed:n", own=own("early", 2, 900), installed_at=NOW
        )
        site = Site((OLD, early))
        site.at += timedelta(days=3)
        site.clock.advance(60)
        assert (site.shown, site.told) == ("early", [])

    def test_change_nothing_without_need(self) -> None:
        """Connections are not made anew each minute."""
        site = Site()
        site.clock.pump([60] * 10)
        assert site.rewired == 0


class TestTheStop:
    def test_leaves_no_timer(self) -> None:
        """A node that stops is not held up."""
        site = Site()
        site.falling_back.stop()
        site.refuse("new")
        assert (site.clock.getDelayedCalls(), site.shown) == ([], "new")

    def test_during_a_trial_changes_nothing_after_it(self) -> None:
        """A node that is closing makes no new pools of connections."""
        site = Site()
        parts = site.falling_back._parts
        assert parts is not None
        site.falling_back.turned_down("new", "lsp")
        site.falling_back.stop()
        with pytest.raises(StopIteration):
            site.falling_back._align(parts).send(None)
        assert (site.shown, site.rewired) == ("new", 0)
