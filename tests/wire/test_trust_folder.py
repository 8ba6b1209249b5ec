"""The folder of one identity: its requests that wait, and what was installed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.wire.trust_folder import IdentityFolder
from edge_node.wire.trust_installed import Installed, Standing
from edge_node.wire.trust_request import Subject, make_key, make_request

AT = datetime(2027, 3, 1, tzinfo=UTC)
PAIR = Installed(
    certificate="1.pem", key="sealed:practice.1", fingerprint="ab" * 32, standing=Standing.WAITING, at=AT
)
REQUEST = make_request(make_key("P-256"), Subject(organisation="De Linde", fqdn="linde.example.test"))


@pytest.fixture
def folder(tmp_path: Path) -> IdentityFolder:
    return IdentityFolder(tmp_path)


def key(folder: IdentityFolder, number: int) -> Path:
    path = folder.path / f"{number}.key.sealed"
    path.touch()
    return path


def names(folder: IdentityFolder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir() if path.name != "index.json")


class TestRequests:
    def test_wait_until_their_certificate_is_here(self, folder: IdentityFolder) -> None:
        """The list shows what the register still owes."""
        key(folder, 1)
        folder.put_request(1, REQUEST)
        assert [one.number for one in folder.requests()] == [1]
        folder.wait(replace(PAIR, certificate=folder.put_chain(1, b"")))
        assert folder.requests() == ()

    def test_of_a_folder_that_is_not_there_are_none(self, folder: IdentityFolder) -> None:
        """Most sites never asked for one here."""
        away = IdentityFolder(folder.path / "away")
        assert (away.requests(), away.pairs(), away.next_number()) == ((), (), 1)

    def test_that_cannot_be_read_are_none(self, folder: IdentityFolder) -> None:
        """A file that is damaged does not stand in the way of another request."""
        (folder.path / "3.csr.pem").write_bytes(b"no")
        assert (folder.requests(), folder.next_number()) == ((), 4)


class TestInstalled:
    def test_the_one_before_stays_at_hand(self, folder: IdentityFolder) -> None:
        """And only that one: three years are enough."""
        for number in (1, 2, 3):
            pair = replace(PAIR, certificate=f"{number}.pem", key=f"sealed:practice.{number}")
            folder.become(replace(pair, at=AT + timedelta(days=number)), folder.standing(Standing.CURRENT))
        found = {one.certificate: one.standing for one in folder.pairs()}
        assert found == {"3.pem": Standing.CURRENT, "2.pem": Standing.PREVIOUS}

    def test_one_that_waits_is_not_forgotten_by_another(self, folder: IdentityFolder) -> None:
        """It was asked for, paid for, and has its day still to come."""
        folder.wait(PAIR)
        folder.become(replace(PAIR, certificate="2.pem", key="sealed:practice.2"), None)
        assert folder.standing(Standing.WAITING) == PAIR

    def test_one_that_waited_waits_no_more_once_it_is_in_use(self, folder: IdentityFolder) -> None:
        """Else it would be tried again for ever."""
        folder.wait(PAIR)
        folder.become(PAIR, None)
        assert [one.standing for one in folder.pairs()] == [Standing.CURRENT]

    def test_make_their_folder(self, folder: IdentityFolder) -> None:
        """A site that never asked for a certificate here has none yet."""
        fresh = IdentityFolder(folder.path / "identities" / "practice")
        fresh.put_chain(1, b"")
        assert fresh.path.stat().st_mode & 0o777 == 0o700


class TestClear:
    def test_leaves_what_is_in_use_and_what_waits(self, folder: IdentityFolder) -> None:
        """A key that is destroyed is gone for good."""
        key(folder, 1)
        key(folder, 2)
        folder.put_request(2, REQUEST)
        folder.become(replace(PAIR, certificate=folder.put_chain(1, b"")), None)
        folder.clear()
        assert names(folder) == ["1.key.sealed", "1.pem", "2.csr.pem", "2.key.sealed"]

    def test_removes_the_rest(self, folder: IdentityFolder) -> None:
        """A process ended between a key and its request, or an older certificate made room."""
        folder.become(PAIR, None)
        key(folder, 1)
        key(folder, 2)
        folder.put_chain(2, b"")
        folder.become(replace(PAIR, certificate=folder.put_chain(3, b"")), None)
        folder.clear()
        assert names(folder) == ["1.key.sealed", "3.pem"]

    def test_a_request_whose_certificate_is_in_use_waits_no_more(self, folder: IdentityFolder) -> None:
        """Once that one makes room for another, its key must go with it."""
        key(folder, 1)
        folder.put_request(1, REQUEST)
        folder.become(replace(PAIR, certificate=folder.put_chain(1, b"")), None)
        folder.clear()
        assert names(folder) == ["1.key.sealed", "1.pem"]

    def test_leaves_what_the_settings_name(self, folder: IdentityFolder) -> None:
        """A start that found its certificate gone would be refused, years after the settings were written."""
        folder.become(PAIR, None)
        key(folder, 1)
        folder.put_chain(1, b"")
        folder.become(replace(PAIR, certificate=folder.put_chain(2, b""), key="sealed:practice.2"), None)
        IdentityFolder(folder.path, frozenset({"1"})).clear()
        assert names(folder) == ["1.key.sealed", "1.pem", "2.pem"]


class TestIndexLost:
    @pytest.mark.parametrize("content", [b"{", None], ids=["damaged", "gone"])
    def test_removes_no_key(self, folder: IdentityFolder, content: bytes | None) -> None:
        """What a disk did to one file must not cost the practice its certificate."""
        key(folder, 1)
        folder.become(replace(PAIR, certificate=folder.put_chain(1, b"")), None)
        folder.restore(content)
        folder.clear()
        key(folder, 2)
        folder.become(replace(PAIR, certificate=folder.put_chain(2, b""), key="sealed:practice.2"), None)
        folder.clear()
        assert names(folder) == ["1.key.sealed", "1.pem", "2.key.sealed", "2.pem", "index.damaged"]
        assert folder.damaged() == folder.path / "index.damaged"

    def test_is_over_once_somebody_says_so(self, folder: IdentityFolder) -> None:
        """Keys that nobody will use must not pile up for ever either."""
        key(folder, 1)
        folder.restore(b"{")
        folder.become(replace(PAIR, certificate=folder.put_chain(2, b""), key="sealed:practice.2"), None)
        (folder.path / "index.damaged").unlink()
        folder.clear()
        assert names(folder) == ["2.pem"]

    def test_is_not_the_first_installation(self, folder: IdentityFolder) -> None:
        """A site that never had one has lost nothing."""
        key(folder, 1)
        folder.put_request(1, REQUEST)
        folder.become(replace(PAIR, certificate=folder.put_chain(1, b"")), None)
        assert folder.damaged() is None

    def test_leaves_requests_that_wait(self, folder: IdentityFolder) -> None:
        """What the register still owes can be asked of the folder alone."""
        key(folder, 1)
        folder.put_request(1, REQUEST)
        folder.restore(b"{")
        assert [one.number for one in folder.requests()] == [1]
