"""What staff read first: one sentence on what works or does not, since when, on whose side, what to do, whom to call.

Knows: what can be said, what each sentence is about, which of two is worse, which can wait until the morning.
Must not know: how a node is found to be so, in which words it is told, who is told.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from edge_node.errors import Side
from edge_node.model.notice import Words


class Saying(StrEnum):
    """What can be said. The order is that of the first line: the worst stands first."""

    STOPPED = "stopped"  # the program does not run
    NODE_DOWN = "node-down"  # nothing can be recorded, so nothing goes on
    CERTIFICATE_OVER = "certificate-over"
    NETWORK_DOWN = "network-down"
    LSP_DOWN = "lsp-down"
    BLOCKED = "blocked"  # a check stops the messages
    LOCAL_DOWN = "local-down"
    DISK_FULL = "disk-full"
    STARTING = "starting"  # or stopping
    OVER = "over"  # a breakdown that has ended
    NOT_DELIVERED = "not-delivered"
    NEEDS_SIGNING = "needs-signing"
    UNPROVEN = "unproven"  # nothing is known to be wrong, and nothing showed lately that it works
    CERTIFICATE_ENDING = "certificate-ending"
    ATTENTION = "attention"  # it works, and somebody must look at something
    WELL = "well"
    MINOR = "minor"  # for who manages the node; it stands behind that all works


_ORDER: Final = tuple(Saying)
_SIDES: Final = {
    Saying.NETWORK_DOWN: Side.NETWORK,
    Saying.LSP_DOWN: Side.SWITCHBOARD,
    Saying.LOCAL_DOWN: Side.LOCAL,
    Saying.NEEDS_SIGNING: Side.LOCAL,
    Saying.CERTIFICATE_OVER: Side.OPERATOR,
    Saying.CERTIFICATE_ENDING: Side.OPERATOR,
    Saying.NOT_DELIVERED: Side.OPERATOR,
    Saying.BLOCKED: Side.OPERATOR,
}
#: What people need not be woken for.
_CAN_WAIT: Final = frozenset({
    Saying.DISK_FULL, Saying.NOT_DELIVERED, Saying.NEEDS_SIGNING, Saying.CERTIFICATE_ENDING, Saying.ATTENTION,
    Saying.MINOR,
})  # fmt: skip
#: Nothing is wrong where this is said.
_CALM: Final = frozenset({Saying.WELL, Saying.OVER, Saying.STARTING})
#: What is told as having been a breakdown when it is over.
_BREAKDOWNS: Final = frozenset({
    Saying.NODE_DOWN, Saying.CERTIFICATE_OVER, Saying.NETWORK_DOWN, Saying.LSP_DOWN, Saying.LOCAL_DOWN,
    Saying.DISK_FULL, Saying.BLOCKED,
})  # fmt: skip
#: One breakdown may be called one or the other, as more is seen of it.
_SAME: Final = {Saying.NETWORK_DOWN: "link", Saying.LSP_DOWN: "link", Saying.UNPROVEN: "link"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, before it is put into words. Moments are aware UTC."""

    saying: Saying
    said_at: datetime
    about: str = ""  # which one, where there may be several; never shown
    since: datetime | None = None
    until: datetime | None = None  # when it ended, or will end
    messages: int | None = 0  # that wait, or were delivered after all; None: the store could not say
    left: int = 0  # that were not delivered after all
    name: str = ""  # of the local system, or of the organisation where it is not the only one
    cause: Words | None = None
    do: Words | None = None  # what to do, where the saying does not tell
    help_line: str = ""  # whom to call; empty: the settings do not say
    whose: Side | None = None  # on whose side it is, where the saying does not tell
    is_told_elsewhere: bool = False  # a mail of its own tells of it
    is_beside: bool = False  # something else is true as well: that messages go, or nothing is to be done, is not said

    @property
    def group(self) -> str:
        """What it is about in the whole."""
        return _SAME.get(self.saying, self.saying.value)

    @property
    def key(self) -> str:
        """What it is about: of two sentences with the same key the later one takes the place of the other."""
        return f"{self.group} {self.about}".rstrip()

    @property
    def side(self) -> Side:
        """On whose side it is."""
        return self.whose or _SIDES.get(self.saying, Side.NODE)

    @property
    def can_wait(self) -> bool:
        """Whether nobody needs to be woken for it."""
        return self.saying in _CAN_WAIT

    @property
    def is_of_the_network(self) -> bool:
        """Whether those who look after the network can do something about it, or have to know."""
        return not self.can_wait or self.side in {Side.NETWORK, Side.SWITCHBOARD}

    @property
    def is_trouble(self) -> bool:
        """Whether somebody has to know."""
        return self.saying not in _CALM

    @property
    def is_breakdown(self) -> bool:
        """Whether work stands still, so that its end is told as well."""
        return self.saying in _BREAKDOWNS

    @property
    def rank(self) -> tuple[int, str]:
        """The lower one is said first."""
        return _ORDER.index(self.saying), self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A breakdown that has ended, and what became of the messages that waited for its end."""

    saying: Saying
    since: datetime
    until: datetime
    delivered: int | None = None  # None: the store could not say
    left: int = 0
