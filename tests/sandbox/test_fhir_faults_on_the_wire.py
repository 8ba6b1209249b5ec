"""The faults of the simulated broker, through a real node: told as what they are, and each push arrives once."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

from edge_node.sandbox.stage import Stage

_patients = itertools.count(20)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(folder=tmp_path_factory.mktemp("stage")) as made:
        made.start()
        yield made


def met(stage: Stage, fault: str, kind: str, interaction: str) -> dict[str, Any]:
    """Let the HIS send one request that meets a fault."""
    stage.ask("switchboard", "faults", name=fault, interaction=interaction)
    told = stage.ask("his", "fhir", kind=kind, patient=next(_patients), give_up_after_s=5)
    stage.ask("switchboard", "faults")
    return told


def taken(stage: Stage, id_: str) -> list[str]:
    """How the pharmacy answered each handover of a push, once the node had time for it."""
    until = time.monotonic() + 25
    found: list[str] = []
    while not found and time.monotonic() < until:
        time.sleep(0.05)
        found = [line.outcome for line in stage.ledger("ais") if line.id == id_]
    return found


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            ("reset-before", "EN-SWITCHBOARD-TIMEOUT"),
            ("reset-after", "EN-SWITCHBOARD-TIMEOUT"),
            ("truncated", "EN-SWITCHBOARD-TIMEOUT"),
            ("RTEDEST", "RTEDEST"),
            ("bad-json", "EN-ANSWER-BROKEN"),
            ("wrong-patient", "EN-ANSWER-MISMATCH"),
            ("token-used", "NONCEREJECTED"),
            ("expired-certificate", "RTEDEST"),
            ("duplicate", "AA"),
        ],
    )
    def test_of_a_search_are_told_as_what_they_are(self, stage: Stage, fault: str, code: str) -> None:
        """A doctor who reads why can decide; half an answer or another patient's never gets there."""
        assert met(stage, fault, "fhir-search-task", "search:Task:1.0:request")["outcome"] == code

    @pytest.mark.parametrize(
        ("what", "fault", "code"),
        [
            ("token", "token-used", "EN-TOKEN-REFUSED"),
            ("token", "fault", "EN-AUTHORISATION-UNREACHABLE"),
            ("stelseltoken", "fault", "AA"),  # the last good one is used
        ],
    )
    def test_before_a_search_are_told_too(self, stage: Stage, what: str, fault: str, code: str) -> None:
        """Nothing was sent, and whose side it is on is said."""
        assert met(stage, fault, "fhir-search-task", what)["outcome"] == code

    @pytest.mark.parametrize(
        "fault",
        ["reset-before", "reset-after", "truncated", "RTEDEST", "bad-json", "wrong-patient", "expired-certificate",
         "duplicate", "token-used"],
    )  # fmt: skip
    @pytest.mark.parametrize("kind", ["create", "update"])
    def test_of_a_push_end_well(self, stage: Stage, fault: str, kind: str) -> None:
        """Kept or sent again with a new signature, it arrives once."""
        version = {"create": "2.0", "update": "1.0"}[kind]
        told = met(stage, fault, f"fhir-{kind}-task", f"{kind}:Task:{version}:request")
        assert {told["outcome"]} <= {"CA", "AA"}
        assert taken(stage, told["id"]) in (["CA"], ["AA"])
