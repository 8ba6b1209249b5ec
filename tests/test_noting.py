"""What is odd about a peer that is let in, as the log and the figures get it."""

from structlog.testing import capture_logs
from twisted.internet.task import Clock

from edge_node.model.finding import Finding
from edge_node.model.message import Direction
from edge_node.noting import noting
from edge_node.wire.refusal_log import RefusalLog
from edge_node.wire.trust_judge import Purpose

NOTE = Finding("EN-TLS-OID-CA-UNKNOWN", "OID-CA 1.2.3")


class TestANote:
    def test_has_one_line_and_is_counted_each_time(self) -> None:
        """A peer shakes hands some hundred times an hour; a person needs one line, a graph needs them all."""
        counted: list[tuple[Direction, str]] = []
        noted = noting(RefusalLog(Clock()), lambda direction, code: counted.append((direction, code)))
        with capture_logs() as lines:
            noted(Purpose.CLIENT, NOTE)
            noted(Purpose.SERVER, NOTE)
        assert [(line["event"], line["code"], line["detail"]) for line in lines] == [
            ("tls.noted", "EN-TLS-OID-CA-UNKNOWN", "OID-CA 1.2.3")
        ]
        assert counted == [(Direction.IN, NOTE.code), (Direction.OUT, NOTE.code)]
