"""Ids inside a message: each is given once."""

import pytest

from edge_node.errors import Refused
from edge_node.formats.marks import Marks
from edge_node.formats.names import WSU

XML_ID = "http://www.w3.org/XML/1998/namespace id"


def code_of_payload(attributes: dict[str, str]) -> str:
    marks = Marks()
    marks.take({"ID": "token-1"})
    marks.take_in_payload({XML_ID: "part-1", "ID": "local-1"})
    with pytest.raises(Refused) as refusal:
        marks.take_in_payload(attributes)
    return refusal.value.code


class TestMarks:
    @pytest.mark.parametrize(
        "attributes", [{"ID": "token-1"}, {"Id": "token-1"}, {XML_ID: "token-1"}, {f"{WSU} Id": "part-1"}]
    )
    def test_given_before_are_refused(self, attributes: dict[str, str]) -> None:
        """A signature names one of the two elements, and the reader might take the other."""
        assert code_of_payload(attributes) == "EN-XML-AMBIGUOUS"

    def test_of_embedded_documents_may_come_again(self) -> None:
        """Each document in a payload numbers its own parts."""
        marks = Marks()
        marks.take_in_payload({"ID": "local-1"})
        marks.take_in_payload({"ID": "local-1"})

    def test_may_be_written_twice_on_one_element(self) -> None:
        """Some products write wsu:Id and xml:id beside each other."""
        Marks().take({f"{WSU} Id": "body", XML_ID: "body"})
