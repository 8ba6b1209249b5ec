"""The child of the trial of a store, with a bug put into it on purpose."""

import os

from edge_node.sandbox import store_child
from tests.crash.buggy_node import BUG, BUGS

if __name__ == "__main__":
    BUGS[os.environ[BUG]]()
    store_child.main()
