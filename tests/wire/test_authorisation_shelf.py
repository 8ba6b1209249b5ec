"""The last good stelseltoken on disk."""

from pathlib import Path

import pytest

from edge_node.wire.authorisation_shelf import Shelf, Shelved

GOOD = Shelved(token="a.b.c", fetched_at_s=1_800_000_000.0, max_age_s=14_400.0)


class TestShelf:
    def test_gives_back_what_was_put(self, tmp_path: Path) -> None:
        """Also after a second one took its place."""
        shelf = Shelf(tmp_path / "stelseltoken.json")
        shelf.put(Shelved(token="old", fetched_at_s=1.0, max_age_s=1.0))
        shelf.put(GOOD)
        assert shelf.take() == GOOD

    def test_is_for_the_service_alone(self, tmp_path: Path) -> None:
        """Nobody else has business with it."""
        Shelf(tmp_path / "stelseltoken.json").put(GOOD)
        assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]

    def test_follows_no_link_laid_in_its_way(self, tmp_path: Path) -> None:
        """Else whoever may write the folder could have another file overwritten."""
        (tmp_path / "victim").write_text("kept")
        (tmp_path / "stelseltoken.new").symlink_to(tmp_path / "victim")
        with pytest.raises(OSError, match="symbolic"):
            Shelf(tmp_path / "stelseltoken.json").put(GOOD)
        assert (tmp_path / "victim").read_text() == "kept"

    @pytest.mark.parametrize(
        "text",
        [
            *("", "[]", "{}", "null", "[" * 100_000, '{"token": "a"}'),
            '{"token": "a", "fetched_at_s": "x", "max_age_s": 1}',
            '{"token": "a", "fetched_at_s": NaN, "max_age_s": 1}',
            '{"token": "a", "fetched_at_s": 1e999, "max_age_s": 1}',
        ],
    )
    def test_has_nothing_where_the_file_is_spoiled(self, tmp_path: Path, text: str) -> None:
        """A damaged file must not keep a node from starting."""
        path = tmp_path / "stelseltoken.json"
        path.write_text(text)
        assert Shelf(path).take() is None

    def test_has_nothing_at_first(self, tmp_path: Path) -> None:
        """The very first start."""
        assert Shelf(tmp_path / "stelseltoken.json").take() is None
