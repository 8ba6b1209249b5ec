"""Every published FHIR message through a real node, over real sockets, with the bytes compared at the far one."""

import uuid
from pathlib import Path

import pytest

from edge_node.model.message import Direction
from tests.corpus.far_end import Reply
from tests.corpus.fhir_table import FhirRow, load, patient_of
from tests.corpus.site import SiteOfCorpus, Way
from tests.corpus.table import Role
from tests.formats.fhir_samples import a_token

JSON = "application/fhir+json"
DONE = b'{"resourceType": "OperationOutcome", "issue": []}'
ALL_DONE = b'{"resourceType": "Bundle", "type": "transaction-response"}'
CASES = [pytest.param(row, way, id=f"{row.file}-{row.expect}-{way}") for row in load() for way in row.directions]
PASSING = [case for case in CASES if case.values[0].passes]  # type: ignore[union-attr]
REFUSED = [case for case in CASES if not case.values[0].passes]  # type: ignore[union-attr]


def answer_to(row: FhirRow, body: bytes) -> tuple[bytes, str]:
    """What a good far end says to the request of a row."""
    if row.method == "PUT":
        return body, row.content_type
    return (ALL_DONE if row.interaction.startswith("transaction") else DONE), JSON


def say(way: Way, row: FhirRow, corpus: Path) -> Reply:
    """Send a request of that row, with a token for its patient."""
    body = row.sent(corpus)
    patient = patient_of(body)
    ids = f"initialRequestID={uuid.uuid4()}; requestID={uuid.uuid4()}"
    token = a_token(bsn=patient) if patient else a_token()
    headers = {"AORTA-ID": ids, "Authorization": token, "Accept": row.content_type}
    if row.role is Role.ANSWER:
        way.far.will_answer(body, row.content_type)
        return way.near.ask(row.method, row.address(patient), headers, None)
    way.far.will_answer(*answer_to(row, body))
    return way.near.ask(row.method, row.address(patient), headers | {"Content-Type": row.content_type}, body)


@pytest.mark.parametrize(("row", "direction"), PASSING)
def test_one_that_passes_comes_to_the_far_end_byte_for_byte(
    corpus: Path, site: SiteOfCorpus, declaring_site: SiteOfCorpus, row: FhirRow, direction: Direction
) -> None:
    """What a colleague wrote is what is read, whichever way it travels."""
    way = (site if row.declares is None else declaring_site).fhir_ways[direction]
    reply = say(way, row, corpus)
    heard = way.far.heard()
    travelled = heard.body if row.role is Role.REQUEST else reply.body
    assert (reply.status, travelled) == (200, row.sent(corpus))
    assert heard.head.startswith(f"{row.method} /{row.path.partition('?')[0]}".lower())


@pytest.mark.parametrize(("row", "direction"), REFUSED)
def test_one_that_breaks_a_rule_goes_nowhere(
    corpus: Path, site: SiteOfCorpus, row: FhirRow, direction: Direction
) -> None:
    """It is refused by the code its row names, and by name where it is of another world."""
    way = site.fhir_ways[direction]
    reply = say(way, row, corpus)
    assert reply.headers["edge-node-error"] == row.expect
    assert row.expect != "EN-INTERACTION-UNKNOWN" or row.interaction.encode() in reply.body
    assert way.far.heard_nothing
