"""How fast messages are kept, beside one fdatasync for each.

Knows: the two arms, that each round begins with empty files on the same file system.
Must not know: how an arm keeps a message.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.programs import REPOSITORY, environment, python

MESSAGES: Final = 2_000
SENDERS: Final = 64
ARMS: Final = ("store", "plain")


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> dict[str, list[float]]:
    """Return messages a second of each arm, one figure a round."""
    rates: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for number in range(rounds):
        for arm in ARMS if number % 2 == 0 else reversed(ARMS):
            rates[arm].append(_run(arm, folder / "enqueue"))
        say(f"enqueue: round {number + 1} of {rounds}")
    return rates


def _run(arm: str, folder: Path) -> float:
    folder.mkdir()
    command = python("benchmarks.enqueue_arm", arm, folder, MESSAGES, SENDERS)
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=REPOSITORY, env=environment())
    shutil.rmtree(folder)
    return MESSAGES / float(told.stdout)
