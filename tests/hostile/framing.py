"""What is sent to fool the reader of requests, and what must come back.

Knows: the form of a case, and the words from which requests are made.
Must not know: how a case is sent.
"""

from dataclasses import dataclass, replace

#: In every case somewhere: it must never come back.
EVIL = b"evil"
#: The largest body in the cases.
BODY_BYTES = 100_000

FIRST = b"POST /Ping HTTP/1.1\r\n"
HOST = b"Host: node\r\n"
HEAD = FIRST + HOST + b"X-Evil: evil\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = FIRST + HOST + b"Content-Length: 5\r\n\r\nhello"

#: Bytes to send, or seconds that pass.
Step = bytes | float


@dataclass(frozen=True, slots=True)
class Case:
    """Something hostile. `statuses` are all that comes back; `served` of them were real requests."""

    steps: tuple[Step, ...]
    statuses: tuple[int, ...] = (400,)
    served: int = 0
    family: str = ""
    name: str = ""

    @property
    def data(self) -> bytes:
        """All its bytes, where it is bytes."""
        return b"".join(step for step in self.steps if isinstance(step, bytes))

    @property
    def is_bytes(self) -> bool:
        """Can it be sent at once, and is there no real request in it?"""
        return not self.served and len(self.steps) == 1 and isinstance(self.steps[0], bytes)


Family = dict[str, Case]


def refused(*steps: Step, status: int = 400) -> Case:
    """Something that gets one answer, and the connection ends."""
    return Case(steps, (status,))


def served(*steps: Step, statuses: tuple[int, ...], times: int) -> Case:
    """Something that begins with so many real requests."""
    return Case(steps, statuses, times)


def first(line: bytes) -> bytes:
    """A request with that first line."""
    return line + b"\r\n" + HOST + b"X-Evil: evil\r\n\r\n"


def drip(data: bytes) -> tuple[Step, ...]:
    """The bytes one by one, a second apart."""
    return tuple(step for byte in data for step in (bytes([byte]), 1.0))


def header(line: bytes, body: bytes = b"") -> bytes:
    """A request with that header line, and perhaps bytes behind its head."""
    return HEAD + line + b"\r\n\r\n" + body


def named(families: dict[str, Family]) -> tuple[Case, ...]:
    """Put family and name into each case."""
    return tuple(
        replace(case, family=family, name=name) for family, cases in families.items() for name, case in cases.items()
    )
