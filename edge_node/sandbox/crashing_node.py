"""The node as it is, ended by signal 9 at a fail point of the store when its environment says so.

Knows: how a fail point is named and counted, and where the store takes it.
Must not know: who kills, or what is looked at afterwards.

`EDGE_NODE_CRASH_AT=before-commit:17` ends the process the seventeenth time it comes to that point. Nothing in the
node itself reads this: only what is started as this module does.
"""

import os
import signal
from collections.abc import Callable
from typing import Any, Final

from edge_node.store.backup import Tools
from edge_node.store.surroundings import Surroundings

AT: Final = "EDGE_NODE_CRASH_AT"


def dying_at(where: str) -> Callable[[str], None]:
    """Return a fail point that ends this process, as written `POINT:NTH`."""
    point, nth = where.rsplit(":", 1)
    left = [int(nth)]

    def fail_point(name: str) -> None:
        if name == point:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return fail_point


def arm(where: str) -> None:
    """Let every store opened, and every backup made, in this process from now on have that fail point."""
    fail_point = dying_at(where)
    for of in (Surroundings, Tools):
        made: Any = vars(of)["__init__"]
        made.__kwdefaults__["fail_point"] = fail_point


def main() -> None:
    """Run the command of the node."""
    if where := os.environ.get(AT):
        arm(where)
    from edge_node.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
