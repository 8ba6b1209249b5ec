"""The limits on connections, as an operator sets them."""

from dataclasses import fields

from edge_node.settings.limits import ConnectionLimits
from edge_node.settings.schema import Settings
from edge_node.settings.values import FORMS
from edge_node.wire.http1 import Limits


class TestConnectionLimits:
    def test_are_those_of_the_http_server(self) -> None:
        """Every number that protects the node can be set; the size of a body is set once, for both sides."""
        settings = {**ConnectionLimits().model_dump(), "body_bytes": 10 * 1024 * 1024}
        assert settings == {field.name: field.default for field in fields(Limits)}


class TestForms:
    def test_every_pattern_is_told_in_words(self) -> None:
        """No operator has to read a regular expression."""
        written = str(Settings.model_json_schema())
        patterns = {part.split("'")[0] for part in written.replace("\\\\", "\\").split("'pattern': '")[1:]}
        assert patterns <= set(FORMS)
        assert len(patterns) > 5
