"""What the firewall stops, as the programs that know it write it; what the kernel passes on, as its files say."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge_node.model.check import Unseen
from edge_node.probes.firewall import forwarding, look

from .programs import none_at_all, put

IPV6_OFF = "00000000000000000000000000000001 01 80 10 80 lo\n"
IPV6_ON = IPV6_OFF + "fd000000000000000000000000000005 02 40 00 80 eth0\n"


def chain(family: str = "inet", policy: str = "drop", hook: str = "input", kind: str = "filter") -> dict[str, Any]:
    return {"chain": {"family": family, "table": "t", "name": "in", "hook": hook, "type": kind, "policy": policy}}


def rule(*expressions: dict[str, Any]) -> dict[str, Any]:
    return {"rule": {"family": "inet", "table": "t", "chain": "in", "expr": list(expressions)}}


def listed(*what: dict[str, Any]) -> str:
    return json.dumps({"nftables": [{"metainfo": {"version": "1.0.6"}}, *what]})


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    path = tmp_path / "if_inet6"
    path.write_text(IPV6_ON)
    return path


def has_nft(monkeypatch: pytest.MonkeyPatch, folder: Path, told: str) -> None:
    (folder / "told").write_text(told)
    for name, script in (("nft", f'cat "{folder}/told"'), ("iptables", "exit 3"), ("ip6tables", "exit 3")):
        put(monkeypatch, folder, name, script)


class TestNft:
    @pytest.mark.parametrize(
        ("told", "ipv4", "ipv6"),
        [
            (listed(), False, False),
            (listed(chain()), True, True),
            (listed(chain("ip")), True, False),
            (listed(chain("ip"), chain("ip6")), True, True),
            (listed(chain(policy="accept")), False, False),
            (listed(chain(hook="forward")), False, False),
            (listed(chain(kind="nat")), False, False),
            (listed(chain(policy="accept"), rule({"counter": {}}, {"reject": {}})), True, True),
            (listed(chain(policy="accept"), rule({"match": {}}, {"drop": None})), False, False),
            (listed(chain(policy="accept"), rule({"drop": None}), rule({"accept": None})), False, False),
        ],
    )
    def test_tells_what_is_stopped(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, addresses: Path, told: str, ipv4: bool, ipv6: bool
    ) -> None:
        """By the policy of a chain, or by a last rule without condition; nothing else closes it."""
        has_nft(monkeypatch, tmp_path, told)
        seen = look(30, addresses)
        assert (seen.told_by, seen.denies_ipv4, seen.denies_ipv6) == ("nft", ipv4, ipv6)

    @pytest.mark.parametrize(
        "told", ["", "{}", "[1]", '{"nftables": [{"chain": {"hook": "input", "type": "filter"}}]}']
    )
    def test_that_makes_no_sense_is_unseen(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, addresses: Path, told: str
    ) -> None:
        """An empty answer is not an open firewall, and no closed one."""
        has_nft(monkeypatch, tmp_path, told)
        with pytest.raises(Unseen, match="cannot be read"):
            look(30, addresses)


class TestIptables:
    @pytest.mark.parametrize(
        ("told", "closed"),
        [
            ("-P INPUT DROP", True),
            ("-P INPUT ACCEPT", False),
            ("-P INPUT ACCEPT\\n-A INPUT -i lo -j ACCEPT\\n-A INPUT -j DROP", True),
            ("-P INPUT ACCEPT\\n-A INPUT -s 10.0.0.0/8 -j DROP", False),
        ],
    )
    def test_tells_what_is_stopped(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, addresses: Path, told: str, closed: bool
    ) -> None:
        """Each protocol by a program of its own."""
        put(monkeypatch, tmp_path, "nft", "exit 1")
        put(monkeypatch, tmp_path, "iptables", f"printf -- '{told}\\n'")
        put(monkeypatch, tmp_path, "ip6tables", "printf -- '-P INPUT ACCEPT\\n'")
        seen = look(30, addresses)
        assert (seen.told_by, seen.denies_ipv4, seen.denies_ipv6) == ("iptables, ip6tables", closed, False)


class TestNobody:
    def test_who_may_look_is_unseen(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, addresses: Path) -> None:
        """The service is not root: what it may not see it does not call closed."""
        none_at_all(monkeypatch, tmp_path)
        with pytest.raises(Unseen, match="not there"):
            look(30, addresses)


class TestIpv6:
    @pytest.mark.parametrize(("text", "has"), [(IPV6_OFF, False), (IPV6_ON, True)])
    def test_counts_where_others_can_reach_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, addresses: Path, text: str, has: bool
    ) -> None:
        """Loopback needs no firewall."""
        has_nft(monkeypatch, tmp_path, listed(chain("ip")))
        addresses.write_text(text)
        assert look(30, addresses).has_ipv6 is has


class TestForwarding:
    def kernel(self, folder: Path, ipv4: str, ipv6: str) -> Path:
        (folder / "ipv4").mkdir()
        (folder / "ipv6" / "conf" / "all").mkdir(parents=True)
        (folder / "ipv4" / "ip_forward").write_text(ipv4)
        (folder / "ipv6" / "conf" / "all" / "forwarding").write_text(ipv6)
        return folder

    def test_is_read_for_both_protocols(self, tmp_path: Path) -> None:
        """Either is a way through."""
        seen = forwarding("", self.kernel(tmp_path, "0\n", "1\n"), tmp_path)
        assert seen.forwards == (("ipv4", False), ("ipv6", True))

    def test_of_a_bridge_is_seen(self, tmp_path: Path) -> None:
        """A bridge passes on what no switch of IP stops."""
        (tmp_path / "gzn0" / "brport").mkdir(parents=True)
        assert forwarding("gzn0", self.kernel(tmp_path, "0\n", "0\n"), tmp_path).bridged == "gzn0"

    @pytest.mark.parametrize("text", ["", "yes"])
    def test_that_says_no_number_is_no_answer(self, tmp_path: Path, text: str) -> None:
        """Whoever asks makes it unknown."""
        with pytest.raises(ValueError, match="invalid literal"):
            forwarding("", self.kernel(tmp_path, text, "0"), tmp_path)
