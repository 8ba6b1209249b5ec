"""The checks on the machine, broken through what Linux shows of it: files, programs, power, the process itself."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_node import looking_at_machine
from edge_node.looking_at_machine import end_of, looks, release_ends
from edge_node.model.check import Outcome, Result
from edge_node.probes import encryption, updates
from edge_node.settings.schema import Settings

from .check_doubles import settings_of
from .look_ground import Site, TwoClocks, outcome
from .probes.programs import put
from .probes.test_encryption import Machine
from .probes.test_shield import NOBODY_LISTENS, STATUS
from .probes.test_updates import SECURITY, SUMMARY

DAY = timedelta(days=1)
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def judged(settings: Settings, check: str, at: datetime = START) -> Outcome:
    """Look at the machine of a site, and judge."""
    site = Site(settings, TwoClocks(wall_s=at.timestamp()))
    (look,) = (one for one in looks(site) if check in one.rules)  # type: ignore[arg-type]
    return outcome(settings, look, check)


def upkeep(folder: Path, **written: Any) -> Settings:
    """The settings of a site that says so much of its upkeep."""
    return settings_of(folder, f"checks:\n  upkeep: {written}\n")


class TestTheDisk:
    @pytest.mark.parametrize(
        ("uuid", "result"),
        [("CRYPT-LUKS2-0123-crypt", Result.GOOD),
         pytest.param("LVM-abcdef", Result.VIOLATED, marks=pytest.mark.breaks("disk-encryption"))],
    )  # fmt: skip
    def test_is_encrypted_or_bare(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, uuid: str, result: Result
    ) -> None:
        """Who takes it out of the machine reads every letter."""
        machine = Machine(tmp_path)
        machine.block("dm-0", uuid=uuid, number="253:0")
        machine.mount("253:0")
        there = partial(encryption.Ground, proc=tmp_path / "proc", sys=tmp_path / "sys")
        monkeypatch.setattr(encryption, "Ground", there)
        assert judged(settings_of(tmp_path), "disk-encryption").result is result


class TestTheFilesOfTheStore:
    @pytest.mark.breaks("db-permissions")
    def test_that_others_may_read_turn_their_check(self, tmp_path: Path) -> None:
        """Somebody copied the store to look into a fault."""
        settings = settings_of(tmp_path)
        settings.store_path.parent.mkdir(parents=True)
        settings.store_path.touch(mode=0o600)
        first = judged(settings, "db-permissions")
        settings.store_path.with_name("store.db.copy").touch()
        settings.store_path.with_name("store.db.copy").chmod(0o644)
        after = judged(settings, "db-permissions")
        assert (first.result, after.result, after.value) == (Result.GOOD, Result.VIOLATED, "store.db.copy")


class TestTheShield:
    @pytest.mark.parametrize(
        ("given", "result"),
        [({}, Result.GOOD), ({"NoNewPrivs": "0"}, Result.WARNED),
         pytest.param({"Uid": "0\t0\t0\t0"}, Result.VIOLATED, marks=pytest.mark.breaks("hardening-baseline"))],
    )  # fmt: skip
    def test_is_what_linux_says_of_the_process(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: Mapping[str, str], result: Result
    ) -> None:
        """Started by hand as root, a mistake of the program is the whole machine's."""
        status = {**STATUS, **given}
        (tmp_path / "self" / "net").mkdir(parents=True)
        (tmp_path / "self" / "status").write_text("".join(f"{name}:\t{text}\n" for name, text in status.items()))
        (tmp_path / "self" / "limits").write_text("Max core file size        0      unlimited  bytes\n")
        (tmp_path / "self" / "net" / "tcp").write_text(NOBODY_LISTENS)
        monkeypatch.setattr(looking_at_machine, "_PROC", tmp_path)
        assert judged(settings_of(tmp_path), "hardening-baseline").result is result


class TestPower:
    @pytest.mark.parametrize(
        ("online", "result"),
        [("1", Result.GOOD), pytest.param("0", Result.VIOLATED, marks=pytest.mark.breaks("ups-state"))],
    )
    def test_that_fails_turns_its_check(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, online: str, result: Result
    ) -> None:
        """On battery it is a matter of minutes."""
        (tmp_path / "supplies" / "ups0").mkdir(parents=True)
        for name, text in {"type": "UPS", "online": online, "capacity": "100"}.items():
            (tmp_path / "supplies" / "ups0" / name).write_text(f"{text}\n")
        monkeypatch.setattr(looking_at_machine, "_SUPPLIES", tmp_path / "supplies")
        assert judged(settings_of(tmp_path), "ups-state").result is result


class TestProtectionAgainstMalware:
    @pytest.mark.breaks("antimalware-state")
    def test_that_does_not_run_turns_its_check(self, tmp_path: Path) -> None:
        """Its program says so by how it ends."""
        first = judged(upkeep(tmp_path, antimalware_command=["/bin/true"]), "antimalware-state")
        after = judged(upkeep(tmp_path, antimalware_command=["/bin/false"]), "antimalware-state")
        assert (first.result, after.result) == (Result.GOOD, Result.VIOLATED)

    @pytest.mark.breaks("antimalware-state")
    def test_without_new_signatures_turns_its_check(self, tmp_path: Path) -> None:
        """It knows nothing of what came up since."""
        file = tmp_path / "daily.cld"
        file.touch()
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        settings = upkeep(tmp_path, antimalware_file=str(file))
        found = [judged(settings, "antimalware-state", written + days * DAY).result for days in (1, 3)]
        assert found == [Result.GOOD, Result.VIOLATED]


class Book:
    """Remembers since when each update is known."""

    def __init__(self) -> None:
        self.known: dict[str, datetime] = {}

    async def sighted(self, kind: str, names: tuple[str, ...], at: datetime) -> dict[str, datetime]:
        self.known = {name: self.known.get(name, at) for name in names}
        return self.known


class TestUpdates:
    @pytest.fixture
    def site(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Site:
        """A machine of which apt tells that something waits."""
        put(monkeypatch, tmp_path, "apt-get", f"echo '{SECURITY}'; echo '{SUMMARY}'")
        (tmp_path / "stamp").touch()
        here = partial(updates.Ground, lists=tmp_path / "lists", stamp=tmp_path / "stamp")
        monkeypatch.setattr(updates, "Ground", here)
        clocks = TwoClocks(wall_s=(tmp_path / "stamp").stat().st_mtime)
        site = Site(settings_of(tmp_path), clocks, parts={"reactor": SimpleNamespace(seconds=clocks.monotonic)})
        site.store = SimpleNamespace(upkeep=Book())
        return site

    @pytest.mark.breaks("patch-age")
    def test_that_wait_for_more_than_a_month_turn_their_check(self, site: Site) -> None:
        """Just started nobody asks; then it is known, and one day it has waited for too long."""
        (look,) = (one for one in looks(site) if "patch-age" in one.rules)  # type: ignore[arg-type]
        found = []
        for seconds in (0, 61, 31 * DAY.total_seconds()):
            site.clocks.pass_s(seconds)
            found.append(outcome(site.settings, look, "patch-age").result)
        assert found == [Result.UNKNOWN, Result.GOOD, Result.VIOLATED]


class TestARelease:
    @pytest.mark.breaks("node-version-supported")
    @pytest.mark.parametrize(("left", "result"), [(59 * DAY, Result.WARNED), (timedelta(), Result.VIOLATED)])
    def test_is_told_of_before_nobody_mends_it_any_more(
        self, tmp_path: Path, left: timedelta, result: Result
    ) -> None:
        """Two months are enough to plan a new one."""
        settings = upkeep(tmp_path, supported_until="2027-12-31")
        found = judged(settings, "node-version-supported", end_of("2027-12-31") - left)
        assert (found.result, found.value) == (result, "until 2027-12-31")

    def test_is_good_until_then(self, tmp_path: Path) -> None:
        """By the day that comes with it."""
        found = judged(settings_of(tmp_path), "node-version-supported", end_of(release_ends()) - 61 * DAY)
        assert found.result is Result.GOOD

    def test_is_supported_on_its_last_day(self) -> None:
        """The day in the notice of its maker is one of support."""
        assert end_of("2027-12-31") == datetime(2028, 1, 1, tzinfo=UTC)

    def test_comes_with_such_a_day(self) -> None:
        """What nobody wrote down would be supported for ever."""
        assert end_of(release_ends()) > datetime(2026, 11, 22, tzinfo=UTC)
