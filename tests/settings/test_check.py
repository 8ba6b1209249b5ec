"""What on a machine does not fit the settings."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_node.settings.check import Checked, Machine, check
from edge_node.settings.credentials import gather
from edge_node.settings.load import load, load_with_places
from edge_node.settings.schema import Settings
from edge_node.settings.secrets import hash_secret
from edge_node.settings.tree import Steps
from tests.settings.written import SMALL, changed, write

TOKEN = "t" * 43
SERVICE = os.getuid() or 65534  # who runs the tests, but not root


def nothing_wrong(settings: Settings, where: Callable[[str], Path | None]) -> Iterator[tuple[Steps, str]]:
    """Judge certificates: all are good."""
    yield from ()


def put(path: Path, text: str, mode: int) -> None:
    """Write a file with its permissions."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A machine where everything is in place."""
    put(tmp_path / "certs" / "practice.pem", "PEM", 0o644)
    put(tmp_path / "certs" / "anchors.pem", "PEM", 0o644)
    put(tmp_path / "secrets" / "his.token", TOKEN, 0o600)
    put(tmp_path / "creds" / "practice-key", "PEM", 0o440)
    (tmp_path / "state").mkdir(mode=0o700)
    write(tmp_path, SMALL)
    return tmp_path


def checked(site: Path, *, credentials: str | None = "creds", free_bytes: int | None = None) -> Checked:
    """Check that machine."""
    directory = site / credentials if credentials else None
    machine = Machine(credentials=directory, uid=SERVICE, free_bytes=lambda _: free_bytes)
    return check(load_with_places([site / "site.yaml"]), machine, nothing_wrong)


class TestCheck:
    def test_says_nothing_when_all_is_in_place(self, site: Path) -> None:
        """Silence means the daemon will start."""
        assert checked(site) == Checked(complaints=())

    def test_changes_nothing(self, site: Path) -> None:
        """An operator may run it at any hour."""
        before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
        checked(site)
        assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before

    def test_names_the_line_of_a_file_that_is_gone(self, site: Path) -> None:
        """Where it is named is where it is put right."""
        (site / "certs" / "practice.pem").unlink()
        (complaint,) = checked(site).complaints
        assert complaint == (
            f"{site}/site.yaml:12:18: identities[0].certificate: its file cannot be found: No such file or directory"
        )

    def test_tells_that_the_disk_is_below_the_reserve(self, site: Path) -> None:
        """The node would start, and refuse every push of the practice."""
        (complaint,) = checked(site, free_bytes=1_000_000).complaints
        assert "store.disk_reserve_bytes: is 536870912, and the disk has only 1000000 bytes free" in complaint

    @pytest.mark.parametrize(
        ("name", "mode", "reason"),
        [
            ("secrets/his.token", 0o644, "mode 0644; it must be 0640 or 0600"),
            ("secrets/his.token", 0o660, "mode 0660; it must be 0640 or 0600"),
            ("creds/practice-key", 0o444, "mode 0444; it must be 0400 (a file of root may have 0440)"),
            ("certs/anchors.pem", 0o666, "mode 0666; it must be 0644 or less"),
            ("state", 0o755, "is open to every user"),
        ],
    )
    def test_refuses_files_that_others_can_read_or_change(
        self, site: Path, name: str, mode: int, reason: str
    ) -> None:
        """A key that everybody reads is no key; an anchor that everybody writes trusts everybody."""
        (site / name).chmod(mode)
        (complaint,) = checked(site).complaints
        assert reason in complaint

    @pytest.mark.parametrize(("content", "reason"), [("short", "at least"), ("", "is empty"), ("a\nb", "one line")])
    def test_refuses_a_secret_that_is_none(self, site: Path, content: str, reason: str) -> None:
        """Told before the local system is locked out, and without the secret."""
        put(site / "secrets" / "his.token", content, 0o600)
        (complaint,) = checked(site).complaints
        assert "local.systems[0].bearer_token_files[0]: its file" in complaint
        assert reason in complaint

    def test_tells_what_it_could_not_see(self, site: Path) -> None:
        """Credentials belong to the service alone: that is neither good nor wrong."""
        seen = checked(site, credentials=None)
        assert seen.complaints == ()
        assert "identities[0].key: cannot be seen from here" in seen.not_seen[0]

    def test_says_that_root_sees_too_much(self, site: Path) -> None:
        """Root reads what the service cannot: a clean check as root is no promise."""
        machine = Machine(credentials=site / "creds", uid=0)
        (note,) = check(load_with_places([site / "site.yaml"]), machine, nothing_wrong).not_seen
        assert "root may read and write everything" in note

    def test_passes_on_what_is_wrong_with_certificates(self, site: Path) -> None:
        """Trust judges them; the line in the settings comes from here."""

        def expired(settings: Settings, where: Callable[[str], Path | None]) -> Iterator[tuple[Steps, str]]:
            assert where(settings.identities[0].certificate) == site / "certs" / "practice.pem"
            yield ("identities", 0, "certificate"), "has ended"

        machine = Machine(credentials=site / "creds", uid=SERVICE)
        found = check(load_with_places([site / "site.yaml"]), machine, expired)
        assert found.complaints == (f"{site}/site.yaml:12:18: identities[0].certificate: has ended",)

    def test_tells_everything_that_is_wrong_with_one_file(self, site: Path) -> None:
        """A certificate is asked for anew once, not once for each fault in it."""

        def foreign(_settings: Settings, _where: Callable[[str], Path | None]) -> Iterator[tuple[Steps, str]]:
            yield ("identities", 0, "certificate"), "is for another name"
            yield ("identities", 0, "certificate"), "is of another URA"

        machine = Machine(credentials=site / "creds", uid=SERVICE)
        found = check(load_with_places([site / "site.yaml"]), machine, foreign)
        assert [line.rpartition(": ")[2] for line in found.complaints] == ["is for another name", "is of another URA"]

    def test_refuses_a_state_folder_that_is_a_file(self, site: Path) -> None:
        """Nothing could be kept."""
        (site / "state").rmdir()
        put(site / "state", "", 0o600)
        assert any("node.state_dir" in complaint for complaint in checked(site).complaints)

    def test_knows_users_and_groups(self, site: Path) -> None:
        """A user that was never made can never call."""
        text = changed("bearer_token_files: [secrets/his.token]", "unix_users: [no-such-user]")
        text = text.replace("{host: 127.0.0.1, port: 0}", "{unix_path: local.sock}")
        write(site, text + "management: {control_group: no-such-group}\n")
        first, second = checked(site).complaints
        assert "local.systems[0].unix_users[0]: this machine has no such user" in second
        assert "management.control_group: this machine has no such group" in first


class TestLocalCredentials:
    def test_two_systems_cannot_share_a_token(self, site: Path) -> None:
        """The same token under two names would let either be taken for the other."""
        put(site / "secrets" / "ais.token", hash_secret(TOKEN), 0o600)
        second = "    - {name: ais, bearer_token_files: [secrets/ais.token]}\nswitchboard:\n"
        application = '      - {id: "90001002", name: AIS, local_system: ais}\nlocal:\n'
        write(site, SMALL.replace("switchboard:\n", second).replace("local:\n", application, 1))
        (complaint,) = checked(site).complaints
        assert "local.systems[1]: shares a credential with his" in complaint

    def test_holds_only_hashes(self, site: Path) -> None:
        """The token itself is forgotten once read."""
        (his,), _ = gather(load([site / "site.yaml"]), site / "creds", bytes)
        assert his.system == "his"
        assert TOKEN not in repr(his)
        assert [proof.scheme for proof in his.bearer] == ["sha256"]
