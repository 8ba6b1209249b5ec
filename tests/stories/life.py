"""A node that lives for months within a test: its clocks are moved on, and all that it deals with lives by them too.

Knows: how time is moved on, that sockets, threads, files and TLS stay real, the registers and sources around a node.
Must not know: what happens in such a life.

Time goes on at its usual pace between two moves, so that what waits a moment is real. A move is made when nothing is
under way, as if the machine had been left alone for hours; both clocks move, so that it is no jump of one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from twisted.internet import reactor as _reactor
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from twisted.internet.task import Clock, LoopingCall, deferLater
from zope.interface import directlyProvides, implementer, providedBy

from edge_node.sandbox.pki import Pki
from edge_node.sandbox.pki_lists import authorities
from edge_node.sandbox.samples.kinds import BY_INTERACTION
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import party_of
from edge_node.sandbox.signing import hands_of
from edge_node.wire.trust_certificate import common_name
from edge_node.wire.trust_context import hold_dates_at
from tests.stories import moves
from tests.stories.far_end import Turn
from tests.stories.generation import Generation
from tests.wire.source_double import Heard, Source, answer

reactor: Any = _reactor

#: A life begins here: far from the day on which the test is run, so that another clock would be found out.
BIRTH = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
_PACE_S = 0.005
_QUIET_TURNS = 25


class Hurried:
    """The reactor with timers of its own."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._timers = Clock()
        self._timers.advance(1000.0)
        self.callLater = self._timers.callLater
        self.getDelayedCalls = self._timers.getDelayedCalls
        self._pace = LoopingCall(self._keep_pace)
        self._last_s = 0.0
        directlyProvides(self, providedBy(real))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def seconds(self) -> float:
        """What its timers go by."""
        return self._timers.seconds()

    def begin(self) -> None:
        """Go on at the usual pace."""
        self._last_s = self._real.seconds()
        self._pace.start(_PACE_S)

    def end(self) -> None:
        """Stand still."""
        self._pace.stop()

    def move(self, by: timedelta) -> None:
        """Be later."""
        self._timers.advance(by.total_seconds())

    def _keep_pace(self) -> None:
        now_s = self._real.seconds()
        passed_s, self._last_s = now_s - self._last_s, now_s
        self._timers.advance(passed_s)


@dataclass(frozen=True, slots=True)
class LifeClock:
    """Both clocks of a machine that began at the birth."""

    timers: Hurried

    def monotonic(self) -> float:
        return self.timers.seconds()

    def now(self) -> float:
        return self.moment().timestamp()

    def moment(self) -> datetime:
        return BIRTH + timedelta(seconds=self.timers.seconds() - 1000.0)


@implementer(IOpenSSLServerConnectionCreator, IOpenSSLClientConnectionCreator)
class Outside:
    """TLS of the switchboard, either side of it, by the clock of the life."""

    def __init__(
        self, folder: Path, anchors: tuple[Path, ...], moment: Callable[[], datetime], host: str = ""
    ) -> None:
        self._moment, self._host = moment, host
        self._context = SSL.Context(SSL.TLS_METHOD)
        self._context.use_certificate_chain_file(str(folder / "chain.pem"))
        self._context.use_privatekey_file(str(folder / "key.pem"))
        for one in anchors:
            self._context.load_verify_locations(str(one))
        self._context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *told: bool(told[-1]))
        self._context.set_session_id(b"life")

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        return self._connection()

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        connection = self._connection()
        connection.set_tlsext_host_name(self._host.encode())
        return connection

    def _connection(self) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        hold_dates_at(connection, self._moment())  # the time of a store can be set once only
        return connection


class Registers:
    """The CAs that bring out lists, and the one source where the node gets them."""

    def __init__(self, pki: Pki, next_: Generation) -> None:
        self.next = next_
        self.next_lasts = timedelta(hours=48)
        self.is_dead = False
        self._source = Source(self._list)
        self._cas = {one.slug: one for one in (*authorities(pki), *next_.authorities)}
        self._made: dict[str, bytes] = {}
        self._at = BIRTH

    def up(self) -> None:
        self._source.up()

    async def down(self) -> None:
        await self._source.down()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._source.port}"

    @property
    def sources(self) -> dict[str, str]:
        """Where the list of each CA is, as the settings name it."""
        cas = self._cas.values()
        return {common_name(one.certificate.subject): f"{self.address}/{one.slug}.crl" for one in cas}

    @property
    def is_asked(self) -> bool:
        """Whether somebody is being answered."""
        return bool(self._source.wires)

    def bring_out(self, at: datetime) -> None:
        """Bring out new lists of every CA; nobody gets them while the source is dead."""
        self._at = at
        self._made.clear()

    def _list(self, heard: Heard) -> bytes:
        slug = heard.target.rpartition("/")[2].removesuffix(".crl")
        if self.is_dead:
            return answer(status="502 Bad Gateway")
        if slug not in self._made:
            self._made[slug] = answer(self._signed(slug))
        return self._made[slug]

    def _signed(self, slug: str) -> bytes:
        lasts = self.next_lasts if self._cas[slug] in self.next.authorities else timedelta(hours=48)
        return self._cas[slug].crl(self._at, lasts).public_bytes(Encoding.DER)


class Far:
    """What a good other side says, at the moment of the life."""

    def __init__(self, cards: Path, moment: Callable[[], datetime]) -> None:
        self._moment = moment
        self.maker_of = cache(
            lambda id_: Maker(party_of(id_), zim="1", now=moment, chance=moves.chance).signing(hands_of(cards))
        )

    def says(self, turn: Turn) -> None:
        """Answer a question, take a push; and say what time it is."""
        kind, maker = BY_INTERACTION[turn.seen.interaction], self.maker_of(turn.seen.receiver)
        if kind.answer is None:
            body = maker.accept(turn.seen, Verdict(type_code="CA"))
        else:
            body = maker.answer(kind.answer, turn.seen, moves.ANNA, Verdict(type_code="AA", quantity=1))
        turn.answer(body, headers={"date": format_datetime(self._moment(), usegmt=True)})


async def quiet(timers: Hurried, is_busy: Callable[[], bool]) -> None:
    """Wait until nobody is at work, and what follows from it has been done: turn by turn, not by the clock."""
    turns = 0
    while turns < _QUIET_TURNS:
        await deferLater(reactor, 0.0005, lambda: None)
        timers.move(timedelta())
        turns = 0 if is_busy() else turns + 1


def works(pool: Any) -> bool:
    """Whether a thread of it has something to do."""
    now = pool._team.statistics()
    return bool(now.busyWorkerCount or now.backloggedWorkCount)
