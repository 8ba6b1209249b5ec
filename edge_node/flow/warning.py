"""Tells what was odd about a message that passed.

Knows: how a warning is logged and counted.
Must not know: any rule, what the message says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from edge_node.flow.ports import Watch
from edge_node.model.finding import Finding
from edge_node.model.message import Direction, Wrapper

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Warnings:
    """One line a message, one count a finding."""

    watch: Watch

    def tell(self, part: str, direction: Direction, asked: Wrapper, findings: Sequence[Finding]) -> None:
        """Tell of a `request`, or of the `answer` to it; both are named by the id of the request."""
        if not findings:
            return
        for finding in findings:
            self.watch.warned(direction, finding.code)
        log.info(
            "message.odd",
            part=part,
            direction=str(direction),
            interaction=str(asked.interaction),
            message_id=asked.id.shown,
            codes=sorted({finding.code for finding in findings}),
            details=[finding.detail for finding in findings],
        )
