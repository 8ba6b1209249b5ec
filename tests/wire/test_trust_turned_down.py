"""Whose refusal of our certificate counts: that of the switchboard, called by us, after it proved who it is."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from OpenSSL import SSL

from edge_node.sandbox.pki import PRACTICE, Pki, make_pki
from edge_node.wire import trust
from tests.wire.handshakes import NOW, TLS12, TLS13, Wall, calling, identity, outsider, shake, switchboard

#: A fatal alert of TLS 1.2 that is not encrypted.
UNKNOWN_CA = bytes.fromhex("15030300020230")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anchors of another hierarchy."""
    return make_pki(tmp_path_factory.mktemp("other") / "out", now=NOW, bad=False).anchors


def refusing(pki: Pki, name: str, anchors: Path, version: int = TLS13) -> SSL.Connection:
    """A party that shows this certificate, and knows no CA of ours."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    context.use_certificate_chain_file(str(pki.files(name).chain))
    context.use_privatekey_file(str(pki.files(name).key))
    context.load_verify_locations(str(anchors))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *told: bool(told[-1]))
    return SSL.Connection(context, None)


def without_a_key(pki: Pki, hello: bytes) -> bytes:
    """Answer a hello of TLS 1.2 with what nobody needs the key for: ServerHello and Certificate."""
    context = outsider(pki, "switchboard", TLS12)
    server = SSL.Connection(context, None)
    server.set_accept_state()
    server.bio_write(hello)
    with suppress(SSL.WantReadError):
        server.do_handshake()
    return b"".join(_records(message) for message in _messages(server.bio_read(1 << 16)) if message[0] in {2, 11})


def _messages(flight: bytes) -> Iterator[bytes]:
    said = b"".join(_cut(flight, 3, 2))
    return _cut(said, 1, 3, keep=True)


def _cut(data: bytes, at: int, width: int, *, keep: bool = False) -> Iterator[bytes]:
    """Part what begins with its length, `width` bytes from `at`."""
    while data:
        head = at + width
        end = head + int.from_bytes(data[at:head], "big")
        yield data[0 if keep else head : end]
        data = data[end:]


def _records(message: bytes) -> bytes:
    parts = [message[at : at + 16_000] for at in range(0, len(message), 16_000)]
    return b"".join(b"\x16\x03\x03" + len(part).to_bytes(2, "big") + part for part in parts)


class Ear:
    """What was heard of refusals."""

    def __init__(self, pki: Pki, **other: object) -> None:
        self.heard: list[tuple[str, str]] = []
        self.own = identity(pki, "practice")
        around = replace(Wall().surroundings(), turned_down=lambda *told: self.heard.append(told))
        self.tls = trust.client_tls(self.own, switchboard(pki, **other), around)


class TestARefusal:
    @pytest.mark.parametrize("version", [TLS12, TLS13])
    def test_of_the_switchboard_counts(self, pki: Pki, strangers: Path, version: int) -> None:
        """In TLS 1.3 it comes after our side of the handshake is done."""
        ear = Ear(pki)
        shake(ear.tls.clientConnectionForTLS(None), refusing(pki, "switchboard", strangers, version))
        assert ear.heard == [(ear.own.certificate.fingerprint, "lsp")]

    def test_of_another_party_does_not(self, pki: Pki, strangers: Path) -> None:
        """What the authorisation server thinks of our certificate is no reason to show the switchboard another."""
        ear = Ear(pki, role="authorisation-server")
        shake(ear.tls.clientConnectionForTLS(None), refusing(pki, "switchboard", strangers))
        assert ear.heard == []

    @pytest.mark.parametrize("name", ["bad/other-name", "bad/expired", "local/his-server"])
    def test_of_one_who_is_not_the_switchboard_does_not(self, pki: Pki, strangers: Path, name: str) -> None:
        """Somebody on the way must not bring us back to an older certificate."""
        ear = Ear(pki)
        shake(ear.tls.clientConnectionForTLS(None), refusing(pki, name, strangers))
        assert ear.heard == []

    def test_of_one_who_only_shows_the_certificates_of_the_switchboard_does_not(self, pki: Pki) -> None:
        """They are public: who sends them and an alert has proved nothing, and must not make the node fall back."""
        ear = Ear(pki)
        client = ear.tls.clientConnectionForTLS(None)
        client.set_connect_state()
        with pytest.raises(SSL.WantReadError):
            client.do_handshake()
        client.bio_write(without_a_key(pki, client.bio_read(1 << 16)) + UNKNOWN_CA)
        with pytest.raises(SSL.Error, match="unknown ca"):
            client.do_handshake()
        assert ear.heard == []

    def test_of_a_caller_does_not(self, pki: Pki, strangers: Path) -> None:
        """Anybody may call us and say that he does not know our CA."""
        heard: list[tuple[str, str]] = []
        around = replace(Wall().surroundings(), turned_down=lambda *told: heard.append(told))
        server = trust.server_tls((identity(pki, "practice"),), (switchboard(pki),), around)
        context = outsider(pki, "switchboard")
        context.set_verify(SSL.VERIFY_PEER, lambda *told: False)
        line = shake(calling(context, PRACTICE[1]), server.serverConnectionForTLS(None))
        assert ("client" in line.errors, heard) == (True, [])
