"""A small file got over plain HTTP, from a source that need not be trusted.

Knows: limits on size and time, redirects, conditional requests, the proxy that a network may ask for.
Must not know: what is in the file, who signed it, when it is fetched again.

Only http: what is fetched here is signed itself, and a list that says whether TLS certificates may be believed cannot
wait for TLS (RFC 5280, section 4.2.1.13; RFC 6960, appendix A).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint

from edge_node.errors import EdgeNodeError, Unavailable
from edge_node.wire.http1 import Headers, Limits, UnfitHeader, first_value
from edge_node.wire.http1_client import ClientAnswer, Destination, HttpClient

#: The way to a host and port.
Connect = Callable[[str, int], IStreamClientEndpoint]

UNREACHABLE: Final = "EN-SOURCE-UNREACHABLE"
ANSWER: Final = "EN-SOURCE-ANSWER"

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ADDRESS_LENGTH: Final = 2048
_VALIDATOR_LENGTH: Final = 256
_MOST_BYTES: Final = 1 << 62
_CLOSE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one fetch may take. Every number is a setting."""

    max_bytes: int = 20 * 1024 * 1024
    connect_s: float = 10.0
    idle_s: float = 15.0  # between two pieces of an answer
    total_s: float = 60.0  # redirects included
    redirects: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the source said of the version that is held here (RFC 9110, section 8.8)."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> Headers:
        """The headers that ask for something newer only."""
        said = (("if-none-match", self.etag), ("if-modified-since", self.last_modified))
        return tuple((name, value) for name, value in said if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One request. A POST follows no redirect."""

    address: str
    method: str = "GET"
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    validators: Validators = Validators()
    by_proxy: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came; `body` is None where nothing is newer than what is held."""

    body: bytes | None = field(repr=False)
    validators: Validators
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How hosts are reached. Names are looked up by the reactor, in a thread of its own."""

    connect: Connect
    clock: IReactorTime
    limits: FetchLimits = FetchLimits()
    proxy: str | None = None  # http://host:port


class Fetching:
    """Fetches over connections of its own, one for each request."""

    def __init__(self, ways: Callable[[], Ways]) -> None:
        """`ways` is asked at each fetch, so that new settings count at once."""
        self._ways = ways

    async def fetch(self, wish: Wish) -> Found:
        """Fetch. Raises `Unavailable` with EN-SOURCE-UNREACHABLE or EN-SOURCE-ANSWER."""
        ways = self._ways()
        end_s = ways.clock.seconds() + ways.limits.total_s
        for _ in range(ways.limits.redirects + 1):
            errand = _Errand(wish, ways, end_s)
            found = await errand.run()
            if isinstance(found, Found):
                return found
            wish = replace(wish, address=found)
        raise Unavailable(f"more than {ways.limits.redirects} redirects", code=ANSWER)


class _Errand:
    """One request to one host; its answer is a file, or where the file is."""

    def __init__(self, wish: Wish, ways: Ways, end_s: float) -> None:
        self._wish = wish
        self._ways = ways
        self._end_s = end_s

    @property
    def _left_s(self) -> float:
        return max(0.0, self._end_s - self._ways.clock.seconds())

    async def run(self) -> Found | str:
        """Ask, and read the answer whole."""
        parts = address_parts(self._wish.address)
        client = self._client(parts)
        try:
            return await self._asked(client, self._target(parts))
        except UnfitHeader as error:
            raise Unavailable("the address or a header cannot be sent", code=ANSWER) from error
        except Unavailable as error:
            if error.code in (UNREACHABLE, ANSWER):
                raise
            raise Unavailable(error.detail, code=UNREACHABLE) from error
        except EdgeNodeError as error:
            raise Unavailable(error.detail, code=ANSWER) from error
        finally:
            await client.close(limit_s=_CLOSE_S)

    def _client(self, parts: SplitResult) -> HttpClient:
        limits, proxy = self._ways.limits, self._ways.proxy if self._wish.by_proxy else None
        near = urlsplit(proxy) if proxy else parts
        return HttpClient(
            Destination(
                endpoint=self._ways.connect(str(near.hostname), near.port or 80),
                authority=parts.netloc,
                # Told a length or not, what comes is counted here, so that too much of it has a name of its own.
                limits=Limits(body_bytes=_MOST_BYTES),
                to_the_end=True,
                max_connections=1,
                connect_s=limits.connect_s,
            ),
            self._ways.clock,
        )

    def _target(self, parts: SplitResult) -> str:
        query = f"?{parts.query}" if parts.query else ""
        path = f"{parts.path or '/'}{query}"
        return f"http://{parts.netloc}{path}" if self._ways.proxy and self._wish.by_proxy else path

    async def _asked(self, client: HttpClient, target: str) -> Found | str:
        wish = self._wish
        headers = (*wish.headers, ("accept-encoding", "identity"), *wish.validators.headers)
        answer = await client.request(wish.method, target, headers, wish.body, timeout_s=self._left_s)
        body = await self._whole(answer)
        if answer.status == 200:
            return Found(body=body, validators=_validators(answer), content_type=answer.content_type)
        if answer.status == 304 and wish.validators.headers:
            return Found(body=None, validators=wish.validators)
        if answer.status in _REDIRECTS and wish.method == "GET":
            return self._elsewhere(answer)
        raise Unavailable(f"HTTP status {answer.status}", code=ANSWER, retry_after_s=_retry_after_s(answer))

    async def _whole(self, answer: ClientAnswer) -> bytes:
        """Read to the end, in pieces that must keep coming; the time for all of it is the client's to watch."""
        body, max_bytes = bytearray(), self._ways.limits.max_bytes
        told = int(first_value(answer.headers, "content-length") or 0)  # the parser saw to it that it is digits
        try:
            while told <= max_bytes and (piece := await self._piece(answer)):
                body += piece
                told = max(told, len(body))
            if told > max_bytes:
                raise Unavailable(f"the answer is larger than {max_bytes} bytes", code=ANSWER)
        except EdgeNodeError:
            answer.abort()
            raise
        return bytes(body)

    async def _piece(self, answer: ClientAnswer) -> bytes:
        waiting = Deferred.fromCoroutine(answer.read())
        try:
            return await waiting.addTimeout(self._ways.limits.idle_s, self._ways.clock)
        except TimeoutError as error:
            detail = f"nothing came for {self._ways.limits.idle_s:g} s"
            raise Unavailable(detail, code=UNREACHABLE) from error

    def _elsewhere(self, answer: ClientAnswer) -> str:
        location = first_value(answer.headers, "location")
        if not location:
            raise Unavailable("a redirect to nowhere", code=ANSWER)
        try:
            address = urljoin(self._wish.address, location)
        except ValueError as error:
            raise Unavailable("a redirect to no address", code=ANSWER) from error
        address_parts(address)
        return address


def address_parts(address: str) -> SplitResult:
    """Split an address of a source. Raises `Unavailable` for one that is not fetched from."""
    wrong = "is no address of the form http://host/path"
    if len(address) > _ADDRESS_LENGTH or not address.isascii() or not address.isprintable() or " " in address:
        raise Unavailable(f"the address {wrong}", code=ANSWER)
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Unavailable(f"the address {wrong}", code=ANSWER) from error
    if parts.scheme != "http":
        raise Unavailable(f"the scheme is {parts.scheme or 'missing'}; only http is fetched from", code=ANSWER)
    if not parts.hostname or parts.username is not None or parts.password is not None or port == 0:
        raise Unavailable(f"the address {wrong}", code=ANSWER)
    return parts._replace(fragment="")


def _validators(answer: ClientAnswer) -> Validators:
    return Validators(etag=_said(answer, "etag"), last_modified=_said(answer, "last-modified"))


def _said(answer: ClientAnswer, name: str) -> str:
    """Return a header that can be sent back later; an odd one is left alone, and the whole file fetched again."""
    value = first_value(answer.headers, name) or ""
    return value if len(value) <= _VALIDATOR_LENGTH and value.isascii() and value.isprintable() else ""


def _retry_after_s(answer: ClientAnswer) -> float | None:
    said = first_value(answer.headers, "retry-after") or ""
    return float(said) if answer.status in (429, 503) and said.isdecimal() and len(said) <= 6 else None
