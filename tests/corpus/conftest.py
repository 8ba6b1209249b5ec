"""Where the published messages, schemas and code lists are; without them these tests are skipped."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder `EDGE_NODE_CORPUS` names."""
    folder = os.environ.get("EDGE_NODE_CORPUS")
    if not folder:
        pytest.skip("EDGE_NODE_CORPUS is not set")
    return Path(folder)
