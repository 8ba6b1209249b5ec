"""The files of the access log lie beside the backups, and come back with them."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_node.store import backup, log_copies, log_filing, log_segments, log_sources, recovery, restoring
from edge_node.store.backup import Plan, Tools
from edge_node.store.log_proof import prove
from edge_node.store.restoring import Wanted
from tests.store.bent import fill
from tests.store.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path):
    """A store with a recovery key, of which two segments lie in files."""
    recovery.make(tmp_path / "private.pem", tmp_path / "public.pem")
    (tmp_path / "backups").mkdir()
    (tmp_path / "state").mkdir()
    shelf = Shelf(tmp_path / "state" / "store.db")
    shelf.close()
    keys = (recovery.load_public(tmp_path / "public.pem"),)
    shelf.around = replace(shelf.around, sealing=replace(shelf.around.sealing, recovery=keys))
    shelf.opened = restoring.open_run(shelf.path, shelf.around)
    shelf.session = shelf.opened.session
    for _ in range(2):
        file_some(shelf)
    yield shelf
    shelf.close()


def file_some(shelf: Shelf) -> None:
    log: Any = shelf.session.log
    fill(shelf, 50)
    shelf.do(lambda session: log.begin_segment(shelf.at.now))
    full = log_segments.in_state(shelf.session.connection, "full")
    assert full is not None
    name = log_filing.write(shelf.session.connection, full, log_sources.folder_of(shelf.path), lambda _: None)
    shelf.do(lambda session: log_filing.settle(session, full.number, name))
    while shelf.do(lambda session: log_filing.clear(session, 0, shelf.at)):
        pass


def back_up(shelf: Shelf) -> Path:
    folder = shelf.path.parents[1]
    plan = Plan(
        store=shelf.path,
        folder=folder / "backups",
        keys=(recovery.load_public(folder / "public.pem"),),
        site="post",
        release="1",
        settings_hash="h",
    )
    tools = Tools(clock=shelf.clock, chance=shelf.chance, free_bytes=lambda _: None)
    return Path(backup.make(plan, tools).path)


def copied(shelf: Shelf) -> list[str]:
    folder = log_copies.folder_of(shelf.path.parents[1] / "backups", "post")
    return sorted(path.name for path in folder.iterdir())


class TestABackup:
    def test_has_the_files_beside_it(self, shelf: Shelf) -> None:
        """Five years of log are not in the sealed file, and must outlive the machine all the same."""
        back_up(shelf)
        assert copied(shelf) == sorted(path.name for path in log_sources.folder_of(shelf.path).iterdir())

    def test_copies_each_once(self, shelf: Shelf) -> None:
        """A file never changes, so a backup a night does not write five years a night."""
        back_up(shelf)
        folder = log_copies.folder_of(shelf.path.parents[1] / "backups", "post")
        before = {path.name: path.stat().st_ino for path in folder.iterdir()}
        file_some(shelf)
        back_up(shelf)
        after = {path.name: path.stat().st_ino for path in folder.iterdir()}
        assert (before.items() <= after.items(), len(after) - len(before)) == (True, 1)

    def test_makes_whole_what_was_copied_in_part(self, shelf: Shelf) -> None:
        """The disk of the copies was full, or the network went."""
        back_up(shelf)
        folder = log_copies.folder_of(shelf.path.parents[1] / "backups", "post")
        torn = folder / copied(shelf)[0]
        torn.write_bytes(torn.read_bytes()[:100])
        back_up(shelf)
        assert torn.stat().st_size > 100


class TestARestore:
    def restored(self, shelf: Shelf, file: Path | None = None) -> restoring.Restored:
        """On another machine."""
        file, folder = file or back_up(shelf), shelf.path.parents[1]
        shelf.die()
        shutil.rmtree(shelf.path.parent)
        wanted = Wanted(
            file=file,
            private=recovery.load_private(folder / "private.pem"),
            store=shelf.path,
            around=shelf.around,
        )
        made = restoring.restore(wanted)
        shelf.opened = restoring.open_run(shelf.path, shelf.around)
        shelf.session = shelf.opened.session
        return made

    def test_brings_the_whole_log_back(self, shelf: Shelf) -> None:
        """A patient asks for what was done before the machine was lost."""
        log: Any = shelf.session.log
        key = log.signer.public
        made = self.restored(shelf)
        proof = prove(log_sources.of_all(shelf.path, log_sources.folder_of(shelf.path)), [key])
        assert (made.wrong, proof.found, len(proof.chains)) == ((), (), 2)

    def test_names_what_is_nowhere(self, shelf: Shelf) -> None:
        """Somebody has to look for another copy."""
        name = sorted(path.name for path in log_sources.folder_of(shelf.path).iterdir())[0]
        (log_sources.folder_of(shelf.path) / name).unlink()
        assert self.restored(shelf).wrong == (f"{name} of the access log is missing",)

    def test_that_is_broken_off_leaves_the_log_of_the_store_that_is_there(self, shelf: Shelf) -> None:
        """The node goes on with it, and must not find files gone."""
        older = back_up(shelf)
        file_some(shelf)
        folder, top = log_sources.folder_of(shelf.path), shelf.path.parents[1]
        names = sorted(path.name for path in folder.iterdir())
        shelf.die()

        def break_off(name: str) -> None:
            if name == "restore-placing":
                raise KeyboardInterrupt

        wanted = Wanted(
            file=older,
            private=recovery.load_private(top / "private.pem"),
            store=shelf.path,
            around=replace(shelf.around, fail_point=break_off),
            replace=True,
        )
        with pytest.raises(KeyboardInterrupt):
            restoring.restore(wanted)
        assert sorted(path.name for path in folder.iterdir()) == names
        restoring.restore(replace(wanted, around=shelf.around))
        shelf.opened = restoring.open_run(shelf.path, shelf.around)
        shelf.session = shelf.opened.session
        assert [path.name for path in (folder / log_copies.LATER).iterdir()] == [names[-1]]

    def test_of_an_older_backup_loses_no_file_that_came_after_it(self, shelf: Shelf) -> None:
        """What was done in between is evidence yet: the segments that follow now must not be written over it."""
        older = back_up(shelf)
        key = shelf.session.log.signer.public  # type: ignore[attr-defined]
        file_some(shelf)
        back_up(shelf)
        after = copied(shelf)[2]
        self.restored(shelf, older)
        folder = log_sources.folder_of(shelf.path)
        assert [path.name for path in (folder / log_copies.LATER).iterdir()] == [after]
        full = log_segments.in_state(shelf.session.connection, "full")
        assert full is not None
        name = log_filing.write(shelf.session.connection, full, folder, lambda _: None)
        shelf.do(lambda session: log_filing.settle(session, full.number, name))
        assert prove(log_sources.of_all(shelf.path, folder), [key]).found == ()
        kept = log_copies.folder_of(shelf.path.parents[1] / "backups", "post")
        was = (kept / after).stat().st_size
        back_up(shelf)
        assert sorted(path.stat().st_size for path in kept.glob(f"{after}*"))[-1] == was
