"""What people were told of, in a file of its own that needs no room and no database.

Knows: a file that is set apart once and written over in place, two slots by turns, each with a digest.
Must not know: when people are told, in which words, by which way.

A full disk and a damaged store are what people must be told of, so it cannot lie in the store: writing over what a
file has already takes no room. Of a write that was cut short the slot before it is left. Where nothing can be written
at all, people may be told twice after a restart; they are told all the same.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge_node.errors import Side
from edge_node.model.alert import Alert, Circle, Episode, Memory, Occasion
from edge_node.model.notice import Words
from edge_node.model.sentence import Outage, Saying, Sentence

#: In `node.state_dir`.
FILE: Final = "alerts.memory"

_SLOT_BYTES: Final = 131_072  # every check of the catalogue at once, with all that waits to be told
_SLOTS: Final = 2
_MAGIC: Final = b"edge-node alerts 1"
_WRONG: Final = (OSError, ValueError, KeyError, TypeError, RecursionError)


class AlertMemory:
    """That file. Both methods block: they are called in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = 0

    def take(self) -> Memory:
        """Return what was written last; an empty memory where nothing can be read."""
        found = max(self._slots(), key=lambda slot: slot[0], default=(0, {}))
        self._turn = found[0]
        try:
            return _memory(found[1]) if found[1] else Memory()
        except _WRONG:  # of another release
            return Memory()

    def put(self, memory: Memory) -> None:
        """Write it over the older slot. Raises `OSError`."""
        text = _fitting(memory)
        turn = self._turn + 1
        digest = hashlib.sha256(b"%d " % turn + text).hexdigest().encode()
        line = b"%s %d %d %s\n" % (_MAGIC, turn, len(text), digest)
        descriptor = self._opened()
        try:
            os.pwrite(descriptor, line + text, turn % _SLOTS * _SLOT_BYTES)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        self._turn = turn

    def _opened(self) -> int:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _SLOTS * _SLOT_BYTES:
                os.posix_fallocate(descriptor, 0, _SLOTS * _SLOT_BYTES)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _slots(self) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            with self._path.open("rb") as file:
                whole = file.read(_SLOTS * _SLOT_BYTES)
        except OSError:
            return
        slot_bytes = max(1, len(whole) // _SLOTS)  # those of an older release are smaller
        for begin in range(0, slot_bytes * _SLOTS, slot_bytes):
            found = _slot(whole[begin : begin + slot_bytes])
            if found is not None:
                yield found


def _slot(written: bytes) -> tuple[int, dict[str, Any]] | None:
    line, _, rest = written.partition(b"\n")
    if not line.startswith(_MAGIC):
        return None
    try:
        turn, length, digest = line.removeprefix(_MAGIC).split()
        text = rest[: int(length)]
        if hashlib.sha256(b"%d " % int(turn) + text).hexdigest().encode() != digest:
            return None
        found = json.loads(text)
    except _WRONG:
        return None
    return (int(turn), found) if isinstance(found, dict) else None


def _fitting(memory: Memory) -> bytes:
    """As much of it as a slot holds: what is to be told goes before what is remembered of long ago."""
    while True:
        text = json.dumps(_written(memory), ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) <= _SLOT_BYTES - 256:
            return text
        if len(memory.alerts) > 1:
            memory = replace(memory, alerts=memory.alerts[len(memory.alerts) // 2 :])
        else:
            memory = replace(memory, episodes=memory.episodes[: len(memory.episodes) // 2])


def _written(memory: Memory) -> dict[str, Any]:
    return {
        "episodes": [_of_episode(one) for one in memory.episodes],
        "alerts": [_of_alert(one) for one in memory.alerts],
        "last_seq": memory.last_seq,
        "upto": dict(memory.upto),
        "outage": None if memory.outage is None else _of_outage(memory.outage),
        "daily_on": memory.daily_on,
        "help": memory.help_line,
    }


def _memory(found: Mapping[str, Any]) -> Memory:
    return Memory(
        episodes=tuple(_episode(one) for one in found["episodes"]),
        alerts=tuple(_alert(one) for one in found["alerts"]),
        last_seq=int(found["last_seq"]),
        upto={str(way): int(seq) for way, seq in found["upto"].items()},
        outage=None if found["outage"] is None else _outage(found["outage"]),
        daily_on=str(found["daily_on"]),
        help_line=str(found.get("help", "")),
    )


def _of_episode(one: Episode) -> dict[str, Any]:
    moments = {name: _at(getattr(one, name)) for name in _EPISODE_MOMENTS}
    counts = {"times": one.times, "turns": one.turns, "again": one.is_again}
    return {"sentence": _of_sentence(one.sentence), "told_as": one.told_as, **counts, **moments}


_EPISODE_MOMENTS: Final = ("seen_at", "as_at", "begun_at", "told_at", "network_at", "gone_at", "ended_at")


def _episode(found: Mapping[str, Any]) -> Episode:
    moments: dict[str, Any] = {name: _moment(found[name]) for name in _EPISODE_MOMENTS}
    if moments["seen_at"] is None or moments["as_at"] is None:
        raise ValueError("without a beginning")
    return Episode(
        sentence=_sentence(found["sentence"]),
        told_as=str(found["told_as"]),
        times=int(found["times"]),
        turns=int(found.get("turns", 0)),
        is_again=bool(found.get("again")),
        **moments,
    )


def _of_alert(one: Alert) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "at": _at(one.at),
        "occasion": one.occasion.value,
        "circle": one.circle.value,
        "sentence": _of_sentence(one.sentence),
        "times": one.times,
        "elsewhere": one.is_told_elsewhere,
        "again": one.is_again,
    }


def _alert(found: Mapping[str, Any]) -> Alert:
    return Alert(
        seq=int(found["seq"]),
        at=_surely(found["at"]),
        occasion=Occasion(found["occasion"]),
        circle=Circle(found["circle"]),
        sentence=_sentence(found["sentence"]),
        times=int(found["times"]),
        is_told_elsewhere=bool(found["elsewhere"]),
        is_again=bool(found.get("again")),
    )


def _of_outage(one: Outage) -> dict[str, Any]:
    moments = {"since": _at(one.since), "until": _at(one.until)}
    return {"saying": one.saying.value, "delivered": one.delivered, "left": one.left, **moments}


def _outage(found: Mapping[str, Any]) -> Outage:
    delivered = found["delivered"]
    return Outage(
        saying=Saying(found["saying"]),
        since=_surely(found["since"]),
        until=_surely(found["until"]),
        delivered=None if delivered is None else int(delivered),
        left=int(found["left"]),
    )


def _of_sentence(one: Sentence) -> dict[str, Any]:
    return {
        "saying": one.saying.value,
        "said_at": _at(one.said_at),
        "about": one.about,
        "since": _at(one.since),
        "until": _at(one.until),
        "messages": one.messages,
        "left": one.left,
        "name": one.name,
        "cause": _of_words(one.cause),
        "do": _of_words(one.do),
        "help": one.help_line,
        "whose": None if one.whose is None else one.whose.value,
        "elsewhere": one.is_told_elsewhere,
        "beside": one.is_beside,
    }


def _sentence(found: Mapping[str, Any]) -> Sentence:
    messages, whose = found["messages"], found["whose"]
    return Sentence(
        saying=Saying(found["saying"]),
        said_at=_surely(found["said_at"]),
        about=str(found["about"]),
        since=_moment(found["since"]),
        until=_moment(found["until"]),
        messages=None if messages is None else int(messages),
        left=int(found["left"]),
        name=str(found["name"]),
        cause=_words(found["cause"]),
        do=_words(found["do"]),
        help_line=str(found["help"]),
        whose=None if whose is None else Side(whose),
        is_told_elsewhere=bool(found["elsewhere"]),
        is_beside=bool(found.get("beside")),
    )


def _of_words(words: Words | None) -> list[str] | None:
    return None if words is None else [words.nl, words.en]


def _words(found: Any) -> Words | None:
    return None if found is None else Words(nl=str(found[0]), en=str(found[1]))


def _at(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _moment(found: Any) -> datetime | None:
    return None if found is None else datetime.fromtimestamp(float(found), UTC)


def _surely(found: Any) -> datetime:
    return datetime.fromtimestamp(float(found), UTC)
