"""The address at which a local system tells figures of itself."""

import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.peer import LocalCaller
from edge_node.model.told import Told
from edge_node.status.answers import ApiAnswer
from edge_node.status.figures_api import FiguresApi

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HIS, AIS = LocalCaller(name="his", method="bearer"), LocalCaller(name="ais", method="bearer")


class BookInMemory:
    def __init__(self) -> None:
        self.kept: dict[str, Told] = {}

    async def told(self) -> tuple[Told, ...]:
        return tuple(self.kept.values())

    async def tell(self, told: Told) -> None:
        self.kept[told.system] = told


def at_once(work: Coroutine[Any, Any, ApiAnswer]) -> ApiAnswer:
    """What it gives; nothing here waits."""
    with pytest.raises(StopIteration) as done:
        work.send(None)
    answer: ApiAnswer = done.value.value
    return answer


@pytest.fixture
def api() -> FiguresApi:
    return FiguresApi(book=BookInMemory(), now=lambda: NOW)


def put(api: FiguresApi, body: bytes, caller: LocalCaller = HIS) -> ApiAnswer:
    return at_once(api.handle(caller, "PUT", "/v1/figures", ((), body)))


def got(api: FiguresApi, caller: LocalCaller = HIS) -> Any:
    return json.loads(at_once(api.handle(caller, "GET", "/v1/figures", ((), b""))).body)


class TestFigures:
    def test_are_there_with_the_moment(self, api: FiguresApi) -> None:
        """Who told what and when is what an auditor asks."""
        assert put(api, b'{"shared_accounts": 0}').status == 200
        assert got(api) == {"told_at": "2026-11-22T12:00:00Z", "figures": {"shared_accounts": 0}}

    def test_replace_what_was_told_before(self, api: FiguresApi) -> None:
        """What a system no longer counts must not stay good for ever."""
        put(api, b'{"shared_accounts": 0}')
        put(api, b'{"bsn_unverified": 1}')
        assert got(api)["figures"] == {"bsn_unverified": 1}

    def test_are_of_each_system_alone(self, api: FiguresApi) -> None:
        """No supplier speaks for another's system."""
        put(api, b'{"shared_accounts": 0}')
        assert got(api, AIS) == {"told_at": None, "figures": {}}

    @pytest.mark.parametrize(
        ("method", "path", "body", "code"),
        [
            ("PUT", "/v1/figures", b"[1]", "EN-REQUEST"),
            ("PUT", "/v1/figures", b"{", "EN-REQUEST"),
            ("PUT", "/v1/figures", b"[" * 60_000, "EN-REQUEST"),
            ("PUT", "/v1/figures", b" " * 70_000, "EN-REQUEST"),
            ("PUT", "/v1/figures", b'{"shared_accounts": -1}', "EN-REQUEST"),
            ("POST", "/v1/figures", b"{}", "EN-METHOD"),
            ("GET", "/v1/figures/his", b"", "EN-NOT-FOUND"),
        ],
    )
    def test_that_cannot_be_taken_are_refused(
        self, api: FiguresApi, method: str, path: str, body: bytes, code: str
    ) -> None:
        """With a reason a developer can act on."""
        with pytest.raises(EdgeNodeError) as refused:
            api.handle(HIS, method, path, ((), body)).send(None)
        assert refused.value.code == code
