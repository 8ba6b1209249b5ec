"""Answers of OCSP responders: a sound one is believed, each odd one is refused by its name."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from edge_node.errors import Refused
from edge_node.wire.ocsp_answer import AnswerRules, OcspAnswer, read_answer
from edge_node.wire.ocsp_question import Question
from edge_node.wire.revocation import Verdict
from tests.wire.ocsp_double import DAY, HOUR, NOW, Said, authority, flipped, say

CA = authority()
LEAF = CA.leaf()
NONCE = b"n" * 32
RULES = AnswerRules(listed=lambda certificate, issuer, at: None)
MINUTE = HOUR / 60


def read(der: bytes, **other: Any) -> OcspAnswer:
    """Read an answer to the question about the leaf."""
    question = Question(certificate=LEAF, issuer=CA.certificate, nonce=other.get("nonce", NONCE))
    return read_answer(der, question, other.get("at", NOW), RULES)


def said(**bent: Any) -> bytes:
    """What the CA itself says."""
    return say(LEAF, CA.certificate, CA, Said(**bent))


def code(der: bytes, **other: Any) -> str:
    """Return the code an answer is refused with."""
    with pytest.raises(Refused) as refused:
        read(der, **other)
    return refused.value.code


def unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


class TestASoundAnswer:
    @pytest.mark.parametrize(
        ("status", "verdict"),
        [
            (ocsp.OCSPCertStatus.GOOD, Verdict.GOOD),
            (ocsp.OCSPCertStatus.REVOKED, Verdict.REVOKED),
            (ocsp.OCSPCertStatus.UNKNOWN, Verdict.UNKNOWN),
        ],
    )
    def test_says_one_of_three_things(self, status: ocsp.OCSPCertStatus, verdict: Verdict) -> None:
        """Unknown is no good: the list decides then."""
        assert read(said(status=status)).verdict is verdict

    def test_may_come_without_the_nonce(self) -> None:
        """Large responders make their answers beforehand; dates show how old one is."""
        assert read(said(nonce=None)).verdict is Verdict.GOOD

    def test_may_give_the_nonce_back(self) -> None:
        """Then it is certainly no older one."""
        assert read(said(nonce=NONCE)).verdict is Verdict.GOOD

    def test_may_name_the_certificate_by_sha256(self) -> None:
        """Newer responders do."""
        assert read(said(naming=hashes.SHA256())).verdict is Verdict.GOOD

    def test_counts_no_longer_than_the_site_lets_one(self) -> None:
        """A revocation must be seen within hours, whatever an answer says of its life."""
        assert read(said(ends=NOW + 7 * DAY)).until == NOW + HOUR

    def test_counts_no_longer_than_it_says(self) -> None:
        """But for the difference that clocks may have."""
        assert read(said(ends=NOW + 10 * MINUTE)).until == NOW + 15 * MINUTE

    def test_without_an_end_counts_an_hour_from_when_it_was_made(self) -> None:
        """Newer information is always there, says the RFC."""
        assert read(said(begins=NOW - 20 * MINUTE, ends=None)).until == NOW + 40 * MINUTE

    def test_may_come_from_a_clock_that_is_a_little_ahead(self) -> None:
        """Clocks differ by seconds."""
        assert read(said(begins=NOW + 4 * MINUTE)).verdict is Verdict.GOOD


class TestDates:
    @pytest.mark.parametrize(
        ("begins", "ends"),
        [
            (NOW + 6 * MINUTE, NOW + DAY),
            (NOW - DAY, NOW - 6 * MINUTE),
            (NOW - HOUR, None),
            (NOW - HOUR, NOW - 2 * HOUR),
        ],
        ids=["not begun", "ended", "old and endless", "ends before it begins"],
    )
    def test_that_do_not_hold_now(self, begins: Any, ends: Any) -> None:
        """An old answer may be from before the revocation."""
        assert code(said(begins=begins, ends=ends)) == "EN-OCSP-DATES"

    def test_of_making_must_have_been(self) -> None:
        """One made tomorrow is made up, or our clock is wrong."""
        assert code(said(), at=NOW.replace(year=2020)) == "EN-OCSP-DATES"


class TestAnotherAnswer:
    def test_about_another_certificate(self) -> None:
        """Good for somebody else says nothing here."""
        assert code(say(CA.leaf(), CA.certificate, CA)) == "EN-OCSP-OTHER"

    def test_about_the_same_number_of_another_issuer(self) -> None:
        """A number belongs to one CA."""
        other = authority()
        twin = other.leaf(serial=LEAF.serial_number)
        assert code(say(twin, other.certificate, CA)) == "EN-OCSP-OTHER"

    def test_to_another_question(self) -> None:
        """Somebody may have kept it from before the revocation."""
        assert code(said(nonce=b"x" * 32)) == "EN-OCSP-NONCE"

    def test_that_says_it_cannot_answer(self) -> None:
        """The person at the screen reads which of the reasons it is."""
        with pytest.raises(Refused, match="tryLater") as refused:
            read(unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER))
        assert refused.value.code == "EN-OCSP-STATUS"

    @pytest.mark.parametrize("status", [one for one in ocsp.OCSPResponseStatus if one.value])
    def test_of_every_other_status_is_no_answer(self, status: ocsp.OCSPResponseStatus) -> None:
        """None of them may ever pass for good."""
        assert code(unsuccessful(status)) == "EN-OCSP-STATUS"


class TestGarbage:
    @pytest.mark.parametrize(
        "der",
        [b"", b"\x30", b"<html>please log in</html>", said()[:-20], said() + b"\x00", b"\x30\x80" * 500],
        ids=["nothing", "a byte", "a page", "half", "more", "deep"],
    )
    def test_is_refused_as_such(self, der: bytes) -> None:
        """A firewall may answer with anything."""
        assert code(der) == "EN-OCSP-ANSWER"

    def test_with_a_critical_extension_nobody_knows(self) -> None:
        """Critical means: do not use this without understanding it."""
        odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
        assert code(said(extensions=((odd, True),))) == "EN-OCSP-ANSWER"


def believed(der: bytes) -> Verdict | None:
    """Return what an answer is believed to say, None for one that is refused."""
    try:
        return read(der).verdict
    except Refused:
        return None


def each_bit_flipped(der: bytes) -> Iterator[bytes]:
    for place, byte in enumerate(der):
        yield from (der[:place] + bytes((byte ^ 1 << bit,)) + der[place + 1 :] for bit in range(8))


class TestEveryBit:
    def test_of_an_answer_counts(self) -> None:
        """One that says revoked says so or is refused, whichever bit somebody on the way turns; never good."""
        revoked = said(status=ocsp.OCSPCertStatus.REVOKED, nonce=NONCE)
        assert {believed(der) for der in each_bit_flipped(revoked)} <= {Verdict.REVOKED, None}


class TestTheSignature:
    def test_that_was_tampered_with(self) -> None:
        """The way to a responder is plain HTTP: anybody on it can change a byte."""
        assert code(flipped(said())) == "EN-OCSP-SIGNATURE"

    def test_of_a_stranger_with_the_name_of_the_issuer(self) -> None:
        """A name is not a key."""
        stranger = authority()
        assert code(say(LEAF, CA.certificate, stranger)) == "EN-OCSP-SIGNATURE"
