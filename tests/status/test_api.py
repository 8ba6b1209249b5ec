"""What a local system can ask about its own messages."""

import json
from dataclasses import replace
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import Refused, StoreUnavailable
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId, InteractionId, MessageId
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction, Patients, Reading, Token, Wrapper
from edge_node.model.overview import Row, Shown, Step
from edge_node.model.peer import LocalCaller
from edge_node.status.answers import ApiAnswer, Said
from edge_node.status.api import Address, LocalApi, parse

from .doubles import DIGEST, NOW, OTHER_UID, ROOT, UID, MemoryQueue, row

HIS = LocalCaller(name="his", method="bearer")
AIS = LocalCaller(name="ais", method="basic")
APPLICATIONS = {"his": frozenset({ApplicationId("111")}), "ais": frozenset({ApplicationId("333")})}

WRAPPER = Wrapper(
    interaction=InteractionId("PORX_IN932000NL"),
    root_name="PORX_IN932000NL",
    id=MessageId(ROOT, "1"),
    creation_time="20260302120000",
    version_code="NICTIZEd2005-Okt",
    profile_id="810",
    processing_code="P",
    processing_mode_code="T",
    accept_ack_code="AL",
    receiver=ApplicationId("222"),
    sender=ApplicationId("111"),
)
RENEWED = Reading(wrapper=WRAPPER, patients=Patients(), digest=DIGEST, tokens=(Token(kind="saml", id="new"),))
SPENT = row(state=State.NEEDS_TOKEN, code="EN-TOKEN-SPENT", unknown=True)


Headers = tuple[tuple[str, str], ...]


class Counter:
    """A local API on a queue in memory."""

    def __init__(self) -> None:
        self.queue = MemoryQueue(
            [SPENT, row(uid=OTHER_UID, direction=Direction.IN, sender="9", receiver="333", message_id="1.2/a/b")]
        )
        self.reading: Reading | Refused = RENEWED
        self.findings: tuple[Finding, ...] = ()
        self.said: Said = ((), b"<soap/>")
        self.handed_in: Headers = ()
        self.woken: list[Direction] = []
        self.api = LocalApi(
            queue=self.queue,
            renewals=self.queue,
            read=self.read,
            judge=self.judge,
            fhir_renewal=self.renew_fhir,
            applications_of=lambda caller: APPLICATIONS[caller.name],
            wake=self.woken.append,
        )

    async def judge(self, _caller: LocalCaller, _reading: Reading, _body: bytes) -> tuple[Finding, ...]:
        return self.findings

    async def read(self, body: bytes) -> Reading:
        if isinstance(self.reading, Refused):
            raise self.reading
        return self.reading

    async def renew_fhir(self, caller: LocalCaller, of: Row, headers: Headers) -> Renewal:
        self.handed_in = headers
        return Renewal(digest=DIGEST, token=b"new", body=None, headers=headers)

    def ask(self, path: str, *, method: str = "GET", caller: LocalCaller = HIS) -> tuple[ApiAnswer, dict[str, Any]]:
        answers: list[ApiAnswer] = []
        Deferred.fromCoroutine(self.api.handle(caller, method, path, self.said)).addCallback(answers.append)
        return answers[0], json.loads(answers[0].body)

    def renew(self, path: str = f"/v1/messages/{UID}/token") -> tuple[int, dict[str, Any]]:
        answer, document = self.ask(path, method="POST")
        return answer.status, document


@pytest.fixture
def counter() -> Counter:
    return Counter()


class TestStatus:
    def test_tells_state_and_history(self, counter: Counter) -> None:
        """The screen of the HIS can say what became of the prescription."""
        counter.queue.steps[UID] = [Step(at=NOW, event=Event.TOKEN_SPENT, state=State.NEEDS_TOKEN)]
        answer, document = counter.ask(f"/v1/messages/{UID}")
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert (document["state"], document["outcome_unknown"]) == ("NEEDS_TOKEN", True)
        assert [step["event"] for step in document["history"]] == ["TOKEN_SPENT"]

    def test_tells_the_code_the_other_side_answered(self, counter: Counter) -> None:
        """Only "refused" is not enough: the doctor wants to know why."""
        counter.queue.rows[UID] = row(state=State.DEAD, code="KEY205")
        assert counter.ask(f"/v1/messages/{UID}")[1]["answer_code"] == "KEY205"

    def test_is_found_by_the_senders_own_id(self, counter: Counter) -> None:
        """A local system that lost our answer still knows what it sent."""
        assert counter.ask(f"/v1/messages/{ROOT}/1")[1]["id"] == UID

    def test_an_extension_may_hold_slashes(self, counter: Counter) -> None:
        """The id of every FHIR push has one; a listener takes no encoded slash, so it stands as it is."""
        assert counter.ask("/v1/messages/1.2/a/b", caller=AIS)[1]["id"] == OTHER_UID

    def test_an_extension_may_hold_other_characters_encoded(self) -> None:
        """Ids are made by others."""
        assert parse("/v1/messages/1.2/a%20b/token") == Address(MessageId("1.2", "a b"), is_token=True)

    @pytest.mark.parametrize("path", [f"/v1/messages/{UID}", f"/v1/messages/{ROOT}/1", f"/v1/messages/{'0' * 32}"])
    def test_anothers_message_is_as_absent_as_none(self, counter: Counter, path: str) -> None:
        """The pharmacy may not even learn that the practice sent something."""
        answer, document = counter.ask(path, caller=AIS)
        assert (answer.status, document["code"]) == (404, "EN-NOT-FOUND")
        assert document["detail"] == "no such message of yours"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/messages/",
            "/v1/messages/x",
            f"/v1/messages/{UID}/more",
            f"/v1/messages/{UID}?x=1",
            "/v1/messages/1.2/%FF",
            "/v1/messages/1.2/%0A",
            "/v1/inbox",
        ],
    )
    def test_nothing_is_at_other_addresses(self, path: str) -> None:
        """An address is exactly one of those documented."""
        with pytest.raises(Refused) as caught:
            parse(path)
        assert caught.value.code == "EN-NOT-FOUND"

    def test_other_methods_are_told_which_one_to_use(self, counter: Counter) -> None:
        """A developer finds the mistake without reading the manual."""
        answer, document = counter.ask(f"/v1/messages/{UID}", method="DELETE")
        assert (answer.status, document["code"]) == (405, "EN-METHOD")
        assert ("allow", "GET, HEAD") in answer.headers


class TestRenewal:
    def test_lets_the_message_go_on_with_the_new_token(self, counter: Counter) -> None:
        """The doctor signs again; the same message, under the same id, is sent again."""
        status, document = counter.renew()
        assert (status, document["state"]) == (202, "WAITING")
        assert counter.queue.bodies == {UID: b"<soap/>"}
        assert counter.woken == [Direction.OUT]

    def test_works_with_the_senders_own_id(self, counter: Counter) -> None:
        """As for the status."""
        assert counter.renew(f"/v1/messages/{ROOT}/1/token")[0] == 202

    @pytest.mark.parametrize(
        "reading",
        [
            replace(RENEWED, tokens=()),
            replace(RENEWED, wrapper=replace(WRAPPER, id=MessageId(ROOT, "2"))),
            replace(RENEWED, wrapper=replace(WRAPPER, sender=ApplicationId("333"))),
        ],
    )
    def test_refuses_what_is_not_this_message_with_a_token(self, counter: Counter, reading: Reading) -> None:
        """A mix-up of two windows would sign one patient's message with another's token."""
        counter.reading = reading
        status, document = counter.renew()
        assert (status, document["code"], counter.queue.bodies) == (422, "EN-RENEWAL", {})

    def test_refuses_a_token_of_another_message(self, counter: Counter) -> None:
        """The switchboard would refuse it, and a second signature would be asked of the doctor."""
        counter.findings = (Finding("EN-TOKEN-MISMATCH", "made for another message id"),)
        status, document = counter.renew()
        assert (status, document["code"], counter.queue.bodies) == (400, "EN-TOKEN-MISMATCH", {})

    def test_refuses_other_content(self, counter: Counter) -> None:
        """What was kept is what is sent: nobody changes a prescription on the way."""
        counter.reading = replace(RENEWED, digest=b"x" * 32)
        status, document = counter.renew()
        assert (status, document["code"]) == (409, "EN-ID-REUSED")

    def test_refuses_when_no_token_is_needed(self, counter: Counter) -> None:
        """A message that is on its way is left alone."""
        counter.queue.rows[UID] = row(state=State.WAITING)
        assert counter.renew()[1]["code"] == "EN-ILLEGAL-STEP"

    def test_refuses_what_cannot_be_read(self, counter: Counter) -> None:
        """The same reader as for any message."""
        counter.reading = Refused("line 1", code="EN-XML-MALFORMED")
        status, document = counter.renew()
        assert (status, document["code"], document["side"]) == (400, "EN-XML-MALFORMED", "local system")

    def test_of_anothers_message_is_not_found(self, counter: Counter) -> None:
        """Neither sees nor signs what is another's."""
        answer, _ = counter.ask(f"/v1/messages/{UID}/token", method="POST", caller=AIS)
        assert answer.status == 404


class TestFhirRenewal:
    def test_takes_the_tokens_from_headers(self, counter: Counter) -> None:
        """There is no security header in a FHIR body; the rest of the request the node has."""
        counter.queue.rows[UID] = replace(SPENT, interaction="create:Task:2.0:request")
        counter.said = ((("edge-node-transaction-token", "bmV3"),), b"")
        assert counter.renew()[0] == 202
        assert counter.handed_in == (("edge-node-transaction-token", "bmV3"),)

    def test_takes_no_body(self, counter: Counter) -> None:
        """It could be another one than was kept, and which of the two is meant nobody knows."""
        counter.queue.rows[UID] = replace(SPENT, interaction="create:Task:2.0:request")
        assert counter.renew()[1]["code"] == "EN-RENEWAL"


class Away(MemoryQueue):
    """A store that cannot be read now."""

    async def show(self, uid: str) -> Shown | None:
        raise StoreUnavailable(retry_after_s=4.6)


class TestProblems:
    def test_say_when_to_come_back(self, counter: Counter) -> None:
        """A client that knows waits; one that does not hammers."""
        counter.api = replace(counter.api, queue=Away())
        answer, document = counter.ask(f"/v1/messages/{UID}")
        assert (answer.status, answer.content_type) == (503, "application/problem+json")
        assert (document["retry"], document["retry_after_s"]) == (True, 4.6)
        assert ("retry-after", "5") in answer.headers
