"""The node's own replies in FHIR."""

import pytest

from edge_node.errors import NotSent, OutcomeUnknown, StoreUnavailable, Unavailable
from edge_node.flow.fhir_answers import FhirAnswers
from edge_node.formats.fhir_reading import read_fhir
from edge_node.model.identifiers import MessageId
from edge_node.model.keeping import IdReused, Known, LaneClosed, NotNew, TokenReused
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, StoredAnswer
from edge_node.policy.fhir_case import FhirCase
from tests import fhir
from tests.nouns import a_site, an_application
from tests.peers import a_switchboard_caller

ANSWERS = FhirAnswers()


def a_case(direction: Direction = Direction.OUT, **headers: str) -> FhirCase:
    return FhirCase(
        direction=direction,
        reading=read_fhir(fhir.payload(**headers)),
        row=None,
        interaction="search:Task",
        caller=a_switchboard_caller("practice"),
        site=a_site(),
        application=an_application(),
    )


class TestKept:
    def test_says_where_to_ask(self) -> None:
        """In words, and in headers for programs."""
        kept = ANSWERS.kept(a_case(), "1" * 32)
        headers = dict(kept.headers)
        assert (kept.status, fhir.code_of(kept.body)) == (202, "kept")
        assert (headers["location"], headers["edge-node-state"]) == (f"/v1/messages/{'1' * 32}", "kept")

    def test_accepted_says_so_only(self) -> None:
        """What the broker could ask is not for it."""
        accepted = ANSWERS.accept(a_case(Direction.IN))
        assert (accepted.status, "location" in dict(accepted.headers)) == (202, False)


class TestNo:
    @pytest.mark.parametrize(
        ("direction", "error", "status", "code"),
        [
            (Direction.OUT, NotSent(), 503, "EN-SWITCHBOARD-UNREACHABLE"),
            (Direction.OUT, OutcomeUnknown(), 504, "EN-SWITCHBOARD-TIMEOUT"),
            (Direction.OUT, NotSent(code="EN-LINK-OPEN", retry_after_s=12), 503, "EN-LINK-OPEN"),
            (Direction.IN, NotSent(), 503, "EN-LOCAL-UNREACHABLE"),
            (Direction.IN, NotSent(code="EN-LINK-OPEN"), 503, "EN-LOCAL-UNREACHABLE"),
            (Direction.IN, OutcomeUnknown(), 504, "EN-LOCAL-TIMEOUT"),
        ],
    )
    def test_answer_names_the_side(self, direction: Direction, error: Unavailable, status: int, code: str) -> None:
        """Whom to call is not the same for both."""
        reply = ANSWERS.not_answered(a_case(direction), error)
        assert (reply.status, fhir.code_of(reply.body), "retry-after" in dict(reply.headers)) == (status, code, True)

    @pytest.mark.parametrize(
        ("known", "status", "code"),
        [
            (Known(uid=None, answer=None), 503, "EN-IN-PROGRESS"),
            (Known(uid=None, answer=None, code="EN-TOKEN-SPENT"), 401, "EN-TOKEN-SPENT"),
            (IdReused(), 409, "EN-ID-REUSED"),
            (TokenReused(), 400, "EN-TOKEN-REUSED"),
            (
                LaneClosed(uid="1", message_id=MessageId("2.25", "x"), state=State.HELD, closed=True),
                409,
                "EN-LANE-CLOSED",
            ),
        ],
    )
    def test_what_is_not_new_learns_why(self, known: NotNew, status: int, code: str) -> None:
        """And what to do about it."""
        reply = ANSWERS.not_new(a_case(), known)
        assert (reply.status, fhir.code_of(reply.body)) == (status, code)

    def test_copy_gets_the_first_answer(self) -> None:
        """With its headers: where the resource is."""
        first = StoredAnswer(status=201, content_type="x", body=b"y", headers=(("location", "/z"),))
        reply = ANSWERS.not_new(a_case(), Known(uid=None, answer=first))
        assert (reply.status, reply.headers) == (201, (("location", "/z"),))

    def test_store_that_cannot_record_takes_nothing(self) -> None:
        """With the status that means it."""
        assert ANSWERS.unavailable(a_case(), StoreUnavailable(code="EN-STORE-FULL")).status == 507

    def test_outcome_that_is_unknown_is_never_called_failed(self) -> None:
        """Whatever it was that broke."""
        reply = ANSWERS.outcome_unknown(a_case(), OutcomeUnknown("cut", code="EN-ANSWER-BROKEN"))
        assert (reply.status, fhir.code_of(reply.body)) == (504, "EN-OUTCOME-UNKNOWN")
        assert b"EN-ANSWER-BROKEN" in reply.body

    def test_ids_of_the_request_are_said_back(self) -> None:
        """Whoever calls for help can name them."""
        assert ("aorta-id", fhir.IDS) in ANSWERS.refused_as(a_case(), "EN-WRONG-PATIENT", "").headers

    def test_is_in_the_form_its_reader_accepts(self) -> None:
        """JSON unless something says XML."""
        kinds = [
            ANSWERS.refused_as(a_case(accept=accept), "EN-INTERNAL", "").content_type.partition(";")[0]
            for accept in ("", "application/fhir+xml")
        ]
        assert kinds == ["application/fhir+json", "application/fhir+xml"]
