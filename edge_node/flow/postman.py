"""Mails, and goes again to those addresses that the mail server puts off while it takes the mail for others.

Knows: when it goes again, that it gives up after a while, that only those who were put off get it again.
Must not know: SMTP, what the mail is about.

A server that does not know us yet puts each address off for some minutes (greylisting), one at a time: without a
second try one colleague would never hear of a breakdown. A stop forgets what is still to be brought.
"""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Final, Protocol

import structlog
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import Unavailable
from edge_node.flow.waiting import start
from edge_node.model.letter import Letter, Taken

log = structlog.get_logger()

#: Greylisting ends after minutes, a full mailbox perhaps within a day.
_AGAIN_S: Final = (300.0, 900.0, 1800.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0)
_MOST_PUT_OFF: Final = 100


class MailDoor(Protocol):
    """The way to the mail server."""

    def send(self, letter: Letter) -> Awaitable[Taken]:
        """Return for whom it was not taken. Raises `EdgeNodeError` (EN-MAIL-FAILED) where nobody got it."""
        ...


class Postman:
    """Brings each letter to everybody."""

    def __init__(self, door: MailDoor, clock: IReactorTime) -> None:
        self._door = door
        self._clock = clock
        self._put_off = 0  # letters under way a second time
        self._refused: frozenset[str] = frozenset()

    @property
    def refused(self) -> int:
        """How many addresses the mail server refuses for good: those who do get mail can put that right."""
        return len(self._refused)

    async def send(self, letter: Letter) -> None:
        """Return when the mail server took it for somebody. Raises `EdgeNodeError` (EN-MAIL-FAILED)."""
        self._again(letter, await self._handed_over(letter), 0)

    async def _handed_over(self, letter: Letter) -> tuple[str, ...]:
        """Return who was put off."""
        taken = await self._door.send(letter)
        self._refused = (self._refused - frozenset(letter.to)) | frozenset(taken.refused)
        return taken.put_off

    def _again(self, letter: Letter, to: tuple[str, ...], tries: int) -> None:
        if not to:
            return
        if tries == len(_AGAIN_S) or self._put_off == _MOST_PUT_OFF:
            log.warning("mail.address-given-up", addresses=len(to))
            return
        self._put_off += 1
        rest = replace(letter, to=to)
        self._clock.callLater(_AGAIN_S[tries], lambda: start(self._bring(rest, tries + 1), _failed))

    async def _bring(self, letter: Letter, tries: int) -> None:
        self._put_off -= 1
        try:
            later = await self._handed_over(letter)
        except Unavailable:  # the server is away, or puts all of them off
            later = letter.to
        self._again(letter, later, tries)


def _failed(failure: Failure) -> None:
    log.error("telling.broken", way="mail", error=type(failure.value).__name__)
