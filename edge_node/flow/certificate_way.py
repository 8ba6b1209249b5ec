"""Mails people about the certificates of their site.

Knows: who is told from which step on.
Must not know: how a mail is written, sockets, where it is remembered what was told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge_node.flow.pacing import Pace, name_of
from edge_node.flow.telling_ways import Post
from edge_node.formats import certificate_mail
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.certificate import CertificateNotice, Telling
from edge_node.model.letter import Letter
from edge_node.policy.countdown import Urgency, urgency_of

_EVERY_STEP: Final = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateMailWay:
    """One mail about all that is to be told at one moment."""

    name: str
    to: tuple[str, ...]
    sender: str
    head: Letterhead
    post: Post
    now: Callable[[], float]
    pace: Pace
    from_days: int = _EVERY_STEP  # told of steps with so many days left, or fewer
    application: str = ""
    gather_s: float = 5.0  # certificates that end together come in one mail
    most: int = 50

    def wants(self, notice: CertificateNotice) -> bool:
        """Those who are called second hear of what was not done in time, and of all that is no countdown."""
        return notice.telling is not Telling.ENDS or notice.days <= self.from_days

    def rest_s(self, notices: Sequence[CertificateNotice], ago_s: Sequence[float]) -> float:
        """What stops work is told at any hour; a step of the countdown waits for the morning."""
        return self.pace.rest_s(ago_s, is_awaited=any(map(_is_urgent, notices)))

    async def tell(self, told: Sequence[CertificateNotice]) -> None:
        """Write one mail about all of them."""
        mail = certificate_mail.write(told, self.head)
        await self.post.send(
            Letter(
                sender=self.sender,
                to=self.to,
                subject=mail.subject,
                text=mail.text,
                name=name_of(f"{self.head.node} {self.name}", told),
                at_s=self.now(),
                is_urgent=any(map(_is_urgent, told)),
            )
        )


def _is_urgent(notice: CertificateNotice) -> bool:
    # A source that gives nothing stops no work today: what was fetched before counts on.
    if notice.telling is Telling.SOURCE:
        return False
    return urgency_of(notice.days, notice.certificate.part) >= Urgency.NOW
