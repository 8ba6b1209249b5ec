"""The checks on what a site announced, signed and chose, broken through its settings, its files and its disk."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_node.looking_at_plans import looks
from edge_node.model.check import Outcome, Result
from edge_node.model.check_memory import Outage
from edge_node.model.facts_planned import Window
from edge_node.policy.check_planned import unplanned_s
from edge_node.settings.schema import Settings

from .check_doubles import settings_of
from .look_ground import Site, TwoClocks, outcome

AT = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
WINDOW = '{{what: disks, announced: "{}", begins: "{}", ends: "{}"}}'
MAIL = "alerts:\n  mail: {host: mail.example, tls: starttls, anchors: a.pem, sender: node@gp.example}\n"


def judged(settings: Settings, check: str, site: Site | None = None) -> Outcome:
    at = site or Site(settings, TwoClocks(wall_s=AT.timestamp()), parts={"layers": (Path(),)})
    (look,) = (one for one in looks(at) if check in one.rules)  # type: ignore[arg-type]
    return outcome(settings, look, check)


class TestMaintenance:
    @pytest.mark.parametrize(
        ("announced", "begins", "ends", "result"),
        [
            ("2026-12-01T09:00+01:00", "2026-12-08T19:00+01:00", "2026-12-08T21:00+01:00", Result.GOOD),
            pytest.param(
                "2026-12-01T09:00+01:00",
                "2026-12-07T19:00+01:00",
                "2026-12-07T21:00+01:00",
                Result.VIOLATED,
                marks=pytest.mark.breaks("maintenance-window"),
            ),
            ("2026-12-01T09:00+01:00", "2026-12-08T17:00+01:00", "2026-12-08T19:00+01:00", Result.WARNED),
            ("2026-12-01T09:00+01:00", "2026-12-11T19:00+01:00", "2026-12-14T08:30+01:00", Result.WARNED),
            ("2026-12-01T09:00+01:00", "2026-12-12T09:00+01:00", "2026-12-12T17:00+01:00", Result.GOOD),
            ("2026-12-10T09:00+01:00", "2026-12-08T19:00+01:00", "2026-12-08T21:00+01:00", Result.VIOLATED),
            ("2026-10-01T09:00+01:00", "2026-10-02T19:00+01:00", "2026-10-02T21:00+01:00", Result.NOT_USED),
        ],
        ids=["in time", "late", "in hours", "into Monday", "Saturday", "afterwards", "long ago"],
    )
    def test_is_announced_in_time_and_outside_opening_hours(
        self, tmp_path: Path, announced: str, begins: str, ends: str, result: Result
    ) -> None:
        """Working days count, and Dutch time."""
        text = f"checks:\n  maintenance: [{WINDOW.format(announced, begins, ends)}]\n"
        assert judged(settings_of(tmp_path, text), "maintenance-window").result is result

    def test_need_not_be_planned(self, tmp_path: Path) -> None:
        """None is planned: there is nothing to judge."""
        assert judged(settings_of(tmp_path), "maintenance-window").result is Result.NOT_USED


class TestAnOutage:
    @pytest.mark.parametrize(
        ("began", "ended", "minutes"),
        [(19, 20, 0), (18, 19, 30), (18, 20, 30), (20, 23, 90), (18, 23, 120), (10, 11, 60)],
    )
    def test_counts_as_far_as_it_is_outside_maintenance(self, began: int, ended: int, minutes: int) -> None:
        """Announced from 18:30 to 21:30: what took longer than that is an outage all the same."""
        begins, ends = AT.replace(hour=18, minute=30), AT.replace(hour=21, minute=30)
        window = Window(what="disks", announced=AT, begins=begins, ends=ends)
        outage = Outage(part="switchboard", began_at=AT.replace(hour=began), ended_at=AT.replace(hour=ended))
        assert unplanned_s(outage, (window,), AT) == minutes * 60


class TestSignatures:
    @pytest.mark.parametrize(
        ("later", "result"),
        [(b"", Result.GOOD), pytest.param(b"# later", Result.VIOLATED, marks=pytest.mark.breaks("config-signature"))],
    )
    def test_are_of_the_files_as_they_lie_there(self, tmp_path: Path, later: bytes, result: Result) -> None:
        """Who edits a file after it was signed is seen."""
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / "anna.pem").write_bytes(public)
        read = settings_of(tmp_path, "checks:\n  signers: [anna.pem]\n")
        file = tmp_path / "site.yaml"
        file.with_name("site.yaml.sig").write_bytes(key.sign(file.read_bytes()))
        file.write_bytes(file.read_bytes() + later)
        assert judged(read, "config-signature", Site(read, parts={"layers": (file,)})).result is result

    def test_are_not_asked_for_where_nobody_signs(self, tmp_path: Path) -> None:
        """It is for the site to choose."""
        assert judged(settings_of(tmp_path), "config-signature").result is Result.NOT_USED


class TestWhereDataGo:
    @pytest.mark.parametrize(
        ("countries", "result"),
        [
            ("{}", Result.UNKNOWN),
            ("{mail.example: NL}", Result.GOOD),
            pytest.param("{mail.example: US}", Result.VIOLATED, marks=pytest.mark.breaks("data-residency")),
        ],
    )
    def test_is_in_the_eea(self, tmp_path: Path, countries: str, result: Result) -> None:
        """A mail server abroad is a choice that must be seen; one of which nobody says where it is as well."""
        read = settings_of(tmp_path, f"{MAIL}network:\n  countries: {countries}\n")
        assert judged(read, "data-residency").result is result

    def test_is_nowhere_where_nothing_is_sent(self, tmp_path: Path) -> None:
        """Only over the care network."""
        assert judged(settings_of(tmp_path), "data-residency").result is Result.NOT_USED

    def test_is_here_on_this_machine(self, tmp_path: Path) -> None:
        """A mail server on loopback sends on by its own rules, which are not ours to judge."""
        mail = MAIL.replace("mail.example", "localhost").replace("starttls", "none")
        assert judged(settings_of(tmp_path, mail), "data-residency").result is Result.NOT_USED

    def test_counts_backups(self, tmp_path: Path) -> None:
        """The folder may lie on a disk of somebody else."""
        read = settings_of(tmp_path, "store:\n  backup: {folder: /mnt/backup}\nnetwork: {countries: {backup: CH}}\n")
        assert judged(read, "data-residency").value == "backup in CH"


class SlowClocks(TwoClocks):
    """Of a machine on which all takes a second."""

    def monotonic(self) -> float:
        self.steady_s += 1
        return self.steady_s


class TestPace:
    @pytest.mark.parametrize(
        ("clocks", "result"),
        [
            (TwoClocks(), Result.GOOD),
            pytest.param(SlowClocks(), Result.VIOLATED, marks=pytest.mark.breaks("throughput-selftest")),
        ],
    )
    def test_is_that_of_the_disk(self, tmp_path: Path, clocks: TwoClocks, result: Result) -> None:
        """Really written and synced, where the store is."""
        (tmp_path / "state").mkdir()
        read = settings_of(tmp_path)
        assert judged(read, "throughput-selftest", Site(read, clocks)).result is result
