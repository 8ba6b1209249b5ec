"""What was found in a bent log, so that people read it: what is one thing is told as one.

Knows: that a record which is missing in one place and too much in another was moved.
Must not know: how a log is followed.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import replace
from typing import Final

from edge_node.model.log_state import Bend, Found
from edge_node.store.log_span import Anchor, Stray

_NO_RECORD: Final = "no record at all, after this one"
#: Of what was moved: it is no record.
A_HEAD: Final = "a head"
#: Told once for each place: from the first of them to the last.
_AS_ONE: Final = frozenset({Bend.OTHER_KEY, Bend.HEAD_FORGED})
_OUT_OF_PLACE: Final = frozenset({Bend.INSERTED, Bend.MOVED})


def of_strays(strays: Iterable[Stray], missing: MutableMapping[Anchor, str]) -> Iterator[Found]:
    """Tell of records that lie where they do not belong; those that were missing elsewhere are so no more."""
    before: tuple[Stray, Found] | None = None
    for stray in strays:
        found = _of_stray(stray, missing)
        if before is not None and _goes_on(before, stray, found):
            before = stray, replace(before[1], last=found.last)
            continue
        if before is not None:
            yield before[1]
        before = stray, found
    if before is not None:
        yield before[1]


def merged(found: Iterable[Found]) -> tuple[Found, ...]:
    """Put them in order, and those together that are one."""
    kept: list[Found] = []
    for each in sorted(_but_double(set(_by_place(found))), key=lambda each: (each.first, each.last, each.bend.value)):
        last = kept[-1] if kept else None
        if last is None or last.bend is not Bend.REWRITTEN or each.first > last.last + 1:
            kept.append(each)
        elif each.bend in (Bend.REWRITTEN, Bend.CHANGED):
            # What was rewritten from some place on is one thing.
            kept[-1] = replace(last, last=max(each.last, last.last))
        else:
            kept.append(each)
    return tuple(kept)


def _by_place(found: Iterable[Found]) -> Iterator[Found]:
    spans: dict[tuple[Bend, str, str], Found] = {}
    for each in found:
        if each.bend not in _AS_ONE:
            yield each
            continue
        key = each.bend, each.place, each.detail
        known = spans.get(key, each)
        spans[key] = replace(known, first=min(known.first, each.first), last=max(known.last, each.last))
    yield from spans.values()


def _but_double(found: set[Found]) -> Iterator[Found]:
    """A head that was forged is not missed as well, and one that lies among records that were moved is no news."""
    forged = [each for each in found if each.bend is Bend.HEAD_FORGED]
    moved = [each for each in found if each.bend in _OUT_OF_PLACE and each.detail != A_HEAD]
    for each in found:
        is_missed = each.bend is Bend.HEADS_REMOVED and any(_holds(each, other.first) for other in forged)
        is_head = each.bend is Bend.MOVED and each.detail == A_HEAD
        if not is_missed and not (is_head and any(_holds(it, each.first) and it.place == each.place for it in moved)):
            yield each


def _holds(found: Found, seq: int) -> bool:
    return found.first <= seq <= found.last


def _of_stray(stray: Stray, missing: MutableMapping[Anchor, str]) -> Found:
    if not stray.is_record:
        return Found(Bend.INSERTED, stray.after, stray.after, stray.place, _NO_RECORD)
    tried = Anchor(stray.seq, stray.hash), Anchor(stray.seq, b"")
    gone = next((each for each in tried if each in missing), None)
    if gone is not None:
        del missing[gone]
    bend = Bend.INSERTED if gone is None else Bend.MOVED
    return Found(bend, stray.seq, stray.seq, stray.place, f"lies after record {stray.after}")


def _goes_on(before: tuple[Stray, Found], stray: Stray, found: Found) -> bool:
    other, told = before
    return (
        stray.is_record
        and (told.bend, other.place) == (found.bend, stray.place)
        and stray.seq == other.seq + 1 == stray.after + 1
    )
