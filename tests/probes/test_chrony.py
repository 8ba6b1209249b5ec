"""What chrony says, through a program that writes what chronyc writes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_node.model.check import Unseen
from edge_node.probes.chrony import ask

from .programs import put

GOOD = "0A140001,10.20.0.1,3,1795348800.5,0.000123,0.0001,0.0002,1.5,0.001,0.05,0.004,0.001,64.2,Normal"
NEVER = "7F7F0101,,0,0.000000000,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised"


class TestTracking:
    def test_is_read(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Whom it follows, how far off the clock is, and since when."""
        put(monkeypatch, tmp_path, "chronyc", f'echo "{GOOD}"')
        seen = ask(5)
        assert (seen.source, seen.stratum, seen.offset_s, seen.error_s) == ("10.20.0.1", 3, 0.000123, 0.003)
        assert seen.synced_at == datetime.fromtimestamp(1795348800.5, UTC)

    def test_of_a_clock_that_was_never_set(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """chronyd runs, and no server ever answered it."""
        put(monkeypatch, tmp_path, "chronyc", f'echo "{NEVER}"')
        assert (ask(5).is_kept, ask(5).synced_at) == (False, None)

    @pytest.mark.parametrize(
        "told",
        [
            "",
            "506 Cannot talk to daemon",
            "a,b,c",
            GOOD.replace("0.000123", "nan"),
            GOOD.replace("1795348800.5", "1e300"),
        ],
    )
    def test_that_makes_no_sense_is_unseen(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str) -> None:
        """Garbage is neither a good clock nor a bad one."""
        put(monkeypatch, tmp_path, "chronyc", f'echo "{told}"')
        with pytest.raises(Unseen, match="cannot be read"):
            ask(5)
