"""The proof at each start that every TLS connection stands on the floor of the profile.

Knows: how to look at what OpenSSL really offers and takes, as a client and as a server.
Must not know: why a profile is as it is, settings, what is done after a refused start.

OpenSSL ignores a file it cannot read, or understands in part, and goes on with its own wide choice. So nothing that
was set is believed: a client's first message is made and read, and a server is asked for what it must refuse.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from edge_node.errors import EdgeNodeError
from edge_node.wire import trust_hello
from edge_node.wire.trust_context import has_extended_master_secret, new_context, show
from edge_node.wire.trust_floor import (
    CURVES,
    FLOORS,
    HYBRIDS,
    SIGNATURES,
    SUITES_12,
    SUITES_13,
    VERSIONS,
    Floor,
    Profile,
)
from edge_node.wire.trust_hello import Answer, Hello, read_answer, read_hello, write_hello

_MOST: Final = 1 << 16
_SUITES: Final = {**SUITES_13, **SUITES_12}
_GROUPS: Final = {**HYBRIDS, **CURVES}
#: All a client sends; early data, heartbeat or certificate compression would be one more.
_EXTENSIONS: Final = frozenset(
    {
        trust_hello.SUPPORTED_GROUPS,
        trust_hello.POINT_FORMATS,
        trust_hello.SIGNATURE_ALGORITHMS,
        trust_hello.ENCRYPT_THEN_MAC,
        trust_hello.EXTENDED_MASTER_SECRET,
        trust_hello.SESSION_TICKET,
        trust_hello.SUPPORTED_VERSIONS,
        trust_hello.PSK_KEY_EXCHANGE_MODES,
        trust_hello.KEY_SHARE,
        trust_hello.RENEGOTIATION_INFO,
    }
)
#: What a listener must refuse: a client that offers nothing but this.
_WEAK: Final[dict[str, dict[str, Any]]] = {
    "TLS 1.1": {"versions": (0x0302,), "suites": (0xC009, 0xC013, 0x002F)},
    "CBC ciphers": {"suites": (0xC024, 0xC028, 0xC023, 0xC027, 0xC00A, 0xC014)},
    "RSA key exchange": {"suites": (0x009D, 0x009C, 0x003D, 0x002F)},
    "finite-field Diffie-Hellman": {"suites": (0x009F, 0x009E), "groups": (0x0100, 0x0101)},
    "secp224r1": {"groups": (0x0015,)},
    "SHA-1 signatures": {"signatures": (0x0203, 0x0201)},
    "SHA-224 signatures": {"signatures": (0x0303, 0x0301)},
}


def prove(profile: Profile) -> None:
    """Raise `EN-TLS-FLOOR`, naming what differs, unless this process stands on the floor of that profile exactly."""
    wrong = tuple(differences(FLOORS[profile]))
    if wrong:
        raise EdgeNodeError(f"{profile}: {'; '.join(wrong)}", code="EN-TLS-FLOOR")


def differences(floor: Floor) -> Iterator[str]:
    """Give everything in which this process is not as the floor has it."""
    try:
        yield from _as_client(floor)
        yield from _as_server(floor)
    except (SSL.Error, ValueError, AttributeError) as error:
        yield f"the look itself failed ({type(error).__name__})"


def offered() -> Hello:
    """What a client of this process offers."""
    connection = SSL.Connection(new_context(), None)
    connection.set_connect_state()
    return read_hello(_said(connection))


def _as_client(floor: Floor) -> Iterator[str]:
    hello = offered()
    yield from _other("versions", hello.versions, _numbers(floor.versions, VERSIONS))
    yield from _other("suites", hello.suites, _numbers(floor.suites, _SUITES))
    yield from _other("groups", hello.groups, _numbers(floor.groups, _GROUPS))
    yield from _other("keys sent along", hello.shares, _numbers(floor.shares, _GROUPS))
    yield from _other("signature algorithms", hello.signatures, _numbers(floor.signatures, SIGNATURES))
    yield from _other("compression", hello.compressions, (0,))
    yield from _other("extensions", tuple(sorted(hello.extensions)), tuple(sorted(_EXTENSIONS)))


def _as_server(floor: Floor) -> Iterator[str]:
    context = _listener()
    # A client with the order of everything turned round: what is chosen is the server's choice.
    usual = Hello(
        versions=(0x0303,),
        suites=_numbers(floor.suites, _SUITES)[::-1],
        groups=_numbers(floor.groups, _GROUPS)[::-1],
        signatures=_numbers(floor.signatures, SIGNATURES)[::-1],
    )
    older, newer = _asked(context, usual), _asked(context, replace(usual, versions=(0x0303, 0x0304)))
    best_12 = tuple(number for name, number in SUITES_12.items() if "ECDSA" in name)[:1]
    yield from _other("the listener's choice in TLS 1.2", _pair(older), (0x0303, *best_12))
    yield from _other("the listener's choice in TLS 1.3", _pair(newer), (0x0304, *SUITES_13.values())[:2])
    yield from _other("the listener's group", (newer.group or 0,), _numbers(floor.groups[:1], _GROUPS))
    yield from _other("signatures of clients", older.asked, _numbers(floor.signatures, SIGNATURES))
    if trust_hello.EXTENDED_MASTER_SECRET not in older.extensions:
        yield "the listener has no extended master secret"
    for what, only in _WEAK.items():
        answer = _asked(context, replace(usual, **only))
        if answer.alert is None or answer.suite is not None:
            yield f"the listener takes {what}"
    yield from _sees_the_master_secret(context)


def _sees_the_master_secret(context: SSL.Context) -> Iterator[str]:
    """Shake hands with ourselves, to see that the look after each handshake (EN-TLS-EMS) finds what is there."""
    calling = new_context()
    calling.set_max_proto_version(SSL.TLS1_2_VERSION)
    client, server = SSL.Connection(calling, None), SSL.Connection(context, None)
    client.set_connect_state()
    server.set_accept_state()
    for source, target in ((client, server), (server, client)) * 2:
        if said := _said(source):
            target.bio_write(said)
    _said(client)
    if not (has_extended_master_secret(client) and has_extended_master_secret(server)):
        yield "the extended master secret cannot be seen"


def _asked(context: SSL.Context, hello: Hello) -> Answer:
    connection = SSL.Connection(context, None)
    connection.set_accept_state()
    connection.bio_write(write_hello(hello))
    return read_answer(_said(connection))


def _said(connection: SSL.Connection) -> bytes:
    """Let a connection go on as far as it can, and return what it wants to send."""
    with suppress(SSL.Error):  # it waits for the other end, or refused it: both are in what it said
        connection.do_handshake()
    try:
        return connection.bio_read(_MOST)
    except SSL.WantReadError:
        return b""


def _listener() -> SSL.Context:
    """A listener that asks for a certificate, with one of its own that never leaves this process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proof")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    context = new_context()
    show(context, (certificate,), key)
    context.set_verify(SSL.VERIFY_PEER, lambda *shown: False)
    return context


def _pair(answer: Answer) -> tuple[int, int]:
    return answer.version or 0, answer.suite or 0


def _numbers(names: tuple[str, ...], known: dict[str, int]) -> tuple[int, ...]:
    return tuple(known[name] for name in names)


def _other(what: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[str]:
    if found != wanted:
        yield f"{what} are {_words(found)} instead of {_words(wanted)}"


def _words(numbers: tuple[int, ...]) -> str:
    return " ".join(f"{number:04x}" for number in numbers) or "none"
