"""The node as it is, on a machine whose clock is as far off as a file says.

Usage: python -m tests.faults.gbz_node run --config FILE, with EDGE_NODE_CLOCK_OFF=FILE. The clock of a whole machine
cannot be moved without harm to others, and libfaketime breaks the pauses of Python's threads.
"""

import os
import time
from pathlib import Path

OFF = "EDGE_NODE_CLOCK_OFF"


def move(file: Path) -> None:
    """Have the wall clock of this process follow a file. The one that never jumps stays as it is."""
    right = time.time
    time.time = lambda: right() + float(file.read_text(encoding="ascii") or 0)


if __name__ == "__main__":
    move(Path(os.environ[OFF]))
    from edge_node.cli.main import main

    main()
