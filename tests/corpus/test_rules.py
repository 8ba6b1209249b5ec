"""What the rules say of each published Dutch message: what the table says, and nothing else."""

from pathlib import Path

import pytest

from edge_node.formats import interactions
from edge_node.formats.hardened import XmlLimits
from edge_node.formats.reader import read_message
from edge_node.model.identifiers import Ura
from edge_node.model.message import Direction, Reading
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Identity
from edge_node.policy import answer_form
from edge_node.policy.answer import Question, check_whole
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge, warnings
from tests.corpus.exchanges import Exchange, exchange
from tests.corpus.table import PASSES, Kind, Role, Row, load
from tests.nouns import ZIM, a_site, an_application

CATALOGUE = interactions.load()
DUTCH = [row for row in load() if row.kind is Kind.DUTCH]
REQUESTS = [
    pytest.param(row, way, id=f"{row.file}-{way}")
    for row in DUTCH
    for way in row.directions
    if row.role is Role.REQUEST
]
ANSWERS = [pytest.param(row, id=row.file) for row in DUTCH if row.role in {Role.ANSWER, Role.PART}]


def read(body: bytes) -> Reading:
    return read_message(body, limits=XmlLimits(), patient_at=lambda name: CATALOGUE[name].patient_at)


def case_of(made: Exchange, direction: Direction) -> Case:
    """The request at a site that is its own side."""
    reading = read(made.request)
    wrapper = reading.wrapper
    own = wrapper.sender if direction is Direction.OUT else wrapper.receiver
    identity = Identity(
        name="practice", ura=Ura(wrapper.author_ids.ura or "90000001"), organisation="Its own", fqdn="its.example"
    )
    return Case(
        direction=direction,
        reading=reading,
        path=made.path,
        soap_action=made.soap_action,
        row=CATALOGUE[str(wrapper.interaction)],
        caller=LocalCaller(name="his", method="bearer"),
        site=a_site(
            identities={"practice": identity},
            applications={own: an_application(id=own)},
            processing_codes=frozenset({"P", "T"}),
        ),
    )


class TestARequest:
    @pytest.mark.parametrize(("row", "direction"), REQUESTS)
    def test_breaks_the_rule_of_the_table_only(self, corpus: Path, row: Row, direction: Direction) -> None:
        """Published messages are what local systems are made after."""
        case = case_of(exchange(corpus, row), direction)
        assert [finding.code for finding in judge(case)] == [row.expect] * (row.expect != PASSES)
        assert [finding.detail for finding in warnings(case)] == list(row.tells)


class TestAnAnswer:
    @pytest.mark.parametrize("row", ANSWERS)
    def test_is_odd_as_the_table_says_only(self, corpus: Path, row: Row) -> None:
        """A good answer is never kept back, and is told of only for what is odd."""
        made = exchange(corpus, row)
        asked, answer = read(made.request), read(made.answer)
        own = CATALOGUE[str(asked.wrapper.interaction)]
        question = Question(row=own, wrapper=asked.wrapper, zim=ZIM, patient=asked.patients.one)
        finding = check_whole(question, answer)
        assert (finding.code if finding else PASSES) == row.expect
        assert [odd.detail for odd in answer_form.warnings(question, answer)] == list(row.tells)
