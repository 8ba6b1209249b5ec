"""What a local system may ask at /v1/tokens/transaction, and what it hears."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import EdgeNodeError, NotSent
from edge_node.model.peer import LocalCaller
from edge_node.model.token import AskedToken, MadeToken
from edge_node.status.answers import ApiAnswer
from edge_node.status.api import LocalApi
from edge_node.status.token_api import ADDRESS, TokenApi

from .doubles import MemoryQueue
from .test_inbox_api import HIS, _unjudged, _unread, _unrenewed

GOOD: dict[str, Any] = {
    "application": "80000001",
    "interaction": "GQZG_IN000001NL",
    "message_id": {"root": "2.16.840.1.99", "extension": "1"},
    "bsn": "999911120",
    "rule": "https://example.test/rule",
    "context": {"code": "KZDI", "system": "2.16.840.1.113883.2.4.3.111.15.1"},
    "mandate_token": "PGEv+/8=",
    "enrolment_token": "PGE-",
}


class Desk:
    """Makes every token, or raises."""

    def __init__(self, trouble: EdgeNodeError | None = None) -> None:
        self.asked: list[AskedToken] = []
        self._trouble = trouble

    async def make(self, caller: LocalCaller, asked: AskedToken, correlation: str) -> MadeToken:
        if self._trouble is not None:
            raise self._trouble
        self.asked.append(asked)
        return MadeToken(id="_1", ends=datetime(2026, 11, 22, 9, 5, tzinfo=UTC), xml=b"<made/>")


def ask(body: Any, desk: Desk | None = None, method: str = "POST", path: str = ADDRESS) -> ApiAnswer:
    room = TokenApi(make=(desk or Desk()).make, new_correlation=lambda: "c-1")
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    work = local(room).handle(HIS, method, path, ((), written))
    found: list[ApiAnswer] = []
    Deferred.fromCoroutine(work).addCallback(found.append)
    return found[0]


def local(room: TokenApi) -> LocalApi:
    queue = MemoryQueue()
    return LocalApi(
        queue=queue,
        renewals=queue,
        read=_unread,
        judge=_unjudged,
        fhir_renewal=_unrenewed,
        applications_of=lambda _caller: frozenset(),
        rooms={"tokens": room},
    )


def code(answer: ApiAnswer) -> str:
    return str(json.loads(answer.body)["code"])


class TestAGoodRequest:
    def test_gets_the_token_its_id_and_its_end(self) -> None:
        """The system puts it beside the others, and knows how long that makes sense."""
        answer = ask(GOOD)
        assert (answer.status, json.loads(answer.body)) == (
            200,
            {"token": "PG1hZGUvPg", "id": "_1", "ends_at": "2026-11-22T09:05:00Z"},
        )
        assert ("cache-control", "no-store") in answer.headers

    def test_may_write_base64_in_either_alphabet(self) -> None:
        """Libraries differ."""
        desk = Desk()
        ask(GOOD, desk)
        assert (desk.asked[0].mandate, desk.asked[0].enrolment) == ("PGEv-_8", "PGE-")

    def test_of_fhir_names_no_message(self) -> None:
        """Its messages have no such id."""
        desk = Desk()
        ask({name: value for name, value in GOOD.items() if name not in {"message_id", "context", "rule"}}, desk)
        assert (desk.asked[0].message, desk.asked[0].context, desk.asked[0].rule) == (None, None, None)


class TestABadRequest:
    @pytest.mark.parametrize(
        ("changes", "wanted"),
        [
            ({"mandate_token": None}, "EN-TOKEN-MISSING"),
            ({"enrolment_token": ""}, "EN-TOKEN-MISSING"),
            ({"mandate_token": "<xml/>"}, "EN-REQUEST"),
            ({"mandate_token": 5}, "EN-REQUEST"),
            ({"bsn": "999911121"}, "EN-REQUEST"),
            ({"bsn": 999911120}, "EN-REQUEST"),
            ({"application": "x"}, "EN-REQUEST"),
            ({"application": None}, "EN-REQUEST"),
            ({"interaction": "not one"}, "EN-REQUEST"),
            ({"message_id": "2.16:1"}, "EN-REQUEST"),
            ({"message_id": {"root": "x", "extension": "1"}}, "EN-REQUEST"),
            ({"message_id": {"root": "2.16"}}, "EN-REQUEST"),
            ({"context": {"code": "KZDI"}}, "EN-REQUEST"),
            ({"context": {"code": "KZDI", "system": "x"}}, "EN-REQUEST"),
            ({"rule": "two words"}, "EN-REQUEST"),
            ({"rule": 1}, "EN-REQUEST"),
            ({"name_id": "900000101:01.015"}, "EN-REQUEST"),
        ],
    )
    def test_is_refused_by_code(self, changes: dict[str, Any], wanted: str) -> None:
        """And nothing of what is wrong is repeated: it may be a patient's number."""
        desk = Desk()
        answer = ask({**GOOD, **changes}, desk)
        assert (answer.status, code(answer), desk.asked) == (400, wanted, [])
        assert b"99991112" not in answer.body

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"bsn": "1", "bsn": "2"}', b"\xff", b"[" * 100_000])
    def test_that_is_no_object_is_refused(self, body: bytes) -> None:
        """Two readers of a doubled name could take different patients."""
        assert code(ask(body)) == "EN-REQUEST"

    def test_that_would_be_tried_for_minutes_is_refused_at_once(self) -> None:
        """It is read where everything else waits: one local system must not stand in the way of all."""
        begun = time.perf_counter()
        assert code(ask({**GOOD, "mandate_token": " " * 200_000 + "!"})) == "EN-REQUEST"
        assert time.perf_counter() - begun < 1

    def test_that_is_too_large_is_refused(self) -> None:
        """Three tokens are not a megabyte."""
        assert code(ask({**GOOD, "rule": "x" * 300_000})) == "EN-REQUEST"

    def test_of_another_method_or_address_is_refused(self) -> None:
        """There is one thing to do here."""
        assert [ask(GOOD, method="GET").status, ask(GOOD, path="/v1/tokens/access").status] == [405, 404]

    def test_where_the_node_cannot_sign_says_so_and_what_to_do(self) -> None:
        """It is the site's to mend, and a person can sign meanwhile."""
        answer = ask(GOOD, Desk(NotSent("ended", code="EN-SIGNING-EXPIRED")))
        assert (answer.status, code(answer)) == (503, "EN-SIGNING-EXPIRED")
        assert "person" in json.loads(answer.body)["do"]
