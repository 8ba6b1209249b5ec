"""Two ends in memory, one of which asks for a new handshake: run as a process, which has no floor taken up.

Knows: how an end of somebody else asks. The floor of the tests' own process would forbid it that.
Must not know: what is expected.

Prints, as JSON, whether the other end went along: with who calls, with who is called, and between two others.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from edge_node.wire.trust_context import new_context, show


def certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """One that signs itself; nobody verifies it here."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "end")])
    begin = datetime(2000, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(begin)
    return builder.not_valid_after(begin.replace(year=2100)).sign(key, hashes.SHA256())


def others() -> SSL.Context:
    """TLS 1.2 as the library has it by itself; 1.3 has no such thing."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(1 << 8)  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION, as servers did; pyOpenSSL has no name for it
    return context


def goes_along(client: SSL.Context, server: SSL.Context, asks: str) -> bool:
    """Shake hands, ask for it, and say whether the end that did not ask began again."""
    key = ec.generate_private_key(ec.SECP256R1())
    show(server, (certificate(key),), key)
    ends = {"client": SSL.Connection(client, None), "server": SSL.Connection(server, None)}
    ends["client"].set_connect_state()
    ends["server"].set_accept_state()
    pump(*ends.values())
    asking = ends.pop(asks)
    (asked,) = ends.values()
    before = asked.get_finished()
    assert before, "the first handshake failed"
    asking.renegotiate()
    pump(asking, asked)
    return asked.get_finished() != before


def pump(one: SSL.Connection, other: SSL.Connection) -> None:
    for source, target in ((one, other), (other, one)) * 6:
        with suppress(SSL.Error):
            source.do_handshake()
        with suppress(SSL.Error):
            source.recv(1)
        with suppress(SSL.Error):
            target.bio_write(source.bio_read(1 << 16))


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "asked by who calls": goes_along(others(), new_context(), "client"),
                "asked by who is called": goes_along(new_context(), others(), "server"),
                "asked by who calls, between others": goes_along(others(), others(), "client"),
                "asked by who is called, between others": goes_along(others(), others(), "server"),
            }
        )
    )
