"""What is agreed on in real handshakes, what is counted of it, and what is refused although OpenSSL agreed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from OpenSSL import SSL

from edge_node.errors import Refused
from edge_node.sandbox.pki import Pki, make_pki
from edge_node.wire import trust
from edge_node.wire.trust_floor import FLOORS, Profile
from edge_node.wire.trust_labels import SMALL_RSA_UNTIL, Item
from edge_node.wire.trust_negotiated import Negotiated, demand_size
from edge_node.wire.trust_proof import differences
from tests.wire.handshakes import (
    BOTH_VERSIONS,
    NOW,
    TLS12,
    TLS13,
    Line,
    Wall,
    asking,
    calling,
    identity,
    outsider,
    shake,
    switchboard,
)

#: SSL_OP_NO_EXTENDED_MASTER_SECRET; pyOpenSSL has no name for it.
_NO_MASTER_SECRET = 1


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


def without_master_secret(pki: Pki, name: str) -> SSL.Context:
    """A TLS 1.2 stack from before RFC 7627."""
    context = outsider(pki, name, TLS12)
    context.set_options(_NO_MASTER_SECRET)
    return context


class Listener:
    """The listener for the switchboard, and what it counted."""

    def __init__(self, pki: Pki, wall: Wall) -> None:
        self.counted: list[Negotiated] = []
        around = replace(wall.surroundings(), negotiated=self.counted.append)
        self.tls = trust.server_tls((identity(pki, "practice"),), (switchboard(pki),), around)

    def hears(self, context: SSL.Context) -> Line:
        return shake(calling(context), self.tls.serverConnectionForTLS(None))


class TestExtendedMasterSecret:
    def test_is_demanded_of_who_calls(self, pki: Pki) -> None:
        """Without it a party in between can make two connections share their keys."""
        listener = Listener(pki, wall := Wall())
        line = listener.hears(without_master_secret(pki, "switchboard"))
        with pytest.raises(Refused, match="extended master secret"):
            listener.tls.judge(line.server)
        assert (wall.refusals, listener.counted) == (["EN-TLS-EMS"], [])

    def test_is_demanded_of_who_is_called(self, pki: Pki) -> None:
        """Before the first byte of a question leaves the practice."""
        tls = trust.client_tls(identity(pki, "practice"), switchboard(pki), (wall := Wall()).surroundings())
        line = shake(tls.clientConnectionForTLS(None), asking(without_master_secret(pki, "switchboard")))
        with pytest.raises(Refused, match="extended master secret"):
            tls.judge(line.client)
        assert wall.refusals == ["EN-TLS-EMS"]

    def test_is_demanded_of_a_local_system_without_a_certificate(self, pki: Pki) -> None:
        """One floor for the process: the practice's own network is no exception."""
        tls = trust.local_server_tls(identity(pki, "practice"), (), Wall().surroundings())
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_max_proto_version(TLS12)
        context.set_options(_NO_MASTER_SECRET)
        line = shake(calling(context), tls.serverConnectionForTLS(None))
        with pytest.raises(Refused, match="extended master secret"):
            tls.judge(line.server)


class TestCount:
    def test_has_all_that_was_agreed_on(self, pki: Pki) -> None:
        """An auditor asks for these five; so does whoever plans the end of TLS 1.2."""
        listener = Listener(pki, Wall())
        listener.tls.judge(listener.hears(outsider(pki, "switchboard", TLS13)).server)
        handshake = listener.counted[0]
        assert (handshake.side, handshake.roles) == ("in", {"zim"})
        assert dict(handshake.values) == {
            Item.VERSION: "TLSv1.3",
            Item.SUITE: "TLS_AES_256_GCM_SHA384",
            Item.GROUP: "X25519MLKEM768",
            Item.KEY: "RSA-2048",
            Item.HASH: "sha256",
        }

    @BOTH_VERSIONS
    def test_is_one_a_handshake(self, pki: Pki, version: int) -> None:
        """Live connections are judged again and again; they did not shake hands again."""
        listener = Listener(pki, Wall())
        line = listener.hears(outsider(pki, "switchboard", version))
        listener.tls.judge(line.server)
        listener.tls.judge(line.server)
        assert len(listener.counted) == 1

    def test_has_the_side_that_called(self, pki: Pki) -> None:
        """A far end may take one thing as a server and another as a client."""
        counted: list[Negotiated] = []
        around = replace(Wall().surroundings(), negotiated=counted.append)
        tls = trust.client_tls(identity(pki, "practice"), switchboard(pki), around)
        tls.judge(shake(tls.clientConnectionForTLS(None), asking(outsider(pki, "switchboard", TLS12))).client)
        assert (counted[0].side, dict(counted[0].values)[Item.VERSION]) == ("out", "TLSv1.2")


class TestSmallRsaKey:
    def test_is_taken_until_the_first_generation_ends(self, pki: Pki) -> None:
        """All G1 certificates have one; to refuse them now would cut every practice off."""
        demand_size(chain(pki), SMALL_RSA_UNTIL - timedelta(seconds=1))

    def test_is_refused_from_that_day(self, pki: Pki) -> None:
        """By then none can be good any more."""
        with pytest.raises(Refused) as refused:
            demand_size(chain(pki), SMALL_RSA_UNTIL)
        assert refused.value.code == "EN-TLS-KEY-SIZE"


class TestFloorOfTheTests:
    def test_is_that_of_the_daemon(self) -> None:
        """All tests of TLS mean something only on what a hospital runs."""
        assert list(differences(FLOORS[Profile.LSP_COMPAT])) == []


def chain(pki: Pki) -> tuple[x509.Certificate, ...]:
    return identity(pki, "practice").chain
