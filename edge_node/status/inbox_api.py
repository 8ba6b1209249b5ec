"""The inbox of the local API: fetch with a lock, confirm, give back.

Knows: the addresses under /v1/inbox, what each takes and answers, how long a caller may wait.
Must not know: how a caller proved who it is, how a lock is stored, HTTP framing.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.errors import Refused
from edge_node.model.inbox import Ended, Fetcher, Key, Offer, Opened, Wish
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller
from edge_node.status.answers import ApiAnswer, Said, WrongMethod, answer
from edge_node.status.bell import Bell
from edge_node.status.document import moment
from edge_node.status.ports import ApplicationsOf, Inbox, Wake, nobody

PREFIX: Final = "/v1/inbox"
LOCK: Final = "edge-node-lock"

_UID: Final = re.compile(r"[0-9a-f]{32}")
_MAX_REQUEST_BYTES: Final = 4096
#: Headers of a message that go with its bytes; all others are of the connection that brought it.
_OURS: Final = frozenset({"content-type", "content-length", "cache-control"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLimits:
    """What one request may ask."""

    lock_s: float = 60  # where it does not say
    longest_lock_s: float = 3600
    longest_wait_s: float = 30
    most: int = 100
    most_waiting: int = 16  # requests of one local system that wait at once; one more is answered at once


@dataclass(slots=True, kw_only=True)
class InboxApi:
    """Answers local systems about what they fetch."""

    inbox: Inbox
    bell: Bell
    applications_of: ApplicationsOf
    wake: Wake = nobody
    limits: Callable[[], InboxLimits] = InboxLimits  # asked at each request: settings can change
    _waiting: dict[str, int] = field(default_factory=dict)  # requests that wait, by local system

    async def handle(self, caller: LocalCaller, method: str, path: str, said: Said) -> ApiAnswer:
        """Answer one request. Raises `Refused`."""
        fetcher = Fetcher(system=caller.name, applications=frozenset(map(str, self.applications_of(caller))))
        match path.removeprefix(PREFIX).split("/"):
            case ["", "lock"]:
                _must_be("POST", method)
                return await self._lock(fetcher, _asked(said, frozenset({"limit", "wait_s", "lock_s"})))
            case ["", uid, "body"] if _UID.fullmatch(uid):
                _must_be("GET", method)
                return _bytes(await self.inbox.open(fetcher, Key(uid=uid, lock=_named(said[0]))))
            case ["", uid, "confirm" | "release" | "extend" as verb] if _UID.fullmatch(uid):
                _must_be("POST", method)
                return await self._end(fetcher, (uid, verb), said)
        raise Refused("no such address", code="EN-NOT-FOUND")

    async def _lock(self, fetcher: Fetcher, asked: Mapping[str, Any]) -> ApiAnswer:
        limits = self.limits()
        most = int(_number(asked, "limit", (1, limits.most), min(10, limits.most)))
        wish = Wish(most=most, lock_s=self._lock_s(asked))
        wait_s = _number(asked, "wait_s", (0, limits.longest_wait_s), 0)
        offers = await self.inbox.lock(fetcher, wish)
        if not offers and wait_s and self._waiting.get(fetcher.system, 0) < limits.most_waiting:
            offers = await self._wait(fetcher, wish, wait_s)
        return answer(200, {"items": [_of_offer(offer, wish.lock_s) for offer in offers]})

    async def _wait(self, fetcher: Fetcher, wish: Wish, wait_s: float) -> tuple[Offer, ...]:
        end_s = self.bell.now_s + wait_s
        self._waiting[fetcher.system] = self._waiting.get(fetcher.system, 0) + 1
        try:
            while (left_s := end_s - self.bell.now_s) > 0 and not self.bell.is_closed:
                await self.bell.heard(left_s)
                if offers := await self.inbox.lock(fetcher, wish):
                    return offers
        finally:
            self._waiting[fetcher.system] -= 1
        return ()

    async def _end(self, fetcher: Fetcher, what: tuple[str, str], said: Said) -> ApiAnswer:
        uid, verb = what
        fields = {"lock", "lock_s"} if verb == "extend" else {"lock"}
        asked = _asked(said, frozenset(fields))
        lock = asked.get("lock")
        if not isinstance(lock, str) or not _UID.fullmatch(lock):
            raise Refused("lock is the one that came with the message: 32 hexadecimal digits", code="EN-REQUEST")
        key = Key(uid=uid, lock=lock)
        if verb == "extend":
            lock_s = self._lock_s(asked)
            return _of_ended(await self.inbox.extend(fetcher, key, lock_s), {"lock_s": lock_s})
        if verb == "confirm":
            ended = _of_ended(await self.inbox.confirm(fetcher, key), {})
        else:
            ended = _of_ended(await self.inbox.release(fetcher, key), {})
        self.bell.ring()  # the next of its lane is offered now, or this one again
        self.wake(Direction.IN)  # where it is pushed, too
        return ended

    def _lock_s(self, asked: Mapping[str, Any]) -> float:
        limits = self.limits()
        return _number(asked, "lock_s", (1, limits.longest_lock_s), min(limits.lock_s, limits.longest_lock_s))


def _asked(said: Said, fields: frozenset[str]) -> Mapping[str, Any]:
    """What the body asks; none at all asks for what is usual."""
    body = said[1]
    if len(body) > _MAX_REQUEST_BYTES:
        raise Refused(f"a request has at most {_MAX_REQUEST_BYTES} bytes", code="EN-REQUEST")
    try:
        asked = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refused("the body is one JSON object", code="EN-REQUEST")
    if not fields.issuperset(asked):
        raise Refused(f"the body takes {', '.join(sorted(fields))}", code="EN-REQUEST")
    return asked


def _number(asked: Mapping[str, Any], name: str, between: tuple[float, float], usual: float) -> float:
    least, most = between
    value = asked.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(f"{name} is a number from {least:g} to {most:g}", code="EN-REQUEST")
    return value


def _named(headers: tuple[tuple[str, str], ...]) -> str:
    found = [value.strip() for name, value in headers if name == LOCK]
    if len(found) != 1 or not _UID.fullmatch(found[0]):
        raise Refused("the header Edge-Node-Lock holds the lock that came with the message", code="EN-REQUEST")
    return found[0]


def _must_be(allowed: str, method: str) -> None:
    if method != allowed:
        raise WrongMethod(allowed)


def _of_offer(offer: Offer, lock_s: float) -> dict[str, Any]:
    uid = offer.key.uid
    return {
        "id": uid,
        "lock": offer.key.lock,
        "lock_s": lock_s,
        "message_id": offer.message_id,
        "interaction": offer.interaction,
        "sender": offer.sender,
        "receiver": offer.receiver,
        "received_at": moment(offer.kept_at),
        "redelivery": offer.redelivery,
        "attempt": offer.attempts,
        "size_bytes": offer.size,
        "body": f"{PREFIX}/{uid}/body",
        "correlation": offer.correlation,
    }


def _of_ended(ended: Ended, more: Mapping[str, Any]) -> ApiAnswer:
    return answer(200, {"id": ended.uid, "state": ended.state.value, **more})


def _bytes(opened: Opened) -> ApiAnswer:
    """The bytes as they came, with what belongs to them in headers named as where they came from."""
    payload, row = opened.payload, opened.row
    headers = [(name, value) for name, value in payload.headers if name.lower() not in _OURS]
    if payload.soap_action:
        headers.append(("soapaction", payload.soap_action))
    headers += [
        ("edge-node-method", payload.method),
        ("edge-node-path", payload.path),
        ("edge-node-redelivery", "1" if row.unknown else "0"),
        ("cache-control", "no-store"),
    ]
    return ApiAnswer(200, payload.content_type, tuple(headers), payload.body)
