"""What people and local systems read about a notice, in Dutch and English, and the JSON they get.

Knows: the texts of `notices.toml`, the meanings of others' error codes, how a notice looks in JSON.
Must not know: by which way it is told.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from edge_node.errors import PAGES
from edge_node.formats import error_codes, own_codes
from edge_node.formats.error_codes import ErrorCode
from edge_node.model.identifiers import MessageId
from edge_node.model.interaction import Catalogue, Interaction
from edge_node.model.lifecycle import OPEN, State
from edge_node.model.message import Direction
from edge_node.model.notice import Names, Notice, NoticeKind, Told, Words
from edge_node.model.overview import Row

ACUTE: Final = "acute"  # the ordering group of acute care
_NOTHING: Final = Words(nl="", en="")
#: Kinds that say: for now, or for ever, it is not there.
_TROUBLE: Final = frozenset(
    {
        NoticeKind.NEEDS_TOKEN,
        NoticeKind.DEAD,
        NoticeKind.EXPIRED,
        NoticeKind.HELD,
        NoticeKind.LATE,
        NoticeKind.SET_ASIDE,
    }
)
_OF_STATE: Final = {
    State.NEEDS_TOKEN: NoticeKind.NEEDS_TOKEN,
    State.DEAD: NoticeKind.DEAD,
    State.EXPIRED: NoticeKind.EXPIRED,
    State.HELD: NoticeKind.HELD,
    State.DISCARDED: NoticeKind.DISCARDED,
}
#: Kinds whose cause the other side's code explains.
_EXPLAINED: Final = frozenset({NoticeKind.DEAD, NoticeKind.HELD, NoticeKind.LATE})
_OLD: Final = "EN-QUEUE-OLD"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    side: str
    what: Words
    do: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The whole of `notices.toml`."""

    notices: Mapping[tuple[str, str], _Text]  # by direction and kind
    groups: Mapping[str, Words]
    sides: Mapping[str, Words]
    unknown: Mapping[str, Words]


@cache
def load() -> Texts:
    """Read the texts that come with the product; they never change, so once."""
    tables = tomllib.loads(files(__package__).joinpath("notices.toml").read_text("utf-8"))
    return Texts(
        notices={
            (direction, kind): _Text(side=row["side"], what=Words(**row["what"]), do=Words(**row["do"]))
            for direction in ("out", "in")
            for kind, row in tables[direction].items()
        },
        groups={name: Words(**row) for name, row in tables["group"].items()},
        sides={name: Words(**row) for name, row in tables["side"].items()},
        unknown={name: Words(**row) for name, row in tables["unknown"].items()},
    )


def is_trouble(notice: Notice) -> bool:
    """Whether somebody has to know: the message is not where it should be."""
    return notice.kind in _TROUBLE


def tell(notice: Notice, rows: Catalogue, names: Names) -> Told:
    """Put a notice into words. `names` are what the settings call our own applications."""
    row = rows.get(notice.interaction)
    is_acute = row is not None and row.order == ACUTE
    text = _text(notice, is_acute=is_acute)
    code = error_codes.load().get(notice.code) if notice.kind in _EXPLAINED else None
    other = notice.receiver if notice.direction is Direction.OUT else notice.sender
    return Told(
        notice=notice,
        meaning=row.meaning if row else "",
        group=_group(row),
        other_name=names.get(other, ""),
        own_name=names.get(notice.application, ""),
        is_acute=is_acute,
        is_trouble=is_trouble(notice),
        side=_side(notice, text),
        what=_what(text.what, notice, code),
        do=_do(text.do, notice, code, is_acute=is_acute),
    )


def of_row(row: Row) -> Notice | None:
    """What there is to tell of a message as it is now; None while it is on its way or well."""
    kind = _OF_STATE.get(row.state)
    if kind is None and row.unknown and row.state in OPEN and row.direction is Direction.OUT:
        kind = NoticeKind.UNKNOWN
    if kind is None:
        return None
    root, _, extension = row.message_id.partition("/")
    return Notice(
        seq=0,
        at=row.kept_at,
        kind=kind,
        application=row.sender if row.direction is Direction.OUT else row.receiver,
        uid=row.uid,
        direction=row.direction,
        message_id=MessageId(root, extension),
        interaction=row.interaction,
        sender=row.sender,
        receiver=row.receiver,
        state=row.state,
        code=row.code,
        unknown=row.unknown,
        kept_at=row.kept_at,
    )


def advice(told: Told) -> dict[str, Any]:
    """The same in JSON where the message itself is told beside it."""
    return {
        "acute": told.is_acute,
        "side": told.side or None,
        "what": {"nl": told.what.nl, "en": told.what.en},
        "do": {"nl": told.do.nl, "en": told.do.en},
    }


def side_words(side: str) -> Words:
    """What people call a side."""
    return load().sides.get(side, _NOTHING)


def document(told: Told) -> dict[str, Any]:
    """A notice as JSON, the same at /v1/events and in a webhook. It holds no patient data."""
    notice = told.notice
    return {
        "id": notice.seq,
        "type": f"message.{notice.kind}",
        "at": _moment(notice.at),
        "application": notice.application,
        "message": f"/v1/messages/{notice.uid}",
        "message_id": str(notice.message_id),
        "interaction": notice.interaction,
        "meaning": told.meaning,
        "direction": notice.direction.value,
        "sender": notice.sender,
        "receiver": notice.receiver,
        "state": notice.state.value,
        "outcome_unknown": notice.unknown,
        "code": notice.code or None,
        "kept_at": _moment(notice.kept_at),
        **advice(told),
    }


def _text(notice: Notice, *, is_acute: bool) -> _Text:
    texts, of = load().notices, notice.direction.value
    acute = texts.get((of, f"{notice.kind}-acute")) if is_acute else None
    return acute or texts[of, notice.kind.value]


def _group(row: Interaction | None) -> Words:
    groups = load().groups
    return groups.get(row.order if row else "", groups["other"])


def _side(notice: Notice, text: _Text) -> str:
    """Whose turn it is; a code of our own knows better than the kind of notice."""
    page = PAGES.get(notice.code) if notice.kind in _EXPLAINED else None
    return page.side.value if page is not None else text.side


def _what(what: Words, notice: Notice, code: ErrorCode | None) -> Words:
    """The text of the kind, with the reason, and with the doubt where there is one."""
    if code is not None:
        nl, en = f"{code.meaning_nl.rstrip('.')} ({code.code})", f"{code.meaning_en.rstrip('.')} ({code.code})"
        what = Words(nl=f"{what.nl} Reden: {nl}.", en=f"{what.en} Reason: {en}.")
    elif notice.kind in _EXPLAINED and notice.code not in {"", _OLD}:
        own, page = own_codes.meaning(notice.code), PAGES.get(notice.code)
        nl = notice.code if own is None else f"{own.nl.rstrip('.')} ({notice.code})"
        en = notice.code if page is None else f"{page.what.rstrip('.')} ({notice.code})"
        what = Words(nl=f"{what.nl} Reden: {nl}.", en=f"{what.en} Reason: {en}.")
    if not _is_doubtful(notice):
        return what
    doubt = load().unknown["what"]
    return Words(nl=f"{what.nl} {doubt.nl}", en=f"{what.en} {doubt.en}")


def _do(do: Words, notice: Notice, code: ErrorCode | None, *, is_acute: bool) -> Words:
    if is_acute and _is_doubtful(notice) and notice.kind is not NoticeKind.NEEDS_TOKEN:
        return load().unknown["acute"]
    if code is None or is_acute or notice.direction is Direction.IN:
        return do
    return Words(nl=code.do_nl, en=code.do_en)


def _is_doubtful(notice: Notice) -> bool:
    """Whether it may have arrived although it is called otherwise."""
    return notice.unknown and notice.direction is Direction.OUT and notice.kind in _TROUBLE


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
