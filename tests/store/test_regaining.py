"""The key of the store is gone, and the paper in the safe opens the store again."""

from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import keys, messages, recovery, regaining
from edge_node.store.opening import open_run
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.surroundings import SealingKeys, Surroundings
from tests.store.shelf import Counting, Shelf, TwoClocks, push

DAY_S = 86_400


@pytest.fixture
def pair(tmp_path: Path) -> RecoveryPrivate:
    recovery.make(tmp_path / "safe.pem", tmp_path / "node.pem")
    return recovery.load_private(tmp_path / "safe.pem")


@pytest.fixture
def shelf(tmp_path: Path, pair: RecoveryPrivate) -> Shelf:
    """A store of two days that is closed, and whose key is lost."""
    shelf = Shelf(tmp_path / "store.db")
    shelf.close()
    sealing = SealingKeys(recovery=(pair.public,))
    shelf.opened = open_run(shelf.path, Surroundings(clock=shelf.clock, chance=shelf.chance, sealing=sealing))
    shelf.session = shelf.opened.session
    shelf.kept(push(1))
    shelf.clock.advance(DAY_S)
    shelf.kept(push(2))
    shelf.close()
    shelf.path.with_name("sealing.key").unlink()
    return shelf


def bodies(shelf: Shelf) -> list[bytes | None]:
    shelf.open()
    found = [shelf.do(lambda session, seq=seq: messages.payload(session, seq)) for seq in (1, 2)]
    shelf.close()
    return [None if each is None else each.body for each in found]


class TestRegain:
    def test_opens_all_days_again(self, shelf: Shelf, pair: RecoveryPrivate) -> None:
        """The main board died and its TPM with it; the disk and all that waits on it are whole."""
        regaining.regain(shelf.path, pair, Counting(10_000))
        assert bodies(shelf) == [push(1).payload.body, push(2).payload.body]
        assert shelf.path.with_name("sealing.key").stat().st_mode & 0o777 == 0o400

    def test_lays_the_wrong_file_aside(self, shelf: Shelf, pair: RecoveryPrivate) -> None:
        """It may be the key of another machine, which needs it."""
        shelf.path.with_name("sealing.key").write_bytes(b"x" * 32)
        regaining.regain(shelf.path, pair, Counting(10_000))
        assert shelf.path.with_name("sealing.key.not-of-this-store").read_bytes() == b"x" * 32
        assert bodies(shelf) == [push(1).payload.body, push(2).payload.body]

    def test_is_not_done_while_the_key_is_there(self, shelf: Shelf, pair: RecoveryPrivate) -> None:
        """Changing a key is another verb, which needs nobody to open a safe."""
        regaining.regain(shelf.path, pair, Counting(10_000))
        with pytest.raises(EdgeNodeError, match="EN-ILLEGAL-STEP"):
            regaining.regain(shelf.path, pair, Counting(20_000))

    def test_by_the_wrong_pair_changes_nothing(self, shelf: Shelf, pair: RecoveryPrivate, tmp_path: Path) -> None:
        """The paper of another practice."""
        recovery.make(tmp_path / "other", tmp_path / "other.pem")
        other = recovery.load_private(tmp_path / "other")
        with pytest.raises(EdgeNodeError, match="EN-RECOVERY-KEY"):
            regaining.regain(shelf.path, other, Counting(10_000))
        regaining.regain(shelf.path, pair, Counting(20_000))
        assert bodies(shelf) == [push(1).payload.body, push(2).payload.body]

    def test_broken_off_before_the_file_is_in_place_is_finished_by_the_start(
        self, shelf: Shelf, pair: RecoveryPrivate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The store knows which key it needs, and finds it beside itself."""
        monkeypatch.setattr(keys, "put_in_place", _killed)
        with pytest.raises(KeyboardInterrupt):
            regaining.regain(shelf.path, pair, Counting(10_000))
        monkeypatch.undo()
        assert bodies(shelf) == [push(1).payload.body, push(2).payload.body]

    def test_waits_for_the_daemon_to_stop(self, tmp_path: Path, pair: RecoveryPrivate) -> None:
        """Two who change keys would lose both."""
        shelf = Shelf(tmp_path / "other.db", clock=TwoClocks())
        with pytest.raises(EdgeNodeError, match="EN-STORE-IN-USE"):
            regaining.regain(shelf.path, pair, Counting(10_000))
        shelf.close()


def _killed(path: Path) -> None:
    raise KeyboardInterrupt
