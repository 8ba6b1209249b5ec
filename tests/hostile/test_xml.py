"""Hostile XML: each case is refused with one code, or read exactly as an independent parser reads its whole tree."""

from collections import Counter

import pytest

from edge_node.errors import PAGES, Refused
from edge_node.model.message import Reading
from fuzz.opinion import differences, new_reader
from tests.hostile import xml_bytes, xml_structure, xml_values
from tests.hostile.xml_case import Case, sample

FAMILIES = (*xml_bytes.FAMILIES, *xml_structure.FAMILIES, *xml_values.FAMILIES)
CASES = [case for family in FAMILIES for case in family.cases]
REFUSED = [case for case in CASES if not case.is_read]
READ = [case for case in CASES if case.is_read and not case.headers]


def read(body: bytes, piece_bytes: int = 1 << 30) -> Reading:
    reader = new_reader()
    for at in range(0, len(body), piece_bytes):
        reader.feed(body[at : at + piece_bytes])
    return reader.close()


def refusal(body: bytes, piece_bytes: int = 1 << 30) -> str:
    with pytest.raises(Refused) as refused:
        read(body, piece_bytes)
    return refused.value.code


class TestTheTable:
    def test_holds_enough_cases(self) -> None:
        """A family that was forgotten is where the next one comes in."""
        assert len(CASES) >= 100
        assert min(Counter(case.family for case in CASES).values()) >= 3

    def test_names_codes_that_are_explained(self) -> None:
        """Who is refused must be able to read why."""
        assert {case.code for case in CASES if case.code} <= PAGES.keys()


@pytest.mark.parametrize("case", REFUSED, ids=str)
class TestRefused:
    def test_with_its_code(self, case: Case) -> None:
        """The same attack gets the same answer, today and in ten years."""
        assert refusal(case.spoil(sample())) == case.code

    def test_however_it_is_cut(self, case: Case) -> None:
        """The network cuts where the attacker likes."""
        assert refusal(case.spoil(sample()), 1021) == case.code


@pytest.mark.parametrize("case", READ, ids=str)
class TestRead:
    def test_as_the_whole_tree_has_it(self, case: Case) -> None:
        """The element that was judged must be the element that is used."""
        body = case.spoil(sample())
        assert differences(read(body), body) == []
