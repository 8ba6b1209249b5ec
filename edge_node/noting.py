"""Tells what was odd about a peer that was let in: in the log, and counted.

Knows: how often such a thing may have a line, in which figure it is counted.
Must not know: what is odd, or how a peer is judged.
"""

import logging
from collections.abc import Callable

from edge_node.model.finding import Finding
from edge_node.model.message import Direction
from edge_node.wire.refusal_log import Refusal, RefusalLog
from edge_node.wire.trust_judge import Purpose


def noting(log: RefusalLog, count: Callable[[Direction, str], None]) -> Callable[[Purpose, Finding], None]:
    """Make what handshakes tell their notes to."""

    def noted(purpose: Purpose, note: Finding) -> None:
        log.tell(Refusal(event="tls.noted", code=note.code, words={"detail": note.detail}, level=logging.WARNING))
        # A peer with a client certificate calls us.
        count(Direction.IN if purpose is Purpose.CLIENT else Direction.OUT, note.code)

    return noted
