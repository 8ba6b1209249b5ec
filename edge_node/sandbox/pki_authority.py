"""A certification authority for development: it issues certificates in the UZI profile, with revocation lists.

Knows: the fields of a UZI server certificate, of a PKIoverheid organisation certificate, of a CA, of a CRL.
Must not know: which certificates a sandbox needs, where they are written.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

UZI_NAME: Final = ObjectIdentifier("2.5.5.5")
PERMANENT_IDENTIFIER: Final = ObjectIdentifier("1.3.6.1.5.5.7.8.3")
ORGANISATION_IDENTIFIER: Final = ObjectIdentifier("2.5.4.97")
URA_ASSIGNER: Final = "2.16.528.1.1007.3.3"
#: Where libraries' test fixtures keep the OID of a CA that is not one of the register (domain reference GBZ 3.3).
TEST_OID_CA: Final = "2.16.528.1.1007.99.2110"
SERVER_POLICY: Final = ObjectIdentifier("2.16.528.1.1003.1.2.8.6")

BOTH: Final = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


def rsa_key() -> rsa.RSAPrivateKey:
    """Make an RSA key of 2048 bits, as G1 certificates have."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def ec_key() -> ec.EllipticCurvePrivateKey:
    """Make a P-256 key, which takes no time."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True, kw_only=True)
class Uzi:
    """What the UZI register says of a server."""

    number: str  # nine digits
    ura: str
    agb: str = "00000000"
    letter: str = "S"

    @property
    def text(self) -> str:
        """The seven parts of otherName 2.5.5.5."""
        return f"{TEST_OID_CA}-1-{self.number}-{self.letter}-{self.ura}-00.000-{self.agb}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a certificate says of its holder."""

    organisation: str
    fqdn: str
    not_before: datetime
    not_after: datetime
    uzi: Uzi | None = None
    usages: tuple[ObjectIdentifier, ...] = BOTH
    other_names: tuple[x509.GeneralName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate with its key and the certificates between it and the root, leaf first."""

    chain: tuple[x509.Certificate, ...]
    key: Key = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Authority:
    """One CA: its certificate, its key, and what it revoked."""

    certificate: x509.Certificate
    key: Key = field(repr=False)
    above: tuple[x509.Certificate, ...]  # between this one and the root, neither included
    slug: str  # file name of its CRL
    revoked: list[x509.RevokedCertificate] = field(default_factory=list)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """What a holder sends besides its own certificate; a root is never sent."""
        is_root = self.certificate.subject == self.certificate.issuer
        return () if is_root else (self.certificate, *self.above)

    def authority(self, common_name: str, slug: str, key: Key) -> "Authority":
        """Issue a CA below this one."""
        name = _ca_name(common_name)
        builder = _ca_builder(name, key, self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc)
        builder = builder.issuer_name(self.certificate.subject)
        for extension in self.pointers():
            builder = builder.add_extension(extension, critical=False)
        return Authority(certificate=sign(builder, self.key), key=key, above=self.chain, slug=slug)

    def issue(self, profile: Profile, key: Key) -> Issued:
        """Issue a server certificate."""
        return Issued(chain=self.issue_for(profile, key.public_key()), key=key)

    def issue_for(self, profile: Profile, public: PublicKey) -> tuple[x509.Certificate, ...]:
        """Issue a server certificate to who has the private half; return it with what is above it."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(profile))
            .issuer_name(self.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(profile.not_before)
            .not_valid_after(profile.not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(digital_signature=True, key_encipherment=True), critical=True)
            .add_extension(x509.SubjectAlternativeName(_alternative_names(profile)), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.CertificatePolicies([x509.PolicyInformation(SERVER_POLICY, None)]), critical=False)
        )
        if profile.usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(profile.usages), critical=False)
        for extension in self.pointers():
            builder = builder.add_extension(extension, critical=False)
        return (sign(builder, self.key), *self.chain)

    def revoke(self, certificate: x509.Certificate, at: datetime) -> None:
        """Put a certificate on the next revocation list."""
        builder = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(at)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        self.revoked.append(builder.add_extension(reason, critical=False).build())

    def crl(self, at: datetime, lasts: timedelta = timedelta(hours=48)) -> x509.CertificateRevocationList:
        """Make the revocation list of this moment; the register's lists last 48 hours."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(at)
            .next_update(at + lasts)
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
            .add_extension(_key_identifier(self.certificate), critical=False)
        )
        for entry in self.revoked:
            builder = builder.add_revoked_certificate(entry)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return builder.sign(self.key, hashes.SHA256(), rsa_padding=_PSS)
        return builder.sign(self.key, hashes.SHA256())

    def pointers(self) -> tuple[x509.ExtensionType, ...]:
        """Who issued it, and where the issuer's certificate and revocation list are."""
        issuer = x509.UniformResourceIdentifier(f"http://ca.edge-node.test/{self.slug}.cer")
        crl = x509.UniformResourceIdentifier(f"http://crl.edge-node.test/{self.slug}.crl")
        return (
            _key_identifier(self.certificate),
            x509.AuthorityInformationAccess(
                [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, issuer)]
            ),
            x509.CRLDistributionPoints(
                [x509.DistributionPoint(full_name=[crl], relative_name=None, reasons=None, crl_issuer=None)]
            ),
        )


#: Generation G4 of PKIoverheid signs with RSA-PSS, so the sandbox does (domain reference GBZ 3.2).
_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)


def root(common_name: str, slug: str, key: Key, now: datetime) -> Authority:
    """Make a root that began two years ago and lasts ten."""
    name = _ca_name(common_name)
    builder = _ca_builder(name, key, now - timedelta(days=730), now + timedelta(days=3650)).issuer_name(name)
    return Authority(certificate=sign(builder, key), key=key, above=(), slug=slug)


def sign(builder: x509.CertificateBuilder, key: Key) -> x509.Certificate:
    """Sign with SHA-256, RSA always as PSS."""
    if isinstance(key, rsa.RSAPrivateKey):
        return builder.sign(key, hashes.SHA256(), rsa_padding=_PSS)
    return builder.sign(key, hashes.SHA256())


def _ca_builder(name: x509.Name, key: Key, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _ca_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "EDGE NODE TEST"),
            x509.NameAttribute(ORGANISATION_IDENTIFIER, "NTRNL-00000000"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _subject(profile: Profile) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, profile.organisation),
        x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Utrecht"),
        x509.NameAttribute(NameOID.LOCALITY_NAME, "Teststad"),
        x509.NameAttribute(NameOID.COMMON_NAME, profile.fqdn),
    ]
    if profile.uzi:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, profile.uzi.number))
    return x509.Name(attributes)


def _alternative_names(profile: Profile) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(profile.fqdn), *profile.other_names]
    if profile.uzi:
        names.append(x509.OtherName(UZI_NAME, _der(0x16, profile.uzi.text.encode("ascii"))))
        names.append(x509.OtherName(PERMANENT_IDENTIFIER, _permanent_identifier(profile.uzi.ura)))
    return names


def _permanent_identifier(ura: str) -> bytes:
    """Write RFC 4043's SEQUENCE of a UTF8String and the assigner's OID."""
    return _der(0x30, _der(0x0C, ura.encode("ascii")) + _der(0x06, _oid_content(URA_ASSIGNER)))


def _der(tag: int, content: bytes) -> bytes:
    if len(content) > 127:
        raise ValueError("only short forms are written here")
    return bytes((tag, len(content))) + content


def _oid_content(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return b"".join(_arc(arc) for arc in (first * 40 + second, *rest))


def _arc(value: int) -> bytes:
    """Write base 128, high bit set on all but the last byte."""
    out = bytes((value & 0x7F,))
    while value := value >> 7:
        out = bytes((0x80 | value & 0x7F,)) + out
    return out


def _key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
    commits: bool = False,
) -> x509.KeyUsage:
    """Say what a key is for; one that commits puts a name under something (nonRepudiation)."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_encipherment=key_encipherment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=commits,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
