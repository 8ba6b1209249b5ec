"""What holds for every test: the floor under TLS, and that a test which says it breaks a check really does.

The floor is laid as the entry point of the node lays it, before any test loads OpenSSL.
"""

import os
from collections.abc import Generator

import pytest

from edge_node.wire.trust_floor import Profile, take_up

take_up(Profile.LSP_COMPAT, os.environ)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "breaks(*checks): turns these checks through what their look itself sees")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    names = {name for mark in item.iter_markers("breaks") for name in mark.args}
    if not names:
        return (yield)
    from tests.breaking import watched

    with watched() as ledger:
        done = yield
    if missing := names - ledger.turned:
        pytest.fail(f"no look itself saw anything that turned: {', '.join(sorted(missing))}", pytrace=False)
    return done
