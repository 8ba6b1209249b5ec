"""Whether a certificate was revoked: what is asked, and what may be answered.

Knows: the three answers, what they rest on, where a certificate says its list is.
Must not know: how lists and answers come here, which of them a site trusts.

Asking never waits: the answer rests on what is in memory. Each certificate of a chain has an answer of its own, so
that a list that nobody here needs is never in the way of good traffic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from edge_node.wire.trust_judge import Chain, Purpose


class Verdict(StrEnum):
    """What is known of one certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why nothing is known of a certificate."""

    NO_LIST = "no revocation list of its issuer"
    ENDED = "the revocation list of its issuer has ended"
    NOT_BEGUN = "the revocation list of its issuer has not begun"
    NOT_FOR_IT = "the revocation list of its issuer is not for this certificate"
    UNREADABLE = "the revocation list of its issuer cannot be used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one certificate, since when, and until when that counts."""

    verdict: Verdict
    at: datetime  # thisUpdate of the list or of the answer
    until: datetime  # nextUpdate
    source: str  # where the list or the answer came from; never more than a file or a host
    why: Why | None = None  # when unknown


class Standings(Protocol):
    """Answers of OCSP responders that are at hand; asked before the lists."""

    def standing(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> Standing | None:
        """Return what a verified answer says that counts at that moment, or None."""
        ...


class Revocation(Protocol):
    """The judge of revocation behind every handshake."""

    def check(self, chain: Chain, at: datetime, purpose: Purpose | None, roles: frozenset[str] = frozenset()) -> None:
        """Raise `Refused` when a certificate of a verified chain was revoked, or may have been.

        The chain is leaf first, anchor last. `roles` are those of the peer it belongs to: some may be unsure for a
        while. Without any, nobody is.
        """
        ...

    def proved(self, chain: Chain, at: datetime, roles: frozenset[str]) -> None:
        """Hear that whoever showed a chain has its key, and was let in; a chain alone can be shown by anybody."""
        ...

    def look(self, chain: Chain, at: datetime) -> None:
        """Raise as `check` does without roles, of a chain that nobody has shown: nothing is remembered of it."""
        ...


Changed = Callable[[], None]


def list_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return where a certificate says its revocation list is, of what is spoken here: http alone.

    Not https: its certificate would have to be checked by a list that is fetched the same way (RFC 5280, section 8).
    """
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ()
    # A point of another CRL issuer is one of an indirect list.
    names = [name for point in points if point.crl_issuer is None for name in point.full_name or ()]
    return _http(names)


def ocsp_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return where a certificate says its OCSP responder is."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ()
    return _http([one.access_location for one in access if one.access_method == AuthorityInformationAccessOID.OCSP])


def _http(names: list[x509.GeneralName]) -> tuple[str, ...]:
    uris = (name.value for name in names if isinstance(name, x509.UniformResourceIdentifier))
    return tuple(dict.fromkeys(uri for uri in uris if uri.lower().startswith("http://")))
