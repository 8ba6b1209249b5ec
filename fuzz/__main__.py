"""Fuzzes every target for some seconds, or those that are named: `./run fuzz SECONDS [TARGET]...`.

Knows: how a target is run in a process of its own, what libFuzzer tells at its end.
Must not know: what any target does.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import rich_click as click
from rich.console import Console
from rich.table import Table

from fuzz.target import TooSlow
from fuzz.targets import TARGETS

_REPOSITORY: Final = Path(__file__).resolve().parent.parent
_DONE: Final = re.compile(r"(?m)^#(\d+)\s+(\w+).*?cov: (\d+) ft: (\d+) corp: (\d+)")
_SEEN_AGAIN: Final = 3
_LATE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one target came to."""

    target: str
    executions: int
    branches: int
    corpus: int
    slow: int
    crashes: tuple[str, ...]


@click.command()
@click.argument("seconds", type=click.IntRange(min=1))
@click.argument("names", nargs=-1, type=click.Choice(tuple(TARGETS)), metavar="[TARGET]...")
@click.option("--seed", default=0, help="The same number makes the same inputs; 0 is another one each time.")
def main(seconds: int, names: tuple[str, ...], seed: int) -> None:
    """Fuzz for SECONDS each TARGET, or all. Exit code 1 when one crashed; the input is then in build/fuzz."""
    runs = []
    for name in names or tuple(TARGETS):
        print(f"fuzz: {name}, {seconds} s", file=sys.stderr, flush=True)
        runs.append(fuzz(name, seconds, seed))
    _print(runs)
    sys.exit(1 if any(run.crashes for run in runs) else 0)


def fuzz(name: str, seconds: int, seed: int) -> Run:
    """Run one target; what it left is kept for the next time."""
    folder = _REPOSITORY / "build" / "fuzz" / name
    folder.mkdir(parents=True, exist_ok=True)
    before = set(folder.glob("crash-*"))
    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        "-print_final_stats=1",
        "-timeout=30",
        "-rss_limit_mb=1024",
    ]
    ended = subprocess.run(
        [sys.executable, "-m", "fuzz.machine", name, str(folder), *options],
        cwd=_REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + _LATE_S,
        check=False,
    )
    (folder / "log").write_text(ended.stdout + ended.stderr, encoding="utf-8")
    crashes = [str(found.relative_to(_REPOSITORY)) for found in sorted(set(folder.glob("crash-*")) - before)]
    slow = _seen_again(name, folder)
    if ended.returncode and not crashes:
        crashes.append(f"exit code {ended.returncode}: {(folder / 'log').relative_to(_REPOSITORY)}")
    done = _DONE.findall(ended.stderr)
    executions, _, branches, _, corpus = done[-1] if done else ("0", "", "0", "0", "0")
    return Run(
        target=name,
        executions=int(executions),
        branches=int(branches),
        corpus=int(corpus),
        slow=len(slow),
        crashes=(*crashes, *slow),
    )


def _seen_again(name: str, folder: Path) -> list[str]:
    """What took long while every branch was counted, and takes too long without that as well."""
    found = []
    for file in sorted((folder / "slow").glob("*")):
        if all(_is_slow(name, file.read_bytes()) for _ in range(_SEEN_AGAIN)):
            found.append(str(file.relative_to(_REPOSITORY)))
        else:
            file.unlink()
    return found


def _is_slow(name: str, data: bytes) -> bool:
    try:
        TARGETS[name].run(data)
    except TooSlow:
        return True
    return False


def _print(runs: list[Run]) -> None:
    table = Table(title="Fuzzing", title_justify="left")
    for column in ("target", "executions", "branches", "corpus", "too slow", "crashes"):
        table.add_column(column, justify="left" if column in {"target", "crashes"} else "right")
    for run in runs:
        numbers = (f"{number:,}" for number in (run.executions, run.branches, run.corpus, run.slow))
        table.add_row(run.target, *numbers, "\n".join(run.crashes) or "none")
    Console(width=None if sys.stdout.isatty() else 120).print(table)


if __name__ == "__main__":
    main()
