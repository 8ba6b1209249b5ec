"""When revocation lists are fetched, and what a source that dies costs."""

from typing import Any

from structlog.testing import capture_logs
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from edge_node.wire.crl_fetch import CrlFetcher, FetchTimes, FetchTools
from edge_node.wire.crl_memory import SourceMemory
from edge_node.wire.crl_needs import ListSource
from edge_node.wire.fetching import Fetching, Validators, Ways
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.source_state import SourceState, SourceStates
from tests.folders import a_folder
from tests.wire.lists_double import DAY, HOUR, NOW, Chance, Day, at_once, ca, listed, turns
from tests.wire.source_double import Heard, Source, answer

HOUR_S = 3600.0
CA = ca()
OTHER = ca("Other CA", "other-ca")
ADDRESS = "http://crl.example/test-ca.crl"
SOURCE = ListSource(addresses=(ADDRESS,), cas=(CA.certificate,))


class Fetcher(TestCase):
    timeout = 60

    def setUp(self) -> None:
        self.day, self.chance = Day(), Chance()
        self.source = Source(self.fresh).up()
        self.addCleanup(lambda: ensureDeferred(self.source.down()))
        self.memory = SourceMemory(a_folder(self))
        self.states = SourceStates()
        self.lists = Lists(None)
        self.lists.know(CA.certificate, OTHER.certificate)
        self.fetcher = self.new()

    def new(self) -> CrlFetcher:
        ways = Ways(connect=self.source.endpoint, clock=self.day.clock)
        fetcher = CrlFetcher(
            FetchTools(
                fetching=Fetching(lambda: ways),
                lists=self.lists,
                memory=self.memory,
                states=self.states,
                times=FetchTimes,
                clock=self.day.clock,
                now=self.day.now,
                chance=self.chance,
                aside=at_once,
            )
        )
        self.addCleanup(fetcher.stop)
        return fetcher

    def fresh(self, heard: Heard) -> bytes:
        """What a register does: a new list each hour, of 48 hours."""
        hour = self.day.now().replace(minute=0, second=0)
        etag = f'"{hour:%d%H}"'
        if heard.headers.get("if-none-match") == etag:
            return answer(status="304 Not Modified")
        return answer(listed(CA, hour), etag=etag)

    def dead(self, heard: Heard) -> bytes:
        return answer(b"maintenance", status="503 Service Unavailable")

    async def go_on(self, seconds: float, steps: int = 1) -> None:
        """Let time pass, and what is due then be done."""
        for _ in range(steps):
            self.day.clock.advance(seconds)
            await turns(2)
            left = 30
            while self.source.wires and (left := left - 1):
                await turns(1)

    async def began(self, *sources: ListSource) -> None:
        self.fetcher.want(sources or (SOURCE,))
        await self.go_on(0)

    def state(self) -> SourceState:
        return self.states.all[0]

    def ends(self) -> Any:
        kept = self.lists.of(CA.certificate)
        return kept and kept.next_update


class TestAMissingList(Fetcher):
    async def test_is_fetched_at_once(self) -> None:
        """Nobody can be let in without it."""
        await self.began()
        assert self.ends() == NOW + 48 * HOUR

    async def test_of_a_new_peer_is_fetched_when_it_is_first_seen(self) -> None:
        """The second handshake goes well."""
        self.source.says = lambda heard: answer(listed(OTHER if "other" in heard.target else CA))
        await self.began()
        other = ListSource(addresses=("http://crl.example/other.crl",), cas=(OTHER.certificate,))
        await self.began(SOURCE, other)
        assert (len(self.source.heard), self.lists.of(OTHER.certificate) is None) == (2, False)

    async def test_of_an_address_the_site_named_is_fetched_before_its_ca_is_known(self) -> None:
        """It waits for the first handshake, instead of the other way round."""
        stranger = ca("Stranger", "stranger")
        self.source.says = lambda heard: answer(listed(stranger))
        await self.began(ListSource(addresses=(ADDRESS,)))
        assert (self.state().is_up, self.lists.waiting()) == (True, 1)


class TestAFreshList(Fetcher):
    async def test_is_looked_for_again_in_about_an_hour(self) -> None:
        """The register brings one out each hour."""
        await self.began()
        await self.go_on(0.9 * HOUR_S)
        assert len(self.source.heard) == 1
        await self.go_on(0.2 * HOUR_S)
        assert (len(self.source.heard), self.ends()) == (2, NOW + 49 * HOUR)

    async def test_is_looked_for_at_a_moment_of_each_nodes_own(self) -> None:
        """6,000 nodes that began together drift apart."""
        self.chance.value = 0.0
        await self.began()
        await self.go_on(0.9 * HOUR_S)
        assert len(self.source.heard) == 2

    async def test_that_is_still_the_same_is_not_sent_again(self) -> None:
        """A look that costs a hundred bytes counts as a look."""
        self.chance.value = 0.0
        await self.began()
        await self.go_on(0.9 * HOUR_S)
        assert self.source.heard[1].headers["if-none-match"] == '"2212"'
        assert self.state().good_at == self.day.now()

    async def test_is_not_fetched_anew_after_a_restart(self) -> None:
        """Its validators are on the disk with it."""
        await self.began()
        self.fetcher.stop()
        self.fetcher, self.chance.value = self.new(), 0.0
        await self.began()
        assert self.source.heard[1].headers["if-none-match"] == '"2212"'

    async def test_is_looked_for_within_the_hour_after_a_restart(self) -> None:
        """A whole region that comes back from a power cut does not come at once."""
        await self.began()
        self.fetcher.stop()
        self.fetcher = self.new()
        await self.began()
        await self.go_on(0.4 * HOUR_S)
        assert len(self.source.heard) == 1
        await self.go_on(0.2 * HOUR_S)
        assert len(self.source.heard) == 2

    async def test_of_long_ago_is_looked_for_soon(self) -> None:
        """Who was revoked while the node was off must be known within minutes."""
        self.lists.take(listed(CA, NOW - 20 * HOUR), "disk", NOW)
        await self.began()
        await self.go_on(30)
        assert self.ends() == NOW + 48 * HOUR

    async def test_that_ends_soon_is_looked_for_before_that(self) -> None:
        """Some CAs bring out lists of an hour."""
        self.source.says = lambda heard: answer(listed(CA, self.day.now(), HOUR))
        await self.began()
        await self.go_on(0.5 * HOUR_S)
        assert self.ends() == NOW + 1.5 * HOUR

    async def test_is_asked_for_without_validators_once_it_has_ended(self) -> None:
        """A cache that says "unchanged" for ever must not keep the node in the dark."""
        self.lists.take(listed(CA, NOW - 3 * DAY), "disk", NOW)
        self.memory.remember(ADDRESS, Validators(etag='"old"'))
        await self.began()
        assert "if-none-match" not in self.source.heard[0].headers
        assert self.source.heard[0].headers["cache-control"] == "no-cache"


class TestOneRequest(Fetcher):
    async def test_serves_all_who_need_that_address(self) -> None:
        """However many certificates name it."""
        await self.began(SOURCE, SOURCE)
        assert len(self.source.heard) == 1

    async def test_is_made_again_for_nobody_who_asks_for_the_same(self) -> None:
        """Each handshake may ask for it."""
        await self.began()
        await self.began()
        await self.began()
        assert len(self.source.heard) == 1

    async def test_ends_with_the_need(self) -> None:
        """A peer that left the settings leaves its list's source alone."""
        await self.began()
        self.fetcher.want(())
        await self.go_on(2 * HOUR_S)
        assert (len(self.source.heard), self.states.all) == (1, ())

    async def test_under_way_is_broken_off_at_a_stop(self) -> None:
        """A source that hangs does not keep the node from stopping."""
        self.source.says = lambda heard: None
        await self.began()
        self.fetcher.stop()
        await turns()
        assert (len(self.source.wires), self.day.clock.getDelayedCalls()) == (0, [])


class TestAnotherAddress(Fetcher):
    async def test_is_tried_when_the_first_one_fails(self) -> None:
        """The mirror first, then the issuer itself."""
        self.source.says = lambda heard: (
            self.fresh(heard) if heard.headers["host"] == "crl.example" else self.dead(heard)
        )
        await self.began(ListSource(addresses=("http://mirror.example/x", ADDRESS), cas=(CA.certificate,)))
        assert self.ends() is not None
        assert [(state.address, state.is_up) for state in self.states.all] == [
            ("http://mirror.example/x", False),
            (ADDRESS, True),
        ]

    async def test_that_failed_is_forgotten_when_the_first_one_is_back(self) -> None:
        """It is not asked any more, so nobody could ever say that it is well again."""
        self.source.says = self.dead
        await self.began(ListSource(addresses=("http://mirror.example/x", ADDRESS), cas=(CA.certificate,)))
        self.source.says = self.fresh
        await self.go_on(60)
        assert [(state.address, state.is_up) for state in self.states.all] == [("http://mirror.example/x", True)]


class TestAWrongList(Fetcher):
    async def test_of_garbage_is_a_source_that_fails(self) -> None:
        """A firewall's page is no list; the old one stays."""
        await self.began()
        self.source.says = lambda heard: answer(b"<html>please log in</html>", etag='"page"')
        await self.go_on(HOUR_S)
        assert (self.state().code, self.ends()) == ("EN-CRL-UNREADABLE", NOW + 48 * HOUR)
        assert self.memory.validators(ADDRESS).etag == '"2212"'

    async def test_of_a_stranger_is_not_believed(self) -> None:
        """The way is plain HTTP; the signature is what counts."""
        self.source.says = lambda heard: answer(listed(ca()))
        await self.began()
        assert (self.state().code, self.ends()) == ("EN-CRL-SIGNATURE", None)

    async def test_of_another_ca_does_not_pass_for_this_one(self) -> None:
        """A webmaster who swaps two files is found out."""
        self.source.says = lambda heard: answer(listed(OTHER))
        await self.began()
        assert (self.state().code, self.ends()) == ("EN-SOURCE-ANSWER", None)

    async def test_that_has_ended_is_a_source_that_fails(self) -> None:
        """A register whose signing stopped is as good as dead, and told."""
        self.source.says = lambda heard: answer(listed(CA, NOW - 5 * DAY))
        await self.began()
        assert "has ended" in self.state().detail

    async def test_that_is_older_than_ours_harms_nobody(self) -> None:
        """One machine of the register may lag behind the other."""
        await self.began()
        self.source.says = lambda heard: answer(listed(CA, NOW - HOUR))
        await self.go_on(HOUR_S)
        assert (self.state().is_up, self.ends()) == (True, NOW + 48 * HOUR)


class TestASourceThatFails(Fetcher):
    async def test_is_left_alone_longer_and_longer(self) -> None:
        """Up to a quarter of an hour: 60, 120, 240 seconds, half of them by this chance."""
        self.source.says = self.dead
        await self.began()
        await self.go_on(29)
        assert len(self.source.heard) == 1
        await self.go_on(1)
        await self.go_on(60)
        await self.go_on(120)
        assert len(self.source.heard) == 4

    async def test_is_not_asked_more_than_some_times_an_hour(self) -> None:
        """Nor given up: at least every quarter."""
        self.source.says = self.dead
        await self.began()
        await self.go_on(60, steps=24 * 60)
        assert 24 * 4 <= len(self.source.heard) <= 24 * 10

    async def test_may_ask_for_a_pause(self) -> None:
        """Who is overloaded says so."""
        self.chance.value = 0.0
        self.source.says = lambda heard: answer(status="503 Busy", retry_after="600")
        await self.began()
        await self.go_on(599)
        assert len(self.source.heard) == 1

    async def test_is_not_told_when_it_is_only_hoped_for(self) -> None:
        """A mirror of last year, that the settings have not any more."""
        self.source.says = self.dead
        await self.began(ListSource(addresses=(ADDRESS,), is_hoped_for=True))
        await self.go_on(60)
        assert (len(self.source.heard), self.states.all) == (2, ())

    async def test_is_not_hurried_by_handshakes(self) -> None:
        """A peer that knocks each second is no reason to ask each second."""
        self.source.says = self.dead
        await self.began()
        wider = ListSource(addresses=(ADDRESS,), cas=(CA.certificate, OTHER.certificate))
        await self.began(wider)
        await self.began(SOURCE)
        assert len(self.source.heard) == 1

    async def test_that_is_dead_for_a_day_is_told_once_and_back_once(self) -> None:
        """And the list is fresh within minutes of its return."""
        await self.began()
        with capture_logs() as logs:
            self.source.says = self.dead
            await self.go_on(300, steps=24 * 12)
            self.source.says = self.fresh
            await self.go_on(300, steps=4)
        told = [(log["event"], log["is_up"]) for log in logs]
        assert told == [("revocation.source", False), ("revocation.source", True)]
        assert self.ends() == NOW + 24 * HOUR + 48 * HOUR

    async def test_by_a_mistake_of_ours_is_tried_again_too(self) -> None:
        """And told as a mistake."""

        async def broken(work: Any) -> Any:
            raise ZeroDivisionError

        self.fetcher.stop()
        tools = self.fetcher._tools
        self.fetcher = CrlFetcher(FetchTools(**{**{n: getattr(tools, n) for n in tools.__slots__}, "aside": broken}))
        self.addCleanup(self.fetcher.stop)
        with capture_logs() as logs:
            await self.began()
        await self.go_on(60)
        assert ([log["event"] for log in logs], len(self.source.heard)) == (["revocation.failed"], 2)
