"""What people see of the queue, beside the writer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.store.damage import CannotRead
from tests.store.shelf import Shelf, push


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


class TestShow:
    @pytest.mark.parametrize(("column", "value"), [("state", "PONDERING"), ("direction", "up")])
    def test_of_a_row_that_no_release_of_ours_wrote_is_called_damage(
        self, shelf: Shelf, column: str, value: str
    ) -> None:
        """The operator is told of the store and of its repair, and not of a mistake of the program."""
        uid = shelf.kept(push())
        shelf.session.execute("PRAGMA ignore_check_constraints = ON")
        shelf.session.execute(f"UPDATE messages SET {column} = ?", (value,))
        with pytest.raises(CannotRead) as refused:
            shelf.reader.show(uid)
        assert (refused.value.code, value in str(refused.value)) == ("EN-STORE-DAMAGED", False)
