"""Who may sign OCSP answers for an issuer."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge_node.errors import Refused
from edge_node.wire.ocsp_responder import Authority, check_signed
from edge_node.wire.revocation import Standing, Verdict, Why
from tests.wire.ocsp_double import DAY, EC_KEY, NOW, RSA_KEY, Holder, Said, authority, say

CA = authority("CA", EC_KEY)
LEAF = CA.leaf()
OCSP_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])


def listed_as(verdict: Verdict) -> Standing:
    why = Why.NO_LIST if verdict is Verdict.UNKNOWN else None
    return Standing(verdict=verdict, at=NOW, until=NOW + DAY, source="list", why=why)


def check(signer: Holder, *, issuer: Holder = CA, listed: Standing | None = None, **bent: Any) -> None:
    """Judge an answer that this one signed."""
    leaf = LEAF if issuer is CA else issuer.leaf()
    shown = () if signer is issuer else (signer.certificate,)
    der = say(leaf, issuer.certificate, signer, Said(**{"shown": shown, **bent}))
    authority_ = Authority(issuer=issuer.certificate, at=NOW, listed=lambda certificate, issuer, at: listed)
    check_signed(ocsp.load_der_ocsp_response(der), authority_)


def refused(signer: Holder, **other: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        check(signer, **other)
    return caught.value


def with_sha1(der: bytes) -> bytes:
    """Sign an answer of the RSA key anew, as nobody here would."""
    tbs = ocsp.load_der_ocsp_response(der).tbs_response_bytes
    old = der.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105"))
    return old[:-256] + RSA_KEY.sign(tbs, padding.PKCS1v15(), hashes.SHA1())


class TestTheIssuer:
    @pytest.mark.parametrize("by_key", [False, True])
    def test_may_sign(self, by_key: bool) -> None:
        """Named by its name or by its key."""
        check(CA, by_key=by_key)

    def test_may_have_an_rsa_key(self) -> None:
        """Those of PKIoverheid have."""
        issuer = authority("RSA CA", RSA_KEY)
        check(issuer, issuer=issuer)

    @pytest.mark.parametrize("digest", [hashes.SHA384(), hashes.SHA512()])
    def test_may_sign_with_a_longer_hash(self, digest: hashes.HashAlgorithm) -> None:
        """All of SHA-2 counts."""
        check(CA, digest=digest)

    def test_may_not_sign_with_sha1(self) -> None:
        """Answers can be made up to a hash that collides."""
        issuer = authority("RSA CA", RSA_KEY)
        answer = ocsp.load_der_ocsp_response(with_sha1(say(issuer.leaf(), issuer.certificate, issuer)))
        with pytest.raises(Refused) as caught:
            check_signed(answer, Authority(issuer=issuer.certificate, at=NOW, listed=lambda *_: None))
        assert caught.value.code == "EN-OCSP-SIGNATURE"

    @pytest.mark.parametrize(
        "key",
        [
            rsa.generate_private_key(public_exponent=65537, key_size=1024),
            ec.generate_private_key(ec.SECP224R1()),
        ],
        ids=["RSA-1024", "P-224"],
    )
    def test_may_not_have_a_weak_key(self, key: Any) -> None:
        """Whoever breaks it says good of everything."""
        issuer = authority("weak", key)
        assert refused(issuer, issuer=issuer).code == "EN-OCSP-SIGNATURE"


class TestADelegate:
    def test_may_sign(self) -> None:
        """The register has responders with certificates of their own."""
        check(CA.delegate())

    def test_may_be_named_by_its_key(self) -> None:
        """As OpenSSL and others do."""
        check(CA.delegate(), by_key=True)

    def test_must_be_from_the_very_issuer(self) -> None:
        """A CA of another branch says nothing about this one's certificates."""
        assert refused(authority("Other").delegate()).code == "EN-OCSP-RESPONDER"

    def test_must_be_from_its_key_too(self) -> None:
        """Anybody can make a CA with that name."""
        assert refused(authority("CA").delegate()).code == "EN-OCSP-RESPONDER"

    def test_must_be_for_ocsp(self) -> None:
        """Else every holder of a certificate could say of its own that it is good."""
        web = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        assert refused(CA.delegate(extensions=(web, x509.OCSPNoCheck()))).code == "EN-OCSP-RESPONDER"

    def test_for_any_purpose_is_not_for_ocsp(self) -> None:
        """RFC 6960 wants the purpose itself."""
        any_use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
        assert refused(CA.delegate(extensions=(any_use, x509.OCSPNoCheck()))).code == "EN-OCSP-RESPONDER"

    def test_without_a_purpose_is_not_for_ocsp(self) -> None:
        """The leaf itself, for one."""
        assert refused(CA.issue("leaf.example")).code == "EN-OCSP-RESPONDER"

    def test_must_have_a_key_for_signatures(self) -> None:
        """Where its certificate says what the key is for."""
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=True, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        delegate = CA.delegate(extensions=(OCSP_SIGNING, x509.OCSPNoCheck(), usage))
        assert refused(delegate).code == "EN-OCSP-RESPONDER"

    @pytest.mark.parametrize("at", [NOW - 500 * DAY, NOW + DAY], ids=["ended", "not begun"])
    def test_must_be_of_today(self, at: Any) -> None:
        """A key that was put away may be anywhere."""
        assert "has ended or has not begun" in refused(CA.delegate(at=at)).detail

    def test_must_show_its_certificate(self) -> None:
        """Nobody else could know it."""
        assert refused(CA.delegate(), shown=()).code == "EN-OCSP-RESPONDER"

    def test_signs_with_its_own_key(self) -> None:
        """A certificate is public; the key is not."""
        shown = (CA.delegate().certificate,)
        assert refused(CA.delegate(), shown=shown).code == "EN-OCSP-SIGNATURE"

    def test_of_a_delegate_is_none(self) -> None:
        """Only the issuer itself gives that right."""
        assert refused(CA.delegate().delegate("further")).code == "EN-OCSP-RESPONDER"

    def test_with_a_key_nobody_signs_tls_with_is_refused(self) -> None:
        """Pinned algorithms only."""
        delegate = CA.delegate(key=ed25519.Ed25519PrivateKey.generate())
        assert refused(delegate, digest=None).code == "EN-OCSP-SIGNATURE"


class TestADelegateThatMayBeRevokedItself:
    def test_signs_when_the_list_says_good(self) -> None:
        """Without nocheck it is a certificate like any other."""
        check(CA.delegate(extensions=(OCSP_SIGNING,)), listed=listed_as(Verdict.GOOD))

    @pytest.mark.parametrize(
        "listed", [None, listed_as(Verdict.REVOKED), listed_as(Verdict.UNKNOWN)], ids=["no list", "revoked", "unsure"]
    )
    def test_does_not_sign_otherwise(self, listed: Standing | None) -> None:
        """A stolen responder key would call every stolen certificate good."""
        assert refused(CA.delegate(extensions=(OCSP_SIGNING,)), listed=listed).code == "EN-OCSP-RESPONDER"
