"""The rules between settings about how local systems are told.

Knows: what each way of telling needs.
Must not know: YAML, files, what there is to tell.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from edge_node.settings.alerts import WebhookSettings
from edge_node.settings.identities import ApplicationSettings
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.settings.values import is_loopback

Broken = tuple[Steps, str]


def broken_told(settings: Settings) -> Iterator[Broken]:
    """Yield everything about telling that does not fit together."""
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            steps: Steps = ("identities", i, "applications", j)
            yield from _webhook(steps, application)
            yield from _mail(steps, application, has_server=settings.alerts.mail is not None)
    if settings.alerts.webhook is not None:
        yield from _address(("alerts", "webhook"), settings.alerts.webhook)


def _webhook(steps: Steps, application: ApplicationSettings) -> Iterator[Broken]:
    webhook = application.webhook
    if ("webhook" in application.told_by) != (webhook is not None):
        yield (*steps, "told_by"), "has webhook without the settings of webhook, or the other way round"
    if webhook is not None:
        yield from _address((*steps, "webhook"), webhook)


def _address(steps: Steps, webhook: WebhookSettings) -> Iterator[Broken]:
    parts = urlsplit(webhook.url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield (*steps, "url"), "goes beyond loopback without TLS; use https"
    if parts.scheme == "https" and webhook.anchors is None:
        yield (*steps, "url"), "needs anchors to judge the certificate of that address"


def _mail(steps: Steps, application: ApplicationSettings, *, has_server: bool) -> Iterator[Broken]:
    if "mail" not in application.told_by:
        if application.mail_to:
            yield (*steps, "mail_to"), "makes no sense while told_by has no mail"
        return
    if not application.mail_to:
        yield (*steps, "told_by"), "has mail, and mail_to names nobody"
    if not has_server:
        yield (*steps, "told_by"), "has mail, and alerts.mail names no mail server"
