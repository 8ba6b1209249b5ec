"""How many connections one caller may have."""

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress

from edge_node.wire.http1_places import Places, source_of


class TestSource:
    @pytest.mark.parametrize(
        ("address", "source"),
        [
            (IPv4Address("TCP", "192.0.2.1", 1), "192.0.2.1"),
            (IPv6Address("TCP", "::ffff:192.0.2.1", 1), "192.0.2.1"),
            (IPv6Address("TCP", "2001:db8:1:2:aaaa::1", 1), "2001:db8:1:2::/64"),
            (IPv6Address("TCP", "fe80::1%eth0", 1), "fe80::/64"),
            (UNIXAddress("/run/edge-node/local.sock"), None),
            (None, None),
        ],
    )
    def test_is_one_caller(self, address: IAddress | None, source: str | None) -> None:
        """A machine with IPv6 may call from any address of its network; it is one machine all the same."""
        assert source_of(address) == source


class TestPlaces:
    def test_are_counted_by_source_and_in_all(self) -> None:
        """Neither one system nor all together can have more than the node can serve."""
        places = Places(total=3, per_peer=2)
        assert [places.take(source) for source in ("a", "a", "a", "b", "c")] == [True, True, False, True, False]

    def test_are_given_back(self) -> None:
        """A leak here would lock everyone out after some days."""
        places = Places(total=1, per_peer=1)
        assert places.take("a")
        places.leave("a")
        assert places.take("b")

    def test_without_a_source_are_bounded_in_all_only(self) -> None:
        """Who may open a Unix socket is said by its permissions."""
        places = Places(total=3, per_peer=1)
        assert [places.take(None) for _ in range(4)] == [True, True, True, False]
