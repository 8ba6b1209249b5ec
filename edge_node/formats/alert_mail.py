"""Alerts as a mail that a person reads: plain text, in Dutch or English, without patient data.

Knows: that the sentence is the first line, what stands under it, what of several alerts is still news.
Must not know: who gets it, when it is sent, how mail is carried.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge_node.formats.notice_mail import Letterhead, Mail
from edge_node.formats.notices import side_words
from edge_node.model.alert import Alert, Occasion
from edge_node.model.notice import Words
from edge_node.model.sentence import Saying, Sentence
from edge_node.model.sentence_words import day_and_time, in_language, words

#: Name and value, as shown under a sentence.
Lines = Sequence[tuple[Words, Words]]

#: Where the first clause of a sentence ends: it is the subject. A colon that ends nothing but a heading is none.
_CLAUSE: Final = re.compile(r"[;.](?=\s|$)|(?<!Let op)(?<!Note)(?<!beheerder)(?<!administrator):(?=\s)| \(")
_MASK: Final = "\ue000"  # stands in no name that can be printed
_MOST_SUBJECT: Final = 120
_PREFIXES: Final = {
    Occasion.BEGAN: Words(nl="", en=""),
    Occasion.STILL: Words(nl="Nog steeds: ", en="Still: "),
    Occasion.OVER: Words(nl="Voorbij: ", en="Over: "),
    Occasion.DAILY: Words(nl="Dagbericht ({}): ", en="Daily ({}): "),
}
_STAGES: Final = {Occasion.DAILY: 1, Occasion.STILL: 2}
_MORE: Final = Words(nl=" (en nog {})", en=" (and {} more)")
_TURN: Final = Words(nl="Aan zet", en="Whose turn")
_TIMES: Final = Words(nl="Dit kwam en ging {} keer.", en="This came and went {} times.")
_OPEN: Final = Words(nl=" ({} openstaand)", en=" ({} open)")
_LIST: Final = Words(
    nl="De lijst: in de mails over deze berichten, en bovenaan wat uw beheerder ziet met: edge-node status",
    en="The list: in the mails about these messages, and at the top of what your administrator sees with: "
    "edge-node status",
)
_HELP: Final = Words(nl="Hulp", en="Help")
_PLAIN: Final = Words(nl="Deze mail bevat geen patiëntgegevens.", en="This mail holds no patient data.")


def write(alerts: Sequence[Alert], head: Letterhead, report: Lines = ()) -> Mail:
    """Write one mail about these alerts; `report` stands under the mail of the day."""
    told = _news(alerts)
    blocks = [_block(one, head) for one in told]
    if any(one.occasion is Occasion.DAILY for one in told):
        blocks.append("\n".join(f"{_in(name, head)}: {_in(value, head)}" for name, value in report))
    text = "\n\n".join(block for block in (*blocks, _end(head)) if block) + "\n"
    return Mail(subject=_subject(told, head), text=text)


def _news(alerts: Sequence[Alert]) -> list[Alert]:
    """The last word on each thing, the worst first: what ended meanwhile is told as ended only.

    In the mail of the day what is new stands first, then how the node is, then what still stands.
    """
    last: dict[str, Alert] = {}
    for one in sorted(alerts, key=lambda alert: alert.seq):
        last[_thing(one)] = one
    daily = last.get(Occasion.DAILY.value)
    if daily is None:
        return sorted(last.values(), key=lambda one: (_is_ended(one), one.sentence.rank))
    told = [one for one in last.values() if one is daily or one.sentence.key != daily.sentence.key]
    return sorted(told, key=lambda one: (_STAGES.get(one.occasion, 0), one.sentence.rank))


def _thing(alert: Alert) -> str:
    if alert.occasion is Occasion.DAILY:
        return Occasion.DAILY.value
    # That it is over is said in another sentence, about the same thing.
    return alert.sentence.about if alert.sentence.saying is Saying.OVER else alert.sentence.key


def _is_ended(alert: Alert) -> bool:
    """Whether it is over, and told in the words in which it was wrong."""
    return alert.occasion is Occasion.OVER and alert.sentence.is_trouble


def _block(alert: Alert, head: Letterhead) -> str:
    sentence = alert.sentence
    ended = _in(_PREFIXES[Occasion.OVER], head) if _is_ended(alert) else ""
    lines = [ended + _in(words(sentence), head)]
    if sentence.is_trouble and not ended:
        side = _in(side_words(sentence.side.value), head) or sentence.side.value
        lines += ["", f"{_in(_TURN, head)}: {side}"]
    if alert.times > 1:
        lines.append(_in(_TIMES, head).format(alert.times))
    if sentence.left or sentence.saying is Saying.NOT_DELIVERED:
        lines.append(_in(_LIST, head))
    return "\n".join(lines)


def _subject(told: Sequence[Alert], head: Letterhead) -> str:
    first = told[0]
    clause = _clause(first.sentence, head)
    is_said = first.sentence.saying is Saying.OVER and first.occasion is Occasion.OVER
    prefix = "" if is_said else _in(_PREFIXES[first.occasion], head).format(day_and_time(first.at, head.language))
    rest = _OPEN if first.occasion is Occasion.DAILY else _MORE
    more = _in(rest, head).format(len(told) - 1) if len(told) > 1 else ""
    test = "" if head.environment == "production" else f"[{head.environment.upper()}] "
    return f"{test}{prefix}{clause[:_MOST_SUBJECT]}{more}"


def _clause(sentence: Sentence, head: Letterhead) -> str:
    """The first one. A stop within a name ("Dr. Vink") ends nothing."""
    masked = replace(sentence, name=_MASK) if sentence.name else sentence
    return _CLAUSE.split(_in(words(masked), head), maxsplit=1)[0].replace(_MASK, sentence.name)


def _end(head: Letterhead) -> str:
    lines = [f"edge node {head.node} ({head.environment})"]
    lines += [f"{_in(_HELP, head)}: {head.help_line}"] if head.help_line else []
    return "\n".join([*lines, _in(_PLAIN, head)])


def _in(one: Words, head: Letterhead) -> str:
    return in_language(one, head.language)
