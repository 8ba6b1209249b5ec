"""Trials of a certificate, as people read them.

Knows: how a handshake is told stage by stage.
Must not know: who tried it, what follows.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from edge_node.cli.show import say


def tell(tried: Iterable[Mapping[str, Any]]) -> None:
    """Print each peer, and each stage it came to."""
    for one in tried:
        say(f"{one['peer']} ({one['role']}): {one['outcome']}")
        for line in _stages(one["steps"]):
            say(f"  {line}")


def _stages(steps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for step in steps:
        took = f"{step['took_s'] * 1000:.0f} ms"
        yield f"{step['stage']:<10} {step['code'] or 'good':<18} {took:>8}  {step['told']}".rstrip()
