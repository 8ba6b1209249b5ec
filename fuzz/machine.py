"""One target under atheris, which sees the branches an input takes and keeps what takes new ones.

Knows: atheris and libFuzzer, where inputs are kept, when an input that took long is put aside.
Must not know: what a target does.

Usage: python -m fuzz.machine TARGET FOLDER [--with-a-bug] [libFuzzer options]. FOLDER holds `corpus`, kept from run
to run, `slow` and, after a crash, the input that made it; the exit code is then 77.
"""

import hashlib
import importlib
import logging
import os
import random
import sys
from pathlib import Path
from typing import Any, Final

import structlog

_MAX_SLOW: Final = 10
_BY_BYTES: Final = 0.25
_AFRESH: Final = 0.35
_WATCHED: Final = ["edge_node.formats", "edge_node.model", "edge_node.policy", "edge_node.settings", "edge_node.wire"]


class Machine:
    """Runs one target with what atheris gives it."""

    def __init__(self, atheris: Any, target: Any, folder: Path) -> None:
        self._atheris = atheris
        self._target = target
        self._slow = folder / "slow"
        self._mutating = importlib.import_module("fuzz.mutating")
        self._too_slow: type[Exception] = importlib.import_module("fuzz.target").TooSlow
        self._max_bytes: int = importlib.import_module("fuzz.target").MAX_BYTES

    def run(self, data: bytes) -> None:
        """Try one input. Counting its branches makes everything slow: what took long is seen again without."""
        try:
            self._target.run(data)
        except self._too_slow:
            self._slow.mkdir(exist_ok=True)
            if sum(1 for _ in self._slow.iterdir()) < _MAX_SLOW:
                (self._slow / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def mutate(self, data: bytes, max_bytes: int, seed: int) -> bytes:
        """Change an input: by its parts, byte by byte, or begin again with a good one.

        What takes a new branch is mostly broken early; only from good inputs are the late ones reached.
        """
        chance = random.Random(seed)  # noqa: S311 - libFuzzer gives the chance, so that a run can be had again
        way = chance.random()
        if way < _BY_BYTES:
            return bytes(self._atheris.Mutate(data, max_bytes))
        if way < _BY_BYTES + _AFRESH:
            data = chance.choice(self._target.seeds)
        return bytes(self._mutating.mutate(data, self._target.words, chance))[:max_bytes]


def main() -> None:
    """Run until libFuzzer ends the process."""
    name, folder, *options = sys.argv[1:]
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=_WATCHED):
        targets = importlib.import_module("fuzz.targets")
    # What a node says of bad input is not wanted a million times.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with_a_bug = "--with-a-bug" in options
    target = (targets.WITH_A_BUG if with_a_bug else targets.TARGETS)[name]
    place = Path(folder)
    corpus, words = place / "corpus", place / "words"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words.write_text("".join(_quoted(word) for word in target.words), encoding="ascii")
    machine = Machine(atheris, target, place)
    chosen = [option for option in options if option != "--with-a-bug"]
    usual = [
        f"-max_len={machine._max_bytes}",
        "-len_control=0",
        f"-dict={words}",
        f"-artifact_prefix={place}{os.sep}",
    ]
    atheris.Setup([sys.argv[0], *usual, *chosen, str(corpus)], machine.run, custom_mutator=machine.mutate)
    atheris.Fuzz()


def _quoted(word: bytes) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    main()
