"""The floor under every TLS connection: versions, ciphers, options, and the store of anchors.

Knows: what NCSC-NL calls good or sufficient, how OpenSSL is told.
Must not know: which peers there are, what a certificate must say.

Groups and signature algorithms are those of the process: see `trust_floor`. Early data is off in OpenSSL unless it is
asked for, and it is not.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from OpenSSL import SSL, crypto
from OpenSSL._util import ffi as _ffi
from OpenSSL._util import lib as _lib

from edge_node.wire.trust_floor import SECURITY_LEVEL, SUITES_12, SUITES_13

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

TLS12_CIPHERS: Final = ":".join((*SUITES_12, SECURITY_LEVEL)).encode("ascii")
TLS13_CIPHERS: Final = ":".join(SUITES_13).encode("ascii")

#: A session may be resumed for this long where nobody says otherwise (domain reference GBZ 1.3, assumed).
SESSION_LIFE_S: Final = 86_400
#: CAs between leaf and anchor at most; PKIoverheid has two.
MAX_DEPTH: Final = 5

_OPTIONS: Final = (
    SSL.OP_NO_COMPRESSION
    | SSL.OP_NO_RENEGOTIATION
    | SSL.OP_CIPHER_SERVER_PREFERENCE
    | SSL.OP_SINGLE_ECDH_USE
    | SSL.OP_NO_SSLv2
    | SSL.OP_NO_SSLv3
)


def new_context() -> SSL.Context:
    """Make a context on the floor, that trusts nobody yet."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(SSL.TLS1_3_VERSION)
    context.set_options(_OPTIONS)
    # An idle connection keeps no record buffers: some 20 kB less for each.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.set_cipher_list(TLS12_CIPHERS)
    context.set_tls13_ciphersuites(TLS13_CIPHERS)
    context.set_verify_depth(MAX_DEPTH)
    context.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
    # Without an id of its own a server that asks for client certificates refuses every resumption.
    context.set_session_id(b"edge-node")
    return context


def trust(store: crypto.X509Store, anchors: tuple[x509.Certificate, ...]) -> None:
    """Put the anchors in a store."""
    for anchor in anchors:
        store.add_cert(crypto.X509.from_cryptography(anchor))


def has_extended_master_secret(connection: SSL.Connection) -> bool:
    """Say whether the keys of this connection hang on its whole handshake (RFC 7627); in TLS 1.3 they always do.

    pyOpenSSL has the function and no method for it. The proof at each start fails when it is gone.
    """
    if connection.get_protocol_version() >= SSL.TLS1_3_VERSION:
        return True
    return bool(_lib.SSL_get_extms_support(connection._ssl) == 1)


def hold_dates_at(connection: SSL.Connection, moment: datetime) -> None:
    """Have OpenSSL hold dates of what this connection is shown against that moment, not against a clock of its own.

    So that a handshake and every later judgement go by the same clock. pyOpenSSL has this for stores only.
    """
    _lib.X509_VERIFY_PARAM_set_time(_lib.SSL_get0_param(connection._ssl), int(moment.timestamp()))


#: What pyOpenSSL asks of each certificate: connection, certificate, OpenSSL's error, depth, OpenSSL's verdict.
Verify = Callable[[SSL.Connection, crypto.X509, int, int, int], bool]


def ask_of_each(context: SSL.Context, mode: int, verify: Verify, error: Callable[[SSL.Connection], int]) -> None:
    """Have `verify` judge each certificate; `error` says which error to hand to OpenSSL where only we said no.

    Without one OpenSSL sends internal_error, and the other side looks for a fault of ours. pyOpenSSL's own answer is
    asked for first and always stands; it has no way to say why.
    """
    context.set_verify(mode, verify)
    holder: Any = context
    asked, index = holder._verify_helper.callback, _lib.SSL_get_ex_data_X509_STORE_CTX_idx()

    def answer(ok: int, chain: Any) -> int:
        if asked(ok, chain):
            return 1
        if _lib.X509_STORE_CTX_get_error(chain) == _lib.X509_V_OK:
            connection = SSL.Connection._reverse_mapping[_lib.X509_STORE_CTX_get_ex_data(chain, index)]
            _lib.X509_STORE_CTX_set_error(chain, error(connection))
        return 0

    # In pyOpenSSL's own place, which keeps it as long as the context.
    holder._verify_callback = _ffi.callback("int (*)(int, X509_STORE_CTX *)", answer)
    _lib.SSL_CTX_set_verify(holder._context, mode, holder._verify_callback)


def show(context: SSL.Context, chain: tuple[x509.Certificate, ...], key: PrivateKey) -> None:
    """Show a certificate of ours with its whole chain, since a peer may know only the root."""
    leaf, *others = chain
    context.use_certificate(leaf)
    for certificate in others:
        context.add_extra_chain_cert(certificate)
    context.use_privatekey(key)
    context.check_privatekey()


def ask_for(context: SSL.Context, anchors: tuple[x509.Certificate, ...]) -> None:
    """Name the CAs whose certificates are welcome, so that a client with several shows the right one."""
    for anchor in anchors:
        context.add_client_ca(anchor)
