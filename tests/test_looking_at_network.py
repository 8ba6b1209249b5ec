"""The checks on the network, broken through what they ask: routes, names, sockets, the kernel, the firewall."""

import socket
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import TestCase

from edge_node import looking_at_network
from edge_node.model.check import Outcome, Result
from edge_node.policy import check_catalogue, check_engine
from edge_node.probes import firewall, names
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.thresholds import limits_of

from .folders import a_folder
from .look_ground import Site, outcome
from .probes.name_server import NameServer
from .probes.programs import none_at_all, put
from .settings.written import SMALL, write


def settings(folder: Path, network: str = "", peer: str = "localhost") -> Settings:
    """Of a practice whose switchboard is this machine."""
    text = SMALL.replace("host: lsp.example", f"host: {peer}") + (f"network: {{{network}}}\n" if network else "")
    return load((write(folder, text),))


def judged(read: Settings, check: str) -> Outcome:
    """Look and judge, where nothing waits."""
    at = Site(read, parts={"reactor": reactor})
    (look,) = (one for one in looking_at_network.looks(at) if check in one.rules)  # type: ignore[arg-type]
    return outcome(read, look, check)


@pytest.fixture(autouse=True)
def _a_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put(monkeypatch, tmp_path, "ip", 'echo \'[{"dev":"lo"}]\'')
    resolvers = tmp_path / "resolv.conf"
    resolvers.write_text("nameserver 127.0.0.1\n")
    monkeypatch.setattr(names, "RESOLVERS", resolvers)


class TestTheRoute:
    @pytest.mark.parametrize(
        ("network", "result"),
        [
            ("", Result.UNKNOWN),
            ("prefixes: [127.0.0.0/8, '::1/128']", Result.GOOD),
            ("prefixes: [10.99.0.0/16]", Result.VIOLATED),
            ("prefixes: [127.0.0.0/8, '::1/128'], interface: lo", Result.GOOD),
            ("prefixes: [127.0.0.0/8, '::1/128'], interface: gzn0", Result.VIOLATED),
        ],
    )
    def test_leads_over_the_care_network_or_not(self, tmp_path: Path, network: str, result: Result) -> None:
        """By the address packets leave from, and by the interface; a site that says neither is told so."""
        assert judged(settings(tmp_path, network), "route-via-gzn").result is result

    def test_that_is_not_there_is_no_wrong_one(self, tmp_path: Path) -> None:
        """The line is down: nothing leaves over the internet, and the practice is told of the line."""
        read = settings(tmp_path, "prefixes: [127.0.0.0/8]", peer="255.255.255.255")
        found = judged(read, "route-via-gzn")
        assert (found.result, found.value) == (Result.UNKNOWN, "Permission denied")

    def test_is_unknown_without_an_address(self, tmp_path: Path) -> None:
        """The name has none: that is the check on names."""
        read = settings(tmp_path, "prefixes: [127.0.0.0/8]", peer="a" * 60 + ".invalid." + "b" * 60)
        assert judged(read, "route-via-gzn").result is Result.UNKNOWN


class TestNames:
    @pytest.mark.parametrize(
        ("network", "resolver", "peer", "value"),
        [
            ("prefixes: [10.99.0.0/16]", "127.0.0.1", "localhost", "is not in the care network"),
            ("prefixes: [127.0.0.0/8, '::1/128']", "8.8.8.8", "localhost", "8.8.8.8 is no name server"),
            ("prefixes: [127.0.0.0/8, '::1/128']", "127.0.0.1", "a" * 60 + ".invalid." + "b" * 60, "invalid"),
        ],
        ids=["outside", "public", "gone"],
    )
    @pytest.mark.breaks("dns-via-gzn")
    def test_that_do_not_come_from_the_care_network_are_told(
        self, tmp_path: Path, network: str, resolver: str, peer: str, value: str
    ) -> None:
        """Another address, a name server of the internet, no address at all."""
        names.RESOLVERS.write_text(f"nameserver {resolver}\n")
        found = judged(settings(tmp_path, network, peer), "dns-via-gzn")
        assert (found.result, value in found.value) == (Result.VIOLATED, True)

    def test_are_good_where_all_is_within(self, tmp_path: Path) -> None:
        """Name server and address."""
        read = settings(tmp_path, "prefixes: [127.0.0.0/8, '::1/128']")
        assert judged(read, "dns-via-gzn").result is Result.GOOD

    @pytest.mark.parametrize("check", ["dns-via-gzn", "dns-self"])
    def test_are_unknown_where_nothing_is_set(self, tmp_path: Path, check: str) -> None:
        """Nobody is asked either."""
        assert judged(settings(tmp_path), check).result is Result.UNKNOWN


class TestNamesInTheCareNetwork(TestCase):
    """With a name server of the care network, on loopback."""

    def setUp(self) -> None:
        self.folder = a_folder(self)
        self.server = NameServer({"gp-1.example": ["127.0.0.1"], "localhost": ["127.0.0.1"]})
        self.addCleanup(self.server.stop)

    async def _judged(self, check: str, more: str = "") -> Outcome:
        read = settings(self.folder, f"name_servers: ['127.0.0.1:{self.server.port}']{more}")
        at = Site(read, parts={"reactor": reactor})
        (look,) = (one for one in looking_at_network.looks(at) if check in one.rules)  # type: ignore[arg-type]
        seen: Any = await Deferred.fromCoroutine(look.see())  # type: ignore[arg-type]
        return check_engine.judge(look.rules[check], check_catalogue.load()[check], seen, limits_of(read))

    async def test_lead_to_this_machine(self) -> None:
        """The switchboard finds us."""
        assert (await self._judged("dns-self")).result is Result.GOOD

    async def test_lead_to_another_machine(self) -> None:
        """192.0.2.1 is of nobody: the address of the practice before it moved."""
        self.server.known["gp-1.example"] = ["192.0.2.1"]
        assert (await self._judged("dns-self")).value == "gp-1.example: 192.0.2.1"

    async def test_lead_to_another_address_than_was_agreed(self) -> None:
        """Of this machine, and not the one the switchboard may call."""
        assert (await self._judged("dns-self", ", address: 127.0.0.2")).result is Result.VIOLATED

    async def test_lead_nowhere(self) -> None:
        """The name was taken away: no answer, no call, no queue that shows it."""
        del self.server.known["gp-1.example"]
        assert (await self._judged("dns-self")).value == "gp-1.example: no such name"

    async def test_are_not_what_this_machine_has_written_down(self) -> None:
        """A file of hosts goes on with the address of before."""
        self.server.known["localhost"] = ["127.0.0.9"]
        found = await self._judged("dns-via-gzn")
        assert (found.result, "127.0.0.9 in the care network" in found.value) == (Result.VIOLATED, True)


class TestASilentNameServer(TestCase):
    async def test_says_nothing_of_the_own_name_and_turns_the_check_on_names(self) -> None:
        """DNS of the care network is gone."""
        server = NameServer({}, is_silent=True)
        self.addCleanup(server.stop)
        found = NamesAt(a_folder(self), server.port)
        assert (await found.judged("dns-self")).result is Result.UNKNOWN
        assert "no name server answers" in (await found.judged("dns-via-gzn")).value


class TestANameServerThatLies(TestCase):
    """Whatever comes back by its port."""

    async def _told(self, says: bytes) -> tuple[Result, Result]:
        server = Garbling(says)
        self.addCleanup(server.port.stopListening)
        found = NamesAt(a_folder(self), server.port.getHost().port)
        return (await found.judged("dns-self")).result, (await found.judged("dns-via-gzn")).result

    async def test_in_words_says_nothing_of_the_own_name(self) -> None:
        """It is as one that does not answer."""
        assert await self._told(b"Lorem ipsum dolor sit amet") == (Result.UNKNOWN, Result.VIOLATED)

    async def test_in_bytes_says_nothing_either(self) -> None:
        """Not even the head of an answer is there."""
        assert await self._told(b"\xff\x00\xfe") == (Result.UNKNOWN, Result.VIOLATED)


class Garbling(DatagramProtocol):
    """Answers each question with the same bytes."""

    def __init__(self, says: bytes) -> None:
        self._says = says
        self.port: Any = reactor.listenUDP(0, self, interface="127.0.0.1")  # type: ignore[attr-defined]

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        assert self.transport is not None
        self.transport.write(self._says, addr)


class NamesAt:
    """A site that asks one server, for a moment only."""

    def __init__(self, folder: Path, port: int) -> None:
        text = f"name_servers: ['127.0.0.1:{port}']"
        read = settings(folder, text)
        self._read = read.model_copy(update={"checks": read.checks.model_copy(update={"look_limit_s": 0.2})})

    async def judged(self, check: str) -> Outcome:
        at = Site(self._read, parts={"reactor": reactor})
        (look,) = (one for one in looking_at_network.looks(at) if check in one.rules)  # type: ignore[arg-type]
        seen: Any = await Deferred.fromCoroutine(look.see())  # type: ignore[arg-type]
        return check_engine.judge(look.rules[check], check_catalogue.load()[check], seen, limits_of(self._read))


class TestListeners:
    @pytest.mark.parametrize(
        ("host", "network", "result"),
        [
            pytest.param(
                "0.0.0.0",
                "prefixes: [127.0.0.0/8]",
                Result.VIOLATED,
                marks=pytest.mark.breaks("listener-binding"),
            ),
            ("0.0.0.0", "", Result.WARNED),
            ("127.0.0.1", "", Result.UNKNOWN),
            ("127.0.0.1", "prefixes: [127.0.0.0/8]", Result.GOOD),
            ("127.0.0.1", "prefixes: [10.99.0.0/16]", Result.VIOLATED),
        ],
    )
    def test_are_judged_by_where_the_kernel_has_them(
        self, tmp_path: Path, host: str, network: str, result: Result
    ) -> None:
        """Open to every network, or not on the one the switchboard calls by."""
        with socket.create_server((host, 0)):
            assert judged(settings(tmp_path, network), "listener-binding").result is result


class TestForwarding:
    @pytest.mark.parametrize(
        ("text", "result"),
        [
            ("0", Result.GOOD),
            pytest.param("1", Result.VIOLATED, marks=pytest.mark.breaks("ip-forwarding")),
            ("x", None),
        ],
    )
    def test_is_what_the_kernel_says(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, result: Result | None
    ) -> None:
        """A machine that passes packets joins two networks; garbage is no answer."""
        (tmp_path / "ipv4").mkdir()
        (tmp_path / "ipv4" / "ip_forward").write_text(text)
        monkeypatch.setattr(firewall, "KERNEL", tmp_path)
        if result is None:
            with pytest.raises(ValueError, match="invalid literal"):
                firewall.forwarding("", tmp_path, tmp_path)
        else:
            assert judged(settings(tmp_path), "ip-forwarding").result is result


class TestTheFirewall:
    @pytest.mark.parametrize(
        ("policy", "result"),
        [
            ("DROP", Result.GOOD),
            pytest.param("ACCEPT", Result.VIOLATED, marks=pytest.mark.breaks("firewall-default-deny")),
        ],
    )
    def test_denies_or_is_open(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, policy: str, result: Result
    ) -> None:
        """As the programs of the machine say."""
        put(monkeypatch, tmp_path, "nft", "exit 1")
        for name in ("iptables", "ip6tables"):
            put(monkeypatch, tmp_path, name, f"echo '-P INPUT {policy}'")
        assert judged(settings(tmp_path), "firewall-default-deny").result is result

    def test_is_unknown_where_nobody_may_look(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The service is not root."""
        none_at_all(monkeypatch, tmp_path)
        assert judged(settings(tmp_path), "firewall-default-deny").result is Result.UNKNOWN


class TestLinks:
    def test_are_not_judged_where_there_is_one(self, tmp_path: Path) -> None:
        """Most practices have one."""
        assert judged(settings(tmp_path), "link-redundancy").result is Result.NOT_USED

    @pytest.mark.parametrize(
        ("second", "result"),
        [
            ("127.0.0.3", Result.GOOD),
            pytest.param("192.0.2.1", Result.VIOLATED, marks=pytest.mark.breaks("link-redundancy")),
        ],
    )
    def test_are_all_tried(self, tmp_path: Path, second: str, result: Result) -> None:
        """The second one is needed on the day that the first is down: it must be known today."""
        links = f"links: [{{name: first, address: 127.0.0.2}}, {{name: second, address: {second}}}]"
        with socket.create_server(("127.0.0.1", 0)) as server:
            text = SMALL.replace("host: lsp.example", f"host: 127.0.0.1\n      port: {server.getsockname()[1]}")
            read = load((write(tmp_path, f"{text}network: {{{links}}}\n"),))
            assert judged(read, "link-redundancy").result is result

    def test_that_are_all_down_are_not_one_that_is_down(self, tmp_path: Path) -> None:
        """The switchboard is away: who calls the provider over a second link is sent the wrong way."""
        links = "links: [{name: first, address: 127.0.0.2}, {name: second, address: 127.0.0.3}]"
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        text = SMALL.replace("host: lsp.example", f"host: 127.0.0.1\n      port: {port}")
        read = load((write(tmp_path, f"{text}network: {{{links}}}\n"),))
        assert judged(read, "link-redundancy").result is Result.UNKNOWN
