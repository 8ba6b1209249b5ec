"""The files that telling needs: the secrets that sign webhooks, the password of the mail server, their anchors.

Knows: which setting names which file, and the form `whsec_<base64>` of a webhook's secret.
Must not know: how a call is signed, how a mail is sent.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.settings.alerts import WebhookSettings
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.settings.values import file_path, not_found

Broken = tuple[Steps, str]

MIN_SECRET_BYTES: Final = 24
_MAX_FILE_BYTES: Final = 4096
_PREFIX: Final = "whsec_"
_SITE: Final = ""  # whose webhook it is, where it is no application's


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a setting names."""

    steps: Steps
    reference: str
    is_secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingSecrets:
    """What lies in those files."""

    webhooks: Mapping[str, tuple[bytes, ...]] = field(repr=False)  # by application; the newest first
    alerts: tuple[bytes, ...] = field(default=(), repr=False)  # of the webhook of the site
    mail_password: str | None = field(default=None, repr=False)


def files_to_tell(settings: Settings) -> Iterator[Named]:
    """Yield every file that telling needs."""
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            yield from _of_webhook(application.webhook, ("identities", i, "applications", j, "webhook"))
    yield from _of_webhook(settings.alerts.webhook, ("alerts", "webhook"))
    mail = settings.alerts.mail
    if mail is not None and mail.password_file is not None:
        yield Named(("alerts", "mail", "password_file"), mail.password_file, True)
    if mail is not None and mail.anchors is not None:
        yield Named(("alerts", "mail", "anchors"), mail.anchors, False)


def gather_telling(settings: Settings, credentials: Path | None) -> tuple[TellingSecrets, tuple[Broken, ...]]:
    """Return the secrets that could be read, and what is wrong with the others. What is in them is never told."""
    webhooks: dict[str, tuple[bytes, ...]] = {}
    password: str | None = None
    wrong: list[Broken] = []
    for named in files_to_tell(settings):
        if not named.is_secret:
            continue
        try:
            text = _text(named.reference, credentials)
            if named.steps[:2] == ("alerts", "mail"):
                password = text
            else:
                whose = _whose(settings, named.steps)
                webhooks[whose] = (*webhooks.get(whose, ()), read_webhook_secret(text))
        except OSError as error:
            wrong.append((named.steps, not_found(error)))
        except ValueError as error:
            wrong.append((named.steps, f"its file {error}"))
    alerts = webhooks.pop(_SITE, ())
    return TellingSecrets(webhooks=webhooks, alerts=alerts, mail_password=password), tuple(wrong)


def _of_webhook(webhook: WebhookSettings | None, steps: Steps) -> Iterator[Named]:
    if webhook is None:
        return
    for k, reference in enumerate(webhook.secret_files):
        yield Named((*steps, "secret_files", k), reference, True)
    if webhook.anchors is not None:
        yield Named((*steps, "anchors"), webhook.anchors, False)


def read_webhook_secret(text: str) -> bytes:
    """Return the key that a line stands for: base64 after `whsec_`, else its own characters."""
    key = text.encode()
    if text.startswith(_PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            raise ValueError(f"holds no base64 after {_PREFIX}") from None
    if len(key) < MIN_SECRET_BYTES:
        raise ValueError(f"must hold a secret of at least {MIN_SECRET_BYTES} bytes")
    return key


def _text(reference: str, credentials: Path | None) -> str:
    with file_path(reference, credentials).open("rb") as file:
        written = file.read(_MAX_FILE_BYTES)
    try:
        line = written.decode().strip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    if not line:
        raise ValueError("is empty")
    if not line.isprintable():
        raise ValueError("must hold one line of printable characters")
    return line


def _whose(settings: Settings, steps: Steps) -> str:
    if steps[0] == "alerts":
        return _SITE
    _, i, _, j, *_ = steps
    return settings.identities[int(i)].applications[int(j)].id
