"""What is believed of a peer at each step of its handshake."""

import gc
import weakref
from contextlib import suppress

import pytest
from OpenSSL import SSL

from edge_node.errors import Refused
from edge_node.sandbox.pki import Pki, make_pki
from edge_node.wire import trust
from tests.wire.handshakes import (
    NOW,
    TLS12,
    TLS13,
    Wall,
    again,
    calling,
    identity,
    listener,
    outsider,
    switchboard,
)
from tests.wire.revocations import listed

#: No hello is as long, no chain as short.
_CHAIN_BYTES = 2500


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


def said(end: SSL.Connection, heard: bytes = b"") -> bytes:
    """What one end says once it has heard that."""
    if heard:
        end.bio_write(heard)
    with suppress(SSL.WantReadError):
        end.do_handshake()
    return end.bio_read(1 << 16)


def last_flight(client: SSL.Connection, server: SSL.Connection) -> bytes:
    """What a client says last; in TLS 1.3 the listener may first ask for another hello, with a better group."""
    flight = said(client, said(server, said(client)))
    is_hello = len(flight) < _CHAIN_BYTES
    return said(client, said(server, flight)) if is_hello else flight


def cut_behind_certificate(flight: bytes, version: int) -> tuple[bytes, bytes]:
    """Part what the client says last: its certificate, which anybody has, and the proof that it has the key."""
    records = []
    while flight:
        end = 5 + int.from_bytes(flight[3:5], "big")
        records.append(flight[:end])
        flight = flight[end:]
    proof = 2 if version == TLS13 else 4  # of 1.2: key exchange, proof, change of ciphers, finished
    return b"".join(records[:-proof]), b"".join(records[-proof:])


class TestAChainThatWasShown:
    @pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls1.2", "tls1.3"])
    def test_is_its_peers_only_once_that_has_its_key(self, pki: Pki, version: int) -> None:
        """Certificates are no secret: who shows one of another must not pass for that one, in whatever follows."""
        revocation = listed(pki, NOW)
        tls = listener(pki, Wall(revocation=revocation))
        client, server = calling(outsider(pki, "switchboard", version)), tls.serverConnectionForTLS(None)
        client.set_connect_state()
        server.set_accept_state()
        chain, proof = cut_behind_certificate(last_flight(client, server), version)
        with suppress(SSL.WantReadError):
            said(server, chain)
        with suppress(Refused, SSL.Error):
            tls.judge(server)  # whoever judges all that are connected
        assert [seen.proved_at for seen in revocation.seen()] == [None]
        said(server, proof)
        tls.judge(server)
        assert [seen.proved_at for seen in revocation.seen()] == [NOW]


class TestASessionThatIsResumed:
    @pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls1.2", "tls1.3"])
    def test_while_another_certificate_is_put_in_use_is_no_stranger(self, pki: Pki, version: int) -> None:
        """A swap may fall between a handshake and its end: the request behind it is not lost."""
        tls, context = listener(pki, Wall()), outsider(pki, "switchboard", version)
        resumed = again(pki, tls, context).server
        assert listener(pki, Wall()).judge(resumed).name == "lsp"

    def test_is_held_to_what_is_in_use_by_then(self, pki: Pki) -> None:
        """Nobody comes in by an old session who would not come in by a new one."""
        resumed = again(pki, listener(pki, Wall()), outsider(pki, "switchboard")).server
        stricter = trust.server_tls(
            (identity(pki, "practice"),), (switchboard(pki, organisation="Another"),), Wall().surroundings()
        )
        with pytest.raises(Refused) as caught:
            stricter.judge(resumed)
        assert caught.value.code == "EN-TLS-ORGANISATION"


class TestASwapDuringAHandshake:
    def test_frees_nothing_that_is_still_called(self, pki: Pki) -> None:
        """OpenSSL asks the first context for a name once more at a second hello: what is gone there ends the node."""
        tls = listener(pki, Wall(), "practice", "pharmacy")
        client, server = calling(outsider(pki, "switchboard")), tls.serverConnectionForTLS(None)
        began_with = weakref.ref(server.get_context())
        client.set_connect_state()
        server.set_accept_state()
        said(server, said(client))
        assert server.get_context() is not began_with()
        del tls
        gc.collect()
        assert began_with() is not None
