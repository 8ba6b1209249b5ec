"""Runs the scripted faults: `./run gbz`, at the pace of a site that looks often; `--default-pace`, as sites do.

`--table FILE` writes what came of each between the marks in that page. Whatever else is said goes to pytest.
"""

import argparse
import os
import sys
from pathlib import Path

import pytest

from tests.faults.gbz_table import FILE


def main() -> int:
    """Run them; return the exit code of pytest."""
    asked = argparse.ArgumentParser(prog="./run gbz")
    asked.add_argument("--default-pace", action="store_true", help="look as often as a site with nothing else set")
    asked.add_argument("--table", metavar="FILE", help="the page that gets the table")
    chosen, others = asked.parse_known_args()
    os.environ["EDGE_NODE_FAULTS"] = "1"
    os.environ["EDGE_NODE_GBZ_PACE"] = "default" if chosen.default_pace else "quick"
    if chosen.table:
        os.environ[FILE] = str(Path(chosen.table).resolve())
    return pytest.main(["-rs", "-s", "tests/faults/test_gbz.py", *others])


if __name__ == "__main__":
    sys.exit(main())
