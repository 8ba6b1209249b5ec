"""A forge of chains: good ones, and each way in which one can be bad, described as values.

Two descriptions that differ in one field make two chains that differ in just that thing: keys are kept by the name
they are for, so that whatever is not described otherwise is the same.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

NOW = datetime.now(UTC).replace(microsecond=0)
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
#: One extension more, in its bytes: its number, whether it is critical, its DER.
Extra = tuple[str, bool, bytes]
#: Bytes of a certificate written over by as many others before it is signed.
Patch = tuple[bytes, bytes]

#: Numbers of algorithms of RSA signatures, of the same length in DER.
_RSA_WITH = {"sha256": b"\x0b", "sha1": b"\x05", "md5": b"\x04", "sha224": b"\x0e"}
_RSA_PREFIX = bytes.fromhex("06092a864886f70d0101")
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha1": hashes.SHA1(),
    "md5": hashes.MD5(),
    "sha224": hashes.SHA224(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ca:
    """A CA's certificate. What is not said is as it should be."""

    name: str
    key: str = "ec"
    generation: str = ""  # another key under the same name
    days: tuple[float, float] = (-700, 3650)
    is_ca: bool | None = True  # None: it does not say
    path_length: int | None = None
    may_sign: bool = True
    has_key_ids: bool = True
    usages: tuple[ObjectIdentifier, ...] = ()
    permitted: tuple[str, ...] = ()  # DNS names
    excluded: tuple[str, ...] = ()
    extra: tuple[Extra, ...] = ()
    digest: str = "sha256"
    is_spoilt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """The certificate of whoever is at the other end."""

    names: tuple[str, ...]  # dNSName
    organisation: tuple[str, ...] = ()
    common_name: str = "een server"
    number: str | None = None  # serialNumber of the subject
    key: str = "ec"
    days: tuple[float, float] = (-1, 1000)
    usages: tuple[ObjectIdentifier, ...] = (SERVER, CLIENT)
    key_usage: tuple[str, ...] | None = ("digital_signature", "key_encipherment")
    is_ca: bool = False
    others: tuple[tuple[str, bytes], ...] = ()  # otherName: number and DER
    more_names: tuple[x509.GeneralName, ...] = field(default=())
    extra: tuple[Extra, ...] = ()
    digest: str = "sha256"
    is_pss: bool = False
    patches: tuple[Patch, ...] = ()
    is_spoilt: bool = False
    signed_by: str | None = None  # another key than the issuer's, under its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A chain: the leaf, the CAs from its issuer to the root, and how they are shown."""

    leaf: Leaf
    cas: tuple[Ca, ...]
    shown: tuple[int, ...] | None = None  # positions, leaf 0; None: all but the root
    junk: int = 0  # certificates of others, shown as well
    is_self_signed: bool = False
    is_loop: bool = False  # the last CA was issued by the first one, not by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown in a handshake, with the key, and the root at its top."""

    chain: tuple[x509.Certificate, ...]
    key: Key = field(repr=False)
    cas: tuple[x509.Certificate, ...]
    ca_keys: tuple[Key, ...] = field(repr=False)

    @property
    def root(self) -> x509.Certificate:
        return self.cas[-1]

    @property
    def pem(self) -> bytes:
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in self.chain)


@cache
def forge(spec: Spec) -> Shown:
    """Make the chain that is described."""
    cas = _cas(spec.cas, top=spec.cas[0 if spec.is_loop else -1])
    keys = tuple(_key_of(ca) for ca in spec.cas)
    key = key_for(f"leaf {spec.leaf.key}", spec.leaf.key)
    leaf = _leaf(spec, cas, keys, key)
    whole = (leaf, *cas)
    positions = range(len(whole) - 1) if spec.shown is None else spec.shown
    chain = tuple(whole[position] for position in positions) + tuple(_junk(n) for n in range(spec.junk))
    return Shown(chain=chain, key=key, cas=cas, ca_keys=keys)


@cache
def key_for(name: str, kind: str) -> Key:
    """Return the key of that name, made once a run."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    curves: dict[str, ec.EllipticCurve] = {"ec": ec.SECP256R1(), "p192": ec.SECP192R1(), "p384": ec.SECP384R1()}
    return ec.generate_private_key(curves[kind])


def _cas(described: tuple[Ca, ...], top: Ca) -> tuple[x509.Certificate, ...]:
    made: list[x509.Certificate] = []
    for ca, above in zip(described, (*described[1:], top), strict=True):
        builder = _ca_builder(ca, _name(above.name), _key_of(above), has_key_ids=above.has_key_ids)
        made.append(_finished(_signed(builder, _key_of(above)), _key_of(above), ca.digest, (), ca.is_spoilt))
    return tuple(made)


def _key_of(ca: Ca) -> Key:
    return key_for(f"{ca.name} {ca.generation} {ca.key}", ca.key)


def _ca_builder(ca: Ca, issuer: x509.Name, above: Key, *, has_key_ids: bool = True) -> x509.CertificateBuilder:
    builder = _builder(_name(ca.name), issuer, _key_of(ca), ca.days, f"{ca}")
    if ca.is_ca is not None:
        length = ca.path_length if ca.is_ca else None
        builder = builder.add_extension(x509.BasicConstraints(ca.is_ca, length), critical=True)
    usage = {"key_cert_sign", "crl_sign"} if ca.may_sign else {"crl_sign"}
    builder = builder.add_extension(_key_usage(usage), critical=True)
    if ca.has_key_ids:
        builder = builder.add_extension(_key_id(_key_of(ca)), critical=False)
    if has_key_ids:
        builder = builder.add_extension(_authority_id(above), critical=False)
    if ca.permitted or ca.excluded:
        permitted, excluded = ([x509.DNSName(one) for one in some] or None for some in (ca.permitted, ca.excluded))
        builder = builder.add_extension(x509.NameConstraints(permitted, excluded), critical=True)
    return _with_rest(builder, ca.usages, ca.extra)


def _leaf(spec: Spec, cas: tuple[x509.Certificate, ...], keys: tuple[Key, ...], key: Key) -> x509.Certificate:
    leaf = spec.leaf
    subject = _subject(leaf)
    issuer, signer = (subject, key) if spec.is_self_signed else (cas[0].subject, keys[0])
    builder = _builder(subject, issuer, key, leaf.days, f"{leaf}")
    builder = builder.add_extension(x509.BasicConstraints(leaf.is_ca, None), critical=True)
    if leaf.key_usage is not None:
        builder = builder.add_extension(_key_usage(set(leaf.key_usage)), critical=True)
    names = [*map(_dns_name, leaf.names), *leaf.more_names]
    names += [x509.OtherName(ObjectIdentifier(number), der) for number, der in leaf.others]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if spec.cas[0].has_key_ids and not spec.is_self_signed:
        builder = builder.add_extension(_authority_id(keys[0]), critical=False)
    builder = _with_rest(builder, leaf.usages, leaf.extra)
    signer = key_for(leaf.signed_by, spec.cas[0].key) if leaf.signed_by else signer
    return _finished(_signed(builder, signer, leaf.is_pss), signer, leaf.digest, leaf.patches, leaf.is_spoilt)


def _dns_name(name: str) -> x509.DNSName:
    # Some of what is bad is what the library will not write by itself.
    return x509.DNSName._init_without_validation(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, days: tuple[float, float], seed: str
) -> x509.CertificateBuilder:
    begins, ends = (NOW + timedelta(days=one) for one in days)
    number = int.from_bytes(hashlib.sha256(f"{seed} {issuer}".encode()).digest()[:8], "big") | 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _with_rest(
    builder: x509.CertificateBuilder, usages: tuple[ObjectIdentifier, ...], extra: tuple[Extra, ...]
) -> x509.CertificateBuilder:
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    for number, critical, der in extra:
        unknown = x509.UnrecognizedExtension(ObjectIdentifier(number), der)
        builder = builder.add_extension(unknown, critical=critical)
    return builder


def _signed(builder: x509.CertificateBuilder, key: Key, is_pss: bool = False) -> x509.Certificate:
    if is_pss and isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
        return builder.sign(key, hashes.SHA256(), rsa_padding=pss)
    return builder.sign(key, hashes.SHA256())


def _finished(
    made: x509.Certificate, key: Key, digest: str, patches: tuple[Patch, ...], is_spoilt: bool
) -> x509.Certificate:
    """Write over, sign as asked, and spoil; leave what is good as the library made it."""
    if digest != "sha256" or patches:
        made = _signed_again(made, key, digest, patches)
    if not is_spoilt:
        return made
    der = bytearray(made.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_certificate(bytes(der))


def _signed_again(made: x509.Certificate, key: Key, digest: str, patches: tuple[Patch, ...]) -> x509.Certificate:
    tbs = made.tbs_certificate_bytes
    for old, new in patches:
        assert len(old) == len(new)
        assert old in tbs
        tbs = tbs.replace(old, new)
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm = _RSA_PREFIX + _RSA_WITH[digest]
        tbs = tbs.replace(_RSA_PREFIX + _RSA_WITH["sha256"], algorithm)
        signature = key.sign(tbs, padding.PKCS1v15(), _HASHES[digest])
        return _put_together(tbs, der(0x30, algorithm + b"\x05\x00"), signature)
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    return _put_together(tbs, algorithm, key.sign(tbs, ec.ECDSA(hashes.SHA256())))


def _put_together(tbs: bytes, algorithm: bytes, signature: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der(0x30, tbs + algorithm + der(0x03, b"\x00" + signature)))


def der(tag: int, content: bytes) -> bytes:
    """Write one DER element."""
    if len(content) < 128:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _junk(number: int) -> x509.Certificate:
    name = _name(f"Een vreemde {number}")
    key = key_for("junk", "ec")
    return _signed(_builder(name, name, key, (-1, 100), f"junk {number}"), key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _subject(leaf: Leaf) -> x509.Name:
    return x509.Name(list(_attributes(leaf)))


def _attributes(leaf: Leaf) -> Iterator[x509.NameAttribute[str]]:
    for organisation in leaf.organisation:
        yield x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)
    yield x509.NameAttribute(NameOID.COMMON_NAME, leaf.common_name)
    if leaf.number is not None:
        yield x509.NameAttribute(NameOID.SERIAL_NUMBER, leaf.number)


def _key_usage(allowed: set[str]) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{one: one in allowed for one in every})


def _key_id(key: Key) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _authority_id(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
