"""The ways of telling: a signed call to one application, a mail to people.

Knows: which notices go each way, how each is written.
Must not know: sockets, TLS, where notices are stored, when a way may be used again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge_node.flow.pacing import Pace, name_of
from edge_node.formats import notice_mail, notices, webhook
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.letter import Letter
from edge_node.model.notice import Notice, Told

Describe = Callable[[Notice], Told]


class Hook(Protocol):
    """The way to the address one application wants to be called at."""

    async def call(self, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        """Return when it was taken. Raises `EdgeNodeError` (EN-WEBHOOK-FAILED)."""
        ...


class Post(Protocol):
    """The way to the mail server."""

    async def send(self, letter: Letter) -> None:
        """Return when the mail server took it for every address. Raises `EdgeNodeError` (EN-MAIL-FAILED)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWay:
    """Calls one application, a notice at a time."""

    application: str
    node: str
    secrets: tuple[bytes, ...] = field(repr=False)
    hook: Hook
    describe: Describe
    now: Callable[[], float]
    name: str = "webhook"
    gather_s: float = 0.0
    most: int = 1

    def wants(self, notice: Notice) -> bool:
        """Everything."""
        return True

    def rest_s(self, notices: Sequence[Notice], ago_s: Sequence[float]) -> float:
        """A program is told at once."""
        return 0.0

    async def tell(self, told: Sequence[Notice]) -> None:
        """Call for each; the same id at every try, so that the other side knows a second one."""
        for notice in told:
            document = notices.document(self.describe(notice))
            body = json.dumps(document, ensure_ascii=False).encode()
            name = f"{self.node}.{notice.seq}"
            await self.hook.call(webhook.headers(name, int(self.now()), body, self.secrets), body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who gets a mail, about what."""

    application: str  # empty: about every application, what needs a person
    to: tuple[str, ...]
    sender: str
    is_urgent: bool  # only what cannot wait; the others get everything else


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWay:
    """Mails people, many notices in one."""

    readers: Readers
    head: Letterhead
    post: Post
    describe: Describe
    now: Callable[[], float]
    pace: Pace
    gather_s: float = 5.0  # what happens at one moment comes in one mail
    most: int = 200

    @property
    def name(self) -> str:
        """The urgent mail goes its own way, so that it never waits for the summary."""
        return "mail-urgent" if self.readers.is_urgent else "mail"

    @property
    def application(self) -> str:
        """Whom it tells of."""
        return self.readers.application

    def wants(self, notice: Notice) -> bool:
        """Each notice goes in one of the two; the staff of the site hear only of what needs a person."""
        if not notices.is_trouble(notice):
            return bool(self.readers.application) and not self.readers.is_urgent
        return self.describe(notice).is_acute is self.readers.is_urgent

    def rest_s(self, notices: Sequence[Notice], ago_s: Sequence[float]) -> float:
        """As its pace has it."""
        return self.pace.rest_s(ago_s)

    async def tell(self, told: Sequence[Notice]) -> None:
        """Write one mail about all of them."""
        mail = notice_mail.write([self.describe(notice) for notice in told], self.head)
        await self.post.send(
            Letter(
                sender=self.readers.sender,
                to=self.readers.to,
                subject=mail.subject,
                text=mail.text,
                name=name_of(f"{self.head.node} {self.name} {self.application} {self.readers.to}", told),
                at_s=self.now(),
                is_urgent=self.readers.is_urgent,
            )
        )
