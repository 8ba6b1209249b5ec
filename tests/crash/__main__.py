"""`./run crash`: the harness, or with `--self-test` the proof that it finds what it looks for.

Knows: which of the two was asked for.
Must not know: what either does.
"""

import sys
from pathlib import Path

import pytest

from edge_node.sandbox.crash import main

if __name__ == "__main__":
    if "--self-test" in sys.argv:
        more = [word for word in sys.argv[1:] if word != "--self-test"]
        sys.exit(pytest.main([str(Path(__file__).with_name("seeded_bugs.py")), *more]))
    main()
