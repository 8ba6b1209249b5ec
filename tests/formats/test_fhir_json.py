"""How much of a JSON text is parsed in one go."""

import pytest

from edge_node.errors import Refused
from edge_node.formats.fhir_draft import FhirDraft
from edge_node.formats.fhir_json import JsonLimits, JsonReader

_PIECE_BYTES = 4096


class WatchedReader(JsonReader):
    """Counts the values that come at once, and how often the parser is set to work."""

    def __init__(self) -> None:
        super().__init__(FhirDraft(), JsonLimits())
        self.parses = 0
        self.most_events = 0

    def _flush(self) -> None:
        before = self._tree.events
        super()._flush()
        self.parses += 1
        self.most_events = max(self.most_events, self._tree.events - before)

    def read(self, body: bytes) -> None:
        """Read a body in pieces."""
        for at in range(0, len(body), _PIECE_BYTES):
            self.feed(body[at : at + _PIECE_BYTES])
        self.close()


class TestEscapes:
    def test_beyond_number_in_one_string_are_refused(self) -> None:
        """Writing millions of them out takes a tenth of a second, in one go."""
        with pytest.raises(Refused) as refusal:
            WatchedReader().read(b'{"resourceType":"Binary","data":"' + b"\\u0041" * 300_001 + b'"}')
        assert refusal.value.code == "EN-JSON-LIMIT"

    def test_of_many_strings_are_not_added_up(self) -> None:
        """A large Bundle has a narrative in each of its resources."""
        reader = WatchedReader()
        reader.read(b'{"resourceType":"Bundle","a":[' + b'"\\n\\n\\n",' * 120_000 + b"1]}")
        assert reader.most_events > 0


class TestAfterALongToken:
    @pytest.mark.parametrize("token", [b'"' + b"x" * 1_000_000 + b'",', b" " * 1_000_000])
    def test_small_values_are_not_saved_up(self, token: bytes) -> None:
        """A million numbers read in one go would keep every other patient's query waiting for a third of a second."""
        reader = WatchedReader()
        reader.read(b'{"resourceType":"Bundle","a":[' + token + b"1," * 500_000 + b"1]}")
        assert reader.most_events < 32_000

    def test_nothing_was_begun_anew_for_each_piece(self) -> None:
        """A letter scanned to megabytes of base64 must not cost their square."""
        reader = WatchedReader()
        reader.read(b'{"resourceType":"Binary","data":"' + b"x" * 2_000_000 + b'"}')
        assert reader.parses < 20
