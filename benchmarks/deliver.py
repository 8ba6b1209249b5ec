"""How many messages a second are durably accepted and delivered, beside Postfix.

Knows: both arms, that a message counts when the far end has it, 64 senders, 20 kB.
Must not know: how either keeps a message.

The node speaks HTTP with a bearer credential to its senders and mutual TLS to the far end, and judges each message;
Postfix speaks plain SMTP on both sides.
"""

import json
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.exchange import make_push
from benchmarks.postfix import start_postfix
from benchmarks.programs import REPOSITORY, NotStarted, environment, python
from benchmarks.sending import BODY_BYTES, Order
from benchmarks.stage import Stage, build
from edge_node.sandbox.ports import free_ports

MESSAGES: Final = 2_000
SENDERS: Final = 64


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> dict[str, list[float]]:
    """Return messages a second of each arm, one figure a round."""
    rates: dict[str, list[float]] = {"node": [], "postfix": []}
    with ExitStack() as until:
        stage = build(folder / "node", until, make_push)
        until.enter_context(stage.start_node())
        first, second = free_ports(2)
        postfix = until.enter_context(start_postfix(folder / "postfix", (first, second)))
        postfix.passes_on_s(SENDERS, SENDERS, BODY_BYTES)  # its processes are started
        for number in range(rounds):
            rates["node"].append(MESSAGES / node_s(stage))
            rates["postfix"].append(MESSAGES / postfix.passes_on_s(MESSAGES, SENDERS, BODY_BYTES))
            say(f"deliver: round {number + 1} of {rounds}")
    return rates


def node_s(stage: Stage) -> float:
    """Have the node accept and deliver all; return the seconds that took."""
    order = Order(
        port=stage.ports.local,
        exchange=stage.order.exchange,
        authorization=stage.order.authorization,
        messages=MESSAGES,
        senders=SENDERS,
    )
    with subprocess.Popen(
        python("benchmarks.sending"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=environment(),
    ) as sending:
        assert sending.stdin is not None
        assert sending.stdout is not None
        print(json.dumps(asdict(order)), file=sending.stdin, flush=True)
        if sending.stdout.readline() != "warm\n":
            raise NotStarted("the senders did not begin")
        print("go", file=sending.stdin, flush=True)
        told = json.loads(sending.stdout.readline())
    if told["failures"]:
        raise NotStarted(f"not delivered: {told['failures'][0]}")
    return float(told["seconds"])
