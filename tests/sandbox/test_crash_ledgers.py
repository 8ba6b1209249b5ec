"""The account after crashes: what counts as lost, doubled, out of order, and what does not."""

from dataclasses import replace

import pytest

from edge_node.sandbox.crash_ledgers import Account, Ledgers, judge
from edge_node.sandbox.ledger import Line

PUSH = "PORX_IN932000NL"  # a prescription: kept, no token
SIGNED = "PORX_IN932000NL02"
REGISTRATION, REMOVAL = "MFMT_IN002302NL", "MFMT_IN002303NL"


def line(event: str, time: float, leg: str = "out", **other: object) -> Line:
    plain = Line(
        time=time, event=event, leg=leg, role="push", id="1/a", interaction=PUSH, lane="80000002/p/x",
        sha256="s", content="c", outcome="CA" if event == "received" else "", arrived=time - 0.1,
    )  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type]


def account(local: list[Line], switchboard: list[Line], **other: object) -> Account:
    return judge(Ledgers(local=local, switchboard=switchboard, **other))  # type: ignore[arg-type]


class TestPromise:
    def test_that_was_kept_is_good(self) -> None:
        """What was sent arrived once."""
        found = account([line("sent", 1)], [line("received", 2)])
        assert (found.faults, found.delivered) == ({}, 1)

    def test_that_was_not_is_a_loss(self) -> None:
        """A message nobody has."""
        assert account([line("sent", 1)], []).faults == {"lost": ("1/a",)}

    def test_of_which_a_person_is_told_is_no_loss(self) -> None:
        """It stands where somebody looks."""
        found = account([line("sent", 1)], [], told=frozenset({"1/a"}))
        assert (found.faults, found.told) == ({}, ("1/a",))

    def test_to_a_local_system_counts_as_well(self) -> None:
        """Both directions."""
        assert account([], [line("sent", 1, "in")]).faults == {"lost": ("1/a",)}


class TestSecondHandover:
    def test_after_a_crash_is_explained(self) -> None:
        """Nobody knew whether the first one arrived."""
        found = account([line("sent", 1)], [line("received", 2), line("received", 4)], crashes=(2.1,))
        assert found.faults == {}

    def test_after_a_cut_of_the_line_is_explained(self) -> None:
        """The answer was lost on the way."""
        cut = Line(time=2.05, event="cut")
        assert account([line("sent", 1)], [line("received", 2), cut, line("received", 4)]).faults == {}

    def test_without_a_reason_is_a_fault(self) -> None:
        """A prescription that is dispensed twice."""
        found = account([line("sent", 1)], [line("received", 2), line("received", 4)])
        assert found.faults == {"doubled": ("1/a",)}

    def test_long_after_the_first_one_was_settled_is_a_fault(self) -> None:
        """A crash an hour later explains nothing."""
        found = account([line("sent", 1)], [line("received", 2), line("received", 9)], crashes=(8.0,))
        assert found.faults == {"doubled": ("1/a",)}

    @pytest.mark.parametrize(("says_so", "faults"), [(True, {}), (False, {"unmarked": ("1/a",)})])
    def test_to_a_local_system_must_say_so(self, says_so: bool, faults: dict[str, tuple[str, ...]]) -> None:
        """The local system cannot know it otherwise."""
        first, second = line("received", 2, "in"), line("received", 4, "in", redelivery=says_so)
        assert account([first, second], [line("sent", 1, "in")], crashes=(2.1,)).faults == faults

    @pytest.mark.parametrize(("kind", "faults"), [(PUSH, {"unmarked": ("1/a",)}), (SIGNED, {})])
    def test_has_the_same_bytes_but_for_a_new_signature(self, kind: str, faults: dict[str, tuple[str, ...]]) -> None:
        """Same id, same bytes; only a token is for one use."""
        received = [line("received", 2, interaction=kind), line("received", 4, interaction=kind, sha256="other")]
        assert account([line("sent", 1, interaction=kind)], received, crashes=(2.1,)).faults == faults


class TestOrder:
    def test_in_a_lane_is_that_of_the_sender(self) -> None:
        """A stop that overtakes its prescription stops nothing."""
        sent = [line("sent", 1), line("sent", 2, id="1/b")]
        received = [line("received", 3, id="1/b"), line("received", 4)]
        assert account(sent, received).faults == {"out_of_order": ("1/a",)}


class TestCopy:
    def test_gets_the_first_answer(self) -> None:
        """Byte for byte, or the sender takes it for something else."""
        local = [line("sent", 1), line("again", 3, outcome="other: CE")]
        assert account(local, [line("received", 2)]).faults == {"answered_otherwise": ("1/a (other: CE)",)}


class TestIndex:
    def registered(self, time: float, event: str = "sent", **other: object) -> Line:
        return line(event, time, interaction=REGISTRATION, lane="1/p/r", **other)

    def removed(self, time: float, event: str = "sent", **other: object) -> Line:
        return line(event, time, id="1/r", interaction=REMOVAL, lane="1/p/d", **other)

    def test_registration_that_a_removal_replaced_is_not_lost(self) -> None:
        """It need not arrive any more: the patient wants it gone."""
        found = account([self.registered(1), self.removed(2)], [self.removed(3, "received")])
        assert found.faults == {}

    def test_registration_without_a_removal_is_lost(self) -> None:
        """Nobody would find the patient's data."""
        assert account([self.registered(1)], []).faults == {"lost": ("1/a",)}

    def test_registration_after_its_removal_is_out_of_order(self) -> None:
        """The patient took it back, and stands in the index again."""
        taken = [self.removed(3, "received"), self.registered(4, "received")]
        found = account([self.registered(1), self.removed(2)], taken)
        assert found.faults == {"out_of_order": ("1/r",)}

    def test_removal_of_what_was_not_there_is_done(self) -> None:
        """The switchboard says so with a code of its own."""
        assert account([self.removed(1)], [self.removed(2, "received", outcome="KEY204")]).faults == {}
