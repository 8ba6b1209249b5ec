"""Folders of tests that are no pytest functions."""

import tempfile
from pathlib import Path

from twisted.trial.unittest import TestCase


def a_folder(test: TestCase) -> Path:
    """A new folder, gone with the test. Trial's own would stay behind where the tests were started."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    return Path(folder.name)
