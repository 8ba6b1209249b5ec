"""Fetching of small files from sources that may be slow, odd or somebody else."""

from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, ensureDeferred, fail
from twisted.internet.error import ConnectionRefusedError, DNSLookupError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from edge_node.errors import Unavailable
from edge_node.wire.fetching import Fetching, FetchLimits, Found, Validators, Ways, Wish
from tests.wire.source_double import Heard, Source, answer

reactor: Any = _reactor
ADDRESS = "http://crl.example/lists/one.crl"


@implementer(IStreamClientEndpoint)
class Nowhere:
    """A host that cannot be reached."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def connect(self, factory: object) -> Deferred[Any]:
        return fail(self._error)


class Fetches(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.clock = Clock()
        self.source = Source(lambda heard: answer(b"list")).up()
        self.addCleanup(lambda: ensureDeferred(self.source.down()))
        self.reached: list[tuple[str, int]] = []
        self.limits = FetchLimits(max_bytes=1000, idle_s=15, total_s=60)
        self.proxy: str | None = None

    def connect(self, host: str, port: int) -> Any:
        self.reached.append((host, port))
        return self.source.endpoint(host, port)

    def ways(self) -> Ways:
        return Ways(connect=self.connect, clock=self.clock, limits=self.limits, proxy=self.proxy)

    def fetch(self, address: str = ADDRESS, **wish: Any) -> Deferred[Found]:
        return ensureDeferred(Fetching(self.ways).fetch(Wish(address=address, **wish)))

    def says(self, *answers: bytes) -> None:
        """Answer these, one after the other; the last one for ever."""
        left = list(answers)
        self.source.says = lambda heard: left.pop(0) if len(left) > 1 else left[0]

    async def refused(self, fetching: Deferred[Found]) -> Unavailable:
        return await self.assertFailure(fetching, Unavailable)


class TestAFile(Fetches):
    async def test_is_got_from_its_host(self) -> None:
        """The list is what the issuer publishes at the address in the certificate."""
        found = await self.fetch()
        assert found.body == b"list"
        assert self.reached == [("crl.example", 80)]
        assert self.source.heard[0].line == "GET /lists/one.crl HTTP/1.1"
        assert self.source.heard[0].headers["host"] == "crl.example"

    async def test_may_have_a_query_and_a_port(self) -> None:
        """Both stand in certificates of other issuers."""
        await self.fetch("http://crl.example:8080/get?ca=1#part")
        assert (self.reached[0][1], self.source.heard[0].target) == (8080, "/get?ca=1")

    async def test_may_end_with_its_connection(self) -> None:
        """Old servers say no length; the list's own signature shows whether it is whole."""
        self.source.cut = True
        self.says(b"HTTP/1.0 200 OK\r\n\r\nold list")
        assert (await self.fetch()).body == b"old list"

    async def test_is_asked_for_as_it_is(self) -> None:
        """Nothing here unpacks what a source could blow up."""
        await self.fetch()
        assert self.source.heard[0].headers["accept-encoding"] == "identity"

    async def test_is_posted_a_question(self) -> None:
        """OCSP asks that way."""
        await self.fetch(method="POST", headers=(("content-type", "application/x"),), body=b"question")
        assert self.source.heard[0].body == b"question"


class TestASecondTime(Fetches):
    async def test_only_something_newer_is_asked_for(self) -> None:
        """A list of megabytes does not cross 6,000 lines each hour when nothing changed."""
        modified = "Sun, 01 Nov 2026 10:00:00 GMT"
        self.says(answer(b"list", etag='"v1"', last_modified=modified), answer(status="304 NM"))
        first = await self.fetch()
        second = await self.fetch(validators=first.validators)
        assert self.source.heard[1].headers["if-none-match"] == '"v1"'
        assert self.source.heard[1].headers["if-modified-since"] == modified
        assert (second.body, second.validators) == (None, first.validators)

    async def test_nothing_new_is_no_answer_to_who_has_nothing(self) -> None:
        """A 304 nobody asked for would stand for a list that is not there."""
        self.says(answer(status="304 Not Modified"))
        assert (await self.refused(self.fetch())).code == "EN-SOURCE-ANSWER"

    async def test_an_odd_validator_is_not_sent_back(self) -> None:
        """What cannot be sent would stop the fetching of this list for ever."""
        self.says(answer(b"list", etag="é" * 3, last_modified="x" * 300))
        assert (await self.fetch()).validators == Validators()


class TestARedirect(Fetches):
    async def test_is_followed(self) -> None:
        """Publishers move their lists."""
        self.says(answer(status="301 Moved", location="http://new.example/one.crl"), answer(b"moved"))
        assert (await self.fetch()).body == b"moved"
        assert self.reached[-1] == ("new.example", 80)

    async def test_may_be_relative(self) -> None:
        """As many servers write it."""
        self.says(answer(status="302 Found", location="two.crl"), answer(b"moved"))
        await self.fetch()
        assert self.source.heard[1].target == "/lists/two.crl"

    async def test_is_not_followed_for_ever(self) -> None:
        """Two hosts that point at each other keep nobody busy."""
        self.says(answer(status="302 Found", location="/again"))
        error = await self.refused(self.fetch())
        assert (error.code, len(self.source.heard)) == ("EN-SOURCE-ANSWER", 4)

    async def test_leads_to_no_other_scheme(self) -> None:
        """Neither a file of this machine nor a TLS host that would have to be checked first."""
        self.says(answer(status="302 Found", location="file:///etc/passwd"))
        assert "scheme is file" in (await self.refused(self.fetch())).detail

    async def test_of_a_question_is_not_followed(self) -> None:
        """A question goes to the responder that the certificate names, nowhere else."""
        self.says(answer(status="307 Elsewhere", location="http://new.example/"))
        error = await self.refused(self.fetch(method="POST", body=b"question"))
        assert (error.detail, len(self.source.heard)) == ("HTTP status 307", 1)

    async def test_shares_the_time_of_the_first_request(self) -> None:
        """Three slow redirects are not three times the time."""
        self.says(answer(status="302 Found", location="/again"))
        self.source.says = self._slow_redirect
        error = await self.refused(self.fetch())
        assert (error.code, len(self.source.heard)) == ("EN-SOURCE-UNREACHABLE", 2)

    def _slow_redirect(self, heard: Heard) -> bytes:
        self.clock.advance(40)
        return answer(status="302 Found", location="/again")


class TestABadAnswer(Fetches):
    async def test_is_told_by_its_status(self) -> None:
        """A person sees at once what the source says."""
        self.says(answer(b"no", status="404 Not Found"))
        error = await self.refused(self.fetch())
        assert (error.code, error.detail) == ("EN-SOURCE-ANSWER", "HTTP status 404")

    async def test_may_ask_for_a_pause(self) -> None:
        """A source that is too busy is left alone."""
        self.says(answer(status="503 Busy", retry_after="120"))
        assert (await self.refused(self.fetch())).retry_after_s == 120

    async def test_that_is_no_http(self) -> None:
        """A firewall may answer with anything."""
        self.says(b"\x00\x01 garbage\r\n\r\n")
        assert (await self.refused(self.fetch())).code == "EN-SOURCE-UNREACHABLE"

    async def test_that_breaks_off(self) -> None:
        """Half a list is no list."""
        self.source.cut = True
        self.says(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        assert (await self.refused(self.fetch())).code == "EN-SOURCE-UNREACHABLE"

    async def test_that_says_to_be_too_large(self) -> None:
        """It is not even read."""
        self.says(answer(b"x" * 1001))
        assert "larger than 1000 bytes" in (await self.refused(self.fetch())).detail

    async def test_that_does_not_end(self) -> None:
        """A node's memory is not for a source to fill."""
        self.says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000)
        error = await self.refused(self.fetch())
        assert (error.code, error.detail) == ("EN-SOURCE-ANSWER", "the answer is larger than 1000 bytes")


class TestASlowAnswer(Fetches):
    async def test_that_never_begins(self) -> None:
        """The time is bounded, and nothing else waits for it."""
        self.source.says = lambda heard: None
        asked, fetching = self.source.asked(), self.fetch()
        await asked
        self.clock.advance(60)
        assert (await self.refused(fetching)).code == "EN-SOURCE-UNREACHABLE"

    async def test_that_stops_in_the_middle(self) -> None:
        """Silence ends it before the whole time does."""
        self.says(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        asked, fetching = self.source.asked(), self.fetch()
        await asked
        await self._pieces()
        self.clock.advance(15)
        assert (await self.refused(fetching)).detail == "nothing came for 15 s"

    async def test_that_drips(self) -> None:
        """A byte now and then keeps no connection for a day."""
        self.says(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        asked, fetching = self.source.asked(), self.fetch()
        await asked
        await self._drip(5)
        assert (await self.refused(fetching)).code == "EN-SOURCE-UNREACHABLE"

    async def _drip(self, times: int) -> None:
        for _ in range(times):
            await self._pieces()
            self.clock.advance(14)
            for wire in self.source.wires:
                wire.transport.write(b".")

    async def _pieces(self) -> None:
        """Let what was written arrive."""
        for _ in range(20):
            turn: Deferred[None] = Deferred()
            reactor.callLater(0, turn.callback, None)
            await turn


class TestASourceThatIsAway(Fetches):
    async def test_refuses_connections(self) -> None:
        """Told as unreachable."""
        self.source.endpoint = lambda host, port: Nowhere(ConnectionRefusedError())  # type: ignore[method-assign]
        assert (await self.refused(self.fetch())).code == "EN-SOURCE-UNREACHABLE"

    async def test_has_no_address(self) -> None:
        """A name that is in no register is the same."""
        self.source.endpoint = lambda host, port: Nowhere(DNSLookupError())  # type: ignore[method-assign]
        assert (await self.refused(self.fetch())).code == "EN-SOURCE-UNREACHABLE"


class TestAnAddress(Fetches):
    async def test_of_another_kind_is_never_asked(self) -> None:
        """Old certificates point to LDAP too."""
        error = await self.refused(self.fetch("ldap://ldap.example/cn=ca"))
        assert (error.code, self.reached) == ("EN-SOURCE-ANSWER", [])

    async def test_that_would_split_the_request_is_never_asked(self) -> None:
        """A certificate's text is not ours."""
        assert (await self.refused(self.fetch("http://h/a\r\nx: y"))).code == "EN-SOURCE-ANSWER"
        assert self.reached == []

    async def test_with_a_password_is_never_asked(self) -> None:
        """Where it goes to would be unclear to a reader."""
        assert (await self.refused(self.fetch("http://a:b@h/"))).code == "EN-SOURCE-ANSWER"

    async def test_with_an_impossible_port_is_never_asked(self) -> None:
        """Refused like any other text that is no address."""
        assert (await self.refused(self.fetch("http://h:99999/"))).code == "EN-SOURCE-ANSWER"


class TestAProxy(Fetches):
    async def test_is_asked_for_the_whole_address(self) -> None:
        """In a care network the internet may be there through a proxy only."""
        self.proxy = "http://proxy.example:3128"
        await self.fetch()
        assert self.reached == [("proxy.example", 3128)]
        assert self.source.heard[0].line == f"GET {ADDRESS} HTTP/1.1"
        assert self.source.heard[0].headers["host"] == "crl.example"

    async def test_is_passed_over_for_what_is_near(self) -> None:
        """The mirror of the network stands within it."""
        self.proxy = "http://proxy.example:3128"
        await self.fetch(by_proxy=False)
        assert (self.reached[0][0], self.source.heard[0].target) == ("crl.example", "/lists/one.crl")
