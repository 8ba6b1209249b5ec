"""Watching over handshakes: each peer is judged while it shakes hands, again when it resumes a session.

Knows: OpenSSL's callbacks, what a full handshake showed, the code and the words of a refusal for the log.
Must not know: what a certificate must say, which contexts there are.
"""

import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from OpenSSL import SSL, crypto

from edge_node.errors import Refused
from edge_node.model.finding import Finding
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust_alerts import verification_error
from edge_node.wire.trust_certificate import fingerprint, reading
from edge_node.wire.trust_context import SESSION_LIFE_S, ask_of_each, hold_dates_at, trust
from edge_node.wire.trust_explain import Ground, explain
from edge_node.wire.trust_judge import LOCAL_ROLES, Chain, Judged, Now, Purpose, Rules
from edge_node.wire.trust_negotiated import Negotiated, demand_master_secret, demand_size, negotiated
from edge_node.wire.trust_verify import hold, path, within_count

#: Chains remembered for resumption, the least used forgotten first. A peer forgotten is refused once it resumes.
REMEMBERED_CHAINS: Final = 1024

_FATAL: Final = 2
_CERTIFICATE_REQUIRED: Final = 116
_HANDSHAKE_FAILURE: Final = 40
_ILLEGAL_PARAMETER: Final = 47
_PROTOCOL_VERSION: Final = 70
#: Alerts about the certificate that we showed.
_OF_CERTIFICATES: Final = frozenset({42, 43, 44, 45, 46, 48, 116})
#: States of OpenSSL after which the peer has to show its certificate: as client in TLS 1.2 or 1.3, as server.
_BEFORE_CERTIFICATE: Final = (
    b"write server done",
    b"early data",
    b"read server hello",
    b"read encrypted extensions",
    b"read server certificate request",
)
#: Alerts worth a name in a log (RFC 8446, section 6.2).
_ALERTS: Final = {
    10: "unexpected_message",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    112: "unrecognized_name",
    116: "certificate_required",
}


def _uncounted(negotiated: Negotiated) -> None:
    """For tools of ours that call nobody but themselves."""


def _unnoted(purpose: Purpose, note: Finding) -> None:
    """The same."""


def _unheard(what: str, who: str) -> None:
    """For tools of ours that have one certificate only."""


def _unasked(alert: int) -> None:
    """Nothing of ours was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every context is handed: the time, where refusals are told, and who knows what was revoked."""

    now: Now
    refused: Callable[[str, str, str], None]  # an EN-TLS code, words for the log, the host it is about or nothing
    revocation: Revocation
    negotiated: Callable[[Negotiated], None] = _uncounted  # called once for each handshake that was found good
    noted: Callable[[Purpose, Finding], None] = _unnoted  # what was accepted, and is worth a person's look
    session_s: int = SESSION_LIFE_S  # for how long a session may be resumed
    turned_down: Callable[[str, str], None] = _unheard  # a certificate of ours, by that peer, which proved who it is


@dataclass(slots=True)
class Handshake:
    """What one connection showed."""

    identity: str | None = None  # of ours, that the peer asked for
    shown: dict[int, x509.Certificate] = field(default_factory=dict)  # by depth
    chain: Chain | None = None  # complete and accepted; None after a resumption
    recalled: Chain | None = None  # the same after a resumption: it is this connection's, whatever settings come
    is_asked: bool = False  # for a certificate, by us
    is_certificate_next: bool = False  # of what the peer has to say
    is_done: bool = False  # by OpenSSL's account
    is_proven: bool = False  # the peer has the key of what it showed; a chain alone is public
    is_counted: bool = False  # what was negotiated
    refusal: Refused | None = None  # the first reason, which is the cause
    protocol: "weakref.ref[object] | None" = None  # what it is for
    #: Chains of those who may resume: of the watch that made it, though another one judges it by then.
    remembered: "OrderedDict[str, Chain]" = field(default_factory=OrderedDict, repr=False)

    def host(self) -> str:
        """Say where the other end is, where that is known: the transport comes after the connection."""
        transport = getattr(self.protocol() if self.protocol else None, "transport", None)
        return str(getattr(transport.getPeer(), "host", "")) if transport is not None else ""


class WatchedConnection(SSL.Connection):
    """A TLS connection that holds what it showed; its application data is Twisted's to use."""

    def __init__(self, context: SSL.Context) -> None:
        super().__init__(context, None)
        self.handshake = Handshake()
        # Another may be chosen by name; OpenSSL goes on calling what belongs to this one, which a swap would free.
        self._began_with = context

    @property
    def refusal(self) -> Refused | None:
        """Why the other end, or this one, was refused; OpenSSL itself only says that it was."""
        return self.handshake.refusal

    @property
    def is_proven(self) -> bool:
        """Whether the other end proved that it has the key of the certificate that it showed."""
        return self.handshake.is_proven


def handshake_of(connection: SSL.Connection) -> Handshake:
    """Return what a connection showed so far; only one made here is ever judged."""
    if not isinstance(connection, WatchedConnection):
        raise TypeError("this connection was not made by a context of ours")
    return connection.handshake


class Watch:
    """The one judge behind every context of a listener or of a way out; `purpose` is that of the peer."""

    def __init__(self, rules: Rules, purpose: Purpose, ground: Ground, surroundings: Surroundings) -> None:
        self._rules = rules
        self._purpose = purpose
        self._ground = ground
        self._around = surroundings
        self.turned_down: Callable[[int], None] = _unasked  # the peer refuses what we showed, by that alert
        self._remembered: OrderedDict[str, Chain] = OrderedDict()

    def over(self, context: SSL.Context, mode: int) -> None:
        """Put a new context under this watch; `mode` says whether a peer must show a certificate."""
        store = context.get_cert_store()
        if store is None:
            raise crypto.Error("the context has no certificate store")
        trust(store, self._ground.anchors)
        ask_of_each(context, mode, self._verify, _verification_error)
        context.set_info_callback(self._told)
        context.set_timeout(self._around.session_s)

    def connection(self, context: SSL.Context, protocol: object = None) -> "WatchedConnection":
        """Make a connection of a context under this watch: its handshake goes by the clock that all goes by.

        `protocol` is what it is for, as Twisted hands it over: it knows who is at the other end.
        """
        made = WatchedConnection(context)
        made.handshake.remembered = self._remembered
        made.handshake.protocol = None if protocol is None else weakref.ref(protocol)
        hold_dates_at(made, self._around.now())
        return made

    def judge(self, connection: SSL.Connection) -> Judged | None:
        """Judge again, after the handshake or at any later time; None when no certificate was asked for and shown.

        OpenSSL does not call us when a session is resumed, so what the full handshake showed is judged anew: its
        chain, as of now. Raises `Refused`.
        """
        state = handshake_of(connection)
        try:
            demand_master_secret(connection)
            chain = self._chain_now(state, connection)
            judged = None if chain is None else self._judged(chain)
        except Refused as refused:
            self.refuse(state, refused.code, refused.detail)
            raise
        if chain is not None and judged is not None and state.is_proven:
            self._around.revocation.proved(chain, self._around.now(), judged.roles)
        if not state.is_counted:
            state.is_counted = True
            self._count(connection, chain, judged)
        return judged

    def refuse(self, state: Handshake, code: str, detail: str) -> None:
        """Tell the log why, once a connection."""
        if state.refusal is None:
            state.refusal = Refused(detail, code=code)
            self._around.refused(code, detail, state.host())

    def _chain_now(self, state: Handshake, connection: SSL.Connection) -> Chain | None:
        """Return what was shown, verified as of now; None when nothing was asked for and shown."""
        certificate = connection.get_peer_certificate(as_cryptography=True)
        if certificate is None:
            return None
        shown = state.chain or state.recalled
        if shown is None:
            shown = state.recalled = _recalled(state, certificate)
        elif not state.is_counted:
            _count_shown(state, shown, connection)
        return path(shown, self._ground.anchors, self._around.now(), self._purpose)

    def _count(self, connection: SSL.Connection, chain: Chain | None, judged: Judged | None) -> None:
        self._around.negotiated(
            Negotiated(
                side="in" if self._purpose is Purpose.CLIENT else "out",
                roles=judged.roles if judged else frozenset(),
                values=tuple(negotiated(connection, chain)),
            )
        )

    def _remember(self, chain: Chain) -> Chain:
        """Keep a chain for resumption. Connections that showed the same one hold it together."""
        key = fingerprint(chain[0])
        known = self._remembered.get(key)
        kept = known if known == chain else chain
        self._remembered[key] = kept
        self._remembered.move_to_end(key)
        if len(self._remembered) > REMEMBERED_CHAINS:
            self._remembered.popitem(last=False)
        return kept

    def _judged(self, chain: Chain) -> Judged:
        """Say whose chain it is, and whether that one may still be believed. Raises `Refused`."""
        judged = self._rules(chain)
        if judged.roles != LOCAL_ROLES:  # those have the practice's own CA
            demand_size(chain, self._around.now())
        self._around.revocation.check(chain, self._around.now(), self._purpose, judged.roles)
        return judged

    def _verify(self, connection: SSL.Connection, shown: crypto.X509, error: int, depth: int, ok: int) -> bool:
        """Answer OpenSSL for one certificate of a chain, from the anchor down to the leaf.

        What OpenSSL itself finds wrong has its own alert; where our rules say no it is that of `trust_alerts`. The
        log has the reason.
        """
        state = handshake_of(connection)
        try:
            with reading():
                certificate = shown.to_cryptography()
                if not ok:
                    raise explain(error, depth, certificate, (self._purpose, self._ground))
        except Refused as refused:
            self.refuse(state, refused.code, refused.detail)
            return False
        state.shown[depth] = certificate
        return depth > 0 or self._accepted(state)

    def _accepted(self, state: Handshake) -> bool:
        chain = tuple(certificate for _, certificate in sorted(state.shown.items()))
        try:
            with reading():
                hold(chain, None)
                notes = self._judged(chain).notes
        except Refused as refused:
            self.refuse(state, refused.code, refused.detail)
            return False
        for note in notes:
            self._around.noted(self._purpose, note)
        state.chain = self._remember(chain)
        state.shown.clear()
        return True

    def _told(self, connection: SSL.Connection, where: int, value: int) -> None:
        """Hear of alerts: a fatal one that nobody has explained yet gets its line in the log."""
        state = handshake_of(connection)
        if where & SSL.SSL_CB_LOOP:
            at = connection.get_state_string()
            state.is_asked |= b"write certificate request" in at
            state.is_certificate_next = at.endswith(_BEFORE_CERTIFICATE)
            # Ours goes out after the peer's signature was found good, in both versions.
            state.is_proven |= at.endswith(b"write client certificate")
        state.is_done |= bool(where & SSL.SSL_CB_HANDSHAKE_DONE)
        state.is_proven |= state.is_done
        # Afterwards OpenSSL also wants to say decode_error to a peer that hung up without a word.
        is_ours = not where & SSL.SSL_CB_READ
        if where & SSL.SSL_CB_ALERT and value >> 8 == _FATAL and not (is_ours and state.is_done):
            self._alerted(state, value & 0xFF, received=bool(where & SSL.SSL_CB_READ))

    def _alerted(self, state: Handshake, alert: int, *, received: bool) -> None:
        # In TLS 1.2 the alert for a missing certificate is the same as for anything else.
        is_absent = alert == _HANDSHAKE_FAILURE and state.is_asked and not state.shown
        if alert == _PROTOCOL_VERSION:
            said = "the peer" if received else "the node"
            self.refuse(state, "EN-TLS-VERSION", f"{said} knows none of the versions of TLS that were offered")
        elif received:
            # Before it proved that it has the key, anybody could have sent this: certificates are public. In TLS 1.2
            # an alert is not encrypted yet when it comes; whoever carries the real one's bytes could still add it.
            if alert in _OF_CERTIFICATES and state.is_proven:
                self.turned_down(alert)
            self.refuse(state, "EN-TLS-HANDSHAKE", f"the peer sent alert {_alert(alert)}")
        elif alert == _ILLEGAL_PARAMETER and state.is_certificate_next:
            # OpenSSL reads no more than 100 kB of certificates, and refuses by the length that is announced.
            self.refuse(state, "EN-TLS-TOO-LARGE", "the certificates of the peer are too much to read")
        elif alert == _CERTIFICATE_REQUIRED or is_absent:
            self.refuse(state, "EN-TLS-ABSENT", "the peer showed no certificate")
        else:
            self.refuse(state, "EN-TLS-HANDSHAKE", f"alert {_alert(alert)} sent")


def _verification_error(connection: SSL.Connection) -> int:
    refusal = handshake_of(connection).refusal
    return verification_error(refusal.code if refusal else "")


def _count_shown(state: Handshake, chain: Chain, connection: SSL.Connection) -> None:
    """Refuse what was shown beside the chain without end; a session of it shall not open the door later."""
    try:
        within_count(len(connection.get_peer_cert_chain() or ()))
    except Refused:
        state.remembered.pop(fingerprint(chain[0]), None)
        raise


def _recalled(state: Handshake, leaf: x509.Certificate) -> Chain:
    try:
        return state.remembered[fingerprint(leaf)]
    except KeyError:
        raise Refused("a resumed session without its full handshake", code="EN-TLS-CHAIN") from None


def _alert(number: int) -> str:
    return _ALERTS.get(number, str(number))
