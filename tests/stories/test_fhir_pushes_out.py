"""A FHIR push goes out: passed on while its sender waits, or kept and sent until it is there, never twice."""

import json
from typing import Any, ClassVar

from edge_node.sandbox.mint import Grant
from tests.stories import fhir_moves, moves
from tests.stories.caller import Caller, Told, code_of
from tests.stories.fhir_moves import XML, a_task, a_transaction_token, an_aorta_id, gives, written
from tests.stories.fhir_story import TOKEN, FhirStory, mint, outcome_of
from tests.stories.moves import ANNA, BRAM

FAST: dict[str, Any] = {"switchboard": {"waits": {"connect_s": 1.9, "push_wait_s": 2.0, "push_answer_s": 2.0}}}


class Pushes(FhirStory):
    """What both kinds share."""

    given: ClassVar = FAST

    async def creates(self, resource: Any = None, system: str = "ais", **headers: str) -> Told:
        """Send a new Task."""
        body = written(resource or a_task(), headers.get("content_type", ""))
        return await self.asks("/fhir/R4/Task", "POST", body, system=system, **headers)

    async def updates(self, system: str = "his", **headers: str) -> Told:
        """Send another state of a Task, which the other side recognises by its id."""
        body = written(a_task(id_="77", status="accepted"))
        return await self.asks("/fhir/R4/Task/77", "PUT", body, system=system, **headers)

    @property
    def tokens(self) -> list[str]:
        """The access tokens that came to the broker."""
        return [turn.headers["authorization"] for turn in self.broker.heard]

    @property
    def ids(self) -> list[str]:
        """The ids that came to the broker."""
        return [turn.headers["aorta-id"] for turn in self.broker.heard]


class TestPassedOn(Pushes):
    async def test_sender_gets_the_brokers_answer(self) -> None:
        """With where the new resource is."""
        task = a_task()
        told = await self.creates(task)
        assert (told.status, told.body, self.broker.heard[0].body) == (201, written(task), written(task))
        assert told.headers["location"] == "/za-in/fhir/R4/Task/77/_history/1"

    async def test_in_xml_too(self) -> None:
        """To the byte."""
        task = a_task()
        told = await self.creates(task, content_type=XML)
        assert (told.status, self.broker.heard[0].body) == (201, written(task, XML))

    async def test_row_says_the_version_where_the_sender_did_not(self) -> None:
        """The broker derives from it which interaction it is."""
        await self.creates()
        assert self.broker.heard[0].headers["aorta-version"] == "contentVersion=2.0.0; acceptVersion=2.0.0"

    async def test_delete_and_operation(self) -> None:
        """Each with its own method."""
        deleted = await self.asks("/fhir/R4/DocumentManifest/5", "DELETE")
        allowed = await self.asks("/fhir/R4/$is-allowed", "POST", written({"resourceType": "Parameters"}))
        assert [told.status for told in (deleted, allowed)] == [204, 200]
        assert [(turn.method, turn.path) for turn in self.broker.heard] == [
            ("DELETE", "/za-in/fhir/R4/DocumentManifest/5"), ("POST", "/za-in/fhir/R4/$is-allowed"),
        ]  # fmt: skip

    async def test_own_token_is_never_kept(self) -> None:
        """It lives for seconds: what waits with it could never be sent."""
        await self.broker.down()
        told = await self.creates()
        assert (told.status, outcome_of(told)["code"]) == (503, "EN-SWITCHBOARD-UNREACHABLE")
        assert await self.kept_messages() == []

    async def test_what_was_not_sent_may_be_sent_again_under_the_same_id(self) -> None:
        """It never happened."""
        task, aorta_id = a_task(), an_aorta_id()
        await self.broker.down()
        await self.creates(task, aorta_id=aorta_id)
        self.broker.up()
        assert (await self.creates(task, aorta_id=aorta_id)).status == 201

    async def test_unknown_outcome_is_called_unknown(self) -> None:
        """Never failed: the Task may exist."""
        self.broker.will(moves.resets)
        told = await self.creates()
        assert (told.status, outcome_of(told)["code"]) == (504, "EN-OUTCOME-UNKNOWN")

    async def test_node_does_not_repeat_it(self) -> None:
        """Whether it may be sent again, its sender knows."""
        self.broker.will(moves.resets)
        await self.creates()
        await self.quiet()
        assert len(self.broker.heard) == 1

    async def test_copy_gets_the_first_answer(self) -> None:
        """A click too many is not a second Task."""
        task, aorta_id = a_task(), an_aorta_id()
        first = await self.creates(task, aorta_id=aorta_id)
        again = await self.creates(task, aorta_id=aorta_id)
        assert (again.status, again.body, again.headers["location"]) == (201, first.body, first.headers["location"])
        assert len(self.broker.heard) == 1

    async def test_refusal_is_passed_and_forgotten(self) -> None:
        """Once put right, the same request goes."""
        task, aorta_id = a_task(), an_aorta_id()
        self.broker.will(gives(fhir_moves.an_outcome("invalid", "value"), 400))
        refused = await self.creates(task, aorta_id=aorta_id)
        assert (refused.status, (await self.creates(task, aorta_id=aorta_id)).status) == (400, 201)

    async def test_body_about_another_patient_is_refused(self) -> None:
        """The permission for one is not used for another."""
        told = await self.creates(a_task(BRAM.bsn))
        assert (told.status, code_of(told), self.broker.heard) == (422, "EN-WRONG-PATIENT", [])

    async def test_body_that_is_something_else_is_refused(self) -> None:
        """Before anybody else has to find out."""
        other = await self.creates({"resourceType": "Observation", "status": "final"})
        broken = await self.asks("/fhir/R4/Task", "POST", b'{"resourceType": "Task"')
        assert [(told.status, code_of(told)) for told in (other, broken)] == [
            (400, "EN-FHIR-BODY"), (400, "EN-JSON-MALFORMED"),
        ]  # fmt: skip
        assert self.broker.heard == []


class TestKept(Pushes):
    async def test_sender_gets_the_brokers_answer_when_it_comes_in_time(self) -> None:
        """Keeping is for when it does not."""
        told = await self.creates(system="his")
        assert (told.status, told.headers["location"]) == (201, "/za-in/fhir/R4/Task/77/_history/1")

    async def test_is_kept_while_the_line_is_down(self) -> None:
        """The user goes home; the Task goes when the line is back."""
        await self.broker.down()
        told = await self.creates(system="his")
        outcome = outcome_of(told)
        assert (told.status, outcome["severity"], told.headers["edge-node-state"]) == (202, "information", "kept")
        self.broker.up()
        found = await self.comes_to("DELIVERED", told)
        assert (found["interaction"], found["answer_code"]) == ("create:Task:2.0:request", "201")

    async def test_is_kept_while_the_authorisation_server_is_down(self) -> None:
        """Without it nothing can be sent, and nothing was."""
        await self.server.down()
        told = await self.creates(system="his")
        assert told.status == 202
        self.server.up()
        await self.comes_to("DELIVERED", told)
        assert len(self.broker.heard) == 1

    async def test_is_sent_after_a_restart(self) -> None:
        """What was answered "kept" survives everything."""
        await self.broker.down()
        told = await self.creates(system="his")
        await self.restart()
        self.broker.up()
        await self.comes_to("DELIVERED", told)

    async def test_each_try_is_one_of_its_own(self) -> None:
        """The same chain, another request, another access token."""
        self.broker.will(gives(fhir_moves.an_outcome("RTEDEST"), 503), gives(fhir_moves.an_outcome("RTEDEST"), 503))
        aorta_id = an_aorta_id()
        # The sandbox's authorisation server takes a transaction token once, as it should: this one takes all.
        self.server.usual = self.lenient(self.server.usual)
        told = await self.updates(aorta_id=aorta_id)
        await self.comes_to("DELIVERED", told)
        assert {fhir_moves.initial_of(sent) for sent in self.ids} == {fhir_moves.initial_of(aorta_id)}
        assert (len({fhir_moves.request_of(sent) for sent in self.ids}), len(set(self.tokens))) == (3, 3)

    async def test_copy_gets_the_same_kept(self) -> None:
        """Whether it asks once or twice, it is one Task."""
        task, aorta_id = a_task(), an_aorta_id()
        await self.broker.down()
        first = await self.creates(task, system="his", aorta_id=aorta_id)
        again = await self.creates(task, system="his", aorta_id=aorta_id)
        assert (first.status, first.body) == (again.status, again.body)
        assert len(await self.kept_messages()) == 1

    async def test_unknown_outcome_needs_a_person(self) -> None:
        """The Task may exist; only its sender can say whether it may be sent again."""
        self.broker.will(moves.resets)
        told = await self.creates(system="his")
        assert (told.status, outcome_of(told)["code"]) == (504, "EN-OUTCOME-UNKNOWN")
        (row,) = await self.kept_messages()
        assert (row.state.value, row.unknown) == ("NEEDS_TOKEN", True)
        assert (told.headers["location"], told.headers["edge-node-state"]) == (
            f"/v1/messages/{row.uid}",
            "needs-token",
        )

    async def test_new_signature_sends_it_again(self) -> None:
        """The same request with another transaction token is a renewal, not a copy."""
        task, aorta_id = a_task(), an_aorta_id()
        self.broker.will(moves.resets)
        await self.creates(task, system="his", aorta_id=aorta_id)
        told = await self.creates(task, system="his", aorta_id=aorta_id)
        assert (told.status, len(self.broker.heard)) == (201, 2)

    async def test_new_signature_that_is_refused_leaves_the_outcome_unknown(self) -> None:
        """The first handover may have made the Task, whatever became of the second signature."""
        task, aorta_id = a_task(), an_aorta_id()
        self.broker.will(moves.resets)
        await self.creates(task, system="his", aorta_id=aorta_id)
        ended = {TOKEN: a_transaction_token(id_=fhir_moves.SPENT)}
        told = await self.creates(task, system="his", aorta_id=aorta_id, **ended)
        assert (told.status, code_of(told), len(self.broker.heard)) == (504, "EN-OUTCOME-UNKNOWN", 1)

    async def test_what_the_other_side_recognises_is_repeated(self) -> None:
        """An update by id does no harm a second time, so nobody is called."""
        self.server.usual = self.lenient(self.server.usual)
        self.broker.will(moves.resets)
        told = await self.updates()
        await self.comes_to("DELIVERED", told)
        assert len(self.broker.heard) == 2

    async def test_refusal_for_good_is_passed(self) -> None:
        """The user is still there to put it right."""
        self.broker.will(gives(fhir_moves.an_outcome("invalid", "value"), 422))
        told = await self.creates(system="his")
        (row,) = await self.kept_messages()
        assert (told.status, row.state.value) == (422, "DEAD")

    async def test_order_is_kept_for_one_patient(self) -> None:
        """An update never overtakes what it updates."""
        await self.broker.down()
        await self.creates(system="his")
        await self.updates()
        self.broker.up()
        await self.broker.has_heard(2)
        assert [turn.method for turn in self.broker.heard] == ["POST", "PUT"]

    def lenient(self, usual: Any) -> Any:
        """An authorisation server that lets one transaction token be exchanged again."""

        def move(turn: Any) -> None:
            if turn.method != "POST":
                usual(turn)
                return
            turn.answer(json.dumps(self.access_token()).encode(), 200, "application/json")

        return move

    def access_token(self) -> dict[str, Any]:
        token = mint().access_token(
            self.named.issuer, Grant(patient=ANNA.bsn, application="80000001", scope="create")
        )
        return {"access_token": token, "token_type": "Bearer", "expires_in": 20}


class TestTokensThatEnded(Pushes):
    async def waits_for_a_token(self, task: Any = None) -> Told:
        """A kept Task whose signature ended before the line was back."""
        await self.broker.down()
        await self.server.down()
        told = await self.creates(task, system="his", **{TOKEN: a_transaction_token(id_=fhir_moves.SPENT)})
        self.broker.up()
        self.server.up()
        await self.comes_to("NEEDS_TOKEN", told)
        return told

    async def test_are_told_of(self) -> None:
        """The local system asks what became of it, and lets its user sign again."""
        found = await self.about(await self.waits_for_a_token())
        assert (found["answer_code"], found["outcome_unknown"], self.broker.heard) == ("EN-TOKEN-REFUSED", False, [])

    async def test_are_renewed_at_the_address_of_the_message(self) -> None:
        """Only the new tokens are handed in: the node has the rest."""
        told = await self.waits_for_a_token()
        caller: Caller = self.local()
        answer = await caller.ask("POST", f"{told.headers['location']}/token", {TOKEN: a_transaction_token()}, b"")
        assert answer.status == 202
        await self.comes_to("DELIVERED", told)

    async def test_are_renewed_under_the_id_the_sender_gave(self) -> None:
        """A local system that lost our answer still knows its initialRequestID."""
        told = await self.waits_for_a_token()
        chain = told.headers["aorta-id"].removeprefix("initialRequestID=").split(";")[0]
        address = f"/v1/messages/2.25/{chain}/create:Task:2.0:request"
        found = await self.local().get(address)
        answer = await self.local().ask("POST", f"{address}/token", {TOKEN: a_transaction_token()}, b"")
        assert (json.loads(found.body)["state"], answer.status) == ("NEEDS_TOKEN", 202)

    async def test_are_not_renewed_by_anything_else(self) -> None:
        """Nothing, nonsense, another patient's, or the one that ended."""
        told = await self.waits_for_a_token()
        address = f"{told.headers['location']}/token"
        given = ({}, {TOKEN: "!"}, {TOKEN: a_transaction_token(BRAM.bsn)})
        answers = [await self.local().ask("POST", address, headers, b"") for headers in given]
        assert [json.loads(answer.body)["code"] for answer in answers] == [
            "EN-RENEWAL", "EN-FHIR-TOKEN", "EN-WRONG-PATIENT",
        ]  # fmt: skip
        assert (await self.about(told))["state"] == "NEEDS_TOKEN"

    async def test_of_another_patient_renew_nothing_also_where_the_task_names_nobody(self) -> None:
        """Only the first tokens said whom it is about; no other record may be written into."""
        told = await self.waits_for_a_token({key: value for key, value in a_task().items() if key != "for"})
        headers = {TOKEN: a_transaction_token(BRAM.bsn)}
        answer = await self.local().ask("POST", f"{told.headers['location']}/token", headers, b"")
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "EN-WRONG-PATIENT")

    async def test_at_once_are_said_to_be_refused(self) -> None:
        """While the user is still there."""
        told = await self.creates(system="his", **{TOKEN: a_transaction_token(id_=fhir_moves.SPENT)})
        assert (told.status, code_of(told), self.broker.heard) == (401, "EN-TOKEN-REFUSED", [])
