"""The demo as a whole: the real node between simulated parties, in processes of their own."""

import json
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from edge_node.sandbox.demo import FHIR_KEPT, Options, main


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bad run leaves its folder to be looked at. The path is short: that of a Unix socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="en-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


def demo(capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[int, dict[str, Any]]:
    code = main(json=True, options=Options(pushes=12, drain_s=30, **options))
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


class TestDemo:
    def test_nothing_is_lost_doubled_or_swapped(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The promise to a practice, on a line that is cut and comes back."""
        code, found = demo(capsys)
        assert (code, found["lost"], found["duplicated"], found["out_of_order"], found["refused"]) == (0, 0, 0, 0, 0)
        assert found["sent"] == found["delivered"] > 12
        assert (found["kept"], found["queries"] > 10) == (12 + FHIR_KEPT[1], True)

    @pytest.mark.parametrize(
        ("misbehave", "key"), [("drop", "lost"), ("double", "duplicated"), ("swap", "out_of_order")]
    )
    def test_a_local_system_that_misbehaves_is_found(
        self, capsys: pytest.CaptureFixture[str], misbehave: str, key: str
    ) -> None:
        """A demo that cannot fail proves nothing."""
        code, found = demo(capsys, misbehave=misbehave, everything=False, senders=1)
        assert code == 1
        assert found[key] >= 1
