"""FHIR on the line: who speaks, under which id, and what is kept of a request."""

from typing import Any

import pytest

from edge_node.model.fhir import TokenMode
from edge_node.model.message import Direction
from tests import fhir
from tests.doubles import ScriptedDoor
from tests.flow.bench import Bench
from tests.nouns import PHARMACY, PRACTICE, ZIM, an_application

SERVES = an_application(fhir_bases={"R4": "http://127.0.0.1:1/r4"})
EXCHANGES = an_application(fhir_tokens=TokenMode.EXCHANGE, renews_tokens=True)
TASK = "fhir/R4/Task"


def out(bench: Bench, **changes: Any) -> Any:
    return bench.fhir(Direction.OUT, fhir.payload(**changes))


def given(payload: Any) -> dict[str, str]:
    return dict(payload.headers)


class TestWhoSpeaks:
    def test_the_only_application_of_the_system(self) -> None:
        """Most sites have one, and need say nothing."""
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())))
        out(bench)
        assert (bench.out.asked[0].sender, bench.out.asked[0].receiver) == (PRACTICE, ZIM)

    def test_of_several_the_one_with_fhir(self) -> None:
        """A portal beside a HIS that alone has FHIR services."""
        other = an_application(id=PHARMACY)
        applications = {PRACTICE: SERVES, PHARMACY: other}
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())), applications=applications)
        out(bench)
        assert bench.out.asked[0].sender == PRACTICE

    @pytest.mark.parametrize(("name", "status"), [("900002", 200), ("900009", 403), ("", 403)])
    def test_of_several_with_fhir_the_one_named(self, name: str, status: int) -> None:
        """Never guessed, and never another system's."""
        applications = {PRACTICE: EXCHANGES, PHARMACY: an_application(id=PHARMACY, fhir_tokens=TokenMode.EXCHANGE)}
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())), applications=applications)
        said = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}
        assert out(bench, **said, edge_node_application=name).status == status

    def test_what_comes_in_is_for_who_serves_that_version(self) -> None:
        """The certificate name says the organisation, the base address the version."""
        bench = Bench(inward=ScriptedDoor(fhir.answer(fhir.bundle())), applications={PRACTICE: SERVES})
        assert bench.fhir(Direction.IN, fhir.payload()).status == 200
        assert (bench.inward.asked[0].sender, bench.inward.asked[0].receiver) == (ZIM, PRACTICE)

    def test_what_nobody_serves_is_refused_and_recorded(self) -> None:
        """Without a receiver, which there is none of."""
        bench = Bench()
        assert bench.fhir(Direction.IN, fhir.payload()).status == 404
        assert bench.lines == [("refused", "refused", "EN-RECEIVER-WRONG")]


class TestIds:
    def test_message_is_known_by_its_chain_and_what_is_done_in_it(self) -> None:
        """A copy has the same chain, whatever hop it came by."""
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())))
        out(bench)
        asked, _ = bench.keeper.records
        assert asked.correlation.message == f"2.25/{fhir.CHAIN}/search:MedicationRequest:1.0:request"

    def test_what_comes_in_is_known_by_its_content_too(self) -> None:
        """One chain may bring several notifications of one kind to one organisation."""
        bench = Bench(
            inward=ScriptedDoor(*[fhir.answer(fhir.task(), status=201)] * 2), applications={PRACTICE: SERVES}
        )
        for id_ in ("1", "2"):
            bench.fhir(Direction.IN, fhir.payload("fhir/R4/Task", "POST", fhir.task(id_=id_)))
        first, second = (push.message_id.extension for push in bench.keeper.begun)
        start = f"{fhir.CHAIN}/create:Task:2.0:request/{PRACTICE}/"
        assert first.startswith(start)
        assert second.startswith(start)
        assert first != second

    def test_row_gives_the_version_where_the_sender_did_not(self) -> None:
        """Search of MedicationRequest is at 1.0."""
        bench = Bench(ScriptedDoor(fhir.answer(fhir.bundle())))
        out(bench)
        assert given(bench.out.asked[0].payload)["aorta-version"].startswith("contentVersion=1.0.0")

    def test_what_comes_in_passes_as_it_came(self) -> None:
        """Ids, version and token are the broker's."""
        bench = Bench(inward=ScriptedDoor(fhir.answer(fhir.bundle())), applications={PRACTICE: SERVES})
        sent = fhir.payload()
        bench.fhir(Direction.IN, sent)
        assert bench.inward.asked[0].payload == sent


class TestKept:
    def kept(self, **changes: Any) -> Bench:
        bench = Bench(ScriptedDoor(fhir.answer(fhir.task(), status=201)), applications={PRACTICE: EXCHANGES})
        said = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}
        out(bench, path=TASK, method="POST", body=fhir.task(), **{**said, **changes})
        return bench

    def test_holds_what_the_user_signed_and_no_access_token(self) -> None:
        """One is exchanged at each attempt, the other lives for seconds."""
        (push,) = self.kept().keeper.kept
        assert "edge-node-transaction-token" in given(push.payload)
        assert "authorization" not in given(push.payload)
        assert push.has_token

    def test_nothing_is_kept_with_a_token_of_its_own(self) -> None:
        """What waits with it could never be sent."""
        bench = Bench(ScriptedDoor(fhir.answer(fhir.task(), status=201)))
        out(bench, path=TASK, method="POST", body=fhir.task())
        assert bench.keeper.kept == []

    def test_notification_in_is_kept_without_its_token(self) -> None:
        """It is delivered when the local system is there; the token has ended by then."""
        bench = Bench(applications={PRACTICE: SERVES})
        body = b'{"resourceType": "Parameters"}'
        reply = bench.fhir(Direction.IN, fhir.payload("fhir/R4/$notify-task", "POST", body))
        (push,) = bench.keeper.kept
        assert (reply.status, "authorization" in given(push.payload)) == (202, False)

    @pytest.mark.parametrize(("path", "is_repeatable"), [("fhir/R4/Task/77", True), (TASK, False)])
    def test_only_what_is_recognised_is_repeated(self, path: str, is_repeatable: bool) -> None:
        """A PUT on an id a second time changes nothing; a POST makes another one."""
        method, body = ("PUT", fhir.task(id_="77")) if is_repeatable else ("POST", fhir.task())
        bench = Bench(ScriptedDoor(fhir.answer(body)), applications={PRACTICE: EXCHANGES})
        said = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}
        out(bench, path=path, method=method, body=body, **said)
        assert [push.is_repeatable for push in bench.keeper.kept] == [is_repeatable]


class TestOrder:
    def orders(self, *paths: str) -> set[str]:
        bench = Bench(ScriptedDoor(*(fhir.answer(status=204) for _ in paths)))
        for number, path in enumerate(paths):
            ids = fhir.IDS.replace(fhir.CHAIN, f"00000000-0000-4000-8000-00000000010{number}")
            out(bench, path=path, method="DELETE", aorta_id=ids)
        return {push.order for push in bench.keeper.begun}

    def test_of_two_entries_of_the_index_is_free(self) -> None:
        """The removal of one kind of data replaces no registration of another."""
        orders = self.orders("fhir/R4/DocumentManifest/1", "fhir/R4/DocumentManifest/2")
        assert len(orders) == 2
        assert all(order.startswith("index:") for order in orders)

    def test_of_what_has_no_id_replaces_nothing(self) -> None:
        """Its conditions could mean any kind of data; and they may hold a patient number."""
        bench = Bench(ScriptedDoor(fhir.answer(status=204)))
        path = f"fhir/R4/DocumentManifest?patient.identifier={fhir.BSN}|{fhir.PATIENT}"
        out(bench, path=path, method="DELETE")
        assert [(push.order, push.supersedes) for push in bench.keeper.begun] == [("index", None)]

    def test_of_one_entry_is_kept(self) -> None:
        """Its removal replaces its registration."""
        assert len(self.orders("fhir/R4/DocumentManifest/1", "fhir/R4/DocumentManifest/1")) == 1
