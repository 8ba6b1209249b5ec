"""These tests mount file systems and fill them: they run with `./run faults` only."""

import os

collect_ignore_glob = [] if os.environ.get("EDGE_NODE_FAULTS") else ["test_*.py"]
