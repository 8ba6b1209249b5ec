"""Where this process listens, as the kernel says."""

import socket
from pathlib import Path

import pytest

from edge_node.probes.sockets import PROCESS, listening


class TestListening:
    @pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
    def test_is_seen_where_it_is(self, host: str) -> None:
        """Not where the settings say: where the kernel has it."""
        with socket.socket() as listener:
            listener.bind((host, 0))
            listener.listen()
            assert (host, listener.getsockname()[1]) in listening(PROCESS)

    def test_is_not_what_only_is_bound(self) -> None:
        """Nobody can connect to that."""
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            assert ("127.0.0.1", bound.getsockname()[1]) not in listening(PROCESS)

    def test_of_another_process_is_not_ours(self, tmp_path: Path) -> None:
        """The table is that of the whole machine."""
        (tmp_path / "fd").mkdir()
        (tmp_path / "net").mkdir()
        line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1"
        (tmp_path / "net" / "tcp").write_text(f"  sl  local_address\n{line}\n")
        assert listening(tmp_path) == ()
        (tmp_path / "fd" / "7").symlink_to("socket:[4711]")
        assert listening(tmp_path) == (("127.0.0.1", 8080),)

    def test_on_ipv6_is_seen(self, tmp_path: Path) -> None:
        """Its address is written in words of four bytes."""
        (tmp_path / "fd").mkdir()
        (tmp_path / "fd" / "7").symlink_to("socket:[4711]")
        (tmp_path / "net").mkdir()
        (tmp_path / "net" / "tcp").write_text("  sl  local_address\n")
        at = "000000FD000000000000000005000000:01BB"
        line = f"   0: {at} {'0' * 32}:0000 0A 0:0 00:0 0     0        0 4711 1"
        (tmp_path / "net" / "tcp6").write_text(f"  sl  local_address\n{line}\n")
        assert listening(tmp_path) == (("fd00::5", 443),)
