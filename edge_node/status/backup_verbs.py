"""The verbs on backups, and on what a restore holds back.

Knows: their names and fields, and what they answer.
Must not know: how a backup is made, how messages are stored.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any, Final

from twisted.internet.defer import Deferred

from edge_node.errors import Refused
from edge_node.model.backup import Made, Report, Safety, Span
from edge_node.model.message import Direction
from edge_node.status.document import Document, of_safety
from edge_node.status.ports import NO_LINE, Backups, Nudge, RestoreHolds, Wake
from edge_node.status.verbs import Call, Request, Run, Verb, number_of, text_of

#: Released or discarded in one commit, so that no message waits long behind them.
_AT_ONCE: Final = 50
_MAX: Final = 1_000_000
_AGES_S: Final = (3600.0, 4 * 3600.0, 86_400.0, 3 * 86_400.0, 7 * 86_400.0)


def verbs(backups: Backups, holds: RestoreHolds, now: Callable[[], float], nudge: Nudge = NO_LINE) -> dict[str, Verb]:
    """Return them."""

    async def make(call: Call) -> Document:
        def told(step: str, done: int, of: int) -> None:
            Deferred.fromCoroutine(call.tell({"step": step, "done": done, "of": of})).addErrback(lambda _: None)

        return of_made(await backups.make(_folder_of(call.fields), told))

    async def drilled(call: Call) -> Document:
        detail = {name: text_of(call.fields, name) or "" for name in ("backup", "made_at")}
        await backups.drilled({**detail, "messages": number_of(call.fields, "messages", 1, _MAX * 1000)})
        return {}

    async def show(call: Call) -> Document:
        safety = await backups.safety()
        return {"backup": of_safety(safety), "ages": await _ages(holds, now())} | _of_report(safety)

    async def act(call: Call) -> Document:
        span, ending = _span_of(call.fields), text_of(call.fields, "ending") or ""
        limit, done = number_of(call.fields, "limit", _MAX, _MAX), 0
        touched: set[Direction] = set()
        while done < limit and not call.is_stopped:
            ways = await holds.act(ending, span, min(_AT_ONCE, limit - done), call.by)
            touched.update(ways)
            _each(nudge.wake, ways)
            done += len(ways)
            if not ways:
                break
            await call.tell({"done": done})
        _each(nudge.hope, touched if ending == "release" else ())
        left = sum(band.held for band in await holds.bands(Span()))
        return {"done": done, "left": left}

    return {
        "backup.make": Verb(fields=frozenset({"to", "why"}), changes=True, run=make),
        "backup.drilled": Verb(fields=frozenset({"backup", "made_at", "messages", "why"}), changes=True, run=drilled),
        "restored.show": Verb(run=show),
        "restored.count": Verb(fields=frozenset({"since", "until", "direction"}), run=_counting(holds, now)),
        "restored.act": Verb(
            fields=frozenset({"ending", "since", "until", "direction", "limit", "why"}), changes=True, run=act
        ),
    }


def _each(tell: Wake, ways: Iterable[Direction]) -> None:
    for way in set(ways):
        tell(way)


def _counting(holds: RestoreHolds, now: Callable[[], float]) -> Run:
    async def count(call: Call) -> Document:
        bands = [band for band in await holds.bands(_span_of(call.fields)) if band.held]
        oldest = min((band.oldest for band in bands if band.oldest is not None), default=now())
        return {"held": sum(band.held for band in bands), "oldest_s": max(0.0, now() - oldest)}

    return count


async def _ages(holds: RestoreHolds, now: float) -> list[Document]:
    """What is held, by age: the bounds are those by which people release."""
    bounds = (0.0, *_AGES_S, float("inf"))
    found = []
    for younger, older in pairwise(bounds):
        until = float("inf") if younger == 0.0 else now - younger  # a message of a clock that was ahead is young
        for band in await holds.bands(Span(since=now - older, until=until)):
            if band.held:
                oldest = None if isfinite(older) else round(now - (band.oldest or now), 1)
                bound = {"older_than_s": younger, "younger_than_s": older if isfinite(older) else oldest}
                found.append({"direction": band.direction.value, "held": band.held, **bound})
    return found


def _of_report(safety: Safety) -> Document:
    report = safety.restored
    return {"restored": None} if report is None else {"restored": of_report(report)}


def of_made(made: Made) -> Document:
    """A backup that was made."""
    return {
        "file": made.path,
        "nbytes": made.nbytes,
        "took_s": round(made.took_s, 1),
        "keys": list(made.manifest.keys),
        "counts": [list(count) for count in made.manifest.counts],
        "pruned": list(made.pruned),
    }


def of_report(report: Report) -> Document:
    """What a restore tells."""
    return {**asdict(report), "was": [list(line) for line in report.was], "missing_from": report.missing_from}


def _folder_of(fields: Request) -> Path | None:
    text = text_of(fields, "to")
    if text is None:
        return None
    path = Path(text)
    if not path.is_absolute():
        raise _wrong("to is the whole path of a folder")
    return path


def _span_of(fields: Request) -> Span:
    direction = text_of(fields, "direction")
    try:
        way = None if direction is None else Direction(direction)
    except ValueError:
        raise _wrong("direction is in or out") from None
    return Span(
        since=_moment_of(fields, "since", 0.0), until=_moment_of(fields, "until", float("inf")), direction=way
    )


def _moment_of(fields: Request, key: str, otherwise: float) -> float:
    value: Any = fields.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(f"{key} is a moment, in seconds since 1970")
    return float(value)


def _wrong(detail: str) -> Refused:
    return Refused(detail, code="EN-CONTROL-REQUEST")
