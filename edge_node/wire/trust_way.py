"""A way out: TLS to one host, judged at every connection, resuming the last session found good.

Knows: what is shown and asked of one host, how a session is kept.
Must not know: whom the host must be, what is sent.
"""

import ipaddress

from OpenSSL import SSL

from edge_node.errors import Refused
from edge_node.wire.trust_context import new_context, show
from edge_node.wire.trust_handshake import Watch
from edge_node.wire.trust_identity import OwnIdentity
from edge_node.wire.trust_judge import Judged


class Way:
    """One way out: a host, what we show it, and the last good connection, whose session the next one resumes."""

    def __init__(self, host: str, own: OwnIdentity | None, watch: Watch) -> None:
        self._server_name = None if is_address(host) else host.encode("idna")
        self._watch = watch
        self._context = new_context()
        self._last: SSL.Connection | None = None
        watch.over(self._context, SSL.VERIFY_PEER)
        if own:
            show(self._context, own.chain, own.key)

    def connect(self, protocol: object = None) -> SSL.Connection:
        """Make the TLS connection of one connected socket."""
        connection = self._watch.connection(self._context, protocol)
        if self._server_name:
            connection.set_tlsext_host_name(self._server_name)
        # Asked of the last connection only now: in TLS 1.3 a session comes after the handshake.
        session = self._last.get_session() if self._last else None
        if session:
            connection.set_session(session)
        return connection

    def judge(self, connection: SSL.Connection) -> Judged:
        """Judge the server; its session may be resumed only when it was found good."""
        try:
            judged = present(self._watch.judge(connection))
        except Refused:
            self._last = None
            raise
        # One of earlier settings may be judged by these, but its session is of another context.
        if connection.get_context() is self._context:
            self._last = connection
        return judged


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def present(judged: Judged | None) -> Judged:
    if judged is None:
        raise Refused("the peer showed no certificate", code="EN-TLS-ABSENT")
    return judged
