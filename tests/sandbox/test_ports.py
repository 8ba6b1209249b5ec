"""The ports of a node that is killed and started again: one of somebody's connection would keep it from starting."""

import socket
from pathlib import Path

import pytest

from edge_node.sandbox.ports import free_ports


def _range(folder: Path, words: str) -> Path:
    path = folder / "range"
    path.write_text(words, encoding="ascii")
    return path


class TestFreePorts:
    def test_none_is_of_the_range_of_outgoing_connections(self, tmp_path: Path) -> None:
        ports = free_ports(20, outgoing=_range(tmp_path, "32768\t60999\n"))

        assert max(ports) < 32768

    def test_each_is_another_one(self) -> None:
        assert len(set(free_ports(50))) == 50

    def test_one_that_is_taken_is_passed_over(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            outgoing = _range(tmp_path, "1024 10240")
            chosen = iter((port - 10241, port - 10241, 7))

            (found,) = free_ports(1, choose=lambda _: next(chosen), outgoing=outgoing)

        assert found == 10248

    @pytest.mark.parametrize(
        ("words", "lowest", "highest"),
        [("1024 60999", 61000, 65535), ("1024 65535", 10240, 65535), ("nonsense", 10240, 32767), ("", 10240, 32767)],
    )
    def test_it_takes_what_the_kernel_leaves(self, tmp_path: Path, words: str, lowest: int, highest: int) -> None:
        ports = free_ports(5, outgoing=_range(tmp_path, words))

        assert lowest <= min(ports) <= max(ports) <= highest

    def test_a_machine_that_does_not_say_has_the_usual_range(self, tmp_path: Path) -> None:
        (port,) = free_ports(1, outgoing=tmp_path / "nowhere", choose=lambda many: many - 1)

        assert port <= 32767
