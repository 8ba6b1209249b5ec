"""What the UZI register's profile asks of a server certificate, part by part.

Knows: the form of each part of the UZI name, that letter, OID-CA and issuer must agree, what production is held to.
Must not know: which peer a certificate is of, how it is read from its bytes.
"""

import re
from collections.abc import Iterator
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.hierarchies import CARD_OID_CAS, Realm, is_of_test
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import parse_uzi_name

#: The parts in their order (domain reference GBZ 3.3); names of the six-part form end before the AGB code.
_FORMS: Final = (
    ("OID-CA", re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")),
    ("version", re.compile(r"1")),
    ("UZI number", re.compile(r"[0-9]{9}")),
    ("card type", re.compile(r"[A-Z]")),
    ("URA", re.compile(r"[0-9]{8}")),
    ("role", re.compile(r"00\.000")),  # nn.nnn for people; a server has none
    ("AGB", re.compile(r"[0-9]{8}")),
)


def not_of_a_server(certificate: PeerCertificate) -> Iterator[Finding]:
    """Give what says that a UZI name is not a server's: its letter, or the OID-CA of people's cards."""
    if certificate.uzi is None:
        return
    name = parse_uzi_name(certificate.uzi)
    if name.card_type != "S":
        yield Finding("EN-TLS-UZI-TYPE", f"the UZI name is not of a server: {certificate.subject}")
    if name.oid_ca in CARD_OID_CAS:
        yield Finding("EN-TLS-OID-CA", f"OID-CA {name.oid_ca} is of cards, not of servers: {certificate.subject}")


def not_from_the_register(certificate: PeerCertificate, realm: Realm) -> Iterator[Finding]:
    """Say that name and issuer disagree: the letter alone proves nothing, any CA could write it (GBZ 3.4)."""
    is_issued_there = certificate.issuer_common_name in realm.uzi_issuers
    if is_issued_there and certificate.uzi is None:
        yield Finding("EN-TLS-UZI-PROFILE", f"no UZI name, from a CA of the register: {certificate.subject}")
    if certificate.uzi is not None and not is_issued_there:
        yield Finding("EN-TLS-UZI-TYPE", f"a UZI name from a CA that gives servers none: {certificate.issuer}")


def out_of_profile(certificate: PeerCertificate, realm: Realm) -> Iterator[Finding]:
    """Give the parts that are not written as the profile has them; test is held to none of it."""
    if certificate.uzi is None or not realm.is_production:
        return
    parts = certificate.uzi.split("-")
    if is_of_test(parts[0]):
        yield Finding("EN-TLS-ENVIRONMENT", f"OID-CA {parts[0]} is of test, and this is production")
    for (part, form), text in zip(_FORMS, parts, strict=False):
        if not form.fullmatch(text):
            yield Finding("EN-TLS-UZI-PROFILE", f"the {part} is not of its form: {certificate.subject}")
    if certificate.may_sign is None:
        yield Finding("EN-TLS-UZI-PROFILE", f"there is no key usage: {certificate.subject}")
    if certificate.holder_number != parts[2]:
        yield Finding(
            "EN-TLS-UZI-PROFILE", f"serialNumber of the subject is not the UZI number: {certificate.subject}"
        )


def unknown_oid_ca(certificate: PeerCertificate, realm: Realm) -> Finding | None:
    """Say that the OID-CA is none this site knows: a new generation, or something to ask about."""
    if certificate.uzi is None:
        return None
    oid_ca = certificate.uzi.split("-")[0]
    if realm.knows_oid_ca(oid_ca) or oid_ca in CARD_OID_CAS:
        return None
    return Finding(
        "EN-TLS-OID-CA-UNKNOWN", f"OID-CA {oid_ca} is not in switchboard.uzi.oid_cas: {certificate.issuer}"
    )
