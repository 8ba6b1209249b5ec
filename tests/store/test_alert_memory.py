"""What people were told of outlives a restart, a full disk and a write that was cut short."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_node.errors import Side
from edge_node.model.alert import Alert, Circle, Episode, Memory, Occasion
from edge_node.model.notice import Words
from edge_node.model.sentence import Outage, Saying, Sentence
from edge_node.store.alert_memory import AlertMemory

AT = datetime(2027, 3, 10, 12, tzinfo=UTC)
SENTENCE = Sentence(
    saying=Saying.LSP_DOWN,
    said_at=AT,
    about="x",
    since=AT,
    until=AT,
    messages=None,
    left=2,
    name="Medicom",
    cause=Words(nl="oorzaak", en="cause"),
    do=Words(nl="doe", en="do"),
    help_line="De Linde (020 1234567)",
    whose=Side.NETWORK,
    is_told_elsewhere=True,
    is_beside=True,
)
EPISODE = Episode(
    sentence=SENTENCE, seen_at=AT, as_at=AT, told_as="lsp-down", begun_at=AT, told_at=AT, network_at=AT, gone_at=AT,
    ended_at=AT, times=3, turns=2, is_again=True,
)  # fmt: skip
ALERT = Alert(seq=7, at=AT, occasion=Occasion.STILL, circle=Circle.NETWORK, sentence=SENTENCE, times=3, is_again=True)
WHOLE = Memory(
    episodes=(EPISODE,),
    alerts=(ALERT,),
    last_seq=7,
    upto={"mail-alerts": 6},
    outage=Outage(saying=Saying.LOCAL_DOWN, since=AT, until=AT, delivered=None, left=1),
    daily_on="2027-03-10",
    help_line="De Linde (020 1234567)",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.memory"


class TestMemory:
    def test_comes_back_as_it_was(self, path: Path) -> None:
        """Every field: one that is lost is a mail too many."""
        AlertMemory(path).put(WHOLE)
        assert AlertMemory(path).take() == WHOLE

    def test_last_one_written_counts(self, path: Path) -> None:
        """Also after many."""
        shelf = AlertMemory(path)
        shelf.put(WHOLE)
        shelf.put(replace(WHOLE, last_seq=8))
        shelf.put(replace(WHOLE, last_seq=9))
        assert AlertMemory(path).take().last_seq == 9

    def test_goes_on_where_the_run_before_stopped(self, path: Path) -> None:
        """The new run does not write under an older number."""
        AlertMemory(path).put(WHOLE)
        second = AlertMemory(path)
        second.take()
        second.put(replace(WHOLE, last_seq=8))
        assert AlertMemory(path).take().last_seq == 8

    def test_is_empty_where_there_is_none(self, path: Path) -> None:
        """The first start."""
        assert AlertMemory(path).take() == Memory()

    def test_is_for_the_service_alone(self, path: Path) -> None:
        """It says since when a practice could not work."""
        AlertMemory(path).put(WHOLE)
        assert path.stat().st_mode & 0o777 == 0o600


class TestDisk:
    def test_takes_its_room_once(self, path: Path) -> None:
        """Writing over what there is needs no room on a full disk."""
        shelf = AlertMemory(path)
        shelf.put(Memory())
        before = path.stat()
        shelf.put(WHOLE)
        shelf.put(WHOLE)
        after = path.stat()
        assert (after.st_size, after.st_blocks, after.st_ino) == (before.st_size, before.st_blocks, before.st_ino)

    @pytest.mark.parametrize("spoiled", [20, 200, 131_072 + 200])
    def test_a_slot_that_was_spoiled_is_passed_over(self, path: Path, spoiled: int) -> None:
        """Power went while it was written: the one before it is whole, or nothing is believed."""
        shelf = AlertMemory(path)
        shelf.put(WHOLE)
        shelf.put(WHOLE)
        written = bytearray(path.read_bytes())
        written[spoiled] ^= 0xFF
        path.write_bytes(bytes(written))
        assert AlertMemory(path).take() == WHOLE

    @pytest.mark.parametrize("turns", [1, 2])
    def test_that_an_older_release_wrote_is_taken_up(self, path: Path, turns: int) -> None:
        """Its slots were smaller: after an update nobody is told once more of what still stands."""
        shelf = AlertMemory(path)
        for seq in range(turns):
            shelf.put(replace(WHOLE, last_seq=8 - seq))
        written = path.read_bytes()
        path.write_bytes(written[:32_768] + written[131_072 : 131_072 + 32_768])
        assert AlertMemory(path).take().last_seq == 9 - turns

    @pytest.mark.parametrize("content", [b"", b"\0" * 65_536, b"x" * 100])
    def test_anything_else_is_an_empty_memory(self, path: Path, content: bytes) -> None:
        """A node that does not start because of what it told is worse than a mail too many."""
        path.write_bytes(content)
        assert AlertMemory(path).take() == Memory()

    def test_what_cannot_be_written_is_said(self, path: Path) -> None:
        """The caller tells it once, and goes on."""
        path.mkdir()
        with pytest.raises(OSError, match="directory"):
            AlertMemory(path).put(WHOLE)

    def test_a_link_is_not_followed(self, path: Path, tmp_path: Path) -> None:
        """Nobody makes the node write over another file."""
        other = tmp_path / "other"
        other.write_bytes(b"theirs")
        path.symlink_to(other)
        with pytest.raises(OSError, match="symbolic"):
            AlertMemory(path).put(WHOLE)
        assert other.read_bytes() == b"theirs"

    def test_more_than_a_slot_holds_keeps_the_newest(self, path: Path) -> None:
        """A hundred alerts that no mail server takes."""
        many = tuple(replace(ALERT, seq=n) for n in range(1, 1201))
        AlertMemory(path).put(replace(WHOLE, alerts=many))
        kept = AlertMemory(path).take()
        assert kept.alerts[-1].seq == 1200
        assert 0 < len(kept.alerts) < 1200
        assert kept.episodes == (EPISODE,)
