"""The ways an alert goes: a mail to people, a signed call to a monitor, a line in the log of the machine.

Knows: which alerts go each way, how each is written.
Must not know: sockets, TLS, when an alert is due, when a way may be used again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from edge_node.flow.pacing import Pace, name_of
from edge_node.flow.telling_ways import Hook, Post
from edge_node.formats import alert_document, alert_mail, webhook
from edge_node.formats.alert_mail import Lines
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.alert import Alert, Circle, Occasion
from edge_node.model.letter import Letter


class MachineLog(Protocol):
    """The way to the log of the machine."""

    def send(self, datagram: bytes) -> None:
        """Hand over one line. Raises `EdgeNodeError` (EN-SYSLOG-FAILED)."""
        ...


def _never() -> bool:
    return False


def _none(_key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMailWay:
    """Mails one circle, all that is due at one moment in one mail."""

    name: str
    circle: Circle
    is_urgent: bool  # only what cannot wait, so that it never rests behind what can; the others get the rest
    to: tuple[str, ...]
    sender: str
    head: Letterhead
    post: Post
    report: Callable[[], Lines]  # of the daily mail
    now: Callable[[], float]
    pace: Pace
    is_down: Callable[[], bool] = _never  # whether work stands still at this moment
    is_over: Callable[[str], bool] = _none  # whether a thing, by its key, is over by now
    application: str = ""
    gather_s: float = 2.0
    most: int = 200  # every check of the catalogue at once

    def wants(self, alert: Alert) -> bool:
        """What no other mail tells. That a thing which stopped no work is over is no mail."""
        if alert.circle is not self.circle:
            return False
        if alert.occasion is Occasion.DAILY:
            return not self.is_urgent
        if alert.is_told_elsewhere or (alert.occasion is Occasion.OVER and alert.sentence.is_trouble):
            return False
        return alert.sentence.can_wait is not self.is_urgent

    def rest_s(self, alerts: Sequence[Alert], ago_s: Sequence[float]) -> float:
        """A new breakdown comes at once; what comes and goes comes together. The mail of the day has its hour."""
        is_daily = any(one.occasion is Occasion.DAILY for one in alerts)
        is_new = is_daily or any(map(_is_news, alerts))
        return self.pace.rest_s(ago_s, is_new=is_new, is_awaited=is_daily)

    async def tell(self, told: Sequence[Alert]) -> None:
        """Write one mail about all of them."""
        now = [self._as_now(one) for one in told]
        mail = alert_mail.write(now, self.head, self.report())
        await self.post.send(
            Letter(
                sender=self.sender,
                to=self.to,
                subject=mail.subject,
                text=mail.text,
                name=name_of(f"{self.head.node} {self.name}", told),
                at_s=self.now(),
                is_urgent=any(_is_bad_news(alert) for alert in told),
            )
        )

    def _as_now(self, one: Alert) -> Alert:
        """What rested for a while must say neither that messages go where they do not, nor that what is over stands.

        The end of what stopped work is an alert of its own.
        """
        sentence = replace(one.sentence, is_beside=one.sentence.is_beside or self.is_down())
        waited = one.occasion in {Occasion.BEGAN, Occasion.STILL} and not sentence.is_breakdown
        is_ended = waited and self.is_over(sentence.key)
        return replace(one, sentence=sentence, occasion=Occasion.OVER if is_ended else one.occasion)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHookWay:
    """Calls a monitor, an alert at a time."""

    node: str
    secrets: tuple[bytes, ...] = field(repr=False)
    hook: Hook
    now: Callable[[], float]
    name: str = "webhook-alerts"
    application: str = ""
    gather_s: float = 0.0
    most: int = 1

    def wants(self, alert: Alert) -> bool:
        """Everything that happens, once."""
        return _happens(alert)

    def rest_s(self, alerts: Sequence[Alert], ago_s: Sequence[float]) -> float:
        """A program is told at once."""
        return 0.0

    async def tell(self, told: Sequence[Alert]) -> None:
        """Call for each; the same id at every try, so that the other side knows a second one."""
        for alert in told:
            body = alert_document.webhook_body(alert, self.node)
            # The moment too: where nothing could be remembered the numbers begin anew.
            name = f"{self.node}.alert.{int(alert.at.timestamp())}.{alert.seq}"
            await self.hook.call(webhook.headers(name, int(self.now()), body, self.secrets), body)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLogWay:
    """Writes a line in the log of the machine for each."""

    written: Callable[[Alert], bytes]
    log: MachineLog
    name: str = "syslog-alerts"
    application: str = ""
    gather_s: float = 0.0
    most: int = 50

    def wants(self, alert: Alert) -> bool:
        """Everything that happens, once."""
        return _happens(alert)

    def rest_s(self, alerts: Sequence[Alert], ago_s: Sequence[float]) -> float:
        """A program is told at once."""
        return 0.0

    async def tell(self, told: Sequence[Alert]) -> None:
        """Write them."""
        for alert in told:
            self.log.send(self.written(alert))


def _happens(alert: Alert) -> bool:
    return alert.circle is Circle.PRACTICE and alert.occasion is not Occasion.DAILY


def _is_news(alert: Alert) -> bool:
    """Whether it may not wait though there were many mails: work stands still, and it did not lately."""
    sentence = alert.sentence
    return (
        alert.occasion is Occasion.BEGAN and not alert.is_again and (sentence.is_breakdown or not sentence.can_wait)
    )


def _is_bad_news(alert: Alert) -> bool:
    is_new = alert.occasion in {Occasion.BEGAN, Occasion.STILL}
    return is_new and alert.sentence.is_trouble and not alert.sentence.can_wait
