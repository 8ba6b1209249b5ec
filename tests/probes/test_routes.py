"""Which way packets take, as the kernel and the program `ip` say."""

import socket
import time
from pathlib import Path

import pytest

from edge_node.model.facts_network import NameSeen
from edge_node.probes.routes import has_way, is_own, look_up, try_link, ways

from .programs import put

HERE = (NameSeen(name="lsp", addresses=("127.0.0.1",)),)


class TestWhetherThereIsOne:
    @pytest.mark.parametrize(("address", "is_there"), [("127.0.0.1", True), ("255.255.255.255", False), ("x", False)])
    def test_is_asked_of_the_kernel_alone(self, address: str, is_there: bool) -> None:
        """A cable that was pulled shows at once, without a packet."""
        assert has_way(address) is is_there


class TestAWay:
    @pytest.mark.parametrize(
        ("script", "interface"),
        [('echo \'[{"dev":"gzn0"}]\'', "gzn0"), ("echo gzn0", ""), ("exit 2", ""), ("echo '[]'", "")],
    )
    def test_is_told_by_the_kernel_and_its_interface_by_ip(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, interface: str
    ) -> None:
        """Without that program the address it leaves from is still known."""
        put(monkeypatch, tmp_path, "ip", script)
        (way,) = ways(HERE, 10)
        assert (way.source, way.interface) == ("127.0.0.1", interface)

    def test_may_not_be_there(self) -> None:
        """The kernel knows no route, or the address is none."""
        (way,) = ways((NameSeen(name="lsp", addresses=("nowhere",)),), 10)
        assert (way.source, way.failure) == ("", "no address")


class TestAName:
    def test_is_looked_up_as_this_machine_does(self) -> None:
        """Its own files count."""
        assert "127.0.0.1" in look_up("localhost").addresses

    def test_that_is_none_says_why(self) -> None:
        """Longer than any name may be: no server need be asked."""
        assert look_up("a" * 300).failure


class TestAnAddress:
    @pytest.mark.parametrize(("address", "own"), [("127.0.0.1", True), ("192.0.2.1", False), ("nowhere", False)])
    def test_is_ours_when_it_can_be_bound(self, address: str, own: bool) -> None:
        """192.0.2.1 is of nobody."""
        assert is_own(address) is own


class TestALink:
    def test_reaches_who_listens(self) -> None:
        """A connection that is made and ended."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            tried = try_link("first", "127.0.0.2", server.getsockname()[:2], (time.monotonic, 5))
        assert (tried.failure, tried.took_s > 0) == ("", True)

    @pytest.mark.parametrize("source", ["127.0.0.2", "192.0.2.1"])
    def test_that_is_down_says_why(self, source: str) -> None:
        """Nobody listens there; or this machine has lost the address of that link."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            gone = server.getsockname()[:2]
        assert try_link("second", source, gone, (time.monotonic, 5)).failure
