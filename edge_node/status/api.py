"""The local API, with of its rooms the messages: what became of one, and a new token for one that needs it.

Knows: the addresses under /v1/messages, whose message a caller may see, which room has another address.
Must not know: HTTP framing, how a caller proved who it is, how a message is stored or read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import unquote

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.identifiers import InteractionId, InvalidIdentifier, MessageId
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import IllegalTransition
from edge_node.model.message import Direction, Reading
from edge_node.model.overview import Row, Shown
from edge_node.model.peer import LocalCaller
from edge_node.status.answers import ApiAnswer, Said, WrongMethod, answer, problem
from edge_node.status.document import moment, of_step
from edge_node.status.ports import ApplicationsOf, FhirRenewal, Judge, Queue, Read, Renewals, Wake, nobody

_API: Final = "/v1/"
_MESSAGES: Final = "/v1/messages/"
_UID: Final = re.compile(r"[0-9a-f]{32}")


#: What happened, whose turn it is and what to do, in both languages; None while there is nothing to do.
Advise = Callable[[Row], Mapping[str, Any] | None]


def nothing_to_say(row: Row) -> None:
    """No words are at hand here."""


class Room(Protocol):
    """What answers the addresses under one name of the local API. Raises `EdgeNodeError`."""

    async def handle(self, caller: LocalCaller, method: str, path: str, said: Said) -> ApiAnswer: ...


@dataclass(frozen=True, slots=True)
class Address:
    """What an address names: one message, or its token."""

    message: str | MessageId  # uid, or the id the sender gave
    is_token: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalApi:
    """Answers local systems about their own messages."""

    queue: Queue
    renewals: Renewals
    read: Read
    judge: Judge
    fhir_renewal: FhirRenewal
    applications_of: ApplicationsOf
    wake: Wake = nobody
    advise: Advise = nothing_to_say
    rooms: Mapping[str, Room] = field(default_factory=dict)  # by the name behind /v1/

    async def handle(self, caller: LocalCaller, method: str, path: str, said: Said) -> ApiAnswer:
        """Answer one request; an error is an answer too."""
        room = self.rooms.get(re.split(r"[/?]", path.removeprefix(_API), maxsplit=1)[0])
        try:
            if room is not None:
                return await room.handle(caller, method, path, said)
            address = parse(path)
            allowed = ("POST",) if address.is_token else ("GET", "HEAD")
            if method not in allowed:
                raise WrongMethod(*allowed)
            shown = await self._own(caller, address.message)
            if address.is_token:
                shown = await self._renew(caller, shown, said)
            return _answer(202 if address.is_token else 200, shown, self.advise(shown.row))
        except IllegalTransition as error:
            return problem(Refused(str(error), code="EN-ILLEGAL-STEP"))
        except EdgeNodeError as error:
            return problem(error)

    def refusal(self, code: str, detail: str) -> ApiAnswer:
        """Answer a caller who is not heard."""
        return problem(Refused(detail, code=code))

    async def _own(self, caller: LocalCaller, message: str | MessageId) -> Shown:
        """The message, if it is the caller's. Another's is as absent as one that never was."""
        queue = self.queue
        shown = await (queue.show(message) if isinstance(message, str) else queue.find(message))
        own = {str(application) for application in self.applications_of(caller)}
        if shown is None or _application(shown.row) not in own:
            raise Refused("no such message of yours", code="EN-NOT-FOUND")
        return shown

    async def _renew(self, caller: LocalCaller, shown: Shown, said: Said) -> Shown:
        headers, body = said
        if not InteractionId(shown.row.interaction).is_fhir:
            renewal = await self._renewal(caller, shown, body)
        elif body:
            raise Refused("the tokens of a FHIR request stand in headers; leave the body out", code="EN-RENEWAL")
        else:
            renewal = await self.fhir_renewal(caller, shown.row, headers)
        row = await self.renewals.renew(shown.row.uid, renewal)
        self.wake(row.direction)
        return await self.queue.show(row.uid) or shown

    async def _renewal(self, caller: LocalCaller, shown: Shown, body: bytes) -> Renewal:
        reading = await self.read(body)
        _belongs(reading, shown.row)
        for finding in await self.judge(caller, reading, body):
            raise Refused(finding.detail, code=finding.code)
        return Renewal(digest=reading.digest, token=reading.token, body=body, token_uses=reading.token_uses)


def parse(path: str) -> Address:
    """What the address names; raises `Refused` when that is nothing."""
    if not path.startswith(_MESSAGES) or "?" in path:
        raise _nothing()
    match path.removeprefix(_MESSAGES).split("/"):
        case [uid]:
            return Address(_uid(uid), is_token=False)
        case [uid, "token"] if _UID.fullmatch(uid):
            return Address(uid, is_token=True)
        case [root, *extension, "token"] if extension:  # a slash in it stands as it is: no listener takes %2F
            return Address(_message_id(root, "/".join(extension)), is_token=True)
        case [root, *extension]:
            return Address(_message_id(root, "/".join(extension)), is_token=False)
    raise _nothing()


def _answer(status: int, shown: Shown, advice: Mapping[str, Any] | None) -> ApiAnswer:
    row = shown.row
    document: dict[str, Any] = {
        "id": row.uid,
        "message_id": row.message_id,
        "interaction": row.interaction,
        "direction": row.direction.value,
        "sender": row.sender,
        "receiver": row.receiver,
        "state": row.state.value,
        "outcome_unknown": row.unknown,
        "answer_code": row.code or None,
        "attempts": row.attempts,
        "kept_at": moment(row.kept_at),
        "ends_at": moment(row.ends_at) if row.ends_at else None,
        "advice": advice,
        "history": [of_step(step) for step in shown.steps],
    }
    return answer(status, document)


def _belongs(reading: Reading, row: Row) -> None:
    """A renewal is the same message; the store compares the digest of what must not change."""
    wrapper = reading.wrapper
    if str(wrapper.id) != row.message_id or str(wrapper.sender) != row.sender:
        raise Refused("the id or the sender in the body is not that of this message", code="EN-RENEWAL")
    if not reading.tokens:
        raise Refused("the body holds no token", code="EN-RENEWAL")


def _application(row: Row) -> str:
    """Our side of the message."""
    return row.sender if row.direction is Direction.OUT else row.receiver


def _uid(text: str) -> str:
    if not _UID.fullmatch(text):
        raise _nothing()
    return text


def _message_id(root: str, extension: str) -> MessageId:
    try:
        return MessageId(root, unquote(extension, errors="strict"))
    except (InvalidIdentifier, UnicodeDecodeError):
        raise _nothing() from None


def _nothing() -> Refused:
    return Refused("no such address", code="EN-NOT-FOUND")
