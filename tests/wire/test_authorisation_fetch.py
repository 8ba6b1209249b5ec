"""Asking a party for a JSON object: what is an answer, and for how long it counts."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from edge_node.errors import NotSent
from edge_node.wire.authorisation_fetch import Asked, Fetched, fetch, fetch_metadata
from tests.wire.test_http1_client import Caller


def response(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    given = b"\r\n".join((b"Content-Type: application/json", *headers))
    return b"HTTP/1.1 %s\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (status, given, len(body), body)


class Case(TestCase):
    def setUp(self) -> None:
        self.caller = Caller()

    def fetched(self, answer: bytes) -> Fetched:
        done = Deferred.fromCoroutine(fetch(self.caller.client, Asked(method="GET", target="/a"), timeout_s=5))
        self.caller.line.wires[0].protocol.dataReceived(answer)
        return self.successResultOf(done)


class TestAnswers(Case):
    def test_are_read_as_json(self) -> None:
        """The usual case."""
        found = self.fetched(response(b'{"a": 1}', b"Cache-Control: must-revalidate, max-age=60"))
        assert (found.status, found.said, found.max_age_s) == (200, {"a": 1}, 60.0)

    def test_that_are_no_object_say_nothing(self) -> None:
        """Each of these would be read in another way by another reader."""
        bodies = (b"[]", b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"\xff", b'"x"', b"[" * 100_000)
        assert [self.said(body) for body in bodies] == [None] * len(bodies)

    def said(self, body: bytes) -> object:
        self.caller = Caller()
        return self.fetched(response(body)).said

    def test_of_another_type_say_nothing(self) -> None:
        """A page of a proxy that happens to be JSON is no answer of that party."""
        assert self.fetched(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}").said is None

    def test_that_never_end_are_broken_off(self) -> None:
        """Nothing here is larger than a few kilobytes."""
        done = Deferred.fromCoroutine(fetch(self.caller.client, Asked(method="GET", target="/a"), timeout_s=5))
        self.caller.line.wires[0].protocol.dataReceived(response(b'{"a": "%s"}' % (b"x" * 300_000)))
        assert self.failureResultOf(done, NotSent).value.code == "EN-AUTHORISATION-ANSWER"

    def test_that_break_off_count_as_none(self) -> None:
        """Half a list of addresses is none."""
        done = Deferred.fromCoroutine(fetch(self.caller.client, Asked(method="GET", target="/a"), timeout_s=5))
        wire = self.caller.line.wires[0]
        wire.protocol.dataReceived(response(b'{"a": 1}')[:-3])
        wire.loseConnection()
        assert self.failureResultOf(done, NotSent).value.code == "EN-AUTHORISATION-UNREACHABLE"

    def test_must_come_in_time(self) -> None:
        """The one who waits for the request waits for this too."""
        done = Deferred.fromCoroutine(fetch(self.caller.client, Asked(method="GET", target="/a"), timeout_s=5))
        self.caller.clock.advance(5.1)
        assert self.failureResultOf(done, NotSent).value.code == "EN-AUTHORISATION-UNREACHABLE"

    def test_are_not_asked_for_when_no_time_is_left(self) -> None:
        """The local system has its answer already."""
        done = Deferred.fromCoroutine(fetch(self.caller.client, Asked(method="GET", target="/a"), timeout_s=0))
        assert self.failureResultOf(done, NotSent).value.code == "EN-AUTHORISATION-UNREACHABLE"


class Mistrusted:
    """A party that does not prove who it is."""

    async def request(self, *_said: Any, **_times: float) -> Any:
        raise NotSent("another name", code="EN-TLS-NAME")


class TestParty(TestCase):
    def test_that_proves_nothing_is_told_apart_from_the_broker(self) -> None:
        """With the code of TLS it would count against the broker's line, and all who need no token would wait too."""
        client: Any = Mistrusted()
        done = Deferred.fromCoroutine(fetch(client, Asked(method="GET", target="/a"), timeout_s=5))
        error = self.failureResultOf(done, NotSent).value
        assert (error.code, error.detail) == (
            "EN-AUTHORISATION-UNTRUSTED",
            "EN-TLS-NAME: another name",
        )


class TestMetadata(Case):
    def test_is_there_or_not(self) -> None:
        """A redirect is never followed: it could lead anywhere."""
        done = Deferred.fromCoroutine(fetch_metadata(self.caller.client, "/a", timeout_s=5))
        self.caller.line.wires[0].protocol.dataReceived(response(b"{}", b"Location: /b", status=b"302 Found"))
        assert self.failureResultOf(done, NotSent).value.code == "EN-AUTHORISATION-UNREACHABLE"


class TestAge(Case):
    def age(self, control: bytes) -> float | None:
        self.caller = Caller()
        return self.fetched(response(b"{}", b"Cache-Control: " + control)).max_age_s

    def test_is_what_cache_control_says(self) -> None:
        """The switchboard decides how soon a change of address is seen."""
        said = {b"max-age=5": 5, b"public, Max-Age=7": 7, b"no-store": 0, b"no-cache, max-age=5": 0, b"public": None}
        assert {control: self.age(control) for control in said} == said

    def test_is_not_read_out_of_nonsense(self) -> None:
        """The default is safer than a guess."""
        odd = (b"max-age=-1", b"max-age=x", b"xmax-age=5", b"max-age=99999999999999", b"s-maxage=5")
        assert {self.age(control) for control in odd} == {None}
