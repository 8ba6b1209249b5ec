"""A message once read: which of its tokens are for it alone."""

from dataclasses import replace

import pytest

from edge_node.model.message import Binding, Token
from tests.nouns import a_reading

TRANSACTION = Token(
    kind="saml", id="_t1", not_after="2026-11-21T12:05:00Z", binding=Binding(message_extension="r1", interaction="x")
)
MANDATE = Token(kind="saml", id="_m1", not_after="2027-11-21T12:05:00Z")
NOON_S = 1_795_262_400.0


class TestTokens:
    def test_made_for_the_message_are_used_once(self) -> None:
        """A mandate goes with every message of a year; a transaction token with one."""
        (use,) = a_reading(tokens=(TRANSACTION, MANDATE)).token_uses
        assert use.ends_at == NOON_S + 300
        assert use == a_reading(tokens=(TRANSACTION,)).token_uses[0]

    def test_without_an_id_cannot_be_told_apart(self) -> None:
        """Two of them would be taken for one, and the second message be refused."""
        assert a_reading(tokens=(replace(TRANSACTION, id=""),)).token_uses == ()

    def test_are_the_same_with_another_mandate_beside_them(self) -> None:
        """The transaction token was spent: a mandate more makes it no new one."""
        assert a_reading(tokens=(TRANSACTION, MANDATE)).token == a_reading(tokens=(TRANSACTION,)).token

    def test_are_others_with_another_id(self) -> None:
        """Only then is it a renewal."""
        other = replace(TRANSACTION, id="_t2")
        assert a_reading(tokens=(TRANSACTION,)).token != a_reading(tokens=(other,)).token

    def test_that_are_for_many_messages_tell_a_message_with_no_other(self) -> None:
        """A patient's own token names no message, and the message is bound to it all the same."""
        assert a_reading(tokens=(MANDATE,)).token != b""

    def test_are_absent_in_a_message_without(self) -> None:
        """Such a message may be sent again as often as needed."""
        unsigned = a_reading(tokens=())
        assert (unsigned.token, unsigned.token_uses) == (b"", ())


class TestTheEndOfAToken:
    @pytest.mark.parametrize(
        ("written", "ends_at"),
        [
            ("2026-11-21T12:00:00Z", NOON_S),
            ("2026-11-21T13:00:00+01:00", NOON_S),
            ("2026-11-21T12:00:00.000Z", NOON_S),
            ("2026-11-21T12:00:00", NOON_S),
            ("20261121130000", NOON_S),  # of the older token: local time
            ("soon", None),
            ("", None),
            (None, None),
        ],
    )
    def test_is_read_as_tokens_write_it(self, written: str | None, ends_at: float | None) -> None:
        """Until then it is remembered; where it cannot be read, longer."""
        assert replace(TRANSACTION, not_after=written).ends_at == ends_at
