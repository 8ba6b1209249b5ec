"""An alert as programs read it: JSON for a webhook, one line for syslog, fields for systemd's journal.

Knows: the names of the fields, how loud an alert is in the log of a machine.
Must not know: who reads it, how it is carried.
"""

import json
from datetime import datetime
from typing import Any, Final

from edge_node.model.alert import Alert, Occasion
from edge_node.model.notice import Words
from edge_node.model.sentence_words import in_language, words

_ERROR, _WARNING, _NOTICE = 3, 4, 5
_FACILITIES: Final = {"daemon": 3, **{f"local{n}": 16 + n for n in range(8)}}
_TAG: Final = "edge-node"
_ENDED: Final = Words(nl="Voorbij: ", en="Over: ")


def document(alert: Alert, node: str) -> dict[str, Any]:
    """The alert as JSON."""
    sentence = alert.sentence
    return {
        "type": f"alert.{alert.occasion.value}",
        "node": node,
        "at": _moment(alert.at),
        "state": sentence.saying.value,
        "about": sentence.about or None,
        "side": sentence.side.value,
        "since": _moment(sentence.since) if sentence.since else None,
        "until": _moment(sentence.until) if sentence.until else None,
        "urgent": not sentence.can_wait,
        "times": alert.times,
        "text": {language: _said(alert, language) for language in ("nl", "en")},
    }


def webhook_body(alert: Alert, node: str) -> bytes:
    """The body of a call."""
    return json.dumps(document(alert, node), ensure_ascii=False).encode()


def syslog_line(alert: Alert, node: str, facility: str, language: str) -> bytes:
    """One datagram for the socket of a syslog daemon, which puts the time and the host before it."""
    sentence = alert.sentence
    text = _one_line(_said(alert, language))
    about = f" about={_word(sentence.about)}" if sentence.about else ""
    fields = (
        f"[{alert.occasion.value} state={sentence.saying.value} side={_word(sentence.side.value)}{about} node={node}]"
    )
    return f"<{_FACILITIES[facility] * 8 + priority(alert)}>{_TAG}: {text} {fields}".encode()


def journal_entry(alert: Alert, node: str, language: str) -> bytes:
    """One datagram for the socket of systemd's journal: a field a line."""
    sentence = alert.sentence
    fields = {
        "MESSAGE": _one_line(_said(alert, language)),
        "PRIORITY": str(priority(alert)),
        "SYSLOG_IDENTIFIER": _TAG,
        "EDGE_NODE_EVENT": alert.occasion.value,
        "EDGE_NODE_STATE": sentence.saying.value,
        "EDGE_NODE_SIDE": sentence.side.value,
        "EDGE_NODE_ABOUT": _one_line(sentence.about),
        "EDGE_NODE_ID": node,
    }
    return "".join(f"{name}={value}\n" for name, value in fields.items() if value).encode()


def priority(alert: Alert) -> int:
    """How loud it is, as syslog counts."""
    if alert.occasion is Occasion.OVER or not alert.sentence.is_trouble:
        return _NOTICE
    return _WARNING if alert.sentence.can_wait else _ERROR


def _said(alert: Alert, language: str) -> str:
    """The sentence. Of a trouble it says what is wrong, also when that is over: then this stands before it."""
    is_ended = alert.occasion is Occasion.OVER and alert.sentence.is_trouble
    return (in_language(_ENDED, language) if is_ended else "") + in_language(words(alert.sentence), language)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _word(text: str) -> str:
    return "-".join(text.split())


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
