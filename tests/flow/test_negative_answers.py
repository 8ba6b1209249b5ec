"""Whatever goes wrong at the local system, the switchboard hears no in the form of its message."""

import pytest

from edge_node.errors import NotSent, OutcomeUnknown
from edge_node.formats import making
from edge_node.model.interaction import Inbound, Interaction, Pattern
from edge_node.policy.answer import Question, check_whole
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, read
from tests.nouns import ZIM

TICK = "COMT_IN113113NL"
#: But for the tick: the node answers it without asking anybody.
RELAYED = [
    row
    for row in messages.catalogue().values()
    if row.inbound is Inbound.RELAY and row.is_request and row.active and not row.fhir and str(row.id) != TICK
]
FAULT = Bench().answers.fault("EN-INTERNAL", "").body


def a_message(row: Interaction) -> bytes:
    """A message of that interaction, as the switchboard sends it on."""
    body = messages.a_query(sender="1", receiver="900001").replace(b"QUPC_IN990001NL", str(row.id).encode())
    return body.replace(b'acceptAckCode code="NE"', f'acceptAckCode code="{row.accept_ack or "NE"}"'.encode())


class TestTheLocalSystem:
    @pytest.mark.parametrize(
        "happens",
        [
            lambda: NotSent(),
            lambda: NotSent(code="EN-BUSY"),
            lambda: OutcomeUnknown(),
            lambda: GivenAnswer(b"<html/>"),
            lambda: GivenAnswer(FAULT, status=500),
            lambda: GivenAnswer(messages.a_summary(target="another")),
        ],
        ids=["down", "busy", "late", "broken", "faulting", "answering another question"],
    )
    @pytest.mark.parametrize("row", RELAYED, ids=lambda row: str(row.id))
    def test_that_does_not_answer_is_answered_for(self, row: Interaction, happens: object) -> None:
        """The switchboard waits for this answer and no other; a fault would cost it the answers of ten others."""
        body = a_message(row)
        door = ScriptedDoor(happens())  # type: ignore[operator]
        reply = Bench(inward=door).from_switchboard(
            body, path=row.service or "Dienst", soap_action=row.soap_action or ""
        )
        said, asked = read(reply.body), read(body)
        assert (reply.status, said.wrapper.interaction) == (200, row.refusal or making.ACCEPT_ACKNOWLEDGEMENT)
        assert said.wrapper.acknowledgement is not None
        assert not said.wrapper.acknowledgement.is_positive
        assert check_whole(Question(row=row, wrapper=asked.wrapper, zim=ZIM, patient=None), said) is None

    def test_is_answered_for_in_every_pattern(self) -> None:
        """The table is walked whole: questions, and orders whose content is answered."""
        assert {row.pattern for row in RELAYED} >= {Pattern.QUERY, Pattern.PUSH}
        assert len(RELAYED) > 40
