"""The room of the local API that makes transaction tokens, of a mandate and an enrolment that are handed in.

Knows: the address /v1/tokens/transaction, what it takes and answers.
Must not know: how a caller proved who it is, how a token is proven, made or recorded, HTTP framing.
"""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge_node.errors import Refused
from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, InvalidIdentifier, MessageId, Oid
from edge_node.model.peer import LocalCaller
from edge_node.model.token import AskedToken, MadeToken
from edge_node.status.answers import ApiAnswer, Said, WrongMethod, answer
from edge_node.status.document import moment

ADDRESS: Final = "/v1/tokens/transaction"

_MAX_REQUEST_BYTES: Final = 262_144
_FIELDS: Final = frozenset({
    "application", "interaction", "message_id", "bsn", "rule", "context", "mandate_token", "enrolment_token",
})  # fmt: skip
#: Base64, in either alphabet; a line may end in it. Nothing is given back, so that no text is tried for minutes.
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_\s-]++=*+\s*+")
_WORD: Final = re.compile(r"[!-~]{1,256}")

Make = Callable[[LocalCaller, AskedToken, str], Awaitable[MadeToken]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenApi:
    """Answers local systems that ask for a token."""

    make: Make
    new_correlation: Callable[[], str]

    async def handle(self, caller: LocalCaller, method: str, path: str, said: Said) -> ApiAnswer:
        """Answer one request. Raises `EdgeNodeError`."""
        if path != ADDRESS:
            raise Refused("no such address", code="EN-NOT-FOUND")
        if method != "POST":
            raise WrongMethod("POST")
        made = await self.make(caller, read_asked(said[1]), self.new_correlation())
        document = {
            "token": base64.urlsafe_b64encode(made.xml).decode().rstrip("="),
            "id": made.id,
            "ends_at": moment(made.ends),
        }
        return answer(200, document)


def read_asked(body: bytes) -> AskedToken:
    """What a request asks for. Raises `Refused` (EN-REQUEST, EN-TOKEN-MISSING)."""
    if len(body) > _MAX_REQUEST_BYTES:
        raise _wrong(f"a request has at most {_MAX_REQUEST_BYTES} bytes")
    asked = _object(body)
    if odd := sorted(set(asked) - _FIELDS):
        raise _wrong(f"not known: {', '.join(odd)[:200]}; the body takes {', '.join(sorted(_FIELDS))}")
    return AskedToken(
        application=_made_of(asked, "application", ApplicationId, "the application id as text"),
        interaction=_made_of(asked, "interaction", InteractionId, "the interaction id"),
        message=_message_id(asked.get("message_id")),
        bsn=_made_of(asked, "bsn", Bsn, "nine digits that pass the eleven-test, as text"),
        rule=None if asked.get("rule") is None else _word(asked["rule"], "rule"),
        context=_context(asked.get("context")),
        mandate=_token(asked, "mandate_token"),
        enrolment=_token(asked, "enrolment_token"),
    )


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise _wrong("the body is one JSON object, each name in it once")
    return asked


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _made_of(asked: Mapping[str, Any], name: str, made: Callable[[str], Any], form: str) -> Any:
    value = asked.get(name)
    try:
        if isinstance(value, str):
            return made(value)
    except InvalidIdentifier:
        pass
    # What was written there is not repeated: it may be a patient's number.
    raise _wrong(f"{name} is {form}")


def _message_id(value: Any) -> MessageId | None:
    if value is None:
        return None
    try:
        if isinstance(value, dict) and set(value) == {"root", "extension"}:
            return MessageId(str(value["root"]), str(value["extension"]))
    except InvalidIdentifier:
        pass
    raise _wrong("message_id is {root, extension} of the message the token is for")


def _context(value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    try:
        if isinstance(value, dict) and set(value) == {"code", "system"}:
            return str(Oid(str(value["system"]))), _word(value["code"], "context.code")
    except InvalidIdentifier:
        pass
    raise _wrong("context is {code, system}; the system is an OID")


def _word(value: Any, name: str) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise _wrong(f"{name} is text of at most 256 characters without spaces")
    return value


def _token(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if value is None or value == "":
        raise Refused(f"{name} is missing", code="EN-TOKEN-MISSING")
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        raise _wrong(f"{name} is one SAML assertion in base64 or base64url")
    return "".join(value.split()).replace("+", "-").replace("/", "_").rstrip("=")


def _wrong(detail: str) -> Refused:
    return Refused(detail, code="EN-REQUEST")
