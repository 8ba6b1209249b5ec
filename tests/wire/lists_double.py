"""A CA with revocation lists of any moment, and what fetching of them works with.

Knows: the sandbox's authority, the clock of a test.
Must not know: how lists are judged.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.sandbox.pki_authority import Authority, Profile, ec_key, root

reactor: Any = _reactor
NOW = datetime(2096, 11, 22, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Day:
    """Both clocks, moved together."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.clock.seconds())


@dataclass
class Chance:
    """Chance in the test's hand."""

    value: float = 0.5

    def __call__(self) -> float:
        return self.value


def ca(common_name: str = "Test CA", slug: str = "test-ca") -> Authority:
    """Make a CA under a root of its own; what it issues points to http://crl.edge-node.test/<slug>.crl."""
    return root(f"Root of {common_name}", f"{slug}-root", ec_key(), NOW).authority(common_name, slug, ec_key())


def chain_of(authority: Authority, top: x509.Certificate | None = None) -> tuple[x509.Certificate, ...]:
    """Issue a certificate, and return its chain: leaf first, anchor last."""
    profile = Profile(organisation="Test", fqdn="peer.test", not_before=NOW - DAY, not_after=NOW + 365 * DAY)
    issued = authority.issue(profile, ec_key())
    return (*issued.chain, *((top,) if top else ()))


def listed(authority: Authority, at: datetime = NOW, lasts: timedelta = 48 * HOUR) -> bytes:
    """Its list of that moment, DER."""
    return authority.crl(at, lasts).public_bytes(Encoding.DER)


async def at_once(work: Callable[[], Any]) -> Any:
    """Do what would go to a thread."""
    return work()


async def turns(times: int = 30) -> None:
    """Let what was written to sockets arrive."""
    for _ in range(times):
        turn: Deferred[None] = Deferred()
        reactor.callLater(0.001, turn.callback, None)
        await turn


Aside = Callable[[Callable[[], Any]], Awaitable[Any]]
