"""What an acknowledgement means for a push."""

import pytest

from edge_node.policy.acknowledgement import CodeClass, Meaning, Sent, fault_meaning, meaning
from tests.nouns import an_ack

CLASSES = {
    "RTEDEST": CodeClass.RETRY,
    "GBZQUERYCOUNT": CodeClass.RETRY_PUSH,
    "RTUDEST": CodeClass.PERMANENT,
    "INACTIVEAPP": CodeClass.HOLD,
    "NONCEREJECTED": CodeClass.TOKEN,
    "KEY205": CodeClass.DONE_REGISTRATION,
    "KEY204": CodeClass.DONE_REMOVAL,
}
PLAIN = Sent(order="report", is_removal=False, has_token=False, unknown=False)
SIGNED = Sent(order="report", is_removal=False, has_token=True, unknown=False)


class TestMeaning:
    @pytest.mark.parametrize("type_code", ["CA", "AA"])
    def test_takes_an_acceptance_as_delivered(self, type_code: str) -> None:
        """Only a matching acknowledgement means delivered."""
        assert meaning(an_ack(type_code), PLAIN, CLASSES)[0] is Meaning.DELIVERED

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("RTEDEST", Meaning.RETRY),
            ("GBZQUERYCOUNT", Meaning.RETRY),
            ("RTUDEST", Meaning.DEAD),
            ("INACTIVEAPP", Meaning.HOLD),
            ("NONCEREJECTED", Meaning.TOKEN),
            ("SOMETHINGNEW", Meaning.HOLD),
            ("RTEDEST2", Meaning.HOLD),
            ("rtedest", Meaning.HOLD),
        ],
    )
    def test_follows_the_class_of_the_exact_code(self, code: str, expected: Meaning) -> None:
        """An unknown code is for a person: neither lost nor hammered."""
        assert meaning(an_ack("CE", code), PLAIN, CLASSES) == (expected, code)

    def test_never_repeats_a_token(self) -> None:
        """The other side has seen it, and it is for one use."""
        assert meaning(an_ack("CE", "RTEDEST"), SIGNED, CLASSES)[0] is Meaning.TOKEN

    def test_lets_the_final_code_decide(self) -> None:
        """A message refused for good is not repeated because a second code says later."""
        assert meaning(an_ack("CE", "RTEDEST", "RTUDEST"), PLAIN, CLASSES)[0] is Meaning.DEAD

    def test_takes_a_refusal_without_a_code_as_final(self) -> None:
        """It says no and gives no reason to come back."""
        assert meaning(an_ack("CR"), PLAIN, CLASSES)[0] is Meaning.DEAD


class TestAlreadyDone:
    @pytest.mark.parametrize(
        ("code", "is_removal"),
        [("KEY205", False), ("KEY204", True)],
    )
    def test_is_delivered_after_an_unknown_outcome(self, code: str, is_removal: bool) -> None:
        """The first handover was processed after all: the patient is registered, or removed."""
        sent = Sent(order="index", is_removal=is_removal, has_token=False, unknown=True)
        assert meaning(an_ack("CE", code), sent, CLASSES)[0] is Meaning.DELIVERED

    @pytest.mark.parametrize(
        ("code", "is_removal"),
        [("KEY205", False), ("KEY204", True)],
    )
    def test_is_final_when_nothing_was_sent_before(self, code: str, is_removal: bool) -> None:
        """Then somebody else registered it, and a person must look."""
        sent = Sent(order="index", is_removal=is_removal, has_token=False, unknown=False)
        assert meaning(an_ack("CE", code), sent, CLASSES)[0] is Meaning.DEAD


class TestFault:
    def test_of_the_sender_is_final(self) -> None:
        """soap:Client says: do not send this again."""
        assert fault_meaning(is_client=True, has_token=False)[0] is Meaning.DEAD

    def test_of_the_other_side_passes(self) -> None:
        """soap:Server is tried again, but not with a spent token."""
        assert [fault_meaning(is_client=False, has_token=has_token)[0] for has_token in (False, True)] == [
            Meaning.RETRY,
            Meaning.TOKEN,
        ]
