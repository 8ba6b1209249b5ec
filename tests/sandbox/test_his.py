"""The simulated local system: its answers, its ledger, and its three ways to misbehave."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import ensureDeferred

from edge_node.sandbox.exchange import Asked, Reply
from edge_node.sandbox.his import LocalSystem, Misbehaviour
from edge_node.sandbox.ledger import Ledger, Line, read_ledger
from edge_node.sandbox.ledgers import Comparison, compare
from edge_node.sandbox.reading import read
from edge_node.sandbox.samples.making import Sample
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, patient
from tests.sandbox.doubles import line, maker


def done(work: Coroutine[Any, Any, Reply]) -> Reply:
    results: list[Reply] = []
    ensureDeferred(work).addCallbacks(results.append, lambda failure: failure.raiseException())
    return results[0]


def hand_over(system: LocalSystem, sample: Sample, headers: dict[str, str] | None = None) -> Reply:
    asked = Asked(path=sample.kind.service, soap_action=sample.kind.soap_action, body=sample.body)
    return done(system.handle(asked, headers or {}))


def sample(kind: str = "prescription", receiver: str = PHARMACY.application) -> Sample:
    return maker(PRACTICE).request(kind, receiver=receiver, patient=patient(1))


class TestAnswers:
    def test_an_answer_belongs_to_its_question(self, tmp_path: Path) -> None:
        """Message id, query id and patient all match, or a node may not pass it."""
        question = sample("dispense-query")
        with Ledger(tmp_path / "ledger", lambda: 1.0) as ledger:
            answer = read(hand_over(LocalSystem(maker(PHARMACY), ledger), question).body)
        assert (answer.interaction, answer.target) == ("QURX_IN990113NL", question.id)
        assert (answer.query_id, answer.patient) == (read(question.body).query_id, patient(1).bsn)

    def test_a_push_is_in_the_ledger_when_it_is_acknowledged(self, tmp_path: Path) -> None:
        """Durable before yes holds for local systems too."""
        one = sample()
        with Ledger(tmp_path / "ledger", lambda: 1.0) as ledger:
            answer = read(hand_over(LocalSystem(maker(PHARMACY), ledger), one, {"edge-node-redelivery": "1"}).body)
        (written,) = read_ledger(tmp_path / "ledger")
        assert (answer.type_code, written.id, written.redelivery) == ("CA", str(one.id), True)

    def test_a_message_for_another_application_is_refused(self, tmp_path: Path) -> None:
        """A wrong delivery must not vanish in the wrong record."""
        with Ledger(tmp_path / "ledger", lambda: 1.0) as ledger:
            reply = hand_over(LocalSystem(maker(PHARMACY), ledger), sample(receiver="80000099"))
        assert reply.outcome == "RTUDEST"


class TestMisbehaviour:
    @pytest.mark.parametrize(
        ("misbehaviour", "found"),
        [
            (None, (0, 0, 0)),
            (Misbehaviour.DROP, (1, 0, 0)),
            (Misbehaviour.DOUBLE, (0, 1, 0)),
            (Misbehaviour.SWAP, (0, 0, 1)),
        ],
    )
    def test_the_comparison_finds_it(
        self, tmp_path: Path, misbehaviour: Misbehaviour | None, found: tuple[int, int, int]
    ) -> None:
        """A demo that cannot fail proves nothing."""
        samples = [sample() for _ in range(4)]
        with Ledger(tmp_path / "ledger", lambda: 1.0) as ledger:
            system = LocalSystem(maker(PHARMACY), ledger, misbehaviour)
            outcomes = [hand_over(system, one).outcome for one in samples]
            system.settle()
        assert outcomes == ["CA"] * 4
        assert _counts(compare(_sent(samples), read_ledger(tmp_path / "ledger"))) == found


def _sent(samples: list[Sample]) -> list[Line]:
    return [line("sent", str(one.id), content=read(one.body).content) for one in samples]


def _counts(found: Comparison) -> tuple[int, int, int]:
    return len(found.lost), len(found.duplicated), len(found.out_of_order)
