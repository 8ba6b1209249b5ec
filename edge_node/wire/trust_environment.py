"""Whether a chain is of the other environment: test and production never mix.

Knows: where in a chain the names of its CAs stand, the fingerprints of production.
Must not know: which peer or organisation the chain is of, how it was verified.
"""

from collections.abc import Iterable, Iterator

from cryptography import x509

from edge_node.model.finding import Finding
from edge_node.model.hierarchies import WITHDRAWN, Realm, production_authority
from edge_node.wire.trust_certificate import Unreadable, common_name, fingerprint, is_ca


def foreign(chain: Iterable[x509.Certificate], realm: Realm) -> Finding | None:
    """Say that a CA of this chain is of the other environment; a chain may be shown in part or be one anchor."""
    return next((Finding("EN-TLS-ENVIRONMENT", reason) for reason in _reasons(chain, realm)), None)


def withdrawn(chain: Iterable[x509.Certificate]) -> Finding | None:
    """Say that a CA of this chain was taken out of use by its publisher."""
    names = (name for certificate in chain for name in _names_of_cas(certificate) if name in WITHDRAWN)
    return next((Finding("EN-TLS-CA-REVOKED", f"{name} was revoked by its publisher") for name in names), None)


def _reasons(chain: Iterable[x509.Certificate], realm: Realm) -> Iterator[str]:
    for certificate in chain:
        if not realm.is_production and production_authority(fingerprint(certificate)):
            yield f"{common_name(certificate.subject)} is a CA of production by its fingerprint, and this is test"
        yield from filter(None, map(realm.foreign, _names_of_cas(certificate)))


def _names_of_cas(certificate: x509.Certificate) -> Iterator[str]:
    """The holder of a certificate may have any name; only the names of CAs say where it belongs."""
    try:
        holder = (common_name(certificate.subject),) if is_ca(certificate) else ()
        names = (common_name(certificate.issuer), *holder)
    except (ValueError, x509.DuplicateExtension) as error:
        raise Unreadable("a CA's certificate cannot be read") from error
    yield from names
