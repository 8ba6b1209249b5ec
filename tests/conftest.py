"""What holds for every test: the floor under TLS, and that a test which says it breaks a check really does.

The floor is laid as the entry point of the node lays it, before any test loads OpenSSL.
"""

import os
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest

from edge_node.wire.trust_floor import Profile, take_up

take_up(Profile.LSP_COMPAT, os.environ)

with suppress(ImportError):  # the fuzzers bring no hypothesis
    from hypothesis import settings

    #: Long searches try all their examples with `--hypothesis-profile thorough`, and some of them else.
    settings.register_profile("thorough")

_LEDGER = pytest.StashKey[Any]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "breaks(*checks): turns these checks through what their look itself sees")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A node may be built before the test itself begins, so what its looks see is kept from the start."""
    if item.get_closest_marker("breaks") is None:
        return (yield)
    from tests.breaking import watched

    with watched() as item.stash[_LEDGER]:
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    done = yield
    names = {name for mark in item.iter_markers("breaks") for name in mark.args}
    if names and (missing := names - item.stash[_LEDGER].turned):
        pytest.fail(f"no look itself saw anything that turned: {', '.join(sorted(missing))}", pytrace=False)
    return done
