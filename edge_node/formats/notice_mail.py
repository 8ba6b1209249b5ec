"""Notices as a mail that a person reads: plain text, in Dutch or English, without patient data.

Knows: how subject and text are built up, how many messages one mail names.
Must not know: who gets it, when it is sent, how mail is carried.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from edge_node.formats import undelivered
from edge_node.formats.notices import side_words
from edge_node.model.message import Direction
from edge_node.model.notice import NoticeKind, Told, Words
from edge_node.model.sentence_words import in_language, words

Language = Literal["nl", "en"]

_MOST_NAMED: Final = 25
_DUTCH_TIME: Final = "Europe/Amsterdam"
_KINDS: Final = {
    NoticeKind.NEEDS_TOKEN: Words(nl="opnieuw ondertekenen", en="to be signed again"),
    NoticeKind.UNKNOWN: Words(nl="afloop onbekend", en="outcome unknown"),
    NoticeKind.DELIVERED: Words(nl="alsnog bezorgd", en="delivered after all"),
    NoticeKind.DEAD: Words(nl="niet bezorgd: geweigerd", en="not delivered: refused"),
    NoticeKind.EXPIRED: Words(nl="niet bezorgd: te laat", en="not delivered: expired"),
    NoticeKind.HELD: Words(nl="aangehouden", en="held"),
    NoticeKind.RELEASED: Words(nl="vrijgegeven", en="released"),
    NoticeKind.DISCARDED: Words(nl="weggelegd", en="discarded"),
    NoticeKind.SET_ASIDE: Words(nl="onleesbaar: opnieuw versturen", en="unreadable: to be sent again"),
    NoticeKind.LATE: Words(nl="wacht te lang op uw systeem", en="waits too long for your system"),
}
_CALL: Final = Words(nl="BEL: LSP-bericht niet aangekomen", en="TELEPHONE: LSP message did not arrive")
_READ: Final = Words(nl="SPOED: LSP-bericht niet gelezen", en="URGENT: LSP message not read")
_TROUBLE: Final = Words(nl="LSP: {} bericht(en) vragen aandacht", en="LSP: {} message(s) need attention")
_GOOD: Final = Words(nl="LSP: {} bericht(en) verder", en="LSP: {} message(s) went on")
_MORE: Final = Words(nl="En nog {} bericht(en):", en="And {} more message(s):")
_PLAIN: Final = Words(nl="Deze mail bevat geen patiëntgegevens.", en="This mail holds no patient data.")
_HELP: Final = Words(nl="Hulp", en="Help")


class _Labels(NamedTuple):
    """What stands before each line about a message."""

    do: str
    what: str
    kind: str
    message_id: str
    sender: str
    receiver: str
    since: str
    turn: str
    look: str


_LABELS: Final = {
    "nl": _Labels("Doen", "Wat", "Soort", "Bericht-id", "Van", "Aan", "Sinds", "Aan zet", "Nazien"),
    "en": _Labels("Do", "What", "Kind", "Message id", "From", "To", "Since", "Whose turn", "Look up"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What every mail of this node says besides."""

    node: str
    environment: str
    language: Language
    help_line: str = ""  # who helps, and the telephone number


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail without its envelope."""

    subject: str
    text: str


def write(told: Sequence[Told], head: Letterhead) -> Mail:
    """Write one mail about these notices: what cannot wait first, then what needs somebody, then good news."""
    ordered = sorted(told, key=lambda one: (not (one.is_acute and one.is_trouble), not one.is_trouble))
    first = undelivered.sentence(ordered)
    blocks = [] if first is None else [in_language(words(first), head.language)]
    blocks += [_intro(head), *(_block(n, one, head.language) for n, one in enumerate(ordered[:_MOST_NAMED], start=1))]
    if rest := ordered[_MOST_NAMED:]:
        blocks.append(_counted(rest, head.language))
    blocks.append(_end(head))
    return Mail(subject=_subject(ordered, head), text="\n\n".join(blocks) + "\n")


def _subject(told: Sequence[Told], head: Letterhead) -> str:
    first = told[0]
    if first.is_acute and first.is_trouble:
        text = _in(_CALL if first.notice.direction is Direction.OUT else _READ, head.language)
    else:
        trouble = sum(one.is_trouble for one in told)
        text = _in(_TROUBLE if trouble else _GOOD, head.language).format(trouble or len(told))
    names = sorted({one.own_name or one.notice.application for one in told})
    test = "" if head.environment == "production" else f"[{head.environment.upper()}] "
    return f"{test}{text} ({', '.join(names)})"


def _intro(head: Letterhead) -> str:
    return f"edge node {head.node} ({head.environment})"


def _block(number: int, told: Told, language: Language) -> str:
    """One message, what to do first."""
    notice, labels = told.notice, _LABELS[language]
    sender, receiver = _parties(told, language)
    # What the table says of an interaction is in English; in Dutch its group and its name must do.
    meaning = f" ({told.meaning})" if told.meaning and language == "en" else ""
    side = _in(side_words(told.side), language)
    lines = [
        f"{number}. {_in(_KINDS[notice.kind], language)}",
        f"   {labels.do}: {_in(told.do, language)}",
        f"   {labels.what}: {_in(told.what, language)}",
        f"   {labels.kind}: {_in(told.group, language)}, {notice.interaction}{meaning}",
        f"   {labels.message_id}: {notice.message_id.shown}",
        f"   {labels.sender}: {sender}",
        f"   {labels.receiver}: {receiver}",
        f"   {labels.since}: {_local_time(told, language)}",
        *([f"   {labels.turn}: {side}"] if side else []),
        f"   {labels.look}: edge-node queue show {notice.uid}",
    ]
    return "\n".join(lines)


def _parties(told: Told, language: Language) -> tuple[str, str]:
    """Sender and receiver: ours as the settings call it, the other one by its id where they do not name it."""
    notice = told.notice
    is_out = notice.direction is Direction.OUT
    other_id = notice.receiver if is_out else notice.sender
    other = f"{told.other_name} ({other_id})" if told.other_name else _application(other_id, language)
    own = f"{told.own_name} ({notice.application})" if told.own_name else _application(notice.application, language)
    return (own, other) if is_out else (other, own)


def _application(id_: str, language: Language) -> str:
    return f"applicatie {id_}" if language == "nl" else f"application {id_}"


def _local_time(told: Told, language: Language) -> str:
    at = told.notice.kept_at.astimezone(ZoneInfo(_DUTCH_TIME))
    return f"{at:%d-%m-%Y %H:%M} (Nederlandse tijd)" if language == "nl" else f"{at:%Y-%m-%d %H:%M} (Dutch time)"


def _counted(rest: Sequence[Told], language: Language) -> str:
    counts = Counter(one.notice.kind for one in rest)
    lines = [f"   {count} x {_in(_KINDS[kind], language)}" for kind, count in counts.most_common()]
    return "\n".join([_in(_MORE, language).format(len(rest)), *lines])


def _end(head: Letterhead) -> str:
    lines = [f"{_in(_HELP, head.language)}: {head.help_line}"] if head.help_line else []
    return "\n".join([*lines, _in(_PLAIN, head.language)])


def _in(words: Words, language: Language) -> str:
    return words.nl if language == "nl" else words.en
