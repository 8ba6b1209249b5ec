"""The words of the verbs on certificates."""

import string

import pytest

from edge_node.cli.cert_words import _SAID, Teller, _dutch
from edge_node.cli.show import readable
from edge_node.errors import PAGES
from edge_node.wire.trust_codes import CODES


def fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


class TestSentences:
    @pytest.mark.parametrize("name", sorted(_SAID))
    def test_say_the_same_in_both_languages(self, name: str) -> None:
        """What an IT person reads in Dutch must not lack what another reads in English."""
        words = _SAID[name]
        assert (fields(words.nl), bool(words.nl)) == (fields(words.en), True)

    def test_that_are_missing_are_said_as_the_node_names_them(self) -> None:
        """A daemon of a later release may have another word; the command must not break on it."""
        assert Teller("nl")("trial.postponed") == "postponed"


class TestPages:
    @pytest.mark.parametrize("code", sorted(_dutch()))
    def test_are_of_codes_that_there_are(self, code: str) -> None:
        """One that is gone would be told no more."""
        assert code in PAGES

    def test_without_dutch_are_in_english(self) -> None:
        """Better than nothing."""
        page = PAGES["EN-STORE-FULL"]
        assert Teller("nl").page("EN-STORE-FULL") == (page.what, page.do)

    def test_have_dutch_where_a_verdict_ends_with_them(self) -> None:
        """Whoever asks in Dutch why a certificate is refused reads it in Dutch."""
        assert {code for code in CODES if _dutch().get(code) is None} == set()


class TestNames:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("2.5.4.5=990000101,CN=a.test", "serialNumber=990000101,CN=a.test"),
            ("CN=CA,2.5.4.97=NTRNL-1,C=NL", "CN=CA,organizationIdentifier=NTRNL-1,C=NL"),
            ("revoked: 2.5.4.5=1,CN=a", "revoked: serialNumber=1,CN=a"),
            (r"CN=a\,2.5.4.5=1", r"CN=a\,2.5.4.5=1"),
        ],
    )
    def test_have_words_for_the_numbers_people_meet(self, written: str, read: str) -> None:
        """97 says nothing to whoever compares it with the register's letter; what is in a value stays."""
        assert readable(written) == read
