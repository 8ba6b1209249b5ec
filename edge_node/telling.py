"""How a node that runs tells local systems and people what became of messages.

Knows: which setting makes which way of telling, and with which certificate, secret and words each goes.
Must not know: what there is to tell, when a way is used.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint

from edge_node.choosing import telling_retry
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.lateness import Lateness
from edge_node.flow.pacing import Pace
from edge_node.flow.ports import Chance
from edge_node.flow.postman import Postman
from edge_node.flow.telling import Telling, TellingTools, Way
from edge_node.flow.telling_ways import Describe, MailWay, Readers, WebhookWay
from edge_node.formats import notices
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.alert import Quiet
from edge_node.model.interaction import Catalogue
from edge_node.model.notice import Ages, Notice, Told
from edge_node.model.overview import Row
from edge_node.policy.quiet import quiet_left_s
from edge_node.settings.alerts import WEEKDAYS, AlertSettings, MailSettings, WebhookSettings
from edge_node.settings.identities import ApplicationSettings
from edge_node.settings.schema import Settings
from edge_node.settings.site import catalogue
from edge_node.settings.telling import TellingSecrets
from edge_node.settings.tree import Steps
from edge_node.status.bell import Bell
from edge_node.status.events_api import EventLimits, EventsApi
from edge_node.status.ports import ApplicationsOf
from edge_node.store.noticeboard import Noticeboard
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Destination, HttpClient
from edge_node.wire.mail import MailDoor, MailServer
from edge_node.wire.trust import Surroundings, local_client_tls
from edge_node.wire.webhook import WebhookDoor

Anchors = Mapping[Steps, tuple[x509.Certificate, ...]]

_STOP_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingDoors:
    """The doors of one version of the settings, with the secrets they are opened with."""

    webhooks: dict[str, WebhookDoor]  # by application
    mail: Postman | None
    secrets: TellingSecrets
    alerts: WebhookDoor | None = None  # of a monitor of the site

    def clients(self) -> tuple[HttpClient, ...]:
        """Every pool."""
        alerts = () if self.alerts is None else (self.alerts,)
        return tuple(door.client for door in (*self.webhooks.values(), *alerts))


def telling_doors(
    settings: Settings, secrets: TellingSecrets, anchors: Anchors, outside: tuple[Any, Surroundings]
) -> TellingDoors:
    """Make the doors; `outside` is the reactor and what TLS is handed."""
    webhooks = {
        application.id: _webhook(application.webhook, anchors.get((*steps, "webhook", "anchors"), ()), outside)
        for steps, application in _applications(settings)
        if application.webhook is not None
    }
    mail = settings.alerts.mail
    held = anchors.get(("alerts", "mail", "anchors"), ())
    door = None if mail is None else _mail(mail, secrets, held, outside)
    hook = settings.alerts.webhook
    alerts = None if hook is None else _webhook(hook, anchors.get(("alerts", "webhook", "anchors"), ()), outside)
    return TellingDoors(webhooks=webhooks, mail=door, secrets=secrets, alerts=alerts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingParts:
    """What telling is joined to."""

    notices: Noticeboard
    settings: Callable[[], Settings]
    doors: Callable[[], TellingDoors]
    table: Catalogue
    applications_of: ApplicationsOf
    reactor: Any
    now: Callable[[], float]
    chance: Chance
    clock_watch: ClockWatch


class Messenger:
    """Every way of telling of a node: the events of the local API, webhooks, mail."""

    def __init__(self, parts: TellingParts) -> None:
        self._parts = parts
        self._bell = Bell(parts.reactor)
        self._rows: Catalogue = {}
        self._names: dict[str, str] = {}
        self.api = EventsApi(
            notices=parts.notices,
            bell=self._bell,
            applications_of=parts.applications_of,
            describe=lambda notice: notices.document(self._describe(notice)),
            limits=lambda: _limits(parts.settings()),
        )
        parts.notices.hear(self.api.ring)
        tools = TellingTools(
            notices=parts.notices,
            clock=parts.reactor,
            chance=parts.chance,
            retry=lambda: telling_retry(parts.settings()),
        )
        self.telling = Telling(tools)
        self._lateness = Lateness(parts.notices, self._ages, parts.reactor, parts.clock_watch)

    def begin(self) -> None:
        """Tell from now on."""
        self.become()
        self._lateness.begin()

    def become(self) -> None:
        """Go on with new settings."""
        settings = self._parts.settings()
        self._rows = catalogue(settings, self._parts.table)
        self._names = {application.id: application.name for _, application in _applications(settings)}
        self.telling.become(tuple(self._ways(settings, self._parts.doors())))

    def advise(self, row: Row) -> Mapping[str, Any] | None:
        """What happened to a message, and what to do, where there is something to do."""
        notice = notices.of_row(row)
        return None if notice is None else notices.advice(self._describe(notice))

    def let_go(self) -> None:
        """Let those go who wait for events: the node stops."""
        self._bell.close()

    async def stop(self) -> None:
        """Tell nothing new; what was not told is told at the next start."""
        self.let_go()
        await self._lateness.stop()
        await self.telling.stop(_STOP_S)

    def _describe(self, notice: Notice) -> Told:
        return notices.tell(notice, self._rows, self._names)

    def _ages(self) -> Ages:
        alerts = self._parts.settings().alerts
        acute = frozenset(name for name, row in self._rows.items() if row.order == notices.ACUTE)
        return Ages(acute=acute, acute_s=alerts.late_acute_s, other_s=alerts.late_s)

    def _ways(self, settings: Settings, doors: TellingDoors) -> Iterator[Way[Notice]]:
        for _, application in _applications(settings):
            if application.webhook is not None:
                yield self._webhook_way(application.id, doors)
        yield from self._mail_ways(settings, doors.mail)

    def _webhook_way(self, application: str, doors: TellingDoors) -> WebhookWay:
        return WebhookWay(
            application=application,
            node=self._parts.settings().node.id,
            secrets=doors.secrets.webhooks[application],
            hook=doors.webhooks[application],
            describe=self._describe,
            now=self._parts.now,
        )

    def _mail_ways(self, settings: Settings, door: Postman | None) -> Iterator[MailWay]:
        mail = settings.alerts.mail
        if mail is None or door is None:
            return
        describe: Describe = self._describe
        for readers in _readers(settings, mail):
            yield MailWay(
                readers=readers,
                head=letterhead(settings, settings.alerts, mail),
                post=door,
                describe=describe,
                now=self._parts.now,
                pace=_pace(readers, settings.alerts, mail, self._parts.now),
            )


def _readers(settings: Settings, mail: MailSettings) -> Iterator[Readers]:
    """Who gets mail: those of each application, and the staff of the site."""
    told = [(it.id, it.mail_to) for _, it in _applications(settings) if "mail" in it.told_by]
    for application, to in [*told, ("", mail.to)]:
        for is_urgent in (True, False):
            if to:
                yield Readers(application=application, to=to, sender=mail.sender, is_urgent=is_urgent)


def _pace(readers: Readers, alerts: AlertSettings, mail: MailSettings, now: Callable[[], float]) -> Pace:
    if readers.is_urgent:
        return Pace(interval_s=mail.urgent_s)
    return Pace(interval_s=mail.summary_s, quiet_left_s=quiet_left(alerts, now))


def quiet(alerts: AlertSettings) -> Quiet | None:
    """The quiet hours, as the settings have them."""
    hours = alerts.quiet_hours
    if hours is None:
        return None
    days = frozenset(map(WEEKDAYS.index, hours.days))
    return Quiet(from_min=minutes(hours.begin), until_min=minutes(hours.end), days=days)


def quiet_left(alerts: AlertSettings, now: Callable[[], float]) -> Callable[[], float]:
    """For how many seconds it stays quiet, whenever that is asked."""
    hours = quiet(alerts)
    return lambda: quiet_left_s(hours, datetime.fromtimestamp(now(), UTC))


def minutes(time: str) -> int:
    """The minutes since midnight of a time of the day."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def letterhead(settings: Settings, alerts: AlertSettings, mail: MailSettings) -> Letterhead:
    """What every mail of this node says besides."""
    help_line = ", ".join(word for word in (alerts.help_name, alerts.help_phone) if word)
    return Letterhead(
        node=settings.node.id, environment=settings.node.environment, language=mail.language, help_line=help_line
    )


def _applications(settings: Settings) -> Iterator[tuple[Steps, ApplicationSettings]]:
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            yield ("identities", i, "applications", j), application


def _limits(settings: Settings) -> EventLimits:
    events = settings.local.events
    return EventLimits(longest_wait_s=events.max_wait_s, pollers=events.pollers)


def _webhook(
    webhook: WebhookSettings, anchors: tuple[x509.Certificate, ...], outside: tuple[Any, Surroundings]
) -> WebhookDoor:
    reactor, surroundings = outside
    parts = urlsplit(webhook.url)
    host, is_tls = str(parts.hostname), parts.scheme == "https"
    usual = 443 if is_tls else 80
    port = parts.port or usual
    endpoint: IStreamClientEndpoint = HostnameEndpoint(reactor, host, port)
    judge = None
    if is_tls:
        tls = local_client_tls(host, anchors, surroundings)
        endpoint, judge = wrapClientTLS(tls, endpoint), tls.judge
    to = Destination(
        endpoint=endpoint,
        authority=authority(host, port, usual),
        limits=Limits(idle_s=25.0),
        max_connections=1,
        judge=judge,
        to_the_end=True,  # the status says all: nothing is done with a body, so none is missed
    )
    return WebhookDoor(client=HttpClient(to, reactor), target=parts.path or "/", timeout_s=webhook.timeout_s)


def _mail(
    mail: MailSettings,
    secrets: TellingSecrets,
    anchors: tuple[x509.Certificate, ...],
    outside: tuple[Any, Surroundings],
) -> Postman:
    reactor, surroundings = outside
    server = MailServer(
        host=mail.host,
        port=mail.port,
        mode=mail.tls,
        tls=None if mail.tls == "none" else local_client_tls(mail.host, anchors, surroundings),
        user=mail.user,
        password=secrets.mail_password,
        timeout_s=mail.timeout_s,
    )
    return Postman(MailDoor(server, reactor), reactor)


def authority(host: str, port: int, usual: int) -> str:
    """Return what stands in Host."""
    try:
        shown = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        shown = host
    return shown if port == usual else f"{shown}:{port}"
