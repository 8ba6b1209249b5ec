"""The patient a message is about."""

import pytest

from edge_node.errors import Refused
from tests.formats.samples import BATCH, PRESCRIPTION, QUERY, read, replaced

LINE = '<v:value root="2.16.840.1.113883.2.4.6.3" extension="999911120"/>'


class TestThePatient:
    def test_is_read_from_every_place_the_row_names(self) -> None:
        """All places must name the same person, so all are read."""
        assert [place for place, _ in read(PRESCRIPTION).patients.found] == [
            "attention-line",
            "payload:subject/Patient/id",
        ]
        assert [place for place, _ in read(QUERY).patients.found] == ["token", "query"]

    def test_is_not_somebody_else_who_has_a_number(self) -> None:
        """A relative or an author with a number of their own must not be taken for the patient."""
        patients = read(PRESCRIPTION).patients
        assert not patients.disagree
        assert patients.one is not None

    def test_named_differently_in_two_places_shows(self) -> None:
        """Data filed under the wrong patient kill."""
        body = replaced(PRESCRIPTION, LINE, LINE.replace("999911120", "123456782"))
        assert read(body).patients.disagree

    def test_is_read_from_the_answers_in_a_batch(self) -> None:
        """One source answering for another patient spoils the whole."""
        assert read(BATCH).patients.one is not None
        assert len(read(BATCH).patients.found) == 1

    @pytest.mark.parametrize("value", ["", 'nullFlavor="UNK"', 'root="2.16.840.1.113883.2.4.6.3" nullFlavor="UNK"'])
    def test_that_is_not_known_is_absent(self, value: str) -> None:
        """A newborn has no number yet; that is no error."""
        body = replaced(PRESCRIPTION, LINE, f"<v:value {value}/>")
        assert [place for place, _ in read(body).patients.found] == ["payload:subject/Patient/id"]


class TestANumber:
    @pytest.mark.parametrize("number", ["999911121", "99991112", "9999111200", "abcdefghi", "٩٩٩٩١١١٢٠", "000000000"])
    def test_that_fails_the_eleven_test_is_refused_without_being_told(self, number: str) -> None:
        """A wrong number is somebody else's, or nobody's; it never reaches a log."""
        with pytest.raises(Refused) as refusal:
            read(replaced(PRESCRIPTION, LINE, LINE.replace("999911120", number)))
        assert refusal.value.code == "EN-BSN-INVALID"
        assert number not in str(refusal.value)

    def test_in_a_place_that_does_not_count_is_not_looked_at(self) -> None:
        """What stands elsewhere in a payload is the receiver's business."""
        body = replaced(PRESCRIPTION, "999900006", "999900007")
        assert not read(body).patients.disagree
