"""Alerts as a mail that a person reads: plain text, in Dutch or English, without patient data.

Knows: that the sentence is the first line, what stands under it, what of several alerts is still news.
Must not know: who gets it, when it is sent, how mail is carried.
"""

import re
from collections.abc import Sequence
from typing import Final

from edge_node.formats.notice_mail import Letterhead, Mail
from edge_node.formats.notices import side_words
from edge_node.model.alert import Alert, Occasion
from edge_node.model.notice import Words
from edge_node.model.sentence import Saying
from edge_node.model.sentence_words import in_language, words

#: Name and value, as shown under a sentence.
Lines = Sequence[tuple[Words, str]]

_CLAUSE: Final = re.compile(r"[;.](?=\s|$)|:(?=\s)| \(")
_MOST_SUBJECT: Final = 120
_PREFIXES: Final = {
    Occasion.BEGAN: Words(nl="", en=""),
    Occasion.STILL: Words(nl="Nog steeds: ", en="Still: "),
    Occasion.OVER: Words(nl="Voorbij: ", en="Over: "),
    Occasion.DAILY: Words(nl="Dagbericht: ", en="Daily: "),
}
_MORE: Final = Words(nl=" (en nog {})", en=" (and {} more)")
_TURN: Final = Words(nl="Aan zet", en="Whose turn")
_TIMES: Final = Words(nl="Dit kwam en ging {} keer.", en="This came and went {} times.")
_LIST: Final = Words(nl="De lijst", en="The list")
_LIST_OF: Final = "edge-node queue list --state DEAD, EXPIRED, HELD, NEEDS_TOKEN"
_HELP: Final = Words(nl="Hulp", en="Help")
_PLAIN: Final = Words(nl="Deze mail bevat geen patiëntgegevens.", en="This mail holds no patient data.")


def write(alerts: Sequence[Alert], head: Letterhead, report: Lines = ()) -> Mail:
    """Write one mail about these alerts; `report` stands under the mail of the day."""
    told = _news(alerts)
    blocks = [_block(one, head) for one in told]
    if any(one.occasion is Occasion.DAILY for one in told):
        blocks.append("\n".join(f"{in_language(name, head.language)}: {value}" for name, value in report))
    text = "\n\n".join(block for block in (*blocks, _end(head)) if block) + "\n"
    return Mail(subject=_subject(told, head), text=text)


def _news(alerts: Sequence[Alert]) -> list[Alert]:
    """The last word on each thing, the worst first: what ended meanwhile is told as ended only."""
    last: dict[str, Alert] = {}
    for one in sorted(alerts, key=lambda alert: alert.seq):
        last[_thing(one)] = one
    return sorted(last.values(), key=lambda one: (one.occasion is Occasion.DAILY, one.sentence.rank))


def _thing(alert: Alert) -> str:
    if alert.occasion is Occasion.DAILY:
        return Occasion.DAILY.value
    # That it is over is said in another sentence, about the same thing.
    return alert.sentence.about if alert.sentence.saying is Saying.OVER else alert.sentence.key


def _block(alert: Alert, head: Letterhead) -> str:
    sentence = alert.sentence
    lines = [in_language(words(sentence), head.language)]
    if sentence.is_trouble:
        side = in_language(side_words(sentence.side.value), head.language) or sentence.side.value
        lines += ["", f"{in_language(_TURN, head.language)}: {side}"]
    if alert.times > 1:
        lines.append(in_language(_TIMES, head.language).format(alert.times))
    if sentence.left:
        lines.append(f"{in_language(_LIST, head.language)}: {_LIST_OF}")
    return "\n".join(lines)


def _subject(told: Sequence[Alert], head: Letterhead) -> str:
    first = told[0]
    clause = _CLAUSE.split(in_language(words(first.sentence), head.language), maxsplit=1)[0]
    is_said = first.sentence.saying is Saying.OVER and first.occasion is Occasion.OVER
    prefix = "" if is_said else in_language(_PREFIXES[first.occasion], head.language)
    more = in_language(_MORE, head.language).format(len(told) - 1) if len(told) > 1 else ""
    test = "" if head.environment == "production" else f"[{head.environment.upper()}] "
    return f"{test}{prefix}{clause[:_MOST_SUBJECT]}{more}"


def _end(head: Letterhead) -> str:
    lines = [f"edge node {head.node} ({head.environment})"]
    lines += [f"{in_language(_HELP, head.language)}: {head.help_line}"] if head.help_line else []
    return "\n".join([*lines, in_language(_PLAIN, head.language)])
