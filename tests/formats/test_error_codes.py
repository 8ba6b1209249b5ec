"""The table of error codes: what follows after each."""

from collections import Counter

import pytest

from edge_node.errors import PAGES
from edge_node.formats.error_codes import detail, load, parse
from edge_node.model.message import Detail

CODES = load()
A_TABLE = """
systems = {{ hl7 = "2.16.840.1.113883.5.1100" }}
do = {{ mend = {{ nl = "Verbeteren.", en = "Mend it." }} }}
default = {{ systems = ["hl7"], token = false, http = 500, do = "mend" }}
code = {{ NEW = {{ class = "{klass}", nl = "nieuw", en = "new" }} }}
"""


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

    def test_is_one_a_person_knows_for_few(self) -> None:
        """All but these are permanent: sent again as they are they would fail for ever."""
        assert Counter(row.klass for row in CODES.values() if row.klass != "permanent") == {
            "retry": 5,
            "retry-push": 2,
            "done-registration": 1,
            "done-removal": 1,
            "hold": 3,
        }

    def test_that_no_table_has_is_refused(self) -> None:
        """A slip of the pen in the table must not decide what happens to a message."""
        with pytest.raises(ValueError, match="NEW: no such class"):
            parse(A_TABLE.format(klass="later"))


class TestTheTable:
    def test_tells_token_errors_apart(self) -> None:
        """After an unknown outcome they say nothing about the message."""
        about_token = {code for code, row in CODES.items() if row.about_token}
        assert {"NONCEREJECTED", "TOKENVALIDITYPERIOD", "ExpirationTimeError"} <= about_token
        assert "RTEDEST" not in about_token

    def test_says_what_each_code_means_in_both_languages(self) -> None:
        """Staff read Dutch, developers English."""
        assert [code for code, row in CODES.items() if not (row.meaning_nl and row.meaning_en)] == []

    def test_says_what_to_do_in_both_languages(self) -> None:
        """An error without advice is a call to the help desk."""
        assert [
            code for code, row in CODES.items() if not (row.do_nl.endswith(".") and row.do_en.endswith("."))
        ] == []

    @pytest.mark.parametrize("code", sorted(code for code, row in CODES.items() if row.about_token))
    def test_asks_for_a_signature_where_the_token_is_wrong(self, code: str) -> None:
        """Nothing else lets the message go on."""
        assert "same message id" in CODES[code].do_en

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("NOSTORE", 507),
            ("RTEDEST", 408),
            ("RTUDEST", 404),
            ("SYN105", 422),
            ("KEY204", 404),
            ("QABRTITI", 504),
            ("AUTERR_MEDISCH", 403),
            ("AUTERR_SWV_FALSE", 403),
            ("AUTERR_CONFRCV", 404),
            ("INTERR", 500),
            ("VALIDATIEFOUT", 500),
        ],
    )
    def test_has_the_status_of_the_national_transformation(self, code: str, status: int) -> None:
        """A FHIR client must hear the same as one that asks the switchboard's own transformation."""
        assert CODES[code].http == status

    def test_knows_a_code_that_stands_in_two_systems(self) -> None:
        """The switchboard uses its own system for some of the general codes."""
        assert len(CODES["RTEDEST"].systems) == 2

    @pytest.mark.parametrize("code", sorted({page.hl7 for page in PAGES.values() if page.hl7} | {"RTWDEST"}))
    def test_has_every_code_the_node_gives_itself(self, code: str) -> None:
        """A code in a system that does not have it cannot be looked up by who gets it."""
        assert detail(code) == Detail("E", code, CODES[code].systems[0])
