"""The outside opinion: where node and whole tree differ, it says so."""

from dataclasses import replace

from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Overseer, Patients, Reading
from fuzz import messages
from fuzz.opinion import differences
from fuzz.wrapper import read_whole

BODY = messages.requests()[0].body


def read() -> Reading:
    return read_whole(BODY)


class TestOpinion:
    def test_agrees_on_a_good_message(self) -> None:
        """Every case that is held against it rests on this."""
        assert differences(read(), BODY) == []

    def test_sees_another_receiver(self) -> None:
        """A message judged for one and delivered to another is the worst there is."""
        wrapper = replace(read().wrapper, receiver=ApplicationId("42"))
        assert differences(replace(read(), wrapper=wrapper), BODY) == ["wrapper", "wrapper.receiver"]

    def test_sees_a_patient_that_was_overlooked(self) -> None:
        """The rule on one patient is only as good as what it is told."""
        assert differences(replace(read(), patients=Patients()), BODY) == ["patients"]

    def test_sees_an_overseer_who_was_overlooked(self) -> None:
        """A message that nobody answers for must not look as if somebody did."""
        wrapper = replace(read().wrapper, overseers=(Overseer(),))
        assert differences(replace(read(), wrapper=wrapper), BODY) == ["wrapper", "wrapper.overseers"]

    def test_sees_a_token_that_was_overlooked(self) -> None:
        """A token that is not seen can be used twice."""
        assert differences(replace(read(), tokens=()), BODY) == ["tokens"]
