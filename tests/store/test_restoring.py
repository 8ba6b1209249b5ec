"""A store comes back on a machine that has only the settings and the recovery key, or nothing changes."""

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Span
from edge_node.model.lifecycle import Event
from edge_node.store import backup, database, master, messages, remembered, restored, restoring, schema, unpacking
from edge_node.store.backup_file import KEY_BYTES, Header, Opening, Sealing
from edge_node.store.compatibility import USABLE_FROM
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.restoring import Restored, Wanted
from edge_node.store.surroundings import SealingKeys, Surroundings
from tests.store.shelf import Counting, Shelf, TwoClocks, push
from tests.store.test_backup import SAFE, Desk
from tests.store.test_restored import BY

POINTS = ["restore-unpacking", "restore-ready", "restore-placing", "restore-aside", "restore-keys", "restore-placed"]


class Killed(BaseException):
    """What a kill looks like from within: nothing is tidied up that only a living process tidies."""


class Machine:
    """A new machine, with the backup of an old one."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder / "old")
        self.file = Path(self.desk.make().path)
        self.store = folder / "new" / "store.db"
        self.store.parent.mkdir(mode=0o700)
        self.clock = TwoClocks()
        self.clock.advance(3600)

    def restore(self, **other: Any) -> Restored:
        around = Surroundings(
            clock=self.clock,
            chance=Counting(10_000),
            fail_point=other.pop("fail_point", lambda _: None),
            sealing=other.pop("sealing", SealingKeys()),
        )
        return restoring.restore(
            Wanted(**{"file": self.file, "private": SAFE, "store": self.store, "around": around, **other})
        )

    def refused(self, **other: Any) -> str:
        with pytest.raises(EdgeNodeError) as error:
            self.restore(**other)
        return error.value.code

    def shelf(self) -> Shelf:
        return Shelf(self.store, clock=self.clock, chance=Counting(50_000))

    def files(self) -> list[str]:
        return sorted(path.name for path in self.store.parent.iterdir())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "old").mkdir()
    return Machine(tmp_path)


def killed_at(point: str) -> Callable[[str], None]:
    def fail_point(name: str) -> None:
        if name == point:
            raise Killed

    return fail_point


class TestOnANewMachine:
    def test_everything_is_there_and_held(self, machine: Machine) -> None:
        """The practice has its queue back, and nothing of it goes twice."""
        machine.restore()
        shelf = machine.shelf()
        assert restored.held(shelf.session.connection) == 20
        assert shelf.lease() == []
        shelf.close()

    def test_the_bytes_open_with_a_new_key(self, machine: Machine) -> None:
        """The old key of the store stayed on the machine that is gone, and is not missed."""
        machine.restore()
        shelf = machine.shelf()
        shelf.do(lambda session: restored.act(session, "release", Span(), (100, BY, shelf.at)))
        assert {entry.payload.body for entry in shelf.lease(100)} == {b"x" * 20_000}
        assert (machine.store.parent / "sealing.key").read_bytes() != (
            machine.desk.shelf.path.with_name("sealing.key").read_bytes()
        )
        shelf.close()

    def test_the_old_key_opens_nothing_any_more(self, machine: Machine) -> None:
        """A disk that was stolen with its key must not open what is kept from now on."""
        machine.restore()
        old = master.load(machine.desk.shelf.path.with_name("sealing.key"))
        opened = sqlite3.connect(machine.store)
        assert opened.execute("SELECT count(*) FROM wrapped_keys WHERE by = ?", (old.id,)).fetchone() == (0,)
        opened.close()

    def test_a_patient_is_found_again(self, machine: Machine) -> None:
        """New messages for the same patient come into the same lane, behind the old ones."""
        machine.restore()
        shelf = machine.shelf()
        uid = shelf.kept(push(900, order="3"))
        row = shelf.do(lambda session: messages.get(session, uid))
        assert row.head == 0
        shelf.close()

    def test_no_number_of_an_event_is_given_again(self, machine: Machine) -> None:
        """What was in flight is told of too, and who read up to 5 before must not miss it."""
        machine.desk.shelf.leased(push(900, order="900", token=b"t"))
        machine.file = Path(machine.desk.make().path)
        machine.restore()
        shelf = machine.shelf()
        assert shelf.session.execute("SELECT min(seq) > 1000000 FROM events WHERE code <> ''").fetchone() == (1,)
        shelf.close()

    def test_it_tells_what_may_be_missing(self, machine: Machine) -> None:
        """Senders are called with a span, not with a guess; the store remembers it."""
        report = machine.restore().report
        assert (report.missing_from, report.restored_at) == ("2026-09-21T14:13:20Z", "2026-09-21T15:13:20Z")
        assert (report.held, report.was) == (20, (("out", "KEPT", 20),))
        shelf = machine.shelf()
        assert remembered.safety(shelf.session.connection).restored == report
        shelf.close()

    def test_a_key_of_the_settings_is_used(self, machine: Machine, tmp_path: Path) -> None:
        """Where systemd lends the key, no second one is made."""
        key = master.make(tmp_path / "lent.key", Counting(7))
        sealing = SealingKeys(path=tmp_path / "lent.key")
        machine.restore(sealing=sealing)
        assert machine.files() == ["patient.key", "store.db", "store.db.lock"]
        opened = sqlite3.connect(machine.store)
        assert opened.execute("SELECT value FROM meta WHERE key = 'sealing key'").fetchone() == (key.id,)
        opened.close()

    def test_only_the_owner_reads_it(self, machine: Machine) -> None:
        """As at any start."""
        machine.restore()
        modes = {path.name: path.stat().st_mode & 0o777 for path in machine.store.parent.iterdir()}
        assert modes == {"patient.key": 0o400, "sealing.key": 0o400, "store.db": 0o600, "store.db.lock": 0o600}

    def test_what_was_in_flight_is_held_too(self, tmp_path: Path) -> None:
        """Nobody has it in hand any more, and it may have arrived."""
        (tmp_path / "old").mkdir()
        machine = Machine(tmp_path)
        machine.desk.shelf.leased(push(800, order="flight"))
        machine.file = Path(machine.desk.make().path)
        assert machine.restore().report.held == 21

    def test_what_was_delivered_after_the_backup_is_not_sent_again_by_itself(self, machine: Machine) -> None:
        """The reason why all of it is held: the receiver has it, and this store does not know."""
        shelf = machine.desk.shelf
        for entry in shelf.lease(100):
            shelf.settle(entry, Event.ACKNOWLEDGED)
        machine.restore()
        shelf = machine.shelf()
        assert (shelf.lease(100), shelf.expire()) == ([], [])
        shelf.close()


class TestWhereAStoreIs:
    def test_it_is_refused(self, machine: Machine) -> None:
        """The wrong machine, or the wrong evening: messages of today are worth more than those of last night."""
        machine.shelf().close()
        before = machine.store.read_bytes()
        assert machine.refused() == "EN-RESTORE-PRESENT"
        assert machine.store.read_bytes() == before

    def test_it_is_put_aside_when_that_is_asked_for(self, machine: Machine) -> None:
        """Under another name, with its log and its keys: it can still be opened."""
        old = machine.shelf()
        old.kept(push(1))
        old.die()
        made = machine.restore(replace=True)
        assert "store.db.replaced-20260921T151320Z" in made.aside
        opened = sqlite3.connect(machine.store.parent / "store.db.replaced-20260921T151320Z")
        assert opened.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        opened.close()
        assert restored.held(machine.shelf().session.connection) == 20

    def test_it_is_refused_while_the_daemon_has_it(self, machine: Machine) -> None:
        """Nobody pulls the file from under a running daemon."""
        shelf = machine.shelf()
        assert machine.refused(replace=True) == "EN-STORE-IN-USE"
        shelf.close()

    def test_a_log_that_was_left_is_not_taken_for_its_own(self, machine: Machine) -> None:
        """SQLite would write an old log into the new store."""
        machine.store.with_name("store.db-wal").write_bytes(b"old")
        assert "store.db.replaced-20260921T151320Z-wal" in machine.restore().aside
        machine.shelf().close()


class TestBadFiles:
    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (lambda file: file[:-1], "EN-BACKUP-TRUNCATED"),
            (lambda file: file[:-1] + bytes([file[-1] ^ 1]), "EN-BACKUP-TAMPERED"),
            (lambda file: b"no backup" + file, "EN-BACKUP-UNREADABLE"),
        ],
    )
    def test_change_nothing(self, machine: Machine, spoil: Callable[[bytes], bytes], code: str) -> None:
        """All of it is read before any of it is used: the last byte counts as much as the first."""
        machine.file.write_bytes(spoil(machine.file.read_bytes()))
        assert machine.refused() == code
        assert machine.files() == ["store.db.lock"]

    def test_of_another_key_change_nothing(self, machine: Machine) -> None:
        """The wrong envelope from the safe."""
        assert machine.refused(private=RecoveryPrivate(X25519PrivateKey.generate())) == "EN-RECOVERY-KEY"
        assert machine.files() == ["store.db.lock"]

    def test_that_are_not_there_are_named(self, machine: Machine) -> None:
        """A disk that is not mounted."""
        assert machine.refused(file=machine.file / "nothing") == "EN-BACKUP-UNREADABLE"

    def test_of_a_release_to_come_change_nothing(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        """This release would lose what it does not know."""
        known = [step for step in schema.steps() if step[0] < USABLE_FROM]
        monkeypatch.setattr(schema, "steps", lambda: known)
        assert machine.refused() == "EN-STORE-NEWER"
        assert machine.files() == ["store.db.lock"]

    def test_whose_store_is_not_what_they_say_change_nothing(self, machine: Machine) -> None:
        """Sealed by somebody who has the public key: it is still held against its own words."""
        machine.file.write_bytes(resealed(machine.file.read_bytes(), b'"run": 1', b'"run": 9'))
        assert machine.refused() == "EN-STORE-DAMAGED"
        assert machine.files() == ["store.db.lock"]


def resealed(file: bytes, old: bytes, new: bytes) -> bytes:
    """The same backup with other words in it, rightly sealed."""
    opening = Opening(io.BytesIO(file))
    header: Header = opening.header
    plain = b"".join(opening.plain(opening.unlock(SAFE))).replace(old, new, 1)
    key, out = bytes(KEY_BYTES), io.BytesIO()
    locks = backup.backup_file.locked(key, [SAFE.public], header.id)
    sealing = Sealing(
        out, Header(id=header.id, site=header.site, made_at=header.made_at, parts=header.parts, locks=locks), key
    )
    sealing.write(plain)
    sealing.finish()
    return out.getvalue()


class TestKilled:
    @pytest.mark.parametrize("point", POINTS[:-1])
    def test_at_any_point_there_is_no_half_store(self, machine: Machine, point: str) -> None:
        """The daemon does not begin with an empty store where one was coming back; the next restore ends it."""
        with pytest.raises(Killed):
            machine.restore(fail_point=killed_at(point))
        assert not machine.store.exists()
        machine.restore()
        assert restored.held(machine.shelf().session.connection) == 20

    @pytest.mark.parametrize("point", POINTS[2:-1])
    def test_when_its_place_was_touched_the_daemon_waits(self, machine: Machine, point: str) -> None:
        """An empty queue would look as if all were well, and takes every copy for a new message."""
        with pytest.raises(Killed):
            machine.restore(fail_point=killed_at(point))
        with pytest.raises(EdgeNodeError, match="EN-RESTORE-UNFINISHED"):
            machine.shelf()

    def test_at_the_end_it_is_there(self, machine: Machine) -> None:
        """Only tidying was left to do."""
        with pytest.raises(Killed):
            machine.restore(fail_point=killed_at("restore-placed"))
        machine.shelf().close()
        restoring.clear_leftovers(machine.store)
        assert machine.files() == ["patient.key", "sealing.key", "store.db", "store.db.lock"]
        assert restored.held(machine.shelf().session.connection) == 20

    @pytest.mark.parametrize("point", POINTS)
    def test_when_it_replaces_the_old_one_is_whole_somewhere(self, machine: Machine, point: str) -> None:
        """Either under its own name or under the other one, with what only its log held."""
        old = machine.shelf()
        old.kept(push(1))
        old.die()
        with pytest.raises(Killed):
            machine.restore(fail_point=killed_at(point), replace=True)
        aside = machine.store.with_name("store.db.replaced-20260921T151320Z")
        opened = sqlite3.connect(aside if aside.exists() else machine.store)
        assert opened.execute("SELECT count(*) FROM messages WHERE extension = '1'").fetchone() == (1,)
        opened.close()


class TestUnpacking:
    def test_tells_how_far_it_is(self, machine: Machine, tmp_path: Path) -> None:
        """A large store takes minutes; a silent command is stopped by its user."""
        told: list[tuple[int, int]] = []
        folder = tmp_path / "there"
        folder.mkdir()
        unpacking.unpack(machine.file, SAFE, folder, lambda done, of: told.append((done, of)))
        assert told == sorted(told)
        assert told[-1][0] == (folder / "store.db").stat().st_size

    def test_finds_what_does_not_fit_together(self, machine: Machine) -> None:
        """Every byte may be as it was, and the store still wrong: a drill says so."""
        shelf = machine.desk.shelf
        with database.open_readonly(shelf.path) as connection:
            assert unpacking.broken_rules(connection) == ()
        shelf.session.execute("UPDATE counters SET n = n + 1")
        shelf.session.execute("DELETE FROM bodies")
        with database.open_readonly(shelf.path) as connection:
            assert unpacking.broken_rules(connection) == (
                "the counts are not those of the messages",
                "a message that waits has no bytes",
            )


class TestKeysOfCertificates:
    def test_are_in_no_backup(self, tmp_path: Path) -> None:
        """A backup travels; the key with which others take this site for itself never leaves its machine."""
        (tmp_path / "old").mkdir()
        machine = Machine(tmp_path)
        state = machine.desk.shelf.path.parent
        secret = b"-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0B\n"
        for place in ("practice.key", "identities/practice/1.key.sealed", "identities/practice/index.json"):
            (state / place).parent.mkdir(parents=True, exist_ok=True)
            (state / place).write_bytes(secret)
        machine.file = Path(machine.desk.make().path)
        machine.restore()
        back = [path for path in machine.store.parent.rglob("*") if path.is_file()]
        assert {path.name for path in back} >= {"store.db", "patient.key"}
        assert [path.name for path in back if secret in path.read_bytes()] == []
        assert not (machine.store.parent / "identities").exists()
