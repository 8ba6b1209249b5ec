"""Only what was signed comes back, and only under the key that was handed in."""

from dataclasses import replace

import pytest
from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.token_places import tokens_of_message
from edge_node.wire.token_signature import verify_signature
from tests.formats.token_bench import Bench, register


class TestWhatComesBack:
    def test_is_what_was_signed_and_nothing_beside_it(self) -> None:
        """The signature itself is not among it: whoever reads this reads no unsigned byte."""
        (token,) = tokens_of_message(Bench().message())
        signed = verify_signature(token, register().card("gp").certificate)
        assert signed.get("ID") == token.id
        assert b"Signature" not in etree.tostring(signed)

    def test_is_nothing_under_another_key(self) -> None:
        """A key that stands in the token proves nothing."""
        (token,) = tokens_of_message(Bench().message())
        with pytest.raises(Refused) as caught:
            verify_signature(token, register().card("post-gp").certificate)
        assert caught.value.code == "EN-TOKEN-SIGNATURE"

    def test_must_be_the_token_that_was_asked_about(self) -> None:
        """Another element with a good signature is another element."""
        (token,) = tokens_of_message(Bench().message())
        with pytest.raises(Refused) as caught:
            verify_signature(replace(token, id="_another"), register().card("gp").certificate)
        assert caught.value.code == "EN-TOKEN-WRAPPED"

    def test_is_nothing_under_a_key_of_another_kind(self) -> None:
        """The algorithm is pinned; so is what can make it."""
        (token,) = tokens_of_message(Bench().message())
        with pytest.raises(Refused) as caught:
            verify_signature(token, register().cards.root.certificate)
        assert caught.value.code == "EN-TOKEN-ALGORITHM"

    def test_is_nothing_where_it_is_of_another_kind_than_it_was_found_as(self) -> None:
        """An assertion has rules of its own; read as an older token it would be held to fewer."""
        (token,) = tokens_of_message(Bench().message())
        with pytest.raises(Refused) as caught:
            verify_signature(replace(token, kind="aorta805"), register().card("gp").certificate)
        assert caught.value.code == "EN-TOKEN-WRAPPED"
