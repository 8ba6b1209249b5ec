"""The search for what must stand nowhere finds it, in each spelling, and takes nothing else for it."""

import base64
import hashlib
import random

import pytest

from edge_node.sandbox.samples.people import own_word, patient

from .marks import FORMS, Marks

WHO = patient(1234)
WORD = own_word("Bqx", 7)
SIGNED = base64.b64encode(hashlib.sha512(b"signed").digest()).decode()


@pytest.fixture
def marks() -> Marks:
    made = Marks()
    made.number(WHO.bsn, 7)
    made.date(WHO.born, 7)
    made.word("body", WORD, 7)
    made.signature(SIGNED, 7)
    return made


def kinds(marks: Marks, data: bytes) -> set[str]:
    return {found.mark.kind for found in marks.search(data)}


class TestSearch:
    @pytest.mark.parametrize("form", sorted(FORMS))
    def test_finds_a_word_in_each_spelling(self, marks: Marks, form: str) -> None:
        """A name leaks as easily within base64 as in the clear."""
        for before in (b"", b"x", b"xy"):
            spelled = FORMS[form](WORD.encode())
            assert kinds(marks, before + spelled + b"=") == {"body"}

    @pytest.mark.parametrize("form", sorted(FORMS))
    def test_finds_a_number_in_each_spelling(self, marks: Marks, form: str) -> None:
        """Addresses, tokens and digests are where numbers hide."""
        assert "bsn" in kinds(marks, b"<" + FORMS[form](WHO.bsn.encode()) + b">")

    @pytest.mark.parametrize("before", [b"", b"a", b"ab", b'{"sub":"'])
    def test_finds_a_number_within_what_was_encoded_whole(self, marks: Marks, before: bytes) -> None:
        """A token is encoded as one: the number in it has no beginning of its own."""
        assert "bsn" in kinds(marks, base64.b64encode(before + WHO.bsn.encode() + b'","x":1'))
        assert "body" in kinds(marks, base64.urlsafe_b64encode(before + WORD.encode() + b"more").rstrip(b"="))

    @pytest.mark.parametrize(
        "text",
        ["2.16.840.1.113883.2.4.6.3.{}", "/fhir/R4/Patient?identifier=bsn%7C{}", "A{}B", "{}, and more", "x={}"],
    )
    def test_finds_a_number_wherever_it_is_written(self, marks: Marks, text: str) -> None:
        """Behind an OID, in an address, between letters."""
        assert kinds(marks, text.format(WHO.bsn).encode()) == {"bsn"}

    @pytest.mark.parametrize("text", ["{0}{1}{2}", "{0}-{1}-{2}", "{2}-{1}-{0}"])
    def test_finds_a_date_of_birth(self, marks: Marks, text: str) -> None:
        """With a sex and a postal code it is a person."""
        born = text.format(WHO.born[:4], WHO.born[4:6], WHO.born[6:])
        assert kinds(marks, f'"born": "{born}"'.encode()) == {"born"}

    def test_finds_what_was_signed_within_a_longer_run(self, marks: Marks) -> None:
        """A token stands within a header, without spaces around it."""
        assert kinds(marks, f"AAAA{SIGNED}BBBB".encode()) == {"signature"}

    def test_tells_whose_it_is(self, marks: Marks) -> None:
        """To find by which way it came there."""
        (found,) = marks.search(b"  " + WORD.encode())
        assert (found.mark.message, found.form, found.at) == (7, "as it is", 2)

    def test_takes_no_digest_for_a_number(self, marks: Marks) -> None:
        """One name of a message in twenty has nine digits in a row."""
        assert kinds(marks, f"uid {'ab' * 6}{WHO.bsn}{'cd' * 6} end".encode()) == set()

    def test_takes_nothing_of_chance_for_a_mark(self, marks: Marks) -> None:
        """Else every run would find something, and nobody would look."""
        chance = random.Random(1).randbytes(300_000)
        assert kinds(marks, chance + base64.b64encode(chance) + chance.hex().encode()) == set()

    def test_takes_another_number_for_no_mark(self, marks: Marks) -> None:
        """The search knows what was sent."""
        assert kinds(marks, f"{patient(1235).bsn} {patient(1235).family}".encode()) == set()
