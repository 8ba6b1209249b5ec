"""What an error of SQLite means: for the process, for the message, or for the moment."""

import sqlite3

import pytest

from edge_node.store.faults import is_damage, is_fatal, is_no_room, translated


def error(code: int) -> sqlite3.OperationalError:
    made = sqlite3.OperationalError("invented")
    made.sqlite_errorcode = code
    made.sqlite_errorname = "SQLITE_INVENTED"
    return made


class TestMeaning:
    @pytest.mark.parametrize(
        "code", [sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE]
    )
    def test_what_was_not_written_for_certain_ends_the_process(self, code: int) -> None:
        """Only a new start can tell what is on the disk."""
        assert (is_fatal(error(code)), is_damage(error(code))) == (True, False)

    @pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_READ, 8458, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB])
    def test_what_cannot_be_read_concerns_what_was_read(self, code: int) -> None:
        """One bad sector must not end the node. 8458 is what SQLite makes of EIO at a read."""
        assert (is_fatal(error(code)), is_damage(error(code))) == (False, True)

    @pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE])
    def test_no_room_is_no_room_wherever_it_lacks(self, code: int) -> None:
        """The index of the log is a file too: when it cannot grow the disk is full, not broken."""
        assert (is_fatal(error(code)), is_no_room(error(code))) == (False, True)
        assert translated(error(code)).code == "EN-STORE-FULL"

    def test_text_that_is_none_is_damage(self) -> None:
        """Python says so without a code of SQLite; its message holds the text, and is told to nobody."""
        memory = sqlite3.connect(":memory:")
        with pytest.raises(sqlite3.OperationalError) as found:
            memory.execute("SELECT CAST(x'ff' AS TEXT)").fetchall()
        memory.close()
        assert is_damage(found.value)
        assert "ff" not in str(translated(found.value)).lower()
