"""What the machine is told at the start."""

from edge_node.machine import give_large_memory_back


class TestMemory:
    def test_of_large_bodies_goes_back_to_the_system(self) -> None:
        """A box with little memory runs other programs too; after one large message they need theirs again."""
        assert give_large_memory_back()
