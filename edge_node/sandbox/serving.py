"""Runs one sandbox party as a program: starts it, says where it listens, stops it on a signal.

Knows: the reactor, the ready line on standard output.
Must not know: which party it is.
"""

import json
from typing import Any, Protocol

from twisted.internet.defer import ensureDeferred


class Party(Protocol):
    """What can be run."""

    def start(self) -> dict[str, Any]: ...

    async def stop(self) -> None: ...


def serve(reactor: Any, party: Party) -> None:
    """Run until a signal; the ready line is one JSON object."""

    def begin() -> None:
        print(json.dumps(party.start()), flush=True)  # noqa: T201

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: ensureDeferred(party.stop()))
    reactor.run()
