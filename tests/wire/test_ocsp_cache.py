"""OCSP answers at hand: no handshake waits, and none is older than it may be."""

from datetime import timedelta

from cryptography import x509
from structlog.testing import capture_logs
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from edge_node.errors import Unavailable
from edge_node.wire.ocsp_answer import OcspAnswer
from edge_node.wire.ocsp_cache import REMEMBERED, CacheTools, OcspCache
from edge_node.wire.revocation import Standing, Verdict, ocsp_addresses
from tests.wire.lists_double import Chance, Day
from tests.wire.ocsp_double import authority

CA = authority()
LEAF, OTHER = CA.leaf(), CA.leaf()
HOUR_S = 3600.0


class Responders:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[Deferred[OcspAnswer]] = []
        self.forgotten: list[x509.Certificate] = []
        self.is_on = True

    def responders(self, certificate: x509.Certificate) -> tuple[str, ...]:
        return ocsp_addresses(certificate) if self.is_on else ()

    async def ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> OcspAnswer:
        asked: Deferred[OcspAnswer] = Deferred()
        self.asked.append(asked)
        return await asked

    def forget(self, certificate: x509.Certificate) -> None:
        self.forgotten.append(certificate)


class Cached(TestCase):
    def setUp(self) -> None:
        self.day, self.chance, self.responders = Day(), Chance(), Responders()
        self.changes = 0
        self.cache = OcspCache(
            self.responders,
            CacheTools(
                clock=self.day.clock,
                in_reactor=lambda call, *given: self.day.clock.callLater(0, call, *given),
                now=self.day.now,
                chance=self.chance,
                changed=self.change,
            ),
        )

    def soon(self) -> None:
        """Let the next turns of the reactor come."""
        self.day.clock.pump((0, 0))

    def change(self) -> None:
        self.changes += 1

    def standing(self, certificate: x509.Certificate = LEAF) -> Standing | None:
        return self.cache.standing(certificate, CA.certificate, self.day.now())

    def verdict(self) -> Verdict | None:
        found = self.standing()
        return found.verdict if found else None

    def answered(self, verdict: Verdict = Verdict.GOOD, life: timedelta = timedelta(hours=1)) -> None:
        """Ask for it, and have the responder say so."""
        self.standing()
        self.soon()
        self.says(verdict, life)

    def says(
        self, verdict: Verdict = Verdict.GOOD, life: timedelta = timedelta(hours=1), ago: timedelta = timedelta()
    ) -> None:
        now = self.day.now()
        self.responders.asked[-1].callback(OcspAnswer(verdict=verdict, at=now - ago, until=now + life))

    def asked_again(self) -> None:
        """Between half and three quarters of its life."""
        self.standing()
        self.day.clock.advance(0.625 * HOUR_S)

    def fails(self, error: Exception | None = None) -> None:
        self.responders.asked[-1].errback(error or Unavailable("away", code="EN-SOURCE-UNREACHABLE"))


class TestAHandshake(Cached):
    def test_does_not_wait(self) -> None:
        """What is not there is asked for after it; the list decides meanwhile."""
        assert (self.standing(), self.responders.asked) == (None, [])
        self.soon()
        assert len(self.responders.asked) == 1

    def test_asks_once_however_many_there_are(self) -> None:
        """A pool opens ten connections at once."""
        standings = [self.standing() for _ in range(10)]
        self.soon()
        assert (standings, len(self.responders.asked)) == ([None] * 10, 1)

    def test_reads_what_a_responder_said(self) -> None:
        """With where it came from and how long it counts."""
        self.answered()
        found = self.standing()
        assert found == Standing(
            verdict=Verdict.GOOD,
            at=self.day.now(),
            until=self.day.now() + timedelta(hours=1),
            source="ocsp.example",
        )

    def test_learns_nothing_where_the_responder_does_not_know(self) -> None:
        """Unknown is no verdict; the list has one."""
        self.answered(Verdict.UNKNOWN)
        assert self.standing() is None

    def test_of_a_certificate_without_a_responder_asks_nobody(self) -> None:
        """Nothing is kept for it either."""
        self.standing(CA.issue("plain").certificate)
        assert self.day.clock.getDelayedCalls() == []

    def test_asks_nobody_where_ocsp_is_off(self) -> None:
        """The lists alone must say good."""
        self.responders.is_on = False
        assert (self.standing(), self.day.clock.getDelayedCalls()) == (None, [])


class TestAnAnswer(Cached):
    def test_is_asked_for_anew_before_it_ends(self) -> None:
        """Between half and three quarters of its life, each node at its own moment."""
        self.answered()
        self.standing()
        self.day.clock.advance(0.625 * HOUR_S)
        assert (len(self.responders.asked), self.verdict()) == (2, Verdict.GOOD)

    def test_does_not_count_beyond_its_end(self) -> None:
        """The list decides again."""
        self.answered()
        self.standing()
        self.day.clock.advance(HOUR_S)
        assert self.standing() is None

    def test_of_revoked_is_taken_back_by_no_older_one(self) -> None:
        """Whoever carries answers can give one of an hour ago once more, where the responder writes no nonce."""
        self.answered(Verdict.REVOKED)
        self.asked_again()
        self.says(Verdict.GOOD, ago=timedelta(minutes=50))
        assert self.verdict() is Verdict.REVOKED

    def test_of_revoked_is_not_taken_back_by_one_that_does_not_know(self) -> None:
        """That is no pardon either."""
        self.answered(Verdict.REVOKED)
        self.asked_again()
        self.says(Verdict.UNKNOWN)
        assert self.verdict() is Verdict.REVOKED

    def test_of_revoked_is_taken_back_by_a_newer_one(self) -> None:
        """A certificate that was on hold works again."""
        self.answered(Verdict.REVOKED)
        self.asked_again()
        self.says(Verdict.GOOD)
        assert self.verdict() is Verdict.GOOD

    def test_of_revoked_stays_until_a_responder_takes_it_back(self) -> None:
        """Cutting the way to the responder must not bring a stolen certificate back to life."""
        self.answered(Verdict.REVOKED)
        self.day.clock.advance(10 * HOUR_S)
        assert self.verdict() is Verdict.REVOKED
        self.says(Verdict.GOOD)
        assert self.verdict() is Verdict.GOOD

    def test_that_is_another_one_has_connections_judged_again(self) -> None:
        """A peer that was revoked is cut off, not only refused next time."""
        self.answered()
        self.standing()
        self.day.clock.advance(0.625 * HOUR_S)
        self.says(Verdict.REVOKED)
        assert self.changes == 2

    def test_that_is_the_same_one_disturbs_nobody(self) -> None:
        """Every half hour for every peer."""
        self.answered()
        self.standing()
        self.day.clock.advance(0.625 * HOUR_S)
        self.says()
        assert self.changes == 1

    def test_of_a_short_life_is_not_asked_for_each_second(self) -> None:
        """A responder may say "now" only."""
        self.answered(life=timedelta(seconds=1))
        self.standing()
        self.day.clock.advance(59)
        assert len(self.responders.asked) == 1


class TestWhatNobodyLooksAt(Cached):
    def test_is_asked_about_no_more(self) -> None:
        """A peer that went elsewhere."""
        self.answered()
        self.day.clock.advance(0.625 * HOUR_S)
        assert (len(self.responders.asked), self.responders.forgotten) == (1, [LEAF])

    def test_stays_when_it_is_our_own(self) -> None:
        """Revoked by mistake: the first to hear of it should be its owner."""
        self.cache.keep([(LEAF, CA.certificate)])
        self.soon()
        self.says()
        self.day.clock.advance(0.625 * HOUR_S)
        self.says()
        self.day.clock.advance(0.625 * HOUR_S)
        assert (len(self.responders.asked), self.responders.forgotten) == (3, [])

    def test_makes_room(self) -> None:
        """Memory is bounded, own certificates stay."""
        self.cache.keep([(LEAF, CA.certificate)])
        leaves = [CA.leaf() for _ in range(REMEMBERED)]
        looked = [self.standing(leaf) for leaf in leaves]
        self.soon()
        assert (len(looked), self.responders.forgotten) == (REMEMBERED, leaves[:1])

    def test_does_not_push_out_who_was_revoked(self) -> None:
        """A flood of other certificates must not bring a stolen one back to life."""
        self.answered(Verdict.REVOKED)
        looked = [self.standing(CA.leaf()) for _ in range(REMEMBERED + 1)]
        self.soon()
        assert (len(looked), self.verdict()) == (REMEMBERED + 1, Verdict.REVOKED)
        assert (len(self.responders.forgotten), LEAF in self.responders.forgotten) == (1, False)


class TestAResponderThatIsAway(Cached):
    def test_is_asked_again_later_and_later(self) -> None:
        """30, 60, 120 seconds at most, half of it by this chance."""
        self.standing()
        self.soon()
        self.fails()
        self.standing()
        self.day.clock.advance(15)
        self.fails()
        self.standing()
        self.day.clock.advance(29)
        assert len(self.responders.asked) == 2
        self.day.clock.advance(1)
        assert len(self.responders.asked) == 3

    def test_is_left_alone_for_as_long_as_it_asks(self) -> None:
        """Within reason."""
        self.standing()
        self.soon()
        self.fails(Unavailable("busy", retry_after_s=600))
        self.standing()
        self.day.clock.advance(599)
        assert len(self.responders.asked) == 1

    def test_leaves_the_last_answer_as_long_as_it_counts(self) -> None:
        """Most outages are over before anybody sees them."""
        self.answered()
        self.standing()
        self.day.clock.advance(0.625 * HOUR_S)
        self.fails()
        assert self.verdict() is Verdict.GOOD

    def test_by_a_mistake_of_ours_is_told_and_asked_again(self) -> None:
        """And nothing is left hanging."""
        self.standing()
        self.soon()
        with capture_logs() as logs:
            self.fails(ZeroDivisionError())
        self.standing()
        self.day.clock.advance(30)
        assert ([log["event"] for log in logs], len(self.responders.asked)) == (["revocation.failed"], 2)


class TestAStop(Cached):
    def test_leaves_nothing_behind(self) -> None:
        """No timer and no question."""
        self.answered()
        self.standing(OTHER)
        self.soon()
        self.cache.stop()
        assert (self.day.clock.getDelayedCalls(), self.standing()) == ([], None)

    def test_breaks_off_what_is_asked(self) -> None:
        """A responder that hangs keeps no node from stopping."""
        self.standing()
        self.soon()
        self.cache.stop()
        assert self.responders.asked[0].called


class TestManyQuestions(Cached):
    def test_go_a_few_at_a_time(self) -> None:
        """A restart with forty peers is no flood."""
        looked = [self.standing(CA.leaf()) for _ in range(10)]
        self.soon()
        assert (len(looked), len(self.responders.asked)) == (10, 4)
