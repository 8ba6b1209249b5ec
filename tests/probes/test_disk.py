"""How much room there is."""

from pathlib import Path

from edge_node.probes.disk import free_bytes


class TestFreeBytes:
    def test_says_what_the_file_system_has(self, tmp_path: Path) -> None:
        """The reserve is held against this."""
        found = free_bytes(tmp_path)
        assert found is not None
        assert found > 0

    def test_says_nothing_of_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        """Not known is neither full nor free."""
        assert free_bytes(tmp_path / "gone") is None
