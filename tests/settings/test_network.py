"""What a site may say of its network and of planned maintenance, and what it hears of a mistake."""

from pathlib import Path

import pytest

from edge_node.settings.network import server

from ..check_doubles import settings_of
from .written import SMALL, complaints, write


class TestTheNetwork:
    @pytest.mark.parametrize(
        ("written", "complaint"),
        [
            ("prefixes: [10.20.0.1/16]", "is no range of addresses"),
            ("time_servers: [ntp.example]", "is no IP address"),
            ('name_servers: ["10.0.0.1:70000"]', "is no IP address"),
            ("countries: {mail.example: Nederland}", "must be two capitals"),
        ],
    )
    def test_that_is_written_wrongly_is_told_of(self, tmp_path: Path, written: str, complaint: str) -> None:
        """A range that nobody can read would make every way look wrong, or none."""
        assert complaint in " ".join(complaints(write(tmp_path, SMALL + f"network:\n  {written}\n")))

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("10.0.0.1", ("10.0.0.1", 53)),
            ("10.0.0.1:5353", ("10.0.0.1", 5353)),
            ("fd00::1", ("fd00::1", 53)),
            ("[fd00::1]", ("fd00::1", 53)),
            ("[fd00::1]:5353", ("fd00::1", 5353)),
        ],
    )
    def test_names_servers_with_a_port_or_without(self, written: str, meant: tuple[str, int]) -> None:
        """IPv6 has colons of its own."""
        assert server(written, 53) == meant


class TestMaintenance:
    @pytest.mark.parametrize(
        ("begins", "ends", "complaint"),
        [
            ("2026-12-01T20:00", "2026-12-01T22:00+01:00", "is no moment with its zone"),
            ("2026-12-01T22:00+01:00", "2026-12-01T20:00+01:00", "ends before it begins"),
        ],
    )
    def test_that_cannot_be_is_told_of(self, tmp_path: Path, begins: str, ends: str, complaint: str) -> None:
        """Without a zone it would be an hour off for half of the year."""
        window = f'{{what: disks, announced: "2026-11-20T09:00Z", begins: "{begins}", ends: "{ends}"}}'
        wrong = complaints(write(tmp_path, SMALL + f"checks:\n  maintenance: [{window}]\n"))
        assert complaint in " ".join(wrong)

    def test_is_kept_in_utc(self, tmp_path: Path) -> None:
        """Outages are."""
        window = (
            '{what: disks, announced: "2026-11-20T09:00Z", begins: "2026-12-01T20:00+01:00", '
            'ends: "2026-12-01T22:00+01:00"}'
        )
        settings = settings_of(tmp_path, f"checks:\n  maintenance: [{window}]\n")
        assert settings.checks.maintenance[0].moment("begins").isoformat() == "2026-12-01T19:00:00+00:00"
