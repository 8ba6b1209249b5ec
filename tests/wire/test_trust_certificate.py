"""Reading a certificate: the organisation's number from both names, and nothing believed that is muddled."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, ROOT
from edge_node.sandbox.pki_authority import Authority, Profile, ec_key, root, sign
from edge_node.wire.trust_certificate import Unreadable, fingerprint, parse_uzi_name, read_certificate

NOW = datetime(2026, 11, 21, tzinfo=UTC)
UZI = "2.16.528.1.1007.99.2110-1-990000101-S-90000101-00.000-01999901"
URA_SEQUENCE = bytes.fromhex("3014 0c08 3930303030313031 0608 60841001876f0303")  # 90000101, the URA assigner


@lru_cache(maxsize=1)
def authority() -> Authority:
    return root(ROOT, "root", ec_key(), NOW)


def certificate(*names: x509.GeneralName, **other: object) -> x509.Certificate:
    values: dict[str, object] = {
        "organisation": PRACTICE[0],
        "fqdn": PRACTICE[1],
        "not_before": NOW,
        "not_after": NOW + timedelta(days=1095),
        "other_names": names,
    }
    return authority().issue(Profile(**(values | other)), ec_key()).chain[0]  # type: ignore[arg-type]


def other(oid: str, der: bytes) -> x509.OtherName:
    return x509.OtherName(ObjectIdentifier(oid), der)


def ia5(text: str) -> bytes:
    return bytes((0x16, len(text))) + text.encode()


class TestReading:
    def test_gives_what_the_rules_ask(self) -> None:
        """The line, the log and the checks read these fields and never the certificate itself."""
        shown = certificate(uzi=PRACTICE_UZI)
        read = read_certificate(shown)
        assert (read.organisation, read.dns_names, read.ura, read.uzi) == (
            PRACTICE[0],
            (PRACTICE[1],),
            PRACTICE_UZI.ura,
            UZI,
        )
        assert (read.issuer_common_name, read.not_before) == (ROOT, NOW)
        assert read.extended_key_usage == {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}
        assert read.fingerprint == fingerprint(shown)

    def test_needs_no_names_of_the_register(self) -> None:
        """The switchboard has an organisation certificate without them."""
        read = read_certificate(certificate())
        assert (read.uzi, read.ura) == (None, None)

    def test_takes_neither_of_two_organisations(self) -> None:
        """With two O fields a check could pass on one while a person reads the other."""
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, value) for value in ("A", "B")])
        key = ec_key()
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
        assert read_certificate(sign(builder, key)).organisation is None


class TestTheUziName:
    @pytest.mark.parametrize(
        "der",
        [
            ia5(UZI),
            b"\x0c" + ia5(UZI)[1:],
            b"\xa0" + bytes((len(UZI) + 2,)) + ia5(UZI),
            b"\x16\x81" + ia5("2.16" + ".1" * 50 + UZI[23:])[1:],
        ],
        ids=["IA5String", "UTF8String", "explicit tag", "long form length"],
    )
    def test_is_read_in_every_writing(self, der: bytes) -> None:
        """CAs wrote it in several ways over the years; all mean the same organisation."""
        assert read_certificate(certificate(other("2.5.5.5", der))).ura == "90000101"

    def test_may_have_six_parts(self) -> None:
        """Without AGB code; a reader that takes the seventh unasked would fail on it."""
        name = parse_uzi_name(UZI.rpartition("-")[0])
        assert (name.ura, name.agb, name.card_type) == ("90000101", None, "S")

    def test_with_seven_digits_means_a_leading_zero(self) -> None:
        """Test fixtures drop it; both writings are one organisation."""
        assert parse_uzi_name(UZI.replace("-90000101-", "-1234567-")).ura == "01234567"

    @pytest.mark.parametrize(
        "text",
        ["", "1-2-3-4-5", UZI + "-extra", UZI.replace("90000101", "9000010x"), UZI.replace("-S-", "--")],
    )
    def test_that_is_muddled_is_not_believed(self, text: str) -> None:
        """Half a name must not become an organisation."""
        with pytest.raises(Unreadable):
            parse_uzi_name(text)

    @pytest.mark.parametrize(
        "der",
        [b"\x04\x01x", b"\x16\x00", b"\x0c\x02\xff\xff", b"\x16\x01\xff", b"\xa0\x02\x16\x20", b"\xa0\x00"],
        ids=["another type", "empty", "no UTF-8", "no ASCII", "breaking off", "nothing inside"],
    )
    def test_that_is_no_text_is_not_believed(self, der: bytes) -> None:
        """A forged encoding ends the handshake; it must not end the daemon."""
        with pytest.raises(Unreadable):
            read_certificate(certificate(other("2.5.5.5", der)))

    def test_that_stands_there_twice_is_not_believed(self) -> None:
        """One reader would take the first, another the last."""
        with pytest.raises(Unreadable, match="twice"):
            read_certificate(certificate(other("2.5.5.5", ia5(UZI)), other("2.5.5.5", ia5(UZI))))


class TestThePermanentIdentifier:
    def test_is_enough_alone(self) -> None:
        """Newer certificates may leave the old name out."""
        assert read_certificate(certificate(other("1.3.6.1.5.5.7.8.3", URA_SEQUENCE))).ura == "90000101"

    def test_must_agree_with_the_uzi_name(self) -> None:
        """Two organisations in one certificate: neither is believed."""
        uzi = other("2.5.5.5", ia5(UZI.replace("-90000101-", "-90000999-")))
        with pytest.raises(Unreadable, match="two organisations"):
            read_certificate(certificate(uzi, other("1.3.6.1.5.5.7.8.3", URA_SEQUENCE)))

    def test_of_another_assigner_is_no_ura(self) -> None:
        """The same field may hold anybody's number; only the register's is an organisation."""
        foreign = URA_SEQUENCE[:-1] + b"\x04"
        assert read_certificate(certificate(other("1.3.6.1.5.5.7.8.3", foreign))).ura is None

    @pytest.mark.parametrize("der", [b"\x0c\x0190"[:3], b"\x30\x02\x0c\x20", URA_SEQUENCE.replace(b"9000", b"90x0")])
    def test_that_is_muddled_is_not_believed(self, der: bytes) -> None:
        """No organisation rather than a wrong one."""
        with pytest.raises(Unreadable):
            read_certificate(certificate(other("1.3.6.1.5.5.7.8.3", der)))


@given(st.binary(max_size=80))
def test_any_bytes_in_a_name_are_read_or_refused(content: bytes) -> None:
    """A certificate is the first thing a stranger can send; nothing in it may surprise the daemon."""
    names = [other(oid, bytes((0x30, len(content))) + content) for oid in ("2.5.5.5", "1.3.6.1.5.5.7.8.3")]
    for_each = [certificate(name) for name in names]
    results = [_read_or_refused(one) for one in for_each]
    assert len(results) == 2


def _read_or_refused(shown: x509.Certificate) -> str:
    try:
        return read_certificate(shown).subject
    except Unreadable as refused:
        return refused.code
