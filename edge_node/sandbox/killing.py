"""When the node is killed: at moments chosen by chance, spread over the work that is done meanwhile.

Knows: how much of the work is done.
Must not know: what the work is, or how a node is killed.
"""

import random
import time
from collections.abc import Callable
from typing import Final

_LATEST: Final = 0.95  # of the work: a kill when all is done tries nothing
_PHASE_S: Final = 0.5  # progress is looked at now and then; the kill comes at any moment between


def new_seed() -> int:
    """Return a seed nobody chose; printed, it can be given again."""
    return random.SystemRandom().randrange(2**32)


class Killer:
    """Kills so many times."""

    def __init__(self, kill: Callable[[], None], times: int, chance: random.Random) -> None:
        self._kill = kill
        self._chance = chance
        self._left = sorted((chance.random() * _LATEST for _ in range(times)), reverse=True)

    def at(self, done: float) -> None:
        """Kill as often as is due when that part of the work is done, from 0 to 1."""
        while self._left and self._left[-1] <= done:
            self._left.pop()
            time.sleep(self._chance.random() * _PHASE_S)
            self._kill()
