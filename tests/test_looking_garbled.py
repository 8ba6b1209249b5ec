"""What the looks at a machine read, garbled or silent at its source: files and programs that lie make no pass."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock

from edge_node import (
    looking_at_clock,
    looking_at_keys,
    looking_at_machine,
    looking_at_network,
    looking_at_plans,
    looking_at_settings,
    looking_at_users,
)
from edge_node.model.check import Result, Verdict
from edge_node.peeking import Peeking
from edge_node.probes import clock, encryption, firewall, names, sockets, syncing, tokens, updates
from edge_node.probing import Gate, Parts, Probing
from edge_node.settings.load import load

from .check_doubles import BookInMemory
from .look_ground import Site
from .probes.ntp_server import NtpServer
from .probes.programs import none_at_all
from .probes.test_encryption import Machine
from .probes.test_shield import NOBODY_LISTENS, STATUS
from .settings.written import SMALL, write
from .test_looking_at_machine import Book

GARBAGE = {
    "empty": b"",
    "text": b"Lorem ipsum dolor sit amet, 12 {] <a>\n",
    "lines": b"0 0 0 0 0\n" * 1000,
    "no text": b"\xff\xfe\x00\x80\n" * 100,
    "a great number": b"99999999999999999999999999\n",
    "one long line": b"A" * 6_000_000,
    "JSON": b'{"nftables": "none", "found": 1, "next": "x", "read_bytes": "y"}\n',
}
#: Of a look, as the settings have it by default.
LIMIT_S = 10.0
NETWORK = "network: {{prefixes: [127.0.0.0/8, '::1/128']{}}}\n"
MODULES: tuple[Callable[[Any], Any], ...] = (
    looking_at_clock.looks, looking_at_keys.looks, looking_at_machine.looks, looking_at_network.looks,
    looking_at_plans.looks, looking_at_settings.looks, looking_at_users.looks,
)  # fmt: skip


@dataclass
class Bare:
    """A machine on which nothing is there but what a test puts there."""

    folder: Path
    patch: pytest.MonkeyPatch
    more: str = ""
    parts: tuple[tuple[str, Any], ...] = ()
    store: Any = None

    def __post_init__(self) -> None:
        none_at_all(self.patch, self.folder)
        self.patch.setattr(clock, "TIMESYNC", self.folder / "synchronized")
        self.patch.setattr(clock, "ask_kernel", lambda: None)

    def program(self, name: str, says: bytes) -> None:
        """Have it write that, and end well."""
        bin_folder = self.folder / "bin"
        bin_folder.mkdir(exist_ok=True)
        (self.folder / f"{name}.says").write_bytes(says)
        (bin_folder / name).write_text(f"#!/bin/sh\nexec /bin/cat {self.folder}/{name}.says\n")
        (bin_folder / name).chmod(0o755)
        self.patch.setenv("PATH", str(bin_folder))

    def file(self, path: str, says: bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(says)
        return file

    def judged(self, check: str) -> Verdict:
        """Look by the engine, as a node does, where nothing waits."""
        return self._judged(check, 0.0, None)

    def judged_late(self, check: str) -> Verdict:
        """The same in a thread of its own, as a node does, once the time of a look is over."""
        return self._judged(check, LIMIT_S, Peeking(lambda *_: None))

    def _judged(self, check: str, after_s: float, peek: Any) -> Verdict:
        settings = load((write(self.folder, SMALL.replace("lsp.example", "localhost") + self.more),))
        reactor, gate = Clock(), Gate()
        site = Site(settings, parts={"reactor": reactor, **dict(self.parts)})
        site.store = self.store or site.store
        site.peek = peek or site.peek  # type: ignore[method-assign]
        (look,) = (one for looks in MODULES for one in looks(site) if check in one.rules)
        parts = Parts(
            looks=(look,), gate=gate, book=BookInMemory(), settings=lambda: settings, reactor=reactor,
            moment=site.clocks.moment,
        )  # fmt: skip
        Probing(parts).begin()
        reactor.advance(0)
        reactor.advance(after_s)
        return gate.standing.verdicts[check]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bare:
    return Bare(tmp_path, monkeypatch)


def chrony(bare: Bare, says: bytes) -> None:
    bare.program("chronyc", says)


def encrypted(bare: Bare) -> None:
    """A machine whose disk is on LUKS."""
    machine = Machine(bare.folder)
    machine.block("dm-0", uuid="CRYPT-LUKS2-0123-crypt", number="253:0")
    machine.mount("253:0")
    bare.patch.setattr(
        encryption, "Ground", partial(encryption.Ground, proc=bare.folder / "proc", sys=bare.folder / "sys")
    )


def mounts(bare: Bare, says: bytes) -> None:
    encrypted(bare)
    bare.file("proc/self/mountinfo", says)


def swaps(bare: Bare, says: bytes) -> None:
    encrypted(bare)
    bare.file("proc/swaps", says)


def target(bare: Bare, says: bytes) -> None:
    encrypted(bare)
    bare.file("sys/devices/dm-0/dm/uuid", says)


def shielded(bare: Bare) -> None:
    """A process as systemd starts it."""
    bare.file("self/status", "".join(f"{name}:\t{text}\n" for name, text in STATUS.items()).encode())
    bare.file("self/limits", b"Max core file size        0      unlimited  bytes\n")
    bare.file("self/net/tcp", NOBODY_LISTENS.encode())
    bare.patch.setattr(looking_at_machine, "_PROC", bare.folder)


def status(bare: Bare, says: bytes) -> None:
    shielded(bare)
    bare.file("self/status", says)


def limits(bare: Bare, says: bytes) -> None:
    shielded(bare)
    bare.file("self/limits", says)


def listening(bare: Bare, says: bytes) -> None:
    shielded(bare)
    bare.file("self/net/tcp", says)


def ups(bare: Bare, **fields: bytes) -> None:
    for name, text in {"type": b"UPS", "online": b"1", "capacity": b"100", **fields}.items():
        bare.file(f"supplies/ups0/{name}", text)
    bare.patch.setattr(looking_at_machine, "_SUPPLIES", bare.folder / "supplies")


def mains(bare: Bare, says: bytes) -> None:
    ups(bare, online=says)


def charge(bare: Bare, says: bytes) -> None:
    ups(bare, capacity=says)


def apt(bare: Bare, says: bytes) -> None:
    stamp = bare.file("stamp", b"")
    bare.program("apt-get", says)
    bare.patch.setattr(
        updates, "Ground", partial(updates.Ground, lists=bare.folder / "lists", stamp=stamp, limit_s=1.0)
    )
    bare.patch.setattr(looking_at_machine, "_FIRST_S", 0.0)
    bare.store = SimpleNamespace(upkeep=Book())


def malware(bare: Bare, says: bytes) -> None:
    bare.program("clamd-state", says)
    command = f"upkeep: {{antimalware_command: [{bare.folder}/bin/clamd-state]}}"
    bare.more = f"checks: {{look_limit_s: 0.5, {command}}}\n"


def resolvers(bare: Bare, says: bytes) -> None:
    bare.more = NETWORK.format("")
    bare.patch.setattr(names, "RESOLVERS", bare.file("resolv.conf", says))


def routes(bare: Bare, says: bytes) -> None:
    bare.more = "network: {interface: gzn0}\nchecks: {look_limit_s: 0.5}\n"
    bare.program("ip", says)


def own_sockets(bare: Bare, says: bytes) -> None:
    bare.more = NETWORK.format("")
    (bare.folder / "fd").mkdir()
    bare.file("net/tcp", says)
    bare.patch.setattr(sockets, "PROCESS", bare.folder)


def forwarding(bare: Bare, says: bytes) -> None:
    bare.file("ipv4/ip_forward", says)
    bare.patch.setattr(firewall, "KERNEL", bare.folder)


def nft(bare: Bare, says: bytes) -> None:
    bare.program("nft", says)


def iptables(bare: Bare, says: bytes) -> None:
    bare.program("iptables", says)


def addresses(bare: Bare, says: bytes) -> None:
    """Of a machine that denies all of IPv4; whether it has IPv6 this file tells."""
    bare.program("iptables", b"-P INPUT DROP\n")
    bare.patch.setattr(firewall, "IPV6_ADDRESSES", bare.file("if_inet6", says or b"?\n"))


def signer(bare: Bare, says: bytes) -> None:
    bare.file("anna.pem", says)
    bare.more = "checks: {signers: [anna.pem]}\n"
    bare.parts = (("layers", (bare.folder / "site.yaml",)),)


def search(bare: Bare, says: bytes) -> None:
    (bare.folder / "state").mkdir()
    script = bare.file("search.says", says)
    bare.patch.setattr(tokens, "_PROGRAM", ("/bin/cat", str(script)))
    bare.patch.setattr(tokens.TokenSearch.__init__, "__defaults__", (("/bin/cat", str(script)), ()))


def mounted(bare: Bare, says: bytes) -> None:
    (bare.folder / "state").mkdir()
    bare.patch.setattr(syncing, "_MOUNTS", bare.file("mountinfo", says))
    bare.patch.setattr(syncing.file_system, "__defaults__", (bare.folder / "mountinfo",))


SOURCES: dict[str, tuple[str, Callable[[Bare, bytes], None]]] = {
    "chronyc": ("clock-offset", chrony),
    "chronyc, for its age": ("clock-sync-age", chrony),
    "list of mounts": ("disk-encryption", mounts),
    "list of swaps": ("disk-encryption", swaps),
    "status of the process": ("hardening-baseline", status),
    "limits of the process": ("hardening-baseline", limits),
    "listeners of the machine": ("hardening-baseline", listening),
    "mains of a supply": ("ups-state", mains),
    "charge of a supply": ("ups-state", charge),
    "apt-get": ("patch-age", apt),
    "name servers": ("dns-via-gzn", resolvers),
    "ip": ("route-via-gzn", routes),
    "own sockets": ("listener-binding", own_sockets),
    "forwarding": ("ip-forwarding", forwarding),
    "nft": ("firewall-default-deny", nft),
    "iptables": ("firewall-default-deny", iptables),
    "addresses": ("firewall-default-deny", addresses),
    "key of a signer": ("config-signature", signer),
    "search for tokens": ("token-at-rest", search),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize(("check", "plant"), SOURCES.values(), ids=SOURCES)
class TestASourceThatLies:
    def test_makes_its_check_unknown_with_the_reason(
        self, bare: Bare, check: str, plant: Callable[[Bare, bytes], None], garbage: bytes
    ) -> None:
        """Garbage is no answer: neither a pass, nor the end of the look."""
        plant(bare, garbage)
        found = bare.judged(check)
        assert found.result is Result.UNKNOWN
        assert found.outcome.reason is not None


class TestASourceThatIsShut:
    @pytest.mark.parametrize(
        ("check", "path", "plant"),
        [
            ("disk-encryption", "proc/self/mountinfo", mounts),
            ("hardening-baseline", "self/status", status),
            ("hardening-baseline", "self/limits", limits),
            ("ups-state", "supplies/ups0/online", mains),
            ("dns-via-gzn", "resolv.conf", resolvers),
            ("listener-binding", "net/tcp", own_sockets),
            ("ip-forwarding", "ipv4/ip_forward", forwarding),
        ],
    )
    def test_makes_its_check_unknown(
        self, bare: Bare, check: str, path: str, plant: Callable[[Bare, bytes], None]
    ) -> None:
        """A folder stands where the file was: reading it fails, for root as well."""
        plant(bare, b"")
        (bare.folder / path).unlink()
        (bare.folder / path).mkdir()
        assert bare.judged(check).result is Result.UNKNOWN


class TestASourceThatHangs:
    @pytest.mark.parametrize(
        ("check", "path", "plant"),
        [
            ("disk-encryption", "proc/self/mountinfo", mounts),
            ("disk-encryption", "proc/swaps", swaps),
            ("hardening-baseline", "self/status", status),
            ("hardening-baseline", "self/net/tcp", listening),
            ("ups-state", "supplies/ups0/online", mains),
            ("listener-binding", "net/tcp", own_sockets),
            ("ip-forwarding", "ipv4/ip_forward", forwarding),
        ],
    )
    def test_makes_its_check_unknown_in_the_time_of_a_look(
        self, bare: Bare, check: str, path: str, plant: Callable[[Bare, bytes], None]
    ) -> None:
        """A pipe stands where the file was: whoever reads it waits until somebody writes, and the node goes on."""
        plant(bare, b"")
        (bare.folder / path).unlink()
        os.mkfifo(bare.folder / path)
        found = bare.judged_late(check)
        os.close(os.open(bare.folder / path, os.O_RDWR))
        assert (found.result, found.outcome.reason and found.outcome.reason.en) == (
            Result.UNKNOWN,
            "The look took too long.",
        )

    @pytest.mark.parametrize(
        ("check", "name", "plant"),
        [
            ("clock-offset", "chronyc", chrony),
            ("firewall-default-deny", "nft", nft),
            ("firewall-default-deny", "iptables", iptables),
            ("route-via-gzn", "ip", routes),
            ("patch-age", "apt-get", apt),
            ("antimalware-state", "clamd-state", malware),
        ],
    )
    def test_is_ended_where_it_is_a_program(
        self, bare: Bare, check: str, name: str, plant: Callable[[Bare, bytes], None]
    ) -> None:
        """It gets its share of the time of a look, and is killed with all that it began."""
        plant(bare, b"")
        (bare.folder / "bin" / name).write_text("#!/bin/sh\nexec /bin/sleep 60\n")
        bare.more = bare.more or "checks: {look_limit_s: 0.5}\n"
        assert bare.judged(check).result is Result.UNKNOWN


class TestATimeServerThatLies:
    @pytest.mark.parametrize("says", [*(one[:1000] for one in GARBAGE.values() if one), b"\0" * 48, b"\xff" * 48])
    def test_makes_the_clock_unknown(self, bare: Bare, says: bytes) -> None:
        """Whatever comes back by that port."""
        with NtpServer(says=says) as server:
            bare.more = f'network: {{time_servers: ["127.0.0.1:{server.port}"]}}\n'
            found = bare.judged("clock-offset")
        assert found.result is Result.UNKNOWN


class TestATargetOfTheDeviceMapperThatLies:
    @pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
    def test_is_never_taken_for_encryption(self, bare: Bare, garbage: bytes) -> None:
        """What nobody can read does not encrypt."""
        target(bare, garbage)
        assert bare.judged("disk-encryption").result in {Result.VIOLATED, Result.UNKNOWN}


class TestADiskOfWhichNobodyTellsTheKind:
    @pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
    def test_is_as_quick_as_it_is(self, bare: Bare, garbage: bytes) -> None:
        """The kind of its file system is shown, and not judged."""
        mounted(bare, garbage)
        assert bare.judged("throughput-selftest").result is Result.GOOD


class TestATimeThatLiesAhead:
    @pytest.mark.parametrize("days", [2, 4000])
    def test_says_nothing_of_signatures(self, bare: Bare, days: int) -> None:
        """A file of tomorrow would be fresh for ever."""
        file = bare.file("daily.cld", b"")
        ahead = 1_795_348_800.0 + days * 86_400
        os.utime(file, (ahead, ahead))
        bare.more = f"checks: {{upkeep: {{antimalware_file: {file}}}}}\n"
        assert bare.judged("antimalware-state").result is Result.UNKNOWN


class TestChronyThatLies:
    @pytest.mark.parametrize("leap", ["", "Lorem", "normal", "0"])
    @pytest.mark.parametrize("check", ["clock-offset", "clock-sync-age"])
    def test_in_one_word_says_nothing(self, bare: Bare, check: str, leap: str) -> None:
        """All its numbers are right, and whether it keeps the clock at all nobody knows."""
        numbers = "0A140001,10.20.0.1,3,1795348700,0.0,0.0,0.0,0.0,0.0,0.0,0.004,0.001,64.2"
        chrony(bare, f"{numbers},{leap}\n".encode())
        assert bare.judged(check).result is Result.UNKNOWN
