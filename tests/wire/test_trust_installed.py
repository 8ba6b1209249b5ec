"""The index of installed certificates: read as it was written, refused whole when it is not one."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.errors import Refused
from edge_node.wire.trust_installed import FILE, Installed, Standing, folder_of, read_index, write_index

AT = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
NEW = Installed(
    certificate="2027.pem",
    key="sealed:practice-2027",
    fingerprint="ab" * 32,
    standing=Standing.CURRENT,
    at=AT,
    tested=AT,
)
OLD = replace(
    NEW,
    certificate="2024.pem",
    key="/etc/k.pem",
    standing=Standing.PREVIOUS,
    at=AT - timedelta(days=900),
    tested=None,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of(tmp_path, "practice")


def written(folder: Path, **changed: object) -> None:
    write_index(folder, (NEW,))
    document = json.loads((folder / FILE).read_text())
    document["pairs"][0] |= changed
    (folder / FILE).write_text(json.dumps(document))


class TestIndex:
    def test_is_read_as_it_was_written_newest_first(self, folder: Path) -> None:
        """After a restart the node shows what it showed before."""
        write_index(folder, (OLD, NEW))
        assert read_index(folder) == (NEW, OLD)

    def test_that_is_not_there_holds_nothing(self, folder: Path) -> None:
        """Most sites never installed one: the settings name their certificate."""
        assert read_index(folder) == ()

    def test_is_for_the_service_alone(self, folder: Path) -> None:
        """It says which key is where."""
        write_index(folder, (NEW,))
        assert [(folder / FILE).stat().st_mode & 0o777, folder.stat().st_mode & 0o777] == [0o600, 0o700]

    def test_takes_the_place_of_the_one_before(self, folder: Path) -> None:
        """And leaves nothing half written beside it."""
        write_index(folder, (OLD,))
        write_index(folder, (NEW,))
        assert ([one.name for one in folder.iterdir()], read_index(folder)) == ([FILE], (NEW,))

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"[]", b'{"version": 2, "pairs": []}', b"\xff" * 10, b"1" * 300_000]
    )
    def test_that_is_none_is_refused(self, folder: Path, content: bytes) -> None:
        """The settings' own certificate goes on being shown; the refusal names the file."""
        write_index(folder, ())
        (folder / FILE).write_bytes(content)
        with pytest.raises(Refused, match=FILE) as caught:
            read_index(folder)
        assert caught.value.code == "EN-CERTIFICATE-INDEX"

    @pytest.mark.parametrize(
        "changed",
        [
            {"certificate": "../../etc/shadow.pem"},
            {"certificate": "a/b.pem"},
            {"key": "sealed:../store.db"},
            {"key": "key.pem"},
            {"fingerprint": "ab"},
            {"standing": "best"},
            {"at": "2027-03-01T09:30:00"},
            {"certificate": 3},
        ],
    )
    def test_with_a_name_that_leads_elsewhere_is_refused(self, folder: Path, changed: dict[str, object]) -> None:
        """Whoever can write the index must not get any file read."""
        written(folder, **changed)
        with pytest.raises(Refused):
            read_index(folder)
