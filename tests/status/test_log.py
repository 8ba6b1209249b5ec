"""How the log is written."""

# mypy: disallow-untyped-calls=False

import io
import json
from typing import Any

import pytest
import structlog
from twisted.logger import Logger
from twisted.python.failure import Failure

from edge_node.status.log import MASK, LogSettings, TwistedBridge, configure, guard, processors

from .doubles import NOW


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def logger(stream: io.StringIO) -> Any:
    settings = LogSettings(stream=stream, node_id="node-1", now=lambda: NOW)
    return structlog.wrap_logger(structlog.PrintLogger(stream), processors=processors(settings))


class TestLines:
    def test_are_json_with_node_moment_and_correlation(self) -> None:
        """One id leads from the local system through the node to the switchboard and back."""
        stream = io.StringIO()
        with structlog.contextvars.bound_contextvars(correlation="c-1"):
            logger(stream).info("push.kept", code="EN-NOT-SENT")
        assert lines(stream) == [
            {
                "at": "2026-03-02T12:00:00.000Z",
                "node": "node-1",
                "correlation": "c-1",
                "event": "push.kept",
                "code": "EN-NOT-SENT",
                "level": "info",
            }
        ]

    def test_name_an_exception_without_its_text(self) -> None:
        """The text of a foreign exception may quote the message it choked on."""
        stream = io.StringIO()
        try:
            int("Jansen 999911120")
        except ValueError as error:
            logger(stream).error("reading.failed", exc_info=error)
        assert "Jansen" not in stream.getvalue()
        assert lines(stream)[0]["error"] == "ValueError"
        assert "test_log.py" in lines(stream)[0]["frames"][0]


class TestConfigure:
    def test_makes_every_logger_write_so_from_its_level_on(self) -> None:
        """An operator who asks for warnings gets no more, whichever room speaks."""
        stream = io.StringIO()
        configure(LogSettings(stream=stream, node_id="node-1", now=lambda: NOW, level="warning"))
        structlog.get_logger("any").info("small")
        structlog.get_logger("any").warning("big")
        structlog.reset_defaults()
        assert [(line["event"], line["level"], line["node"]) for line in lines(stream)] == [
            ("big", "warning", "node-1")
        ]


class TestGuard:
    @pytest.mark.parametrize(
        ("event", "masked"),
        [
            ({"text": "bsn 999911120."}, {"text": f"bsn {MASK}."}),
            ({"text": 999911120}, {"text": MASK}),
            ({"deep": {"list": ["999911120"]}}, {"deep": {"list": [MASK]}}),
            ({"body": b"<patient/>"}, {"body": "[10 bytes]"}),
            ({"text": "12345678 and 1234567890"}, {"text": "12345678 and 1234567890"}),
            ({"text": "message 0a123456789bcdef0123456789abcdef"},) * 2,
            ({"text": "not 0a999911120b"}, {"text": f"not 0a{MASK}b"}),
            ({"text": f"fingerprint {'a123456789b' * 6}"}, {"text": f"fingerprint {f'a{MASK}b' * 6}"}),
            ({"fingerprint": f"a123456789{'bc' * 27}"},) * 2,
            ({"text": f"SHA-1 a123456789{'bc' * 15}."},) * 2,
            ({"text": "2.5.4.5=900000012,CN=a.test"}, {"text": "2.5.4.5=900000012,CN=a.test"}),
            ({"text": "2.5.4.3=999911120"}, {"text": f"2.5.4.3={MASK}"}),
            ({"message_id": "2.16.1/123456789"}, {"message_id": "2.16.1/123456789"}),
            ({"free_bytes": 123456789}, {"free_bytes": 123456789}),
        ],
    )
    def test_masks_what_looks_like_a_patient_number(self, event: dict[str, Any], masked: dict[str, Any]) -> None:
        """Logs go to people and machines that may not see who is a patient."""
        assert guard(None, "info", event) == masked


class TestTwistedBridge:
    @pytest.fixture
    def stream(self) -> Any:
        stream = io.StringIO()
        structlog.configure(
            processors=processors(LogSettings(stream=stream, node_id="node-1", now=lambda: NOW)),
            logger_factory=structlog.PrintLoggerFactory(stream),
        )
        yield stream
        structlog.reset_defaults()

    def test_carries_warnings_the_same_way(self, stream: io.StringIO) -> None:
        """One log, one form: nobody has to search two."""
        Logger("tls", observer=TwistedBridge("info")).warn("odd {what}", what="thing")
        assert [(line["event"], line["namespace"], line["text"]) for line in lines(stream)] == [
            ("twisted", "tls", "odd thing")
        ]

    def test_leaves_plumbing_out(self, stream: io.StringIO) -> None:
        """Starting and stopping of factories says nothing to an operator."""
        Logger("web", observer=TwistedBridge("info")).info("Starting factory")
        assert lines(stream) == []

    def test_tells_a_failure_without_its_text(self, stream: io.StringIO) -> None:
        """An unhandled error is a mistake of the node; its text may still hold a name."""
        try:
            raise RuntimeError("Jansen")
        except RuntimeError:
            Logger("x", observer=TwistedBridge("info")).failure("lost {who}", failure=Failure(), who="Jansen")
        assert lines(stream)[0]["error"] == "RuntimeError"
        assert "Jansen" not in stream.getvalue()
