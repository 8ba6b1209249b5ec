"""What a check stops at the door, what waits for it, and that it goes on by itself."""

from datetime import UTC, datetime

import pytest

from edge_node.model.check import Action, Maker, Origin, Outcome, Result, Verdict
from edge_node.model.exchange import Beside
from edge_node.model.message import Direction
from edge_node.policy import check_catalogue
from edge_node.policy.standing import Standing
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, fault, read
from tests.nouns import PRACTICE, an_application

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUERY = messages.a_query()
REPORT = messages.a_report()
ACK = messages.an_ack_of(read(REPORT).wrapper)
RENEWS = {PRACTICE: an_application(renews_tokens=True)}


def violated(check: str) -> Standing:
    verdict = Verdict(
        check=check_catalogue.load()[check],
        outcome=Outcome(result=Result.VIOLATED, value="revoked"),
        since=NOON,
        looked_at=NOON,
        actions=(Action.BLOCK_OUT, Action.BLOCK_IN),
        actions_origin=Origin(maker=Maker.SITE),
    )
    return Standing.of([verdict])


def stopped_by(check: str, answer: bytes = ACK, **site: object) -> Bench:
    bench = Bench(ScriptedDoor(GivenAnswer(answer)), **site)
    bench.standing = violated(check)
    return bench


class TestOut:
    def test_refuses_a_query_at_once_with_the_reason(self) -> None:
        """A doctor who waits a minute for what cannot come has lost that minute."""
        bench = stopped_by("cert-revoked")
        reply = bench.from_local(QUERY)
        assert (reply.status, fault(reply.body).code) == (500, "EN-CHECK-STOPPED")
        assert b"cert-revoked" in reply.body
        assert bench.out.asked == []

    def test_records_what_it_refused(self) -> None:
        """Afterwards it must be seen who asked, and why he got nothing."""
        bench = stopped_by("cert-revoked")
        bench.from_local(QUERY)
        assert bench.lines == [("refused", "error", "EN-CHECK-STOPPED")]

    def test_lets_a_query_of_a_person_pass_a_soft_check(self) -> None:
        """No clock and no form stands between a doctor and a patient, whatever the site set."""
        bench = stopped_by("clock-offset", messages.a_summary())
        assert bench.from_local(QUERY).status == 200

    def test_keeps_a_push_that_can_wait(self) -> None:
        """A report is not lost because a certificate is: it goes when there is another one."""
        bench = stopped_by("cert-revoked")
        assert dict(bench.from_local(REPORT).headers)["edge-node-state"] == "kept"
        assert bench.out.asked == []

    def test_refuses_a_push_with_a_token(self) -> None:
        """Its token would be over by the time it may go, and its sender must know now."""
        bench = stopped_by("cert-revoked", applications=RENEWS)
        reply = bench.from_local(messages.a_report(token="t1"))
        assert fault(reply.body).code == "EN-CHECK-STOPPED"
        assert bench.keeper.kept == []

    @pytest.mark.parametrize(("is_emergency", "sent"), [(True, 1), (False, 0)])
    def test_lets_what_is_kept_in_an_emergency_pass_a_soft_check(self, is_emergency: bool, sent: int) -> None:
        """What helps the patient goes at once, also where the site has a soft check stop what goes out."""
        bench = stopped_by("clock-offset")
        bench.beside = Beside(is_emergency=is_emergency)
        bench.from_local(REPORT)
        assert len(bench.out.asked) == sent

    def test_lets_nothing_pass_a_hard_check(self) -> None:
        """With a certificate that is revoked it would be refused: it waits for another one."""
        bench = stopped_by("cert-revoked")
        bench.beside = Beside(is_emergency=True)
        bench.from_local(REPORT)
        assert bench.out.asked == []

    def test_lets_what_was_kept_go_once_nothing_stops_it(self) -> None:
        """It clears by itself: nobody has to remember to press anything."""
        bench = stopped_by("cert-revoked")
        bench.from_local(REPORT)
        bench.line.begin()
        stopped = [code for _, _, code in bench.keeper.ended]
        bench.standing = Standing()
        bench.keeper.due.append(f"{1:032x}")
        bench.line.wake(Direction.OUT)
        bench.clock.pump([1.0] * 10)
        assert stopped == ["EN-CHECK-STOPPED"]
        assert [each.payload.body for each in bench.out.asked] == [REPORT]

    def test_answers_a_tick(self) -> None:
        """Whether the line works is a question of its own."""
        bench = stopped_by("cert-revoked", messages.a_tick("1", "900001"))
        bench.from_local(messages.a_tick("900001", "1"), path="Ping")
        assert len(bench.out.asked) == 1


class TestIn:
    def test_refuses_and_keeps_nothing(self) -> None:
        """What could not be answered for is not taken in."""
        bench = stopped_by("cert-validity")
        bench.from_switchboard(messages.a_report(sender="900077", receiver="900001"))
        assert (bench.keeper.kept, bench.inward.asked) == ([], [])

    @pytest.mark.parametrize("check", ["clock-offset", "backup-age"])
    def test_passes_a_soft_check_with_a_question(self, check: str) -> None:
        """The colleague at the out-of-hours post cannot help that our clock is off."""
        bench = Bench(inward=ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.standing = violated(check)
        reply = bench.from_switchboard(messages.a_query(sender="1", receiver="900001"))
        assert (reply.status, len(bench.inward.asked)) == (200, 1)
