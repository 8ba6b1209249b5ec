"""Every published message through a real node, over real sockets, with the bytes compared at the far one."""

from pathlib import Path

import pytest

from edge_node.model.message import Direction
from tests.corpus.exchanges import exchange, mended, of_request, raw, sent
from tests.corpus.site import SiteOfCorpus
from tests.corpus.table import PASSES, Role, Row, load

ROWS = load()
SERVICE, ACTION = "CorpusService", "urn:hl7-org:v3/CorpusService_Exchange"


def refused(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.expect != PASSES]


def both_ways(rows: list[Row]) -> list[object]:
    """Every row once for each of its directions."""
    return [
        pytest.param(row, direction, id=f"{row.file}-{direction}") for row in rows for direction in row.directions
    ]


PASSING = [row for row in ROWS if row.expect == PASSES]
REQUESTS = [row for row in ROWS if row.role in {Role.REQUEST, Role.HEADER}]
ANSWERS = [row for row in ROWS if row.role in {Role.ANSWER, Role.PART}]


def opposite(direction: Direction) -> Direction:
    """The question to an answer that comes in went out."""
    return Direction.IN if direction is Direction.OUT else Direction.OUT


class TestRequest:
    @pytest.mark.parametrize(("row", "direction"), both_ways([row for row in REQUESTS if row in PASSING]))
    def test_arrives_byte_for_byte(self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction) -> None:
        """What a colleague wrote is what the receiver reads, signatures and all."""
        way, made = site.ways[direction], exchange(corpus, row)
        way.far.will_answer(made.answer)
        reply = way.near.post(made.path, made.soap_action, made.request)
        heard = way.far.heard()
        assert heard.body == made.request
        assert heard.head.startswith(f"post /{made.path} ".lower())
        assert reply.headers.get("edge-node-error") is None
        assert b'typeCode="CA"' in reply.body or reply.body == made.answer

    @pytest.mark.parametrize(("row", "direction"), both_ways(refused(REQUESTS)))
    def test_that_breaks_a_rule_is_refused(
        self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction
    ) -> None:
        """A message of another world is called by its name, and goes nowhere."""
        way = site.ways[direction]
        reply = way.near.post(SERVICE, ACTION, sent(corpus, row))
        assert reply.headers["edge-node-error"] == row.expect
        assert (row.names or "").encode() in reply.body
        assert way.far.heard_nothing

    @pytest.mark.parametrize(("row", "direction"), both_ways([row for row in REQUESTS if row.mend]))
    def test_arrives_once_the_rule_it_broke_is_kept(
        self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction
    ) -> None:
        """It was refused for the rule the table names, and for nothing else."""
        way, made = site.ways[direction], of_request(mended(corpus, row))
        way.far.will_answer(made.answer)
        reply = way.near.post(made.path, made.soap_action, made.request)
        assert way.far.heard().body == made.request
        assert b'typeCode="CA"' in reply.body

    @pytest.mark.parametrize(("row", "direction"), both_ways([row for row in ROWS if row.media_type]))
    def test_of_another_media_type_is_refused_at_the_door(
        self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction
    ) -> None:
        """A FHIR client that took the wrong address learns it from the status alone."""
        way = site.ways[direction]
        reply = way.near.post(SERVICE, ACTION, raw(corpus, row), media_type=str(row.media_type))
        assert (reply.status, reply.headers["edge-node-error"]) == (415, "EN-MEDIA-TYPE")
        assert way.far.heard_nothing


class TestAnswer:
    @pytest.mark.parametrize(("row", "direction"), both_ways([row for row in ANSWERS if row in PASSING]))
    def test_passes_byte_for_byte(self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction) -> None:
        """The asker reads what the source wrote."""
        way, made = site.ways[opposite(direction)], exchange(corpus, row)
        way.far.will_answer(made.answer)
        reply = way.near.post(made.path, made.soap_action, made.request)
        assert way.far.heard().body == made.request
        assert reply.body == made.answer
        assert reply.status == 200

    @pytest.mark.parametrize(("row", "direction"), both_ways(refused(ANSWERS)))
    def test_that_breaks_a_rule_is_not_passed(
        self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction
    ) -> None:
        """An answer to another question must not be read as one to this."""
        way, made = site.ways[opposite(direction)], exchange(corpus, row)
        way.far.will_answer(made.answer)
        reply = way.near.post(made.path, made.soap_action, made.request)
        assert way.far.heard().body == made.request
        assert reply.headers["edge-node-error"] == row.expect
        assert reply.body != made.answer

    @pytest.mark.parametrize(("row", "direction"), both_ways([row for row in ANSWERS if row.mend]))
    def test_passes_once_that_rule_is_kept(
        self, corpus: Path, site: SiteOfCorpus, row: Row, direction: Direction
    ) -> None:
        """It was refused for the rule the table names, and for nothing else."""
        way, made = site.ways[opposite(direction)], exchange(corpus, row)
        way.far.will_answer(mended(corpus, row))
        reply = way.near.post(made.path, made.soap_action, made.request)
        assert way.far.heard().body == made.request
        assert reply.body == mended(corpus, row)
