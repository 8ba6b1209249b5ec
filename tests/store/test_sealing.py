"""What the store holds of messages cannot be read from its file."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.keeping import Admitted, Known
from edge_node.model.lifecycle import Event
from edge_node.model.message import Payload, StoredAnswer
from edge_node.store import admission, answers, messages, recovery
from edge_node.store.batch import transact
from edge_node.store.opening import open_run
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.sealing import Unreadable, context_of
from edge_node.store.surroundings import SealingKeys, Surroundings
from tests.store.shelf import ANSWER, Counting, Shelf, TwoClocks, push

DAY_S = 86_400
SECRET = Payload(
    path="Patient?identifier=999911120",
    soap_action="urn:about-999911120",
    content_type="application/fhir+json; of=999911120",
    body=b"999911120 has asthma",
    headers=(("X-Patient", "999911120"),),
)
TOLD = StoredAnswer(status=200, content_type="of=999911120", body=b"999911120", headers=(("Of", "999911120"),))


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


@pytest.fixture
def pair(tmp_path: Path) -> RecoveryPrivate:
    recovery.make(tmp_path / "safe.pem", tmp_path / "node.pem")
    return recovery.load_private(tmp_path / "safe.pem")


def reopen(shelf: Shelf, sealing: SealingKeys) -> None:
    shelf.die()
    shelf.opened = open_run(shelf.path, Surroundings(clock=shelf.clock, chance=shelf.chance, sealing=sealing))
    shelf.session = shelf.opened.session


def one(shelf: Shelf, sql: str) -> object:
    return shelf.session.execute(sql).fetchone()[0]


def delivered(shelf: Shelf) -> str:
    entry = shelf.leased(push(1, payload=SECRET))
    shelf.settle(entry, Event.ACKNOWLEDGED, answer=TOLD)
    return entry.uid


class TestBytes:
    def test_are_in_no_file_of_the_store(self, shelf: Shelf) -> None:
        """Who carries the machine away, or buys its old disk, reads no patient."""
        delivered(shelf)
        shelf.keep(push(2, payload=SECRET), answer=TOLD)
        shelf.session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert [path.name for path in shelf.path.parent.iterdir() if b"999911120" in path.read_bytes()] == []

    def test_go_out_as_they_came(self, shelf: Shelf) -> None:
        """Byte for byte: anything else would break the signature of a token."""
        shelf.kept(push(1, payload=SECRET))
        shelf.restart()
        assert [entry.payload for entry in shelf.lease()] == [SECRET]

    @pytest.mark.parametrize("body", [b"", bytes(range(256)), b"\0" * 70_000])
    def test_may_be_any_bytes(self, shelf: Shelf, body: bytes) -> None:
        """Also none, and also more than a page."""
        uid = shelf.kept(push(1, body=body))
        assert shelf.do(lambda session: messages.bytes_of(session, uid)).body == body

    def test_of_equal_messages_are_not_equal(self, shelf: Shelf) -> None:
        """Otherwise the file would tell who gets the same prescription each month."""
        shelf.kept(push(1, payload=SECRET))
        shelf.kept(push(2, payload=SECRET))
        assert one(shelf, "SELECT count(DISTINCT body) FROM bodies") == 2

    @pytest.mark.parametrize("place", [1, 4, 6, 20, -1])
    def test_that_were_changed_leave_the_line(self, shelf: Shelf, place: int) -> None:
        """A damaged disk must not have half a prescription delivered, nor stop those behind it."""
        shelf.kept(push(1))
        shelf.kept(push(2))
        blob = bytearray(one(shelf, "SELECT body FROM bodies WHERE seq = 1"))  # type: ignore[call-overload]
        blob[place] ^= 1
        shelf.session.execute("UPDATE bodies SET body = ? WHERE seq = 1", (bytes(blob),))
        assert [entry.message_id.extension for entry in [*shelf.lease(), *shelf.lease()]] == ["2"]
        assert one(shelf, "SELECT count(*) FROM set_aside") == 1

    def test_of_another_message_leave_the_line(self, shelf: Shelf) -> None:
        """Exchanging two rows on the disk must not send one patient's referral for another's."""
        shelf.kept(push(1))
        shelf.kept(push(2, order="other"))
        shelf.session.execute("UPDATE bodies SET body = (SELECT body FROM bodies WHERE seq = 1) WHERE seq = 2")
        assert [entry.message_id.extension for entry in [*shelf.lease(), *shelf.lease()]] == ["1"]
        assert one(shelf, "SELECT count(*) FROM set_aside") == 1

    def test_with_a_new_token_are_sealed_as_well(self, shelf: Shelf) -> None:
        """A renewal brings new bytes, of the same patient."""
        entry = shelf.leased(push(1, payload=SECRET, token=b"t1"))
        shelf.put_back(entry, unknown=True)
        renewed = shelf.keep(push(1, payload=SECRET, token=b"t2"), lease=True)
        assert isinstance(renewed, Admitted)
        shelf.session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"999911120" not in shelf.path.read_bytes()


class TestAnswers:
    def test_are_given_again_byte_for_byte(self, shelf: Shelf) -> None:
        """A copy gets the first answer, also after a restart and after the file was written anew."""
        uid = delivered(shelf)
        shelf.restart()
        shelf.session.execute("VACUUM")
        assert shelf.keep(push(1, payload=SECRET)) == Known(uid=uid, answer=TOLD)

    def test_of_another_are_not_given(self, shelf: Shelf) -> None:
        """The row of one copied over the row of another: it opens for nobody but its own."""
        shelf.keep(push(1), answer=ANSWER)
        shelf.keep(push(2), answer=TOLD)
        shelf.session.execute("UPDATE answers SET body = (SELECT body FROM answers WHERE id = 2) WHERE id = 1")
        known = shelf.keep(push(1))
        assert isinstance(known, Known)
        assert (known.answer, known.code) == (None, "EN-ANSWER-LOST")

    def test_of_the_end_do_not_pass_for_the_first_one(self, shelf: Shelf) -> None:
        """Both are of one message; a copy gets the one its sender had."""
        entry = shelf.leased(push(1))
        shelf.do(lambda session: admission.answered(session, entry.uid, ANSWER))
        shelf.settle(entry, Event.ACKNOWLEDGED, answer=TOLD)
        number = one(shelf, "SELECT answer FROM messages")
        with pytest.raises(Unreadable):
            shelf.do(lambda session: answers.get(session, int(str(number)), answers.of_memory((), entry.uid)))


class TestKeysOfDays:
    def test_are_one_a_day(self, shelf: Shelf) -> None:
        """A key is destroyed with its day, so it must not seal more than that day."""
        for number in range(4):
            shelf.kept(push(number))
            shelf.clock.advance(DAY_S / 2)
        assert one(shelf, "SELECT count(*) FROM day_keys") == 3
        assert one(shelf, "SELECT count(DISTINCT key) FROM bodies") == 3

    @pytest.mark.parametrize("jump_s", [-DAY_S, DAY_S])
    def test_are_no_more_for_a_clock_that_jumps(self, shelf: Shelf, jump_s: float) -> None:
        """A clock that goes to and fro all night finds the keys it had."""
        for number in range(10):
            shelf.clock.wall_s += jump_s if number % 2 else -jump_s
            shelf.kept(push(number))
        assert one(shelf, "SELECT count(*) FROM day_keys") == 2

    def test_made_in_a_commit_that_failed_seal_nothing(self, shelf: Shelf) -> None:
        """What was sealed with a key that was never written could never be opened."""
        shelf.clock.advance(DAY_S)

        def full(name: str) -> None:
            raise sqlite3.OperationalError(name)

        shelf.session.fail_point = full
        with pytest.raises(EdgeNodeError):
            shelf.do(lambda session: session.sealer.number)
        shelf.session.fail_point = lambda name: None
        uid = shelf.kept(push(1))
        shelf.restart()
        assert shelf.do(lambda session: messages.bytes_of(session, uid)) == push(1).payload

    def test_open_with_a_recovery_key(self, shelf: Shelf, pair: RecoveryPrivate) -> None:
        """The machine and its key are gone; a copy of the store and the paper in the safe are left."""
        reopen(shelf, SealingKeys(recovery=(pair.public,)))
        shelf.kept(push(1, payload=SECRET))
        number = int(str(one(shelf, "SELECT key FROM bodies")))
        blob = one(shelf, f"SELECT blob FROM wrapped_keys WHERE key = {number} AND by = '{pair.id}'")
        assert recovery.unwrap(pair, bytes(blob), context_of(number)) == shelf.session.sealer.secret(number)  # type: ignore[call-overload]

    def test_made_before_open_with_a_recovery_key_that_came_later(self, shelf: Shelf, pair: RecoveryPrivate) -> None:
        """A site that makes its recovery key in the second week recovers the first one too."""
        shelf.kept(push(1))
        reopen(shelf, SealingKeys(recovery=(pair.public,)))
        assert one(shelf, f"SELECT count(*) FROM wrapped_keys WHERE by = '{pair.id}'") == 1

    def test_open_no_more_with_a_recovery_key_that_left(self, shelf: Shelf, pair: RecoveryPrivate) -> None:
        """A stick was lost: taking it out of the settings takes it out of the store."""
        reopen(shelf, SealingKeys(recovery=(pair.public,)))
        reopen(shelf, SealingKeys(recovery=()))
        assert one(shelf, f"SELECT count(*) FROM wrapped_keys WHERE by = '{pair.id}'") == 0


class TestKeyOfTheStore:
    def refused(self, shelf: Shelf) -> str:
        with pytest.raises(EdgeNodeError) as told:
            open_run(shelf.path, shelf.around)
        return str(told.value)

    @pytest.fixture
    def closed(self, tmp_path: Path) -> Shelf:
        shelf = Shelf(tmp_path / "store.db")
        shelf.kept(push(1))
        shelf.close()
        return shelf

    @pytest.fixture
    def key(self, closed: Shelf) -> Path:
        return closed.path.with_name("sealing.key")

    def test_is_made_for_its_owner_alone(self, key: Path) -> None:
        """It opens everything."""
        assert key.stat().st_mode & 0o777 == 0o400
        assert len(key.read_bytes()) == 32

    def test_that_is_another_refuses_the_start(self, closed: Shelf, key: Path) -> None:
        """Going on would set each message aside as damaged; nothing is, the file is wrong."""
        key.chmod(0o600)
        key.write_bytes(b"x" * 32)
        told = self.refused(closed)
        assert told.startswith(f"EN-SEALING-KEY: {key} holds key ")

    @pytest.mark.parametrize("mode", [0o644, 0o604, 0o420])
    def test_that_others_can_read_refuses_the_start(self, closed: Shelf, key: Path, mode: int) -> None:
        """It would seal nothing from anybody with an account."""
        key.chmod(mode)
        assert "so others can read it" in self.refused(closed)

    def test_that_is_gone_refuses_the_start(self, closed: Shelf, key: Path) -> None:
        """A new one would open nothing of what waits."""
        key.unlink()
        assert self.refused(closed) == f"EN-SEALING-KEY: {key} cannot be read: No such file or directory"

    def test_that_is_cut_off_refuses_the_start(self, closed: Shelf, key: Path) -> None:
        """A full disk during a copy leaves such a file."""
        key.chmod(0o600)
        key.write_bytes(b"x" * 31)
        assert "is not a key of 32 bytes" in self.refused(closed)

    def test_may_lie_elsewhere(self, tmp_path: Path) -> None:
        """On another disk, or lent by systemd from the TPM."""
        lent = tmp_path / "lent"
        lent.write_bytes(b"k" * 32)
        lent.chmod(0o440)
        sealing = SealingKeys(path=lent, is_credential=True)
        around = Surroundings(clock=TwoClocks(), chance=Counting(), sealing=sealing)
        opened = open_run(tmp_path / "second" / "store.db", around)
        opened.database.close()
        assert not (tmp_path / "second" / "sealing.key").exists()

    def test_is_not_needed_to_hold_a_message(self, closed: Shelf, key: Path) -> None:
        """The daemon is down and its credential with it; a person can still act."""
        key.unlink()
        opened = open_run(
            closed.path,
            Surroundings(clock=closed.clock, chance=closed.chance, sealing=SealingKeys(may_be_absent=True)),
        )
        with pytest.raises(EdgeNodeError, match="EN-SEALING-KEY"):
            transact(opened.session, lambda session: messages.payload(session, 1))
        opened.database.close()
