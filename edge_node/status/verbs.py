"""The register of what can be asked of the node through its control socket, and how one request is carried out.

Knows: what a verb consists of, how a request is held to it, that a change is recorded before it is made.
Must not know: which verbs there are, sockets, or how the caller proved who it is.

A part adds its verbs without touching this file. It has a function that returns them, in a module of its own:

    def verbs(inbox: Inbox) -> dict[str, Verb]:
        async def read(call: Call) -> Document:
            message = await inbox.read(uid_of(call.fields), call.by)
            await call.tell_bytes(message.body)          # a large answer goes in parts, ahead of the last line
            return of_message(message)

        return {
            "inbox.list": Verb(fields=frozenset({"limit"}), run=...),
            "inbox.read": Verb(fields=frozenset({"uid", "why"}), changes=True, target=uid_of, run=read),
        }

and one line in `edge_node/attending.py` puts them into the daemon; for a command that works without the daemon, one
in `edge_node/cli/offline.py`. `run` returns what the last line holds, or raises an `EdgeNodeError`, which becomes it.

`changes=True` is for what changes or reveals something. Such a verb has `why` among its fields, `call.by` then says
who and why, and who, why, `target` and the fields of `told` stand in the access log before `run` begins. Where it is
then refused, or fails, a second line of the same correlation says so.

What takes long is done in small units. After each: `await call.tell({...})`, which waits while the caller reads
slowly, then look at `call.is_stopped`: the caller wants no more, or hung up. End then, and return how far it came.
"""

import base64
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.identifiers import Bsn, InvalidIdentifier
from edge_node.model.lifecycle import IllegalTransition
from edge_node.model.overview import By
from edge_node.status.document import Document, of_error
from edge_node.status.ports import Change, RecordChange

Request = Mapping[str, Any]

MAX_TEXT: Final = 500
_CODES: Final = "EN-"
_ILLEGAL: Final = "EN-ILLEGAL-STEP"
_LONGEST_TOLD: Final = 64
_NUMBER: Final = re.compile(r"\d{9}")
_MAX_SECONDS: Final = 100 * 366 * 86_400
_UID: Final = re.compile(r"[0-9a-f]{32}")
_NINE_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")
#: The same with spaces, dots, dashes or the like between them, wherever one may begin.
_NINE_APART: Final = re.compile(r"(?<![0-9])(?=([0-9](?:[^0-9A-Za-z]{0,3}[0-9]){8})(?![0-9]))")
#: JSON can write the half of a pair; no file takes it.
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")
#: Of Unicode: control, format, private and unassigned characters.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cn"})
#: Of an access log: its number and its hash.
_HEAD: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,8}:[0-9a-f]{64}(?![0-9A-Za-z])")
_NO_DIGIT: Final = re.compile(r"[^0-9]")
#: Bytes of one part of a large answer, so that neither side ever holds more than a little of it.
_PART_BYTES: Final = 48 * 1024


class Caller(Protocol):
    """Who asked, while the answer is made."""

    @property
    def is_stopped(self) -> bool:
        """Whether it wants no more of it: it said so, or hung up."""
        ...

    async def tell(self, part: Document) -> None:
        """Give it a part of the answer; waits while it reads slowly. Whom nobody hears is told nothing."""
        ...


class Patient:
    """A caller that waits for the end of the answer and does not hear its parts."""

    is_stopped = False

    async def tell(self, part: Document) -> None:
        """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as its verb gets it: its fields have the names of the verb, what they hold is not looked at."""

    fields: Request
    who: str
    caller: Caller

    @property
    def by(self) -> By:
        """Who, and why. Raises `Refused` without a reason."""
        return By(who=self.who, why=why_of(self.fields))

    @property
    def is_stopped(self) -> bool:
        """Whether to end after the unit in hand."""
        return self.caller.is_stopped

    async def tell(self, part: Document) -> None:
        """Send a part of the answer ahead of its last line: progress, or some rows."""
        await self.caller.tell(part)

    async def tell_bytes(self, data: bytes) -> None:
        """Send bytes ahead of the last line; `control_client.Bytes` puts them together."""
        for start in range(0, len(data), _PART_BYTES):
            if self.is_stopped:
                return
            await self.tell({"bytes": base64.b64encode(data[start : start + _PART_BYTES]).decode("ascii")})


Run = Callable[[Call], Awaitable[Any]]


def _nothing(fields: Request) -> str:
    """The change is not of one message."""
    return ""


def _done(result: Any) -> str:
    """What was asked for was done."""
    return "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: the fields it takes besides its name, whether it changes or reveals anything, how it is done."""

    run: Run
    fields: frozenset[str] = frozenset()
    changes: bool = False
    target: Callable[[Request], str] = _nothing  # the uid of the message it is about; raises `Refused`
    patient: Callable[[Request], str] = _nothing  # the number of the patient it is about, where it asks for one
    told: frozenset[str] = frozenset()  # fields that stand open in its line; what may be of a person is none of them
    outcome: Callable[[Any], str] = _done  # by its answer: in a word, or a code where nothing was changed


def register(*parts: Mapping[str, Verb]) -> dict[str, Verb]:
    """Put the verbs of all parts together; two of one name, or a change without a reason, is a mistake of ours."""
    verbs: dict[str, Verb] = {}
    for part in parts:
        if doubles := verbs.keys() & part.keys():
            raise ValueError(f"registered twice: {', '.join(sorted(doubles))}")
        verbs |= part
    if silent := [name for name, verb in verbs.items() if verb.changes and "why" not in verb.fields]:
        raise ValueError(f"change something and take no reason: {', '.join(sorted(silent))}")
    return verbs


class Attendant:
    """Carries out one verb after the other, records each change before it makes it, and that nothing came of it."""

    def __init__(self, verbs: Mapping[str, Verb], record: RecordChange, new_correlation: Callable[[], str]) -> None:
        self._verbs = verbs
        self._record = record
        self._new_correlation = new_correlation

    def changes(self, request: object) -> bool:
        """Whether a request is one of those that change or reveal something."""
        name = request.get("verb") if isinstance(request, Mapping) else None
        return isinstance(name, str) and name in self._verbs and self._verbs[name].changes

    def outcome(self, name: str, answer: Document) -> str:
        """What became of a request for a change: a word, or a code."""
        code: str = self._verbs[name].outcome(answer["result"]) if answer["ok"] else answer["error"]["code"]
        return code

    async def attend(self, request: object, who: str, caller: Caller | None = None) -> Document:
        """Carry out one request; an error is an answer too."""
        try:
            return {"ok": True, "result": await self._carry_out(request, who, caller or Patient())}
        except IllegalTransition as error:
            return {"ok": False, "error": of_error(Refused(str(error), code=_ILLEGAL))}
        except EdgeNodeError as error:
            return {"ok": False, "error": of_error(error)}

    async def _carry_out(self, request: object, who: str, caller: Caller) -> Any:
        name, fields = parse(request, self._verbs)
        verb = self._verbs[name]
        call = Call(fields=fields, who=who, caller=caller)
        if not verb.changes:
            return await verb.run(call)
        about = {
            "target": verb.target(fields),
            "patient": verb.patient(fields),
            "correlation": self._new_correlation(),
        }
        change = Change(verb=name, by=call.by, details=_told(fields, verb.told), **about)
        await self._record(change)
        return await self._change(change, call)

    async def _change(self, change: Change, call: Call) -> Any:
        verb = self._verbs[change.verb]
        try:
            result = await verb.run(call)
        except Exception as error:  # whatever it was, the line before says that it was done
            await self._take_back(change, _code_of(error))
            raise
        if (outcome := verb.outcome(result)).startswith(_CODES):
            await self._take_back(change, outcome)
        return result

    async def _take_back(self, change: Change, code: str) -> None:
        # A store that is not there fails the line as it failed the verb: the caller is told of the verb.
        with suppress(EdgeNodeError):
            await self._record(replace(change, code=code))


def _code_of(error: Exception) -> str:
    if isinstance(error, IllegalTransition):
        return _ILLEGAL
    return error.code if isinstance(error, EdgeNodeError) else EdgeNodeError.code


def _told(fields: Request, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    given = ((name, str(fields[name])) for name in sorted(names) if fields.get(name) not in (None, ""))
    # Some systems use a patient's number as an id of a message.
    return tuple((name, text) for name, text in given if len(text) <= _LONGEST_TOLD and not _NUMBER.search(text))


def parse(request: object, verbs: Mapping[str, Verb]) -> tuple[str, Request]:
    """The verb and its fields; raises `Refused` for anything that is not exactly one of the verbs."""
    if not isinstance(request, Mapping):
        raise wrong("a request is one JSON object")
    name = request.get("verb")
    if not isinstance(name, str) or name not in verbs:
        raise wrong("unknown verb")
    fields = {key: value for key, value in request.items() if key != "verb" and value is not None}
    taken = verbs[name].fields
    if not taken.issuperset(fields):
        raise wrong(f"{name} takes {', '.join(sorted(taken)) or 'no fields'}")
    return name, fields


def uid_of(fields: Request) -> str:
    """The message that is meant."""
    uid = text_of(fields, "uid") or ""
    if not _UID.fullmatch(uid):
        raise wrong("the id of a message is 32 hexadecimal digits in small letters, as `queue list` shows it")
    return uid


def why_of(fields: Request) -> str:
    """The reason, on one line."""
    said = said_of(fields, "why", "the reason")
    if not said:
        raise wrong("say why: it is recorded with your name")
    return said


def said_of(fields: Request, key: str, name: str) -> str:
    """What a person says, on one line, without what cannot be seen; empty where nothing is said."""
    said = " ".join("".join(filter(_is_seen, text_of(fields, key) or "")).split())
    # It is kept in the clear and shown in lists, so a patient number has no place in it.
    if _holds_patient_number(unicodedata.normalize("NFKC", said)):
        raise wrong(f"{name} holds nine digits that may be a patient's number: leave them out")
    return said


def _is_seen(char: str) -> bool:
    """No control and no format character: one could steer a terminal, turn a name round, or be no name at all."""
    return char.isspace() or unicodedata.category(char) not in _UNSEEN


def _holds_patient_number(text: str) -> bool:
    """Nine digits in a row, whatever they are; apart, those that pass the eleven-test: a date must stay possible.

    The head of an access log is none, though every eighth has nine digits in a row.
    """
    text = _HEAD.sub("", text)
    apart = (_NO_DIGIT.sub("", found[1]) for found in _NINE_APART.finditer(text))
    return bool(_NINE_DIGITS.search(text)) or any(_is_bsn(digits) for digits in apart)


def _is_bsn(digits: str) -> bool:
    try:
        Bsn(digits)
    except InvalidIdentifier:
        return False
    return True


def text_of(fields: Request, key: str) -> str | None:
    """A field that is text."""
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_TEXT or _HALF_CHARACTER.search(value):
        raise wrong(f"{key} is text of at most {MAX_TEXT} characters")
    return value


def moment_of(fields: Request, key: str) -> datetime | None:
    """A field that is a moment, in UTC."""
    text = text_of(fields, key)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(f"{key} is a moment with its offset, such as 2027-01-31T13:00:00+01:00") from None


def number_of(fields: Request, key: str, default: int, most: int) -> int:
    """A field that is a whole number from 1 on."""
    value = fields.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise wrong(f"{key} is a number from 1 to {most}")
    return value


def seconds_of(fields: Request, key: str) -> float | None:
    """A field that is a duration."""
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _MAX_SECONDS:
        raise wrong(f"{key} is a number of seconds")
    return float(value)


def flag_of(fields: Request, key: str) -> bool:
    """A field that is true or false; false when it is left out."""
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise wrong(f"{key} is true or false")
    return value


def wrong(detail: str) -> Refused:
    """A request that is not as its verb has it."""
    return Refused(detail, code="EN-CONTROL-REQUEST")
