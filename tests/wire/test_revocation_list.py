"""Revocation lists as they may come: good ones, and each kind that must not count."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.errors import Refused
from edge_node.wire.revocation_list import key_of, read_list, signed_by, split_lists
from tests.wire.lists_double import HOUR, NOW, ca, chain_of, listed

CA, OTHER = ca(), ca("Other CA", "other-ca")
#: A CA of the same name with a key of its own.
NAMESAKE = ca()


def point(**chosen: object) -> x509.IssuingDistributionPoint:
    """Say which certificates a list is about."""
    of = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**of, **chosen})  # type: ignore[arg-type]


def made(*extensions: x509.ExtensionType, entries: int = 0, foreign: bool = False) -> bytes:
    """Make a list of that CA with these extensions and so many entries; `foreign`: the last is of another CA."""
    subject = CA.certificate.subject
    builder = x509.CertificateRevocationListBuilder().issuer_name(subject).last_update(NOW).next_update(NOW + HOUR)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    for serial in range(1, entries + 1):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW)
        if foreign and serial == entries:
            name = x509.DirectoryName(OTHER.certificate.subject)
            entry = entry.add_extension(x509.CertificateIssuer([name]), critical=True)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(CA.key, hashes.SHA256()).public_bytes(Encoding.DER)


class TestReading:
    @pytest.mark.parametrize("entries", [0, 1, 3, 1000])
    def test_gives_what_stands_around_the_entries(self, entries: int) -> None:
        """However long a list is, whose it is and until when is known at once."""
        one = read_list(made(x509.CRLNumber(7), entries=entries))
        assert (one.issuer, one.this_update, one.next_update) == (CA.certificate.subject, NOW, NOW + HOUR)
        assert (one.number, signed_by(one, CA.certificate)) == (7, True)

    def test_takes_a_list_without_extensions(self) -> None:
        """Some CAs number nothing."""
        assert read_list(made(entries=2)).number is None

    def test_does_not_take_the_number_of_a_certificate_for_an_extension(self) -> None:
        """A serial number may hold any bytes, also those that name an extension."""
        entry = x509.RevokedCertificateBuilder().serial_number(0x0603551D1D0603551D1D).revocation_date(NOW).build()
        builder = x509.CertificateRevocationListBuilder().issuer_name(CA.certificate.subject)
        builder = builder.last_update(NOW).next_update(NOW + HOUR).add_revoked_certificate(entry)
        der = builder.sign(CA.key, hashes.SHA256()).public_bytes(Encoding.DER)
        assert read_list(der).issuer == CA.certificate.subject

    @pytest.mark.parametrize(
        ("der", "code"),
        [
            (made(x509.DeltaCRLIndicator(3)), "EN-CRL-DELTA"),
            (made(point(indirect_crl=True)), "EN-CRL-INDIRECT"),
            (made(entries=3, foreign=True), "EN-CRL-INDIRECT"),
            (made(point(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}))), "EN-CRL-PARTIAL"),
            (made(point(only_contains_attribute_certs=True)), "EN-CRL-PARTIAL"),
            (b"", "EN-CRL-UNREADABLE"),
            (b"\x30", "EN-CRL-UNREADABLE"),
            (b"\x30\x80\x00\x00", "EN-CRL-UNREADABLE"),
            (b"<html>404</html>", "EN-CRL-UNREADABLE"),
            (made(entries=3)[:-40], "EN-CRL-UNREADABLE"),
            (made(entries=3) + b"\x00", "EN-CRL-UNREADABLE"),
            (CA.certificate.public_bytes(Encoding.DER), "EN-CRL-UNREADABLE"),
        ],
        ids=["delta", "indirect", "entry of another", "some reasons", "attributes", "nothing", "a byte", "no length",
             "a page", "half", "more", "a certificate"],
    )  # fmt: skip
    def test_refuses_by_name_what_cannot_be_judged_by(self, der: bytes, code: str) -> None:
        """Whoever set up the source must see what is wrong with it."""
        with pytest.raises(Refused) as caught:
            read_list(der)
        assert caught.value.code == code

    @pytest.mark.parametrize("size", range(0, 200, 7))
    def test_of_half_a_list_never_ends_otherwise(self, size: int) -> None:
        """A download that broke off is refused, wherever it broke."""
        with pytest.raises(Refused, match="EN-CRL-UNREADABLE"):
            read_list(made(x509.CRLNumber(1), entries=1)[:size])

    @pytest.mark.parametrize(
        "der",
        [
            made().replace(b"Test CA", b"Test\xffCA"),
            made().replace(b"\x0c\x07Test CA", b"\x0d\x07Test CA"),
            made().replace(b"\x02\x01\x01", b"\x02\x01\x05", 1),
            made(x509.CRLNumber(7)).replace(b"\xff\x04\x03\x02\x01\x07", b"\xff\x04\x03\x0c\x01\x07"),
        ],
        ids=["a name that is no text", "a name of another kind", "a version to come", "a number that is text"],
    )
    def test_refuses_what_the_library_reads_only_when_it_is_asked(self, der: bytes) -> None:
        """One such file in the folder kept the whole node from starting, and one such answer the other sources."""
        with pytest.raises(Refused, match="EN-CRL-UNREADABLE"):
            read_list(der)


class TestSignature:
    def test_of_the_ca_itself_counts(self) -> None:
        """The list of a CA that a peer's chain holds."""
        assert signed_by(read_list(listed(CA)), CA.certificate)

    @pytest.mark.parametrize("other", [NAMESAKE, OTHER], ids=["same name", "another"])
    def test_of_any_other_does_not(self, other: object) -> None:
        """A name is no proof: whoever has a key can write any name."""
        assert not signed_by(read_list(listed(CA)), other.certificate)  # type: ignore[attr-defined]

    def test_over_other_entries_does_not(self) -> None:
        """Nobody takes a certificate off a list on its way."""
        der = bytearray(made(entries=3))
        at = der.index(b"\x02\x01\x03")
        der[at + 2] ^= 0x04
        assert not signed_by(read_list(bytes(der)), CA.certificate)

    def test_of_one_who_may_not_sign_lists_does_not(self) -> None:
        """A server's key signs no lists, whatever its certificate is named."""
        leaf = chain_of(CA)[0]
        assert not signed_by(read_list(listed(CA)), leaf)


class TestFiles:
    def test_hold_one_list_in_der(self) -> None:
        """As a CA publishes it."""
        der = listed(CA)
        assert split_lists(der) == (der,)

    def test_hold_any_number_in_pem(self) -> None:
        """As an operator puts them together."""
        lists = (listed(CA), listed(OTHER, NOW + timedelta(hours=1)))
        pem = b"".join(x509.load_der_x509_crl(one).public_bytes(Encoding.PEM) for one in lists)
        assert split_lists(pem) == lists

    @pytest.mark.parametrize("text", [b"-----BEGIN X509 CRL-----\nMII", b"-----BEGIN CERTIFICATE-----\n",
                                      b"-----BEGIN X509 CRL-----\n!\n-----END X509 CRL-----\n"])  # fmt: skip
    def test_that_break_off_are_refused(self, text: bytes) -> None:
        """Half a file is no file."""
        with pytest.raises(Refused, match="EN-CRL-UNREADABLE"):
            split_lists(text)


class TestKeys:
    def test_tell_two_generations_of_one_name_apart(self) -> None:
        """The list of the old key says nothing of what the new one issued."""
        assert key_of(CA.certificate) != key_of(NAMESAKE.certificate)
