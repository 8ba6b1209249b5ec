"""How the log is written: one JSON object a line, without patient data.

Knows: the fields every line has, how Twisted's events join, and the last guard against patient numbers.
Must not know: what is logged, or who reads it.
"""

import logging
import re
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TextIO, cast

import structlog
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogBeginner
from zope.interface import implementer

#: What stays whole: the name of a message (32 hexadecimal digits) and a digest, such as the fingerprint of a
#: certificate (40 or 64), for one in twenty has nine decimal digits in a row; and the serialNumber in the name of a
#: certificate, which is the number of a card or a server (UZI) and never of a patient.
_KEPT: Final = (
    r"\b(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\b"
    r"|\b(?:2\.5\.4\.5|serialNumber)=[0-9]{9}(?![0-9])"
)
_NINE_DIGITS: Final = re.compile(rf"({_KEPT})|(?<![0-9])[0-9]{{9}}(?![0-9])")
MASK: Final = "[nine digits]"
#: Keys whose values are ids or quantities by construction. Everything else with nine digits in a row is masked.
SAFE_KEYS: Final = frozenset({
    "at", "node", "correlation", "uid", "message_id", "initial_request_id", "request_id", "sender", "receiver",
    "serial",
})  # fmt: skip
_SAFE_ENDINGS: Final = ("_bytes", "_s", "_count", "_hash")

_LEVELS: Final = {
    LogLevel.debug: logging.DEBUG,
    LogLevel.info: logging.INFO,
    LogLevel.warn: logging.WARNING,
    LogLevel.error: logging.ERROR,
    LogLevel.critical: logging.CRITICAL,
}

EventDict = MutableMapping[str, Any]


class Stream(Protocol):
    """Where lines are written."""

    def write(self, text: str, /) -> int: ...
    def flush(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Where the log goes and how much of it."""

    stream: Stream
    node_id: str
    now: Callable[[], datetime]  # aware UTC
    level: str = "info"


def configure(settings: LogSettings) -> None:
    """Make every structlog logger of the process write JSON lines."""
    structlog.configure(
        processors=processors(settings),
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", settings.stream)),
        cache_logger_on_first_use=True,
    )


def processors(settings: LogSettings) -> list[structlog.typing.Processor]:
    """The way of one line. The guard is last but the writing: nothing is added after it."""

    def stamp(_logger: object, _name: str, event: EventDict) -> EventDict:
        at = settings.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"at": at, "node": settings.node_id, **event}

    return [
        structlog.contextvars.merge_contextvars,  # the correlation id of the exchange in hand
        structlog.processors.add_log_level,
        _exception_without_text,
        stamp,
        guard,
        structlog.processors.JSONRenderer(default=_name_of),
    ]


def bridge_twisted(level: str) -> None:
    """Let Twisted's own events go the same way. Once a process."""
    globalLogBeginner.beginLoggingTo([TwistedBridge(level)], redirectStandardIO=False, discardBuffer=True)


@implementer(ILogObserver)
class TwistedBridge:
    """Hands Twisted's events to structlog; below warning only when debugging, for they are about plumbing."""

    def __init__(self, level: str) -> None:
        self._lowest = logging.DEBUG if level == "debug" else logging.WARNING
        self._log = structlog.get_logger("twisted")

    def __call__(self, event: LogEvent) -> None:
        level = _LEVELS.get(event.get("log_level", LogLevel.info), logging.INFO)
        if level < self._lowest:
            return
        fields: dict[str, object] = {"namespace": event.get("log_namespace", "")}
        failure = event.get("log_failure")
        if failure is not None:
            fields["error"] = failure.type.__name__
            fields["frames"] = _frames(failure.getTracebackObject())
        else:
            fields["text"] = formatEvent(event)[:500]
        self._log.log(level, "twisted", **fields)


def _exception_without_text(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Name the exception and its frames. Its text stays out: a foreign one may quote what it choked on."""
    error = event.pop("exc_info", None)
    if error is True:
        raise TypeError("hand in the exception itself: exc_info=error")
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = _frames(error.__traceback__)
    return event


def _frames(trace: Any) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)][-20:]


def guard(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Mask whatever looks like a patient number: the last guard, should one come this far by a mistake."""
    return {key: value if _is_safe(key) else _masked(value) for key, value in event.items()}


def _is_safe(key: str) -> bool:
    return key in SAFE_KEYS or key.endswith(_SAFE_ENDINGS)


def _masked(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"  # a body has no place in a log
    if isinstance(value, str):
        return _NINE_DIGITS.sub(_kept_or_masked, value)
    if isinstance(value, Mapping):
        return {str(key): child if _is_safe(str(key)) else _masked(child) for key, child in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(child) for child in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return MASK if _NINE_DIGITS.fullmatch(str(abs(value))) else value
    return _NINE_DIGITS.sub(_kept_or_masked, str(value))


def _kept_or_masked(found: re.Match[str]) -> str:
    return found[1] or MASK


def _name_of(value: object) -> str:
    """What JSON cannot write is named, not shown."""
    return f"<{type(value).__name__}>"
