"""`edge-node check`, `run` and `version`."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_node import __version__
from edge_node.model.backup import Remembered
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.store import recovery, remembered

from ..settings.written import SMALL, write
from ..store.shelf import Shelf
from .conftest import Run

WRONG = SMALL.replace("id: gp-1", "idd: gp-1").replace('"3"', '"x"')


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=datetime.now(UTC), bad=False)


@pytest.fixture
def good(tmp_path: Path, pki: Pki) -> str:
    """Settings of a site that has everything."""
    (tmp_path / "secrets").mkdir()
    token = tmp_path / "secrets" / "his.token"
    token.touch(mode=0o600)
    token.write_text("0123456789abcdef0123456789abcdef\n")
    practice = pki.files("practice")
    changes = {
        "fqdn: gp-1.example": f"fqdn: {PRACTICE[1]}",
        '"00001001"': f'"{PRACTICE_UZI.ura}"',
        "certs/practice.pem": str(practice.chain),
        "credential:practice-key": str(practice.key),
        "certs/anchors.pem": str(pki.anchors),
    }
    text = SMALL
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


class TestCheck:
    def test_says_that_all_is_good(self, run: Run, tmp_path: Path, good: str) -> None:
        """Before the site goes live, and before each restart."""
        result = run("check", "--config", str(write(tmp_path, good)))
        assert (result.exit_code, result.stderr) == (0, "")
        assert "The settings are good" in result.stdout

    def test_changes_nothing(self, run: Run, tmp_path: Path, good: str) -> None:
        """It may be run at any moment, also beside a node that works."""
        config = write(tmp_path, good)
        before = sorted(tmp_path.rglob("*"))
        run("check", "--config", str(config))
        assert sorted(tmp_path.rglob("*")) == before

    def test_tells_every_complaint_with_its_line(self, run: Run, tmp_path: Path) -> None:
        """The operator mends all of them in one go."""
        config = write(tmp_path, WRONG)
        result = run("check", "--config", str(config))
        assert result.exit_code == 78
        assert f"{config}:3:3: node.idd: " in result.stdout
        assert f"{config}:26:8: switchboard.zim: " in result.stdout

    def test_judges_certificates_as_the_listeners_will(self, run: Run, tmp_path: Path, good: str) -> None:
        """A certificate for another name would be found out by the switchboard, at night."""
        config = write(tmp_path, good.replace(PRACTICE[1], "other.example"))
        result = run("check", "--json", "--config", str(config))
        found = json.loads(result.stdout)
        assert (result.exit_code, found["ok"], len(found["complaints"])) == (78, False, 1)
        assert "identities[0].certificate" in found["complaints"][0]
        assert "not for other.example" in found["complaints"][0]

    def test_says_what_it_could_not_see(self, run: Run, tmp_path: Path, good: str, pki: Pki) -> None:
        """A credential is given to the service alone; silence would look like a check that passed."""
        config = write(tmp_path, good.replace(str(pki.files("practice").key), "credential:practice-key"))
        result = run("check", "--config", str(config))
        assert result.exit_code == 0
        assert "not checked: " in result.stdout
        assert "identities[0].key" in result.stdout

    def test_says_which_interactions_are_otherwise_here(self, run: Run, tmp_path: Path, good: str) -> None:
        """The operator sees before the start what this site refuses and what it adds."""
        text = good.replace("switchboard:\n", "switchboard:\n  in_use: {PVMV_IN932000NL01: false}\n", 1)
        config = str(write(tmp_path, text))
        result = run("check", "--config", config)
        assert result.exit_code == 0
        assert "interaction PVMV_IN932000NL01: retired by this site, in use by the table\n" in result.stdout
        found = json.loads(run("check", "--json", "--config", config).stdout)
        assert found["interactions"] == [{"id": "PVMV_IN932000NL01", "way": "retired", "columns": []}]

    def test_hints_at_an_interaction_that_is_no_longer_in_use(self, run: Run, tmp_path: Path, good: str) -> None:
        """The system was qualified for it once, so nothing is wrong; yet each message of it is refused."""
        line = "local_system: his\n        interactions: [RCMR_IN000002NL]\n"
        config = str(write(tmp_path, good.replace("local_system: his\n", line, 1)))
        result = run("check", "--config", config)
        assert result.exit_code == 0
        assert "interactions[0]: RCMR_IN000002NL is no longer in use" in result.stdout
        hints = json.loads(run("check", "--json", "--config", config).stdout)["hints"]
        assert [hint for hint in hints if "interactions" in hint] == hints[:1]

    def test_hints_at_what_is_missed_when_the_machine_is_gone(self, run: Run, tmp_path: Path, good: str) -> None:
        """Nobody thinks of a recovery key on the day it is needed."""
        assert "store: has no recovery_keys" in run("check", "--config", str(write(tmp_path, good))).stdout

    def test_refuses_a_folder_for_backups_that_is_not_there(self, run: Run, tmp_path: Path, good: str) -> None:
        """Where a disk is not mounted, backups would fill the one below it."""
        config = str(write(tmp_path, good + f"store: {{backup: {{folder: {tmp_path / 'usb'}}}}}\n"))
        result = run("check", "--config", config)
        assert result.exit_code == 78
        assert "store.backup.folder: is no folder; make it, or mount its disk" in result.stdout

    def test_hints_at_backups_that_fail(self, run: Run, tmp_path: Path, good: str) -> None:
        """Whoever looks before a release must see that there is nothing to go back to."""
        recovery.make(tmp_path / "private.pem", tmp_path / "public.pem")
        (tmp_path / "usb").mkdir()
        path = tmp_path / "there.db"
        shelf = Shelf(path)
        failed = Remembered(kind="backup", at=1.0, code="EN-BACKUP-NO-ROOM")
        shelf.do(lambda session: remembered.add(session, failed))
        shelf.close()
        keys = f"recovery_keys: [{tmp_path / 'public.pem'}], path: {path}"
        text = good + f"store: {{{keys}, backup: {{folder: {tmp_path / 'usb'}}}}}\n"
        told = run("check", "--config", str(write(tmp_path, text))).stdout
        assert "store.backup: the last backup failed: EN-BACKUP-NO-ROOM" in told
        assert "store.backup: no good backup of late: there is none yet" in told
        assert "store.backup: no restore was ever proven" in told

    def test_refuses_the_key_of_another_store(self, run: Run, tmp_path: Path, good: str) -> None:
        """A start would refuse it too, at a moment when the old process is gone."""
        Shelf(tmp_path / "there.db").close()
        (tmp_path / "sealing.key").unlink()
        (tmp_path / "sealing.key").write_bytes(b"x" * 32)
        result = run("check", "--config", str(write(tmp_path, good + f"store: {{path: {tmp_path / 'there.db'}}}\n")))
        assert result.exit_code == 78
        assert "sealing.key is another one; this store needs key" in result.stdout

    def test_refuses_a_store_that_is_gone(self, run: Run, tmp_path: Path, good: str) -> None:
        """Its keys lie there: the disk may not be mounted."""
        Shelf(tmp_path / "there.db").close()
        (tmp_path / "there.db").unlink()
        result = run("check", "--config", str(write(tmp_path, good + f"store: {{path: {tmp_path / 'there.db'}}}\n")))
        assert result.exit_code == 78
        assert "store: EN-STORE-GONE" in result.stdout

    def test_knows_the_table_of_interactions(self, run: Run, tmp_path: Path, good: str) -> None:
        """A misspelt interaction would be refused later, message by message."""
        text = good.replace("local_system: his\n", "local_system: his\n        interactions: [PORX_IN999999NL]\n", 1)
        result = run("check", "--config", str(write(tmp_path, text)))
        assert result.exit_code == 78
        assert "interactions[0]" in result.stdout


class TestRun:
    def test_refuses_wrong_settings_with_every_complaint(self, tmp_path: Path) -> None:
        """The same words as `check`, and nothing is opened."""
        config = write(tmp_path, WRONG)
        command = [sys.executable, "-m", "edge_node.cli.main", "run", "--config", str(config)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stdout) == (78, "")
        assert f"{config}:3:3: node.idd: " in ended.stderr
        assert f"{config}:26:8: switchboard.zim: " in ended.stderr

    @pytest.mark.parametrize("spoilt", ["chain.pem", "key.pem", "anchors.pem", "his.token"])
    @pytest.mark.parametrize("as_what", ["absent", "noise"])
    def test_says_of_files_what_check_says(
        self, run: Run, tmp_path: Path, good: str, spoilt: str, as_what: str
    ) -> None:
        """Whoever is woken by a start that failed must find the line, without knowing of another command."""
        named = next(word for word in good.replace(",", " ").replace("]", " ").split() if word.endswith(spoilt))
        other = tmp_path / as_what
        (tmp_path / "noise").write_text("no certificate")
        (tmp_path / "noise").chmod(0o600)
        config = write(tmp_path, good.replace(named, str(other)))
        command = [sys.executable, "-m", "edge_node.cli.main", "run", "--config", str(config)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 78
        complaints = json.loads(run("check", "--json", "--config", str(config)).stdout)["complaints"]
        assert ended.stderr.splitlines() == complaints
        assert complaints[0].startswith(f"{config}:")


class TestVersion:
    def test_is_printed(self, run: Run) -> None:
        """The first question of a help desk."""
        assert run("version").stdout == f"{__version__}\n"
        assert json.loads(run("version", "--json").stdout) == {"version": __version__}
