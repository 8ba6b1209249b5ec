"""Each FHIR rule finds what it is for, and nothing in a request that is right."""

from dataclasses import replace
from typing import Any

import pytest

from edge_node.model.fhir import AortaVersion, TokenMode
from edge_node.model.identifiers import InteractionId
from edge_node.model.interaction import Inbound
from edge_node.model.message import Patients
from edge_node.policy.fhir_judgement import judge_fhir
from tests.nouns import OTHER_PATIENT, PATIENT, an_application
from tests.policy.fhir_cases import (
    EXCHANGING,
    SAML,
    WITH_FHIR,
    a_body,
    a_fhir_case,
    a_fhir_reading,
    coming_in,
)

TWO = Patients(found=(("token", PATIENT), ("body:for.identifier", OTHER_PATIENT)))


def codes(case: Any) -> list[str]:
    return [finding.code for finding in judge_fhir(case)]


class TestGoodRequests:
    @pytest.mark.parametrize(
        "case",
        [
            a_fhir_case(),
            a_fhir_case(a_fhir_reading("GET", "fhir/R4/Task/1")),
            a_fhir_case(a_fhir_reading("GET", "fhir/AllergyIntolerance?patient=1")),
            a_fhir_case(a_fhir_reading("PUT", "fhir/R4/Task/t1")),
            a_fhir_case(a_fhir_reading("DELETE", "fhir/R4/DocumentManifest/d1")),
            a_fhir_case(a_fhir_reading("POST", "fhir/R4/$is-allowed", body=a_body("Parameters"))),
            a_fhir_case(a_fhir_reading("GET", "fhir/metadata", aorta_id=None, claims=None)),
            a_fhir_case(a_fhir_reading(aorta_id=None)),
            a_fhir_case(a_fhir_reading(claims=None, tokens=SAML), application=EXCHANGING),
            a_fhir_case(
                a_fhir_reading("GET", "fhir/metadata", claims=None, aorta_id=None), application=EXCHANGING
            ),
            coming_in(),
            coming_in(a_fhir_reading("GET", "fhir/R4/metadata", claims=None, aorta_id=None)),
        ],
    )  # fmt: skip
    def test_pass(self, case: Any) -> None:
        """A rule that finds something here stops care."""
        assert judge_fhir(case) == ()


class TestInteraction:
    def test_that_the_programme_does_not_have_is_refused_by_name(self) -> None:
        """The developer of the local system sees at once what was asked."""
        case = a_fhir_case(a_fhir_reading("POST", "fhir/R4/Patient", body=a_body("Patient")))
        assert [(finding.code, finding.detail) for finding in judge_fhir(case)] == [
            ("EN-INTERACTION-UNKNOWN", "create:Patient")
        ]

    def test_of_a_version_nobody_has_is_refused(self) -> None:
        """The switch would refuse it too."""
        reading = a_fhir_reading(aorta_version=AortaVersion(content="9.0.0", accept=""))
        (finding,) = judge_fhir(a_fhir_case(reading))
        assert (finding.code, finding.detail) == ("EN-INTERACTION-UNKNOWN", "create:Task, contentVersion 9.0.0")

    def test_that_was_retired_is_refused(self) -> None:
        """By the table or by the site."""
        case = a_fhir_case()
        assert case.row is not None
        assert codes(replace(case, row=replace(case.row, active=False))) == ["EN-INTERACTION-INACTIVE"]

    def test_of_the_registers_does_not_come_in(self) -> None:
        """Only the switchboard itself answers it."""
        reading = a_fhir_reading("POST", "fhir/R4/$activate-tkid", body=a_body("Parameters"))
        case = coming_in(reading)
        assert case.row is not None
        assert case.row.inbound is Inbound.NEVER
        assert codes(case) == ["EN-INTERACTION-ROLE"]

    def test_is_one_the_application_is_qualified_for(self) -> None:
        """A GP system has no business with the drafts of another."""
        narrow = an_application(interactions=frozenset({"read:Task:2.0:request"}))
        assert codes(a_fhir_case(application=narrow)) == ["EN-INTERACTION-UNQUALIFIED"]

    def test_in_a_bundle_is_for_the_site_to_declare(self) -> None:
        """What may go along in one is agreed between parties."""
        reading = a_fhir_reading("POST", "fhir/R4", body=a_body("Bundle", bundle="transaction"))
        case = a_fhir_case(reading)
        row = replace(a_fhir_case().row, id=InteractionId("transaction:Bundle:1.0:request"))  # type: ignore[type-var]
        assert [finding.detail for finding in judge_fhir(case)] == ["transaction:Bundle"]
        assert judge_fhir(replace(case, row=row)) == ()


class TestParties:
    @pytest.mark.parametrize("application", [None, an_application(local_system="ais")])
    def test_an_application_of_another_system_does_not_speak(self, application: Any) -> None:
        """Nobody sends in another's name."""
        assert codes(a_fhir_case(application=application)) == ["EN-SENDER-FOREIGN"]

    @pytest.mark.parametrize(
        "application",
        [
            None,
            replace(WITH_FHIR, identity="pharmacy"),
            replace(WITH_FHIR, fhir_bases={"STU3": "http://127.0.0.1:1"}),
        ],
    )
    def test_who_has_no_such_services_is_not_spoken_to(self, application: Any) -> None:
        """The organisation that was addressed, or nobody."""
        assert codes(coming_in(application=application)) == ["EN-RECEIVER-WRONG"]


class TestHeaders:
    def test_of_the_chain_are_there_on_what_comes_in(self) -> None:
        """Without it a fault cannot be followed through the chain."""
        assert codes(coming_in(a_fhir_reading(aorta_id=None))) == ["EN-FHIR-HEADER"]

    @pytest.mark.parametrize(
        "case",
        [
            a_fhir_case(a_fhir_reading(claims=None)),
            coming_in(a_fhir_reading(claims=None)),
            a_fhir_case(a_fhir_reading(tokens=SAML)),
            a_fhir_case(a_fhir_reading(claims=None), application=EXCHANGING),
            a_fhir_case(a_fhir_reading(tokens=SAML), application=EXCHANGING),
            coming_in(a_fhir_reading(tokens=SAML)),
        ],
    )
    def test_hold_the_token_of_the_application_and_no_other(self, case: Any) -> None:
        """Either the local system's own, or one the node gets: never a choice made by what happens to be there."""
        assert codes(case) == ["EN-FHIR-TOKEN"]

    def test_of_what_comes_in_hold_an_access_token_in_either_mode(self) -> None:
        """How an application gets tokens says nothing of those others bring."""
        exchanging = replace(WITH_FHIR, fhir_tokens=TokenMode.EXCHANGE)
        assert judge_fhir(coming_in(application=exchanging)) == ()


class TestContent:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "fhir/R4/Task", None),
            ("PUT", "fhir/R4/Task/t1", None),
            ("POST", "fhir/R4/Task", a_body(None)),
            ("POST", "fhir/R4/Task", a_body("Observation")),
            ("PUT", "fhir/R4/Task/t1", a_body("Bundle")),
            ("PUT", "fhir/R4/Task/t1", a_body(id="t2")),
            ("PUT", "fhir/R4/Task/t1", a_body(id=None)),
        ],
    )
    def test_is_the_resource_that_the_address_names(self, method: str, path: str, body: Any) -> None:
        """What is stored under another name is never found again."""
        assert codes(a_fhir_case(a_fhir_reading(method, path, body=body))) == ["EN-FHIR-BODY"]

    @pytest.mark.parametrize("bundle", [None, "searchset", "document"])
    def test_posted_to_the_base_is_a_transaction_or_batch(self, bundle: str | None) -> None:
        """Anything else there has no meaning in FHIR."""
        reading = a_fhir_reading("POST", "fhir/R4", body=a_body("Bundle", bundle=bundle))
        assert codes(a_fhir_case(reading))[0] == "EN-FHIR-BODY"

    @pytest.mark.parametrize(
        "case", [a_fhir_case(a_fhir_reading(patients=TWO)), coming_in(a_fhir_reading(patients=TWO))]
    )
    def test_is_about_one_patient(self, case: Any) -> None:
        """Both ways; the places are named, the numbers are not."""
        (finding,) = judge_fhir(case)
        assert (finding.code, finding.detail) == (
            "EN-WRONG-PATIENT",
            "named differently at: body:for.identifier, token",
        )
