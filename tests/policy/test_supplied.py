"""What a local system says of its user and its patient, held against the checks."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from edge_node.model.interaction import Pattern
from edge_node.model.message import AuthorIds, Direction, Patients
from edge_node.model.site import Environment, MessageChecks
from edge_node.model.supplied import Consent, Supplied
from edge_node.policy.case import Case
from edge_node.policy.fhir_judgement import fhir_warnings
from edge_node.policy.judgement import warnings
from tests.nouns import PATIENT, a_case, a_push_row, a_reading, a_row, a_site, a_wrapper
from tests.policy.fhir_cases import a_fhir_case, coming_in

REGISTERS = a_push_row(order="index", priority=2)
REMOVES = a_push_row(order="index", priority=0)
REFUSED = Supplied(consent=Consent.NO)
ODD = Supplied(card_out_s=999, bsn_verified=False, consent=Consent.NO)


def told(case: Case) -> set[str]:
    """The codes of what these rules find."""
    return {finding.code for finding in warnings(case)} - {"EN-FIELD", "EN-ATTENTION-LINE"}


def saying(supplied: Supplied, **changes: Any) -> Case:
    return replace(a_case(**changes), supplied=supplied)


class TestSessions:
    @pytest.mark.parametrize(
        ("supplied", "codes"),
        [
            (Supplied(card_out_s=60), set()),
            (Supplied(card_out_s=61), {"EN-CARD-REMOVED"}),
            (Supplied(session_idle_s=900), set()),
            (Supplied(session_idle_s=901), {"EN-SESSION-IDLE"}),
            (Supplied(session_age_s=43_200), set()),
            (Supplied(session_age_s=43_201), {"EN-SESSION-AGE"}),
        ],
    )
    def test_are_told_of_beyond_the_limit(self, supplied: Supplied, codes: set[str]) -> None:
        """A session that goes on without its user is open to whoever sits down."""
        assert told(saying(supplied)) == codes

    def test_are_held_to_what_the_site_chose(self) -> None:
        """These numbers are ours: a site may have others."""
        strict = replace(a_site(), checks=MessageChecks(card_out_s=0))
        assert told(saying(Supplied(card_out_s=1), site=strict)) == {"EN-CARD-REMOVED"}


class TestPatients:
    @pytest.mark.parametrize(
        ("supplied", "codes"),
        [
            (Supplied(bsn_verified=False), {"EN-BSN-UNVERIFIED"}),
            (Supplied(bsn_verified=True), set()),
            (Supplied(identity_checked=False), {"EN-IDENTITY-UNCHECKED"}),
            (Supplied(relation=False), {"EN-RELATION-NONE"}),
            (Supplied(), set()),
        ],
    )
    def test_are_told_of_when_it_is_known_that_something_is_wrong(self, supplied: Supplied, codes: set[str]) -> None:
        """What nobody said is unknown: never a finding."""
        assert told(saying(supplied)) == codes

    def test_who_are_not_named_have_no_number_to_verify(self) -> None:
        """A question to the address book concerns nobody."""
        case = saying(Supplied(bsn_verified=False), reading=a_reading(patients=Patients()))
        assert told(case) == set()

    @pytest.mark.parametrize("consent", [Consent.NO, Consent.WITHDRAWN])
    def test_who_refused_are_not_registered(self, consent: Consent) -> None:
        """No registration without consent, also not for emergencies."""
        assert "EN-CONSENT-REFUSED" in told(saying(Supplied(consent=consent), row=REGISTERS))

    @pytest.mark.parametrize("row", [REMOVES, a_row(), a_push_row()])
    def test_who_refused_are_taken_out_written_about_and_helped(self, row: Any) -> None:
        """Sending needs no consent, and a removal is what he asks for."""
        assert "EN-CONSENT-REFUSED" not in told(saying(REFUSED, row=row))

    @pytest.mark.parametrize("consent", [Consent.YES, Consent.UNASKED, None])
    def test_whose_refusal_is_not_known_may_be_registered(self, consent: Consent | None) -> None:
        """The local system holds consents today; the node stops only what is known to be refused."""
        assert "EN-CONSENT-REFUSED" not in told(saying(Supplied(consent=consent), row=REGISTERS))

    @pytest.mark.parametrize(("until", "codes"), [(None, {"EN-PATIENT-TEMPORARY"}), (date(2026, 12, 31), set())])
    def test_who_are_temporary_are_registered_with_an_end(self, until: date | None, codes: set[str]) -> None:
        """Else a passer-by stays in the index for ever."""
        case = saying(Supplied(is_temporary=True, ends_on=until), row=REGISTERS)
        assert told(case) & {"EN-PATIENT-TEMPORARY"} == codes


class TestRoles:
    @pytest.mark.parametrize(
        ("allowed", "codes"),
        [(("01.015",), set()), (("01",), set()), (("17", "01.0"), {"EN-ROLE"}), (("17",), {"EN-ROLE"})],
    )
    def test_are_held_against_the_list_of_the_site(self, allowed: tuple[str, ...], codes: set[str]) -> None:
        """The switchboard decides; here somebody hears beforehand that it will say no."""
        site = replace(a_site(), checks=MessageChecks(roles={"QUPC_IN990001NL": frozenset(allowed)}))
        wrapper = a_wrapper(author_ids=AuthorIds(uzi="900000101", role="01.015", ura="90000001"))
        assert told(a_case(site=site, reading=a_reading(wrapper))) == codes


class TestTestPatients:
    @pytest.mark.parametrize(
        ("environment", "codes"), [(Environment.PRODUCTION, {"EN-BSN-TEST"}), (Environment.TEST, set())]
    )
    def test_are_told_of_in_production_only(self, environment: Environment, codes: set[str]) -> None:
        """In a test environment there are no others."""
        checks = MessageChecks(test_bsns=(PATIENT.value[:4],))
        assert told(a_case(site=replace(a_site(), environment=environment, checks=checks))) == codes


class TestFhir:
    def test_is_held_against_the_same_rules(self) -> None:
        """One patient, one user, whichever way it is written."""
        found = {finding.code for finding in fhir_warnings(replace(a_fhir_case(), supplied=ODD))}
        assert found == {"EN-CARD-REMOVED", "EN-BSN-UNVERIFIED"}

    def test_that_comes_in_is_of_nobody_here(self) -> None:
        """User rules bind our own users only."""
        assert fhir_warnings(replace(coming_in(), supplied=ODD)) == ()


class TestDirections:
    def test_of_what_comes_in_none_of_the_users_rules_ask(self) -> None:
        """The switchboard authorised who asks."""
        case = replace(saying(ODD), direction=Direction.IN)
        assert not told(case) & {"EN-CARD-REMOVED", "EN-BSN-UNVERIFIED", "EN-CONSENT-REFUSED"}

    def test_a_query_is_no_registration(self) -> None:
        """The pattern tells them apart, not the order."""
        assert "EN-CONSENT-REFUSED" not in told(saying(REFUSED, row=a_row(order="index", pattern=Pattern.QUERY)))
