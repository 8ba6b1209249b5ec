"""What a local system can do in FHIR, at most a minute old."""

from edge_node.errors import NotSent
from edge_node.model.exchange import Reply
from edge_node.model.message import Direction
from tests import fhir
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench
from tests.nouns import PRACTICE, an_application

SERVES = {PRACTICE: an_application(fhir_bases={"R4": "http://127.0.0.1:1/r4", "STU3": "http://127.0.0.1:1/stu3"})}
STATEMENT = b'{"resourceType": "CapabilityStatement"}'


def a_bench(*answers: GivenAnswer | Exception) -> Bench:
    return Bench(inward=ScriptedDoor(*answers), applications=SERVES)


def ask(bench: Bench, path: str = "fhir/R4/metadata", **headers: str) -> Reply:
    return bench.fhir(Direction.IN, fhir.payload(path, authorization="", aorta_id="", **headers))


class TestCapabilities:
    def test_are_asked_for_once_a_minute(self) -> None:
        """A broker that polls is no load for a practice."""
        bench = a_bench(fhir.answer(STATEMENT), fhir.answer(STATEMENT))
        seen = []
        for wait_s in (0, 59, 2):
            bench.clock.advance(wait_s)
            assert ask(bench).body == STATEMENT
            seen.append(len(bench.inward.asked))
        assert seen == [1, 1, 2]

    def test_of_each_version_and_form_are_their_own(self) -> None:
        """One would be taken for the other."""
        bench = a_bench(*(fhir.answer(STATEMENT) for _ in range(3)))
        ask(bench)
        ask(bench, "fhir/metadata")
        ask(bench, accept="application/fhir+json")
        assert len(bench.inward.asked) == 3

    def test_that_could_not_be_had_are_asked_for_again(self) -> None:
        """It works again the moment the local system does."""
        bench = a_bench(NotSent(), fhir.answer(STATEMENT))
        assert [ask(bench).status for _ in range(2)] == [503, 200]

    def test_are_asked_of_the_broker_each_time(self) -> None:
        """Outward nobody polls."""
        bench = Bench(ScriptedDoor(fhir.answer(STATEMENT), fhir.answer(STATEMENT)))
        for _ in range(2):
            bench.fhir(Direction.OUT, fhir.payload("fhir/R4/metadata", authorization="", aorta_id=""))
        assert len(bench.out.asked) == 2
