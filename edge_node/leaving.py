"""Ways out that a newer version of the settings took the place of, until what they have in hand is done.

Knows: which they are, how long each may take.
Must not know: why they were replaced.
"""

from collections.abc import Iterable

import structlog
from twisted.internet.defer import DeferredList
from twisted.python.failure import Failure

from edge_node.flow.waiting import start
from edge_node.wire.http1_client import HttpClient

_log = structlog.get_logger()


class Leaving:
    """Those that are still there."""

    def __init__(self) -> None:
        self._clients: set[HttpClient] = set()

    def leave(self, clients: Iterable[HttpClient], limit_s: float) -> None:
        """Let these finish what they have in hand; they get nothing new."""
        for client in clients:
            self._clients.add(client)
            start(self._let_go(client, limit_s), _not_let_go)

    def rejudge(self) -> None:
        """Judge whom they are connected to once more."""
        for client in tuple(self._clients):
            client.rejudge()

    async def break_off(self, others: Iterable[HttpClient], limit_s: float) -> None:
        """Close them all, and others too, when the node ends."""
        await DeferredList([client.close(limit_s=limit_s) for client in {*self._clients, *others}])

    async def _let_go(self, client: HttpClient, limit_s: float) -> None:
        await client.close(limit_s=limit_s)
        self._clients.discard(client)


def _not_let_go(failure: Failure) -> None:
    _log.error("client.not_closed", error=type(failure.value).__name__)
