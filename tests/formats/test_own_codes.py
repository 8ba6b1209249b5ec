"""What our own codes mean is said in Dutch wherever staff read of a message that stayed behind."""

import pytest

from edge_node.errors import PAGES
from edge_node.formats import error_codes, own_codes, undelivered
from edge_node.model.lifecycle import State


class TestTexts:
    def test_are_only_of_codes_there_are(self) -> None:
        """A code that was renamed would lose its Dutch without anybody noticing."""
        assert own_codes.known() <= PAGES.keys()
        assert not own_codes.known() & error_codes.load().keys()

    @pytest.mark.parametrize("code", sorted(own_codes.known()))
    def test_stand_within_a_sentence(self, code: str) -> None:
        """ "Oorzaak: code EN-DELIVERY-REFUSED" tells a practice nothing."""
        said = undelivered.cause(code, State.DEAD)
        assert said is not None
        assert said.nl.endswith(f" ({code})")
        assert not said.nl.startswith("code ")
