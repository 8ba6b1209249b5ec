"""Trials of a certificate, as people read them.

Knows: how a handshake is told stage by stage.
Must not know: who tried it, what follows.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from edge_node.cli.cert_words import Teller
from edge_node.cli.show import readable, say


def show_trials(tried: Iterable[Mapping[str, Any]], tell: Teller) -> None:
    """Print each peer, and each stage it came to."""
    for one in tried:
        say(f"{one['peer']} ({one['role']}): {tell('trial.' + one['outcome'])}")
        for line in _stages(one["steps"], tell):
            say(f"  {line}")


def _stages(steps: Iterable[Mapping[str, Any]], tell: Teller) -> Iterator[str]:
    for step in steps:
        took = f"{step['took_s'] * 1000:.0f} ms"
        stage, found = tell("stage." + step["stage"]), step["code"] or tell("trial.good")
        yield f"{stage:<10} {found:<18} {took:>8}  {readable(step['told'])}".rstrip()
