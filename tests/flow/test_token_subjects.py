"""Whose tokens are proven here, and against what."""

from dataclasses import replace

import pytest

from edge_node.flow.token_subjects import handed_with, handed_with_fhir
from edge_node.model.interaction import Pattern
from edge_node.model.message import AuthorIds, Direction, Wrapper
from edge_node.policy.fhir_case import FhirCase
from tests.nouns import PATIENT, a_case, a_reading, a_row, a_site, a_wrapper, an_application
from tests.policy.fhir_cases import SAML, a_fhir_case, a_fhir_reading


class TestTheTokensOfAMessage:
    def test_that_goes_out_are_handed_to_the_judge(self) -> None:
        """With what the message says, so that both can be held against each other."""
        case = a_case()
        handed = handed_with(case, b"<soap/>")
        assert handed is not None
        wrapper = case.reading.wrapper
        assert handed.subject.message == (wrapper.id.root, wrapper.id.extension)
        assert (handed.body, handed.read) == (b"<soap/>", case.reading.tokens)

    @pytest.mark.parametrize(
        "case",
        [
            replace(a_case(), direction=Direction.IN),
            a_case(reading=a_reading(tokens=())),
            a_case(site=replace(a_site(), applications={})),
        ],
    )
    def test_that_are_not_ours_to_judge_are_left_to_the_switchboard(self, case: object) -> None:
        """What comes in is the switchboard's word."""
        assert handed_with(case, b"") is None  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "wrapper",
        [
            a_wrapper(author="patient", author_ids=AuthorIds()),
            a_wrapper(author_ids=AuthorIds(has_other_number=True, is_at_desk=True)),
        ],
    )
    def test_are_handed_to_him_whoever_the_author_is_said_to_be(self, wrapper: Wrapper) -> None:
        """What a message says of its author is anybody's to write; of what kind a token is, the judge sees."""
        handed = handed_with(a_case(reading=a_reading(wrapper)), b"")
        assert handed is not None
        assert (handed.subject.by, handed.subject.author) == (wrapper.author, wrapper.author_ids)

    @pytest.mark.parametrize(("pattern", "is_remembered"), [(Pattern.QUERY, True), (Pattern.PUSH, False)])
    def test_of_a_push_are_remembered_by_the_store_alone(self, pattern: Pattern, is_remembered: bool) -> None:
        """Its copy must get its first answer, whatever is said of its token."""
        handed = handed_with(a_case(row=a_row(pattern=pattern)), b"")
        assert handed is not None
        assert bool(handed.uses) is is_remembered


class TestTheAssertionsOfARequest:
    def test_that_goes_out_are_handed_to_the_judge(self) -> None:
        """With what is asked, by which application, about whom: nothing else holds them to it."""
        case = a_fhir_case(a_fhir_reading(tokens=SAML))
        handed = handed_with_fhir(case)
        assert handed is not None
        asked = handed.subject
        assert (asked.interaction, asked.message, asked.bsn) == (case.interaction, None, PATIENT.value)
        assert (asked.application, handed.saml) == (str(an_application().id), SAML)

    @pytest.mark.parametrize(
        "case",
        [
            a_fhir_case(a_fhir_reading(tokens=SAML), direction=Direction.IN),
            a_fhir_case(a_fhir_reading(tokens=None)),
            a_fhir_case(a_fhir_reading(tokens=SAML), application=None),
        ],
    )
    def test_that_are_nobodys_here_are_not(self, case: FhirCase) -> None:
        """What comes in is the switchboard's word; of a stranger there is nothing to hold it against."""
        assert handed_with_fhir(case) is None
