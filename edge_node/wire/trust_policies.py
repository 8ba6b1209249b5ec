"""Whether the policies of a chain leave one, where a CA in it requires that.

Knows: RFC 5280 section 6.1, with the graph of RFC 9618: any policy will do, and none is required from the start.
Must not know: what a policy says, whose certificate it is.

Only the last level is kept, since nobody asks here which policies are left. So no chain can be made that takes long.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from edge_node.errors import Refused
from edge_node.wire.trust_certificate import Unreadable, der_element, dotted

_E = TypeVar("_E", bound=x509.ExtensionType)

_ANY: Final = "2.5.29.32.0"
_MAPPINGS: Final = ObjectIdentifier("2.5.29.33")
_SEQUENCE, _OID = 0x30, 0x06


def agree(chain: tuple[x509.Certificate, ...]) -> None:
    """Raise `Refused` when a CA requires a policy and none is left; the chain is leaf first, anchor last."""
    path = chain[-2::-1]
    state = _State(len(path))
    for i, certificate in enumerate(path):
        is_leaf = i == len(path) - 1
        state.narrow(certificate, is_leaf=is_leaf)
        if is_leaf:
            state.end(certificate)
        else:
            state.go_down(certificate)


class _State:
    """What the certificates so far leave."""

    def __init__(self, count: int) -> None:
        #: Each policy that is left, with those it may be called in the next certificate; empty: none comes back.
        self._level: dict[str, set[str]] = {_ANY: {_ANY}}
        #: Certificates until a policy is required, none may become another, anyPolicy stands for nothing.
        self._explicit = self._mapping = self._inhibit_any = count + 1

    def narrow(self, certificate: x509.Certificate, *, is_leaf: bool) -> None:
        """Leave what this certificate names as well (6.1.3, d to f)."""
        named = _policies(certificate)
        expected = {policy for of_one in self._level.values() for policy in of_one}
        fresh = {policy: {policy} for policy in named - {_ANY} if policy in expected or _ANY in self._level}
        may_be_any = self._inhibit_any > 0 or (not is_leaf and _is_self_issued(certificate))
        if _ANY in named and may_be_any:
            fresh |= {policy: {policy} for policy in expected - fresh.keys()}
        self._level = fresh
        self._demand()

    def go_down(self, certificate: x509.Certificate) -> None:
        """Take up what this CA says of those below it (6.1.4)."""
        for issuers, subjects in _mapped(certificate).items():
            self._map(issuers, subjects)
        if not _is_self_issued(certificate):
            self._explicit, self._mapping, self._inhibit_any = (
                max(0, left - 1) for left in (self._explicit, self._mapping, self._inhibit_any)
            )
        constraints = _extension(certificate, x509.PolicyConstraints)
        if constraints is not None:
            self._explicit = _least(self._explicit, constraints.require_explicit_policy)
            self._mapping = _least(self._mapping, constraints.inhibit_policy_mapping)
        inhibited = _extension(certificate, x509.InhibitAnyPolicy)
        if inhibited is not None:
            self._inhibit_any = _least(self._inhibit_any, inhibited.skip_certs)

    def end(self, certificate: x509.Certificate) -> None:
        """Close with the leaf (6.1.5)."""
        self._explicit = max(0, self._explicit - 1)
        constraints = _extension(certificate, x509.PolicyConstraints)
        if constraints is not None and constraints.require_explicit_policy == 0:
            self._explicit = 0
        self._demand()

    def _map(self, policy: str, becomes: set[str]) -> None:
        if _ANY in {policy, *becomes}:
            raise _refused("a CA maps anyPolicy")
        if self._mapping == 0:
            self._level.pop(policy, None)
        elif policy in self._level or _ANY in self._level:
            self._level[policy] = becomes

    def _demand(self) -> None:
        if self._explicit == 0 and not self._level:
            raise _refused("a CA requires a policy, and the certificates have none in common")


def _policies(certificate: x509.Certificate) -> set[str]:
    named = _extension(certificate, x509.CertificatePolicies)
    return {one.policy_identifier.dotted_string for one in named or ()}


def _mapped(certificate: x509.Certificate) -> dict[str, set[str]]:
    """Return what each policy of the CA becomes below it. The library has no type for this extension."""
    try:
        written = certificate.extensions.get_extension_for_oid(_MAPPINGS).value
    except x509.ExtensionNotFound:
        return {}
    if not isinstance(written, x509.UnrecognizedExtension):
        raise Unreadable("policies of a CA that cannot be read")
    found: dict[str, set[str]] = {}
    for pair in _contents(next(_contents(written.value, _SEQUENCE), b""), _SEQUENCE):
        policy, becomes, *_ = (*map(dotted, _contents(pair, _OID)), "", "")
        found.setdefault(policy, set()).add(becomes)
    return found


def _contents(der: bytes, tag: int) -> Iterator[bytes]:
    """Give the content of each of a row of elements, which all have this tag."""
    while der:
        seen, content, der = der_element(der)
        if seen != tag:
            raise Unreadable("policies of a CA that cannot be read")
        yield content


def _is_self_issued(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def _least(left: int, said: int | None) -> int:
    return left if said is None else min(left, said)


def _extension(certificate: x509.Certificate, kind: type[_E]) -> _E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _refused(why: str) -> Refused:
    return Refused(why, code="EN-TLS-POLICY")
