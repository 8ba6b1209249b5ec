"""The simulated broker: tokens, the one patient, routes and faults, without a socket."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_node.sandbox.faults import Fault
from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply
from edge_node.sandbox.ledger import read_ledger
from edge_node.sandbox.samples.fhir import fhir_kinds
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, patient
from tests.sandbox.fhir_doubles import Bench, sample
from tests.sandbox.test_switchboard import done


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    made = Bench(tmp_path, PRACTICE, PHARMACY)
    yield made
    made.close()


def code_of(reply: FhirReply) -> tuple[int, str]:
    return reply.status, reply.outcome


class TestRoutes:
    def test_a_push_reaches_the_organisation_it_is_for(self, bench: Bench) -> None:
        """A task names its owner; the answer of that one passes back."""
        one = sample("fhir-create-task", to=PHARMACY)
        reply = done(bench.broker.handle(bench.asked(one)))
        assert (reply.status, [application for application, _ in bench.onward.asked]) == (
            201,
            [PHARMACY.application],
        )
        assert "location" in reply.headers

    def test_the_body_passes_byte_for_byte(self, bench: Bench) -> None:
        """What a practitioner wrote must arrive as it was written."""
        one = sample("fhir-create-task", is_xml=True)
        done(bench.broker.handle(bench.asked(one)))
        assert bench.onward.asked[0][1].body == one.body

    def test_the_chain_keeps_its_id_and_each_hop_has_its_own(self, bench: Bench) -> None:
        """So the logs of all parties can be laid side by side."""
        one = sample("fhir-search-task")
        done(bench.broker.handle(bench.asked(one)))
        passed = bench.onward.asked[0][1].headers["aorta-id"]
        assert (one.initial_request in passed, one.request in passed) == (True, False)

    def test_what_is_the_switchboard_s_own_goes_no_further(self, bench: Bench) -> None:
        """The access log and the index are kept in the middle."""
        done(bench.broker.handle(bench.asked(sample("fhir-search-auditevent"))))
        assert bench.onward.asked == []

    def test_nobody_to_ask_is_said(self, tmp_path: Path) -> None:
        """Not an empty answer, which would mean that nothing is known."""
        bench = Bench(tmp_path, PRACTICE)
        assert code_of(done(bench.broker.handle(bench.asked(sample("fhir-search-task"))))) == (404, "RTUDEST")
        bench.close()

    def test_a_receiver_that_is_down_is_said(self, bench: Bench) -> None:
        """408, as the public table maps RTEDEST."""
        bench.onward.is_down = True
        assert code_of(done(bench.broker.handle(bench.asked(sample("fhir-search-task"))))) == (408, "RTEDEST")

    def test_metadata_needs_no_header_of_aorta(self, bench: Bench) -> None:
        """The counterpart of a ping."""
        asked = FhirAsked(method="GET", target="/fhir/R4/metadata", headers={})
        assert json.loads(done(bench.broker.handle(asked)).body)["resourceType"] == "CapabilityStatement"

    def test_a_request_from_elsewhere_comes_with_a_token(self, bench: Bench) -> None:
        """As a source gets it: with the asker's access token."""
        reply = done(bench.broker.originate(sample("fhir-read-task"), PRACTICE.application))
        sent = bench.onward.asked[0][1].headers["authorization"]
        assert (reply.status, bench.mint.read(sent.removeprefix("Bearer ")) is not None) == (200, True)


class TestRefusals:
    @pytest.mark.parametrize(
        ("headers", "refusal"),
        [
            ({"authorization": ""}, (401, "AUTHENTICATIE")),
            ({"authorization": "Bearer a.b.c"}, (401, "AUTHENTICATIE")),
            ({"aorta-id": "x"}, (400, "SYN")),
        ],
    )
    def test_are_for_headers_that_are_wrong(
        self, bench: Bench, headers: dict[str, str], refusal: tuple[int, str]
    ) -> None:
        """What the real broker refuses, a developer should meet here first."""
        assert code_of(done(bench.broker.handle(bench.asked(sample("fhir-search-task"), **headers)))) == refusal

    def test_are_for_another_patient_than_the_token_s(self, bench: Bench) -> None:
        """The gravest mistake of all."""
        one = sample("fhir-create-task", who=1)
        other = bench.token(replace(one, patient=patient(2)))
        reply = done(bench.broker.handle(bench.asked(one, authorization=f"Bearer {other}")))
        assert code_of(reply) == (400, "SYN")

    def test_are_for_what_is_no_fhir(self, bench: Bench) -> None:
        """Said in FHIR all the same."""
        asked = FhirAsked(method="GET", target="/fhir/R4/Nothing/1/2/3", headers={})
        assert code_of(done(bench.broker.handle(asked))) == (400, "NS200")


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "refusal"),
        [
            (Fault.RTEDEST, (408, "RTEDEST")),
            (Fault.TOKEN_USED, (401, "NONCEREJECTED")),
            (Fault.FAULT, (500, "ERR_ALG")),
        ],
    )
    def test_are_made_by_name(self, bench: Bench, fault: Fault, refusal: tuple[int, str]) -> None:
        """Each refusal can be had when a developer wants to see it."""
        bench.faults.arm(fault)
        assert code_of(done(bench.broker.handle(bench.asked(sample("fhir-search-task"))))) == refusal
        assert done(bench.broker.handle(bench.asked(sample("fhir-search-task")))).status == 200

    def test_may_spoil_an_answer(self, bench: Bench) -> None:
        """Half a document, and one about somebody else."""
        bench.faults.arm(Fault.BAD_JSON)
        bench.faults.arm(Fault.WRONG_PATIENT)
        one = sample("fhir-search-task")
        bad, wrong = (done(bench.broker.handle(bench.asked(one))).body for _ in range(2))
        assert bad.endswith(b"<&")
        assert one.patient.bsn.encode() not in wrong

    def test_may_lose_an_answer_that_counts(self, bench: Bench) -> None:
        """The ledger knows that it was not given, so a second handover is right."""
        bench.faults.arm(Fault.RESET_AFTER)
        reply = done(bench.broker.handle(bench.asked(sample("fhir-create-task"))))
        lines = [line for line in read_ledger(bench.folder / "switchboard") if line.event == "received"]
        assert (reply.manner, [line.answer_lost for line in lines]) == (Fault.RESET_AFTER, [True])

    def test_may_show_a_bad_certificate(self, bench: Bench) -> None:
        """To the node of the receiver."""
        bench.faults.arm(Fault.EXPIRED_CERTIFICATE)
        done(bench.broker.originate(sample("fhir-read-task"), PRACTICE.application))
        assert bench.onward.bad == ["bad/expired"]


class TestLedgers:
    def test_tell_every_attempt_of_a_push_by_one_id(self, bench: Bench) -> None:
        """Sent twice under one chain id, it counts as one push."""
        one = sample("fhir-create-task")
        done(bench.broker.handle(bench.asked(one)))
        done(bench.broker.handle(bench.asked(replace(one, request="0" * 8 + "-0000-4000-8000-" + "0" * 12))))
        received = [line.id for line in read_ledger(bench.folder / PHARMACY.application)]
        assert received == [f"{one.initial_request}/{one.kind.interaction}"] * 2

    @pytest.mark.parametrize("kind", sorted(fhir_kinds()))
    def test_hold_no_patient(self, bench: Bench, kind: str) -> None:
        """They lie about in a temporary folder."""
        one = sample(kind)
        assert done(bench.broker.handle(bench.asked(one))).status < 300
        written = "".join(path.read_text() for path in bench.folder.iterdir() if path.is_file())
        assert one.patient.bsn not in written
