"""The simulated switchboard: routes, legs, batches, index, tokens and faults, without a socket."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from twisted.internet.defer import ensureDeferred

from edge_node.sandbox.exchange import Asked, Reply
from edge_node.sandbox.faults import Fault
from edge_node.sandbox.http import Told
from edge_node.sandbox.ledger import read_ledger
from edge_node.sandbox.ledgers import failed_legs
from edge_node.sandbox.reading import Seen, enclosed, read
from edge_node.sandbox.samples.kinds import BY_INTERACTION
from edge_node.sandbox.samples.making import Sample, Verdict
from edge_node.sandbox.samples.people import HOSPITAL, PHARMACY, PRACTICE, patient
from tests.sandbox.doubles import Bench, maker

T = TypeVar("T")


def done(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits, and return what it gives."""
    results: list[T] = []
    ensureDeferred(work).addCallbacks(results.append, lambda failure: failure.raiseException())
    return results[0]


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    made = Bench(tmp_path, PRACTICE, PHARMACY)
    yield made
    made.close()


def sample(kind: str, *, receiver: str = "1", mark: str = "", who: int = 1, data: str | None = None) -> Sample:
    return maker(PRACTICE).request(kind, receiver=receiver, patient=patient(who), mark=mark, data=data)


def ask(bench: Bench, one: Sample) -> Reply:
    asked = Asked(path=one.kind.service, soap_action=one.kind.soap_action, body=one.body)
    return done(bench.switchboard.handle(asked))


def told(bench: Bench, one: Sample) -> Seen:
    return read(ask(bench, one).body)


def register(bench: Bench, *applications: str, data: str = "272353") -> None:
    for application in applications:
        bench.switchboard.registers.register(patient(1).bsn, data, application)


class Negative:
    """A local system that answers every leg with a no."""

    async def handle(self, asked: Asked, headers: dict[str, str]) -> Reply:
        """Answer in the right form, with an error."""
        seen = read(asked.body)
        kind = BY_INTERACTION[seen.interaction]
        verdict = Verdict(type_code="AE", code="NS200", text="not now")
        return Reply(status=200, body=maker(PHARMACY).answer(str(kind.answer), seen, None, verdict))


class TestPushes:
    def test_a_push_is_forwarded_and_the_receiver_s_answer_passed_back(self, bench: Bench) -> None:
        """The switchboard stores nothing: the sender hears what the receiver says."""
        one = sample("prescription", receiver=PHARMACY.application)
        answer = told(bench, one)
        assert (answer.interaction, answer.type_code, answer.target) == ("MCCI_IN000002", "CA", one.id)
        assert answer.sender == PHARMACY.application

    def test_the_bytes_without_a_token_arrive_as_they_were(self, bench: Bench) -> None:
        """What was signed or counted must not change on the way."""
        one = sample("prescription", receiver=PHARMACY.application)
        ask(bench, one)
        (received,) = read_ledger(bench.folder / PHARMACY.application)
        (sent,) = (line for line in read_ledger(bench.folder / "switchboard") if line.event == "sent")
        assert received.sha256 == sent.sha256

    def test_the_token_stays_at_the_switchboard(self, bench: Bench) -> None:
        """The header block for the switchboard is not for the receiver; the message itself stays the same."""
        one = sample("locum-report", receiver=PHARMACY.application)
        ask(bench, one)
        (received,) = read_ledger(bench.folder / PHARMACY.application)
        assert received.content == read(one.body).content

    def test_an_unknown_receiver_is_told(self, bench: Bench) -> None:
        """A wrong address never becomes right by trying."""
        assert told(bench, sample("prescription", receiver="123")).codes == ("RTUDEST",)

    def test_a_receiver_that_is_down_is_told(self, bench: Bench) -> None:
        """The sending node must queue and try again."""
        bench.onward.is_down = True
        assert told(bench, sample("prescription", receiver=PHARMACY.application)).codes == ("RTEDEST",)

    def test_a_guest_behind_no_node_takes_a_push(self, bench: Bench) -> None:
        """A demo with one node has somebody to write to."""
        assert told(bench, sample("referral", receiver=HOSPITAL.application)).type_code == "CA"


class TestTokens:
    def test_an_assertion_is_good_for_one_use(self, bench: Bench) -> None:
        """A token used twice may be a copied one."""
        one = sample("locum-report", receiver=PHARMACY.application)
        assert [told(bench, one).codes, told(bench, one).codes] == [(), ("NONCEREJECTED",)]

    def test_a_message_that_needs_a_token_is_refused_without(self, bench: Bench) -> None:
        """At level midden a person must have signed."""
        one = sample("locum-report", receiver=PHARMACY.application)
        head, body = one.body.split(b"<soap:Header>")[0], one.body.split(b"</soap:Header>")[1]
        asked = Asked(path="X", soap_action="x", body=head + body)
        assert read(done(bench.switchboard.handle(asked)).body).codes == ("AUTHENTICATIE",)


class TestIndex:
    def test_a_registration_is_found_by_a_query_and_a_removal_ends_that(self, bench: Bench) -> None:
        """The index is what makes a patient's data findable, and what a withdrawal of consent ends."""
        queries = []
        for kind in ("index-update", "summary-query", "index-removal", "summary-query"):
            answer = ask(bench, sample(kind))
            queries += [enclosed(read(answer.body).element)] if kind == "summary-query" else []
        assert [[one.sender for one in entries] for entries in queries] == [[PRACTICE.application], ["1"]]

    def test_an_update_is_accepted_by_its_own_answer(self, bench: Bench) -> None:
        """The newer form has an application answer."""
        answer = told(bench, sample("index-update"))
        assert (answer.interaction, answer.type_code) == ("MFMT_IN002320NL", "AA")

    def test_removing_what_is_not_there_is_told(self, bench: Bench) -> None:
        """The sender may then conclude that an earlier removal arrived."""
        answer = told(bench, sample("index-removal"))
        assert (answer.interaction, answer.codes) == ("MFMT_IN002310NL", ("KEY204",))

    def test_the_older_registration_is_acknowledged(self, bench: Bench) -> None:
        """The older form has an accept acknowledgement."""
        assert told(bench, sample("index-registration")).interaction == "MCCI_IN000002"


class TestIndirectQueries:
    def test_every_source_answers_in_one_batch(self, bench: Bench) -> None:
        """The asker sees one answer, with the name of each source in it."""
        register(bench, PRACTICE.application, PHARMACY.application, HOSPITAL.application)
        one = sample("dispense-query")
        batch = told(bench, one)
        entries = enclosed(batch.element)
        assert (batch.interaction, batch.type_code, batch.target) == ("MCCI_IN200101", "AA", one.id)
        assert {entry.sender for entry in entries} == {
            PRACTICE.application,
            PHARMACY.application,
            HOSPITAL.application,
        }

    def test_legs_have_ids_of_the_switchboard_and_the_query_id_stays(self, bench: Bench) -> None:
        """Two id spaces: only queryId tells which question an entry answers."""
        register(bench, PHARMACY.application)
        one = sample("dispense-query")
        (entry,) = enclosed(told(bench, one).element)
        assert entry.target != one.id
        assert entry.query_id == read(one.body).query_id

    def test_a_leg_comes_from_the_switchboard_in_real_time_on_the_source_s_service(self, bench: Bench) -> None:
        """A source sees the switchboard as sender, and answers it alone."""
        register(bench, PHARMACY.application)
        ask(bench, sample("dispense-query"))
        leg, _, _ = read_ledger(bench.folder / "switchboard")
        assert bench.onward.paths == [
            ("VerstrekkingsLijstquery", "urn:hl7-org:v3/VerstrekkingsLijstquery_QueryResponse")
        ]
        assert (leg.event, leg.leg, leg.interaction) == ("sent", "in", "QURX_IN990111NL")

    def test_a_source_that_is_down_becomes_one_entry_with_an_error(self, bench: Bench) -> None:
        """A failed source must never look like "no data"."""
        register(bench, PHARMACY.application, HOSPITAL.application)
        bench.onward.is_down = True
        one = sample("dispense-query")
        batch = told(bench, one)
        failed = next(entry for entry in enclosed(batch.element) if entry.sender == "1")
        assert (batch.type_code, failed.type_code, failed.codes) == ("AA", "AE", ("RTEDEST",))
        assert failed.target == one.id

    def test_a_leg_that_fails_stands_in_the_ledger(self, bench: Bench) -> None:
        """The batch says yes to its asker; only here a node that refuses its legs can be seen."""
        register(bench, PHARMACY.application)
        ask(bench, sample("dispense-query"))
        bench.onward.is_down = True
        ask(bench, sample("dispense-query"))
        (failed,) = failed_legs(read_ledger(bench.folder / "switchboard"))
        assert (failed.interaction, failed.outcome) == ("QURX_IN990111NL", "down")

    def test_a_leg_that_a_node_refuses_is_told_by_its_code(self, bench: Bench) -> None:
        """The code is what one looks up."""
        register(bench, PHARMACY.application)
        bench.onward.refusal = Told(status=500, headers={"edge-node-error": "EN-WRONG-PATIENT"}, body=b"")
        ask(bench, sample("dispense-query"))
        (failed,) = failed_legs(read_ledger(bench.folder / "switchboard"))
        assert failed.outcome == "EN-WRONG-PATIENT"

    def test_a_leg_that_is_answered_with_a_no_stands_in_the_ledger(self, bench: Bench) -> None:
        """A negative answer in the right form is still one source that was not heard."""
        register(bench, PHARMACY.application)
        bench.onward.systems[PHARMACY.application] = Negative()
        ask(bench, sample("dispense-query"))
        (failed,) = failed_legs(read_ledger(bench.folder / "switchboard"))
        assert failed.outcome == "NS200"

    def test_a_context_query_becomes_a_leg_for_each_kind_of_data(self, bench: Bench) -> None:
        """Chain care is asked once and answered by all that belongs to it."""
        register(bench, PRACTICE.application, data="902200")
        entries = enclosed(told(bench, sample("chain-care-query")).element)
        assert {entry.interaction for entry in entries} >= {"REPC_IN990131NL", "POLB_IN364001NL03", "PRPA_IN900350NL"}
        assert len(entries) == 7

    def test_nobody_registered_is_an_answer_without_data(self, bench: Bench) -> None:
        """No source is something else than a source that fails."""
        (entry,) = enclosed(told(bench, sample("dispense-query")).element)
        assert (entry.type_code, entry.codes) == ("AA", ())


class TestOwnAnswers:
    def test_a_ping_is_answered_by_a_pong(self, bench: Bench) -> None:
        """The plainest proof that the other side is alive."""
        assert told(bench, sample("ping")).interaction == "COMT_IN229229"

    def test_a_tick_is_acknowledged(self, bench: Bench) -> None:
        """The transport check has no answer but this."""
        assert told(bench, sample("tick")).type_code == "CA"

    def test_the_access_log_tells_who_asked(self, bench: Bench) -> None:
        """A patient may know who looked."""
        ask(bench, sample("dispense-query"))
        answer = ask(bench, sample("access-log-query"))
        assert b"QURX_IN990111NL" in answer.body
        assert read(answer.body).interaction == "COMT_IN999999NL"

    def test_what_cannot_be_read_gets_a_fault(self, bench: Bench) -> None:
        """Nobody is answered with silence."""
        reply = done(bench.switchboard.handle(Asked(path="X", soap_action="x", body=b"<nonsense")))
        assert (reply.status, b"soap:Client" in reply.body) == (500, True)


class TestFaults:
    def test_rtedest_and_token_used_are_refusals_without_processing(self, bench: Bench) -> None:
        """The node must be seen to try again after the one, and not after the other."""
        codes = [
            told(bench, sample("prescription", receiver=PHARMACY.application, mark=f".fault-{fault}")).codes
            for fault in (Fault.RTEDEST, Fault.TOKEN_USED)
        ]
        assert codes == [("RTEDEST",), ("NONCEREJECTED",)]
        assert bench.onward.paths == []

    def test_after_a_reset_the_message_was_processed_and_the_ledger_says_the_answer_was_lost(
        self, bench: Bench
    ) -> None:
        """This is the unknown outcome that a node must live with."""
        reply = ask(bench, sample("prescription", receiver=PHARMACY.application, mark=".fault-reset-after"))
        (line,) = (line for line in read_ledger(bench.folder / "switchboard") if line.event == "received")
        assert reply.manner is Fault.RESET_AFTER
        assert (line.outcome, line.answer_lost) == ("CA", True)

    def test_a_reset_before_leaves_no_trace(self, bench: Bench) -> None:
        """The message certainly was not processed."""
        assert ask(bench, sample("prescription", mark=".fault-reset-before")).manner is Fault.RESET_BEFORE
        assert read_ledger(bench.folder / "switchboard") == ()

    def test_a_duplicate_reaches_the_receiver_twice(self, bench: Bench) -> None:
        """The receiving node must recognise it."""
        ask(bench, sample("prescription", receiver=PHARMACY.application, mark=".fault-duplicate"))
        assert len(read_ledger(bench.folder / PHARMACY.application)) == 2

    def test_out_of_order_waits_for_the_next_message_or_a_while(self, bench: Bench) -> None:
        """A receiver must not lean on the order in which the switchboard sends."""
        one = sample("prescription", receiver=PHARMACY.application, mark=".fault-out-of-order")
        assert told(bench, one).type_code == "CA"
        assert bench.waits == [2.0]

    def test_an_expired_certificate_is_shown_to_the_receiver(self, bench: Bench) -> None:
        """The receiving node must refuse the handshake."""
        ask(bench, sample("prescription", receiver=PHARMACY.application, mark=".fault-expired-certificate"))
        assert bench.onward.bad == ["bad/expired"]

    def test_a_fault_asked_for_is_a_server_fault(self, bench: Bench) -> None:
        """Its side is the switchboard's, so the node may try again."""
        reply = ask(bench, sample("prescription", mark=".fault-fault"))
        assert (reply.status, b"soap:Server" in reply.body) == (500, True)


class TestOriginating:
    def test_a_signal_of_the_switchboard_reaches_a_local_system(self, bench: Bench) -> None:
        """A patient notification begins at the switchboard."""
        one = maker(HOSPITAL).request("patient-notification", receiver=PRACTICE.application, patient=patient(1))
        assert done(bench.switchboard.originate(one)).outcome == "CA"
