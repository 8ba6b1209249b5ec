"""A key made here, and the request that is put to the register with it."""

from base64 import b64encode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.wire.trust_request import KINDS, Subject, make_key, make_request, read_request

LINDE = Subject(organisation="Huisartsenpraktijk De Linde", fqdn="linde.example.test", locality="Utrecht")


@pytest.fixture(scope="module")
def key() -> bytes:
    return make_key("P-256")


class TestKey:
    def test_has_the_size_that_the_register_asks(self) -> None:
        """A smaller one comes back from the register after a week."""
        key = load_pem_private_key(make_key("RSA-4096"), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert key.key_size == 4096

    def test_may_be_of_a_curve(self, key: bytes) -> None:
        """Where the register takes it."""
        assert isinstance(load_pem_private_key(key, None), ec.EllipticCurvePrivateKey)

    def test_of_another_kind_is_refused(self) -> None:
        """The refusal names what there is."""
        with pytest.raises(Refused, match=KINDS[0]):
            make_key("RSA-1024")


class TestRequest:
    def test_has_the_fields_of_the_profile(self, key: bytes) -> None:
        """The register compares them with the subscription, letter by letter."""
        request = x509.load_pem_x509_csr(make_request(key, LINDE))
        assert request.subject.rfc4514_string() == (
            "CN=linde.example.test,O=Huisartsenpraktijk De Linde,L=Utrecht,C=NL"
        )
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["linde.example.test"]

    def test_leaves_out_what_the_register_adds(self, key: bytes) -> None:
        """The UZI number is given to the certificate, and nobody knows it before."""
        request = x509.load_pem_x509_csr(make_request(key, LINDE))
        assert request.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER) == []

    def test_is_signed_with_its_own_key(self, key: bytes) -> None:
        """Else anybody could ask for a certificate for a key of somebody else."""
        request = x509.load_pem_x509_csr(make_request(key, LINDE))
        assert request.is_signature_valid
        assert request.public_key() == load_pem_private_key(key, None).public_key()

    def test_of_a_curve_nobody_knows_is_none(self, key: bytes) -> None:
        """A file that a disk damaged stands in nobody's way."""
        der = x509.load_pem_x509_csr(make_request(key, LINDE)).public_bytes(Encoding.DER)
        spoiled = der.replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f"))
        begin, end = ("-----BEGIN CERTIFICATE REQUEST-----", "-----END CERTIFICATE REQUEST-----")
        with pytest.raises(Refused):
            read_request(f"{begin}\n{b64encode(spoiled).decode()}\n{end}\n".encode())

    def test_is_read_again(self, key: bytes) -> None:
        """The list of requests shows what was asked."""
        found = read_request(make_request(key, LINDE))
        assert (found.fqdn, found.kind) == ("linde.example.test", "P-256")

    def test_that_is_none_is_refused(self) -> None:
        """A file of another kind under that name is no request."""
        with pytest.raises(Refused):
            read_request(b"-----BEGIN CERTIFICATE REQUEST-----\nno\n-----END CERTIFICATE REQUEST-----\n")

    def test_with_a_name_that_is_too_long_is_refused(self, key: bytes) -> None:
        """X.520 allows 64 characters for an organisation; the register has the short name of the rest."""
        with pytest.raises(Refused) as caught:
            make_request(key, Subject(organisation="x" * 65, fqdn=LINDE.fqdn))
        assert caught.value.code == "EN-CERT-UNFIT"
