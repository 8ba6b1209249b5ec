"""When the node may answer "kept"."""

from typing import Any

import pytest

from edge_node.model.message import Token
from edge_node.policy.keeping import may_keep
from tests.nouns import a_push_row, a_reading, a_wrapper, an_application

TOKEN = Token(kind="saml", id="t1")


class TestMayKeep:
    def test_keeps_what_is_answered_by_an_accept_acknowledgement(self) -> None:
        """A locum report waits safely while the line is down."""
        assert may_keep(a_push_row(), a_reading(a_wrapper(accept_ack_code="AL"), tokens=()), an_application())

    @pytest.mark.parametrize(
        ("row", "accept_ack", "tokens", "application"),
        [
            ({"keep": False}, "AL", (), {}),
            ({}, "NE", (), {}),
            ({}, "AL", (TOKEN,), {"renews_tokens": False}),
            ({}, "AL", (), {"told_by": frozenset()}),
        ],
    )
    def test_keeps_nothing_its_sender_would_not_hear_of(
        self, row: dict[str, Any], accept_ack: str, tokens: tuple[Token, ...], application: dict[str, Any]
    ) -> None:
        """A doctor must never think a message was sent that nobody can sign again or follow."""
        reading = a_reading(a_wrapper(accept_ack_code=accept_ack), tokens=tokens)
        assert not may_keep(a_push_row(**row), reading, an_application(**application))

    def test_keeps_a_signed_push_of_a_system_that_renews(self) -> None:
        """It is told when the token was spent, and signs again."""
        reading = a_reading(a_wrapper(accept_ack_code="AL"), tokens=(TOKEN,))
        assert may_keep(a_push_row(), reading, an_application(renews_tokens=True))
