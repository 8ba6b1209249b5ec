"""Verification of a chain that was shown: as of a moment, for a purpose, never more than is worth looking at."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_node.errors import Refused
from edge_node.wire.trust_judge import Chain, Purpose
from edge_node.wire.trust_verify import MAX_NAMES, MAX_SHOWN, verify

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH

Hash = hashes.SHA224 | hashes.SHA256
Keys = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey


class Nothing:
    """Judges revocation of a world without lists, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Chain] = []

    def check(self, chain: Chain, at: datetime, purpose: Purpose | None, roles: frozenset[str] = frozenset()) -> None:
        self.asked.append(chain)

    def proved(self, chain: Chain, at: datetime, roles: frozenset[str]) -> None:
        raise AssertionError("no handshake was made")

    def look(self, chain: Chain, at: datetime) -> None:
        raise AssertionError("it was shown")


class Everything(Nothing):
    """Says of every chain that it was revoked."""

    def check(self, chain: Chain, at: datetime, purpose: Purpose | None, roles: frozenset[str] = frozenset()) -> None:
        raise Refused("revoked", code="EN-TLS-REVOKED")


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def made(
    subject: str,
    issuer: str,
    *extensions: x509.ExtensionType,
    ca: bool = True,
    key: Keys = KEY,
    signed_by: Keys = KEY,
    by: Hash | None = None,
    lasts: timedelta = timedelta(days=9),
) -> x509.Certificate:
    """Make a certificate; all CAs have one key, so that a loop is a loop."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - lasts / 9)
        .not_valid_after(NOW + lasts)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signed_by, by or hashes.SHA256())


ROOT = made("root", "root")


def leaf(issuer: str = "ca", *extensions: x509.ExtensionType) -> x509.Certificate:
    return made("leaf", issuer, *extensions, ca=False)


def verified(*shown: x509.Certificate, purpose: Purpose | None = None) -> Chain:
    return verify(shown, (ROOT,), NOW, revocation=Nothing(), purpose=purpose)


def refused(*shown: x509.Certificate, purpose: Purpose | None = None, at: datetime = NOW) -> str:
    with pytest.raises(Refused) as caught:
        verify(shown, (ROOT,), at, revocation=Nothing(), purpose=purpose)
    return caught.value.code


def row_of(count: int) -> tuple[x509.Certificate, ...]:
    """A leaf under that many CAs."""
    above = (*(f"ca {i}" for i in range(1, count)), "root")
    return leaf("ca 0"), *(made(f"ca {i}", above[i]) for i in range(count))


def names(count: int, letter: str) -> list[x509.GeneralName]:
    return [x509.DNSName(f"{letter}{i}.example") for i in range(count)]


class TestVerify:
    def test_returns_the_chain_to_the_anchor(self) -> None:
        """Who is trusted depends on where the chain ends, so the anchor is part of it."""
        shown = leaf(), made("ca", "root")
        assert verified(*shown) == (*shown, ROOT)

    def test_takes_the_certificates_above_in_any_order(self) -> None:
        """Peers send them in the wrong order more often than not."""
        one, two, three = row_of(2)
        assert verified(one, three, two) == (one, two, three, ROOT)

    @pytest.mark.parametrize(("days", "code"), [(-2, "EN-TLS-NOT-YET"), (10, "EN-TLS-EXPIRED")])
    def test_verifies_as_of_the_moment_asked(self, days: int, code: str) -> None:
        """A session resumed tomorrow is judged as of tomorrow."""
        root = made("root", "root", lasts=timedelta(days=3650))
        with pytest.raises(Refused, match=code):
            verify((leaf("root"),), (root,), NOW + timedelta(days=days), revocation=Nothing(), purpose=None)

    def test_asks_about_revocation_with_the_whole_chain(self) -> None:
        """A CA can be revoked as well as what it issued."""
        revocation = Nothing()
        shown = leaf(), made("ca", "root")
        verify(shown, (ROOT,), NOW, revocation=revocation, purpose=None)
        assert revocation.asked == [(*shown, ROOT)]

    def test_refuses_what_was_revoked(self) -> None:
        """The best of chains does not outweigh a revocation."""
        with pytest.raises(Refused, match="EN-TLS-REVOKED"):
            verify((leaf(), made("ca", "root")), (ROOT,), NOW, revocation=Everything(), purpose=None)

    @pytest.mark.parametrize("purpose", [None, Purpose.SERVER], ids=["any", "server"])
    def test_accepts_the_purpose_that_is_named(self, purpose: Purpose | None) -> None:
        """A certificate for servers is good for a server, and where nobody asks for a purpose."""
        assert verified(leaf("ca", x509.ExtendedKeyUsage([SERVER])), made("ca", "root"), purpose=purpose)

    def test_refuses_another_purpose(self) -> None:
        """A server's certificate does not open the listener."""
        shown = leaf("ca", x509.ExtendedKeyUsage([SERVER])), made("ca", "root")
        assert refused(*shown, purpose=Purpose.CLIENT) == "EN-TLS-PURPOSE"

    def test_holds_a_ca_to_its_own_purposes(self) -> None:
        """A CA for servers alone cannot make clients."""
        shown = leaf("ca", x509.ExtendedKeyUsage([CLIENT])), made("ca", "root", x509.ExtendedKeyUsage([SERVER]))
        assert refused(*shown, purpose=Purpose.CLIENT) == "EN-TLS-PURPOSE"


class TestStrength:
    @pytest.mark.parametrize(
        ("key", "by", "code"),
        [
            (rsa.generate_private_key(65537, 1024), None, "EN-TLS-KEY-SIZE"),
            (ec.generate_private_key(ec.SECP192R1()), None, "EN-TLS-KEY-SIZE"),
            (dsa.generate_private_key(2048), None, "EN-TLS-KEY-SIZE"),
            (KEY, hashes.SHA224(), "EN-TLS-HASH"),
        ],
        ids=["rsa-1024", "p-192", "dsa", "sha-224"],
    )
    def test_is_that_of_the_listener(self, key: Keys, by: Hash | None, code: str) -> None:
        """What a handshake refuses must not come in by a token or a resumed session."""
        assert refused(made("leaf", "ca", ca=False, key=key, by=by), made("ca", "root")) == code

    def test_is_asked_of_a_ca_too(self) -> None:
        """Who can compute a CA's small key is that CA."""
        small = rsa.generate_private_key(65537, 1024)
        weak = made("leaf", "ca", ca=False, signed_by=small), made("ca", "root", key=small)
        assert refused(*weak) == "EN-TLS-KEY-SIZE"


class TestLimits:
    def test_need_at_least_one_certificate(self) -> None:
        """Nothing is not a chain."""
        assert refused() == "EN-TLS-ABSENT"

    def test_let_the_longest_chain_through(self) -> None:
        """PKIoverheid has two CAs below its root; there is room for the next generation."""
        assert len(verified(*row_of(5))) == 7

    def test_refuse_a_longer_one(self) -> None:
        """The same depth as in a handshake."""
        assert refused(*row_of(6)) == "EN-TLS-TOO-LONG"

    @pytest.mark.parametrize("count", [MAX_SHOWN + 1, 60], ids=["one-too-many", "sixty"])
    def test_refuse_too_many_certificates(self, count: int) -> None:
        """Each is a signature to verify, at the expense of who is asked."""
        assert refused(*row_of(count - 1)) == "EN-TLS-TOO-LARGE"

    def test_refuse_a_huge_certificate(self) -> None:
        """A certificate is a page of text, not a book."""
        bulk = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), bytes(20_000))
        assert refused(leaf("ca", bulk), made("ca", "root")) == "EN-TLS-TOO-LARGE"

    def test_refuse_too_many_names(self) -> None:
        """Names are compared with all that the CA may not give."""
        many = x509.SubjectAlternativeName(names(MAX_NAMES, "x"))
        assert refused(leaf("ca", many), made("ca", "root")) == "EN-TLS-TOO-LARGE"

    def test_refuse_too_many_constraints(self) -> None:
        """The other half of the same multiplication."""
        many = x509.NameConstraints(permitted_subtrees=None, excluded_subtrees=names(MAX_NAMES, "y"))
        assert refused(leaf(), made("ca", "root", many)) == "EN-TLS-TOO-LARGE"


#: Chains made to keep a verifier busy.
ENDLESS = {
    "sixty certificates": row_of(59),
    "a loop": (leaf("a"), *(made("a", "b") for _ in range(4)), *(made("b", "a") for _ in range(4))),
    "a loop of other keys": (
        leaf("a"),
        *(made("a", "b", key=OTHER_KEY, signed_by=OTHER_KEY) for _ in range(4)),
        *(made("b", "a", key=OTHER_KEY, signed_by=OTHER_KEY) for _ in range(4)),
    ),
    "1,500 names under 1,500 constraints": (
        leaf("ca", x509.SubjectAlternativeName(names(1500, "x"))),
        made("ca", "root", x509.NameConstraints(None, names(1500, "y"))),
    ),
    "as many names and constraints as are looked at": (
        leaf("ca 0", x509.SubjectAlternativeName(names(MAX_NAMES - 1, "x"))),
        *(
            made(f"ca {i}", f"ca {i + 1}", x509.NameConstraints(None, names(MAX_NAMES - 1, "y")))
            for i in range(MAX_SHOWN - 1)
        ),
    ),
}


class TestEndlessChains:
    @pytest.mark.parametrize("shown", ENDLESS.values(), ids=ENDLESS)
    def test_are_refused_at_once(self, shown: tuple[x509.Certificate, ...]) -> None:
        """The reactor waits meanwhile, and with it every message of the practice."""
        began = time.process_time()
        refused(*shown)
        assert time.process_time() - began < 1


def spoiled(certificate: x509.Certificate, old: bytes, new: bytes) -> x509.Certificate:
    """The same with other bytes in it; the signature is then wrong as well."""
    der = certificate.public_bytes(Encoding.DER)
    assert old in der
    return x509.load_der_x509_certificate(der.replace(old, new, 1))


#: The common name `leaf` in UTF-8, as a certificate has it.
LEAF = bytes.fromhex("0c046c656166")


class TestUnreadableCertificates:
    @pytest.mark.parametrize(
        "name_of_leaf",
        [bytes.fromhex("0c04fffefdfc"), bytes.fromhex("03046c656166"), bytes.fromhex("02046c656166")],
        ids=["no UTF-8", "a string of bits", "a number"],
    )
    def test_are_refused_as_such(self, name_of_leaf: bytes) -> None:
        """Anybody can send one: it must end in a refusal, never in a mistake of the program."""
        wrong = spoiled(leaf("root"), LEAF, name_of_leaf)
        assert refused(wrong) in {"EN-TLS-UNREADABLE", "EN-TLS-SIGNATURE"}
