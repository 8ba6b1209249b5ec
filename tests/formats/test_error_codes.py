"""The table of error codes: what follows after each."""

import pytest

from edge_node.formats.error_codes import load

CODES = load()


class TestTheClass:
    @pytest.mark.parametrize(
        ("code", "klass"),
        [
            *((code, "retry") for code in ("RTEDEST", "INTERR", "NOSTORE", "SYNGBX", "SYNZIM")),
            *((code, "retry-push") for code in ("GBZQUERYCOUNT", "ZIMBEZIG")),
            ("KEY205", "done-registration"),
            ("KEY204", "done-removal"),
            *((code, "hold") for code in ("INACTIVEAPP", "INACTIVEGBZ", "AUTERR_CONFSND")),
            *((code, "permanent") for code in ("RTUDEST", "SYN105", "NS200", "AUTERR_MEDISCH", "NONCEREJECTED")),
        ],
    )
    def test_is_decided_by_the_exact_code(self, code: str, klass: str) -> None:
        """A wrong class loses a message, or hammers a receiver that said no."""
        assert CODES[code].klass == klass


class TestTheTable:
    def test_tells_token_errors_apart(self) -> None:
        """After an unknown outcome they say nothing about the message."""
        about_token = {code for code, row in CODES.items() if row.about_token}
        assert {"NONCEREJECTED", "TOKENVALIDITYPERIOD", "ExpirationTimeError"} <= about_token
        assert "RTEDEST" not in about_token

    def test_says_what_each_code_means_in_both_languages(self) -> None:
        """Staff read Dutch, developers English."""
        assert [code for code, row in CODES.items() if not (row.meaning_nl and row.meaning_en)] == []

    def test_knows_a_code_that_stands_in_two_systems(self) -> None:
        """The switchboard uses its own system for some of the general codes."""
        assert len(CODES["RTEDEST"].systems) == 2
