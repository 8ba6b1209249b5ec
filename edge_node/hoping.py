"""Another attempt at a peer that could not be checked, once its revocation lists are there.

Knows: that lists are fetched the moment a chain is first shown, for how long that is worth waiting for.
Must not know: how a list is fetched, who is called, what is sent.

A switchboard that gets a certificate of other CAs must not cost a question: not a byte of it has left, and its lists
are some tenths of a second away. Only a chain that was never shown before is waited for. While a source is dead
everything is refused as fast as ever.
"""

from typing import Final

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime

_HOPE_S: Final = 5.0
_ROUND_S: Final = 0.5
_UNCHECKED: Final = "EN-TLS-UNCHECKED"


class Hoping:
    """Waits for lists of chains that are new."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._until_s = clock.seconds()
        self._waiting: list[Deferred[None]] = []

    def wanted(self) -> None:
        """A chain was shown for the first time; said during its handshake."""
        self._until_s = self._clock.seconds() + _HOPE_S

    def came(self) -> None:
        """Something may be judged otherwise than before."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    async def is_worth_another(self, code: str, left_s: float) -> bool:
        """Say whether to try again what was refused with that code, as soon as that is worth it."""
        wait_s = min(left_s, self._until_s - self._clock.seconds())
        if code != _UNCHECKED or wait_s <= 0:
            return False
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        try:
            # What came since the refusal is not told again, so it is tried again without news too.
            await waiting.addTimeout(min(wait_s, _ROUND_S), self._clock)
        except TimeoutError:
            return wait_s > _ROUND_S
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        return True
