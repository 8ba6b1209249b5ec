"""The alerts of a running node: what is looked at, and by which ways people are told.

Knows: which setting makes which way and which rule, where it is remembered what was told.
Must not know: what a trouble is, when it is due, what an alert says.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from edge_node.choosing import telling_retry
from edge_node.errors import EdgeNodeError
from edge_node.flow.alert_ways import AlertHookWay, AlertLogWay, AlertMailWay
from edge_node.flow.alerting import Alerting, AlertingTools
from edge_node.flow.pacing import Pace
from edge_node.flow.ports import Chance
from edge_node.flow.telling import Telling, TellingFact, TellingTools, Way
from edge_node.formats import alert_document
from edge_node.formats.alert_mail import Lines
from edge_node.formats.stock_words import stock_words
from edge_node.model.alert import Alert, AlertRules, Circle, Episode, Seen, Settled
from edge_node.model.message import Direction
from edge_node.model.notice import Words
from edge_node.model.overview import Overview
from edge_node.model.sentence import Saying
from edge_node.model.sentence_words import words
from edge_node.settings.alerts import AlertSettings, MailSettings, SyslogSettings
from edge_node.settings.schema import Settings
from edge_node.speaking import help_line
from edge_node.status.sentence import seen, stuck
from edge_node.status.snapshot import Snapshot
from edge_node.store.alert_memory import FILE, AlertMemory
from edge_node.store.store import Store
from edge_node.telling import TellingDoors, letterhead, minutes, quiet, quiet_left
from edge_node.wire.machine_log import MachineLogDoor

_STOP_S: Final = 2.0
_SOCKETS: Final = {"syslog": Path("/dev/log"), "journal": Path("/run/systemd/journal/socket")}
_MAILS: Final = (
    ("mail-alerts-urgent", Circle.PRACTICE, True),
    ("mail-alerts", Circle.PRACTICE, False),
    ("mail-alerts-network-urgent", Circle.NETWORK, True),
    ("mail-alerts-network", Circle.NETWORK, False),
)
_QUEUE: Final = Words(nl="In de wachtrij", en="In the queue")
_REFUSED: Final = Words(nl="Adressen die de mailserver weigert", en="Addresses that the mail server refuses")
_HEAD: Final = Words(nl="Laatst ondertekende kop van het toegangslog", en="Newest signed head of the access log")

#: The newest signed head of the access log, as one line; None where there is none.
LogHead = Callable[[], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What alerts are joined to."""

    look: Callable[[], Awaitable[Snapshot]]
    settings: Callable[[], Settings]
    doors: Callable[[], TellingDoors]
    store: Store
    log_head: LogHead
    reactor: Any
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]
    moment: Callable[[], datetime]
    now: Callable[[], float]
    chance: Chance


class AlertDesk:
    """Looks, remembers and tells."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._queue: Overview | None = None
        self._first_line = ""
        self._readers: list[Callable[[str], None]] = []
        self.alerting: Final = Alerting(
            AlertingTools(
                look=self._look,
                stuck=lambda at: stuck(at, help_line(parts.settings())),
                settled=self._settled,
                shelf=AlertMemory(parts.settings().node.state_dir / FILE),
                aside=parts.aside,
                rules=lambda: rules(parts.settings().alerts),
                moment=parts.moment,
                clock=parts.reactor,
            )
        )
        tools: TellingTools[Alert] = TellingTools(
            notices=self.alerting,
            clock=parts.reactor,
            chance=parts.chance,
            retry=lambda: telling_retry(parts.settings()),
        )
        self._telling: Telling[Alert] = Telling(tools)

    @property
    def facts(self) -> tuple[TellingFact, ...]:
        """How each way of telling is."""
        return self._telling.facts

    def on_first_line(self, reader: Callable[[str], None]) -> None:
        """Hand it the first line of the status, in Dutch, each time that it is another one."""
        self._readers.append(reader)

    def begin(self) -> None:
        """Look and tell from now on."""
        self.alerting.begin()
        self.become()

    def become(self) -> None:
        """Go on with new settings."""
        ways = tuple(self._ways(self._parts.settings(), self._parts.doors()))
        self.alerting.become(frozenset(way.name for way in ways))
        self._telling.become(ways)

    async def stop(self) -> None:
        """Tell nothing new; what was not told is told at the next start."""
        await self._telling.stop(_STOP_S)
        await self.alerting.stop()

    async def _look(self) -> Seen:
        now = await self._parts.look()
        self._queue = now.facts.queue
        found = seen(now)
        if found.headline is not None:
            self._read(words(found.headline).nl)
        return found

    def _read(self, line: str) -> None:
        if line != self._first_line:
            self._first_line = line
            for reader in self._readers:
                reader(line)

    async def _settled(self, episode: Episode) -> Settled | None:
        sentence = episode.sentence
        direction = Direction.IN if sentence.saying is Saying.LOCAL_DOWN else Direction.OUT
        since, until = sentence.since or episode.seen_at, episode.gone_at or episode.seen_at
        try:
            return await self._parts.store.stock.outcomes(direction, since.timestamp(), until.timestamp())
        except EdgeNodeError:
            return None

    def _report(self) -> Lines:
        """What stands under the mail of the day."""
        post, head = self._parts.doors().mail, self._parts.log_head()
        lines = [(_QUEUE, stock_words(self._queue))]
        if post is not None and post.refused:
            lines.append((_REFUSED, Words(nl=f"{post.refused} (alerts.mail)", en=f"{post.refused} (alerts.mail)")))
        return [*lines, (_HEAD, Words(nl=head, en=head))] if head else lines

    def _ways(self, settings: Settings, doors: TellingDoors) -> Iterator[Way[Alert]]:
        alerts, node = settings.alerts, settings.node.id
        if alerts.mail is not None and doors.mail is not None:
            yield from self._mail_ways(settings, alerts.mail, doors)
        if doors.alerts is not None:
            yield AlertHookWay(node=node, secrets=doors.secrets.alerts, hook=doors.alerts, now=self._parts.now)
        if alerts.syslog is not None:
            yield _log_way(alerts.syslog, node)

    def _mail_ways(self, settings: Settings, mail: MailSettings, doors: TellingDoors) -> Iterator[AlertMailWay]:
        assert doors.mail is not None
        for name, circle, is_urgent in _MAILS:
            to = mail.to if circle is Circle.PRACTICE else mail.network_to
            if to:
                yield AlertMailWay(
                    name=name,
                    circle=circle,
                    is_urgent=is_urgent,
                    to=to,
                    sender=mail.sender,
                    head=letterhead(settings, settings.alerts, mail),
                    post=doors.mail,
                    report=self._report,
                    now=self._parts.now,
                    pace=_pace(settings.alerts, mail, self._parts.now, is_urgent=is_urgent),
                    is_down=lambda: self.alerting.is_down,
                    is_over=lambda key: self.alerting.is_over(key),
                )


def rules(alerts: AlertSettings) -> AlertRules:
    """Return when people are told, as the settings have it."""
    chosen = AlertRules(
        settle_s=alerts.settle_s,
        steady_s=alerts.steady_s,
        steady_most_s=alerts.steady_most_s,
        return_s=alerts.return_s,
        remind_urgent_s=alerts.remind_urgent_s,
        remind_urgent_for_s=alerts.remind_urgent_for_s,
        remind_s=alerts.remind_s,
        remind_for_s=alerts.remind_for_s,
        remind_seldom_s=alerts.remind_seldom_s,
        network_after_s=alerts.network_after_s,
        outage_shown_s=alerts.over_shown_s,
        quiet=quiet(alerts),
    )
    daily_at = None if alerts.mail is None else alerts.mail.daily_at
    return chosen if daily_at is None else replace(chosen, daily_min=minutes(daily_at))


def _pace(alerts: AlertSettings, mail: MailSettings, now: Callable[[], float], *, is_urgent: bool) -> Pace:
    pace = Pace(interval_s=mail.urgent_s, most_a_day=mail.most_a_day, storm_s=mail.storm_s)
    if is_urgent:
        return pace
    return replace(pace, interval_s=mail.summary_s, quiet_left_s=quiet_left(alerts, now))


def _log_way(syslog: SyslogSettings, node: str) -> AlertLogWay:
    door = MachineLogDoor(syslog.socket or _SOCKETS[syslog.kind])

    def written(alert: Alert) -> bytes:
        if syslog.kind == "journal":
            return alert_document.journal_entry(alert, node, syslog.language)
        return alert_document.syslog_line(alert, node, syslog.facility, syslog.language)

    return AlertLogWay(written=written, log=door)
