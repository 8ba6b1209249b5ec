"""Whether there is power: seen on trees such as Linux shows them, judged by the rule."""

from pathlib import Path

import pytest

from edge_node.model.check import Outcome, Result, Unseen
from edge_node.policy import check_machine
from edge_node.probes.power import look
from tests.policy.check_limits import limits


def judged(folder: Path, **fields: str) -> Outcome:
    supply = folder / "ups0"
    supply.mkdir()
    for name, text in fields.items():
        (supply / name).write_text(f"{text}\n")
    return check_machine.power(look(folder), limits())


class TestPower:
    @pytest.mark.parametrize(
        ("online", "capacity", "result"),
        [("1", "100", Result.GOOD), ("0", "100", Result.VIOLATED), ("1", "20", Result.WARNED)],
    )
    def test_is_on_mains_and_charged(self, tmp_path: Path, online: str, capacity: str, result: Result) -> None:
        """On battery it is a matter of minutes; half empty it is one of luck."""
        assert judged(tmp_path, type="UPS", online=online, capacity=capacity).result is result

    @pytest.mark.parametrize("kind", ["Mains", "Battery"])
    def test_that_is_no_emergency_power_says_nothing(self, tmp_path: Path, kind: str) -> None:
        """The battery of a laptop is none; somebody declares what there is."""
        assert judged(tmp_path, type=kind, online="0").result is Result.UNKNOWN

    def test_that_lies_is_no_pass(self, tmp_path: Path) -> None:
        """Garbage is not full."""
        with pytest.raises(ValueError, match="invalid literal"):
            judged(tmp_path, type="UPS", online="1", capacity="full")

    @pytest.mark.parametrize(
        ("status", "result"),
        [("Discharging", Result.VIOLATED), ("Full", Result.GOOD), ("Not charging", Result.GOOD)],
    )
    def test_shows_by_its_status_as_well(self, tmp_path: Path, status: str, result: Result) -> None:
        """Not every one has a word on mains of its own."""
        assert judged(tmp_path, type="UPS", status=status, capacity="100").result is result

    @pytest.mark.parametrize("fields", [{}, {"status": "Unknown"}])
    def test_is_not_known_where_it_does_not_say(self, tmp_path: Path, fields: dict[str, str]) -> None:
        """Silence is no mains."""
        with pytest.raises(Unseen, match="ups0 does not say"):
            judged(tmp_path, type="UPS", capacity="100", **fields)

    def test_on_battery_is_so_whatever_else_it_says(self, tmp_path: Path) -> None:
        """Two words that differ: the worse one counts."""
        found = judged(tmp_path, type="UPS", online="1", status="Discharging", capacity="100")
        assert found.result is Result.VIOLATED
