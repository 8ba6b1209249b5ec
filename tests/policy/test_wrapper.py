"""Fields of the transmission wrapper that depend on the interaction, or should not be there."""

from typing import Any

import pytest

from edge_node.model.identifiers import InteractionId
from edge_node.model.interaction import Pattern
from edge_node.model.message import Acknowledgement
from edge_node.policy import wrapper
from edge_node.policy.case import Case
from tests.nouns import QUESTION_ID, a_case, a_push_row, a_reading, a_row, a_wrapper


def of(row: Any, **changes: Any) -> Case:
    return a_case(row=row, reading=a_reading(a_wrapper(**changes)))


class TestAcceptAckCode:
    @pytest.mark.parametrize(("row", "good", "bad"), [(a_row(), "NE", "AL"), (a_push_row(), "AL", "NE")])
    def test_is_the_published_one(self, row: Any, good: str, bad: str) -> None:
        """A question waits for its answer, a report for its receipt."""
        finding = wrapper.check_stated_accept_ack(of(row, accept_ack_code=bad))
        assert finding is not None
        assert finding.code == "EN-WRAPPER-ACCEPT-ACK"
        assert wrapper.check_stated_accept_ack(of(row, accept_ack_code=good)) is None

    def test_of_other_pushes_is_the_tables(self) -> None:
        """No text states these one by one, so another code is told and passes."""
        row = a_push_row(id=InteractionId("ZTVW_IN000001NL01"))
        assert wrapper.check_expected_accept_ack(of(row, accept_ack_code="NE")) is not None
        assert wrapper.check_expected_accept_ack(of(row, accept_ack_code="AL")) is None
        assert wrapper.check_stated_accept_ack(of(row, accept_ack_code="NE")) is None

    @pytest.mark.parametrize("code", ["ER", "SU", "al"])
    def test_is_one_of_two(self, code: str) -> None:
        """ER stands in the schema and is not used; nobody waits for such a receipt."""
        assert wrapper.check_accept_ack(of(a_push_row(), accept_ack_code=code)) is not None
        assert wrapper.check_accept_ack(of(a_push_row(), accept_ack_code="AL")) is None

    def test_of_a_stated_one_is_told_once(self) -> None:
        """One mistake, one finding."""
        assert wrapper.check_expected_accept_ack(of(a_push_row(), accept_ack_code="NE")) is None


class TestARequest:
    @pytest.mark.parametrize("row", [a_row(), a_push_row()])
    def test_acknowledges_nothing(self, row: Any) -> None:
        """An answer travels back, it does not begin."""
        given = Acknowledgement(type_code="AA", target=QUESTION_ID)
        assert wrapper.check_no_acknowledgement(of(row, acknowledgement=given)) is not None
        assert wrapper.check_no_acknowledgement(of(row)) is None

    def test_may_be_the_result_of_an_earlier_one(self) -> None:
        """A result that is sent as a message of its own names what it answers."""
        given = Acknowledgement(type_code="AA", target=QUESTION_ID)
        row = a_row(pattern=Pattern.APPLICATION_ACK, accept_ack="AL")
        assert wrapper.check_no_acknowledgement(of(row, acknowledgement=given)) is None

    @pytest.mark.parametrize("name", ["desc", "existenceTime", "location"])
    def test_describes_no_devices(self, name: str) -> None:
        """The application register does."""
        assert wrapper.check_devices(of(a_row(), unused=(name,))) is not None
        assert wrapper.check_devices(of(a_row(), unused=("sortControl",))) is None

    @pytest.mark.parametrize("respond_to", ["900001", "900077"])
    def test_needs_no_respond_to(self, respond_to: str) -> None:
        """The answer goes back the way the question came; another address would be waited at in vain."""
        assert wrapper.check_respond_to(of(a_row(), respond_to=respond_to)) is not None
        assert wrapper.check_respond_to(of(a_row())) is None
