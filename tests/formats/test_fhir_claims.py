"""What an access token says of who asks, and whether it is an emergency."""

from typing import Any

import pytest

from edge_node.formats.fhir_claims import Said, read_said

UZI = "2.16.528.1.1007.3.1"
URA = "2.16.528.1.1007.3.3"
ASKED = "search:Patient:1.0:request"


class TestTheSituation:
    @pytest.mark.parametrize(
        ("scope", "is_emergency"),
        [
            (f"{ASKED}~BGZ~nood", True),
            (f"{ASKED}~BGZ~NOOD", True),
            ([f"{ASKED}~BGZ~normaal", f"{ASKED}~BGZ~nood"], True),
            (f"{ASKED}~BGZ~normaal", False),
            (ASKED, False),
            ("nood", False),
            (None, False),
            ({"scope": "a~b~nood"}, False),
        ],
    )
    def test_is_the_last_part_of_a_scope(self, scope: object, is_emergency: bool) -> None:
        """An access in an emergency is looked at afterwards, so the log must tell it from all others."""
        assert read_said({"scope": scope}).is_emergency is is_emergency

    def test_stands_behind_the_context(self) -> None:
        """The log says for which purpose was asked."""
        assert read_said({"scope": f"{ASKED}~BGZ~normaal {ASKED}~MEDICATIE~normaal"}).contexts == ("BGZ", "MEDICATIE")

    def test_a_context_that_may_be_a_number_is_left_out(self) -> None:
        """The context stands open in the log: nobody's number gets there by being put in its place."""
        assert read_said({"scope": f"{ASKED}~999911120~normaal"}).contexts == ()


class TestTheUser:
    @pytest.mark.parametrize(
        ("claims", "said"),
        [
            ({"sub": "900000001:01.015"}, Said(uzi="900000001", role="01.015")),
            ({"user": {"id": f"urn:oid:{UZI}.900000001"}}, Said(uzi="900000001")),
            ({"user": [f"urn:IIroot:{UZI}:IIext:900000001"]}, Said(uzi="900000001")),
            ({"org": f"urn:oid:{URA}:90000123", "sub": f"{UZI}|900000001"}, Said(ura="90000123", uzi="900000001")),
            (
                {"uzi": "900000001", "role": "01.015", "ura": "90000123"},
                Said(uzi="900000001", role="01.015", ura="90000123"),
            ),
            ({"user": {"UZI-nummer": "900000001", "rolcode": "01.015"}}, Said(uzi="900000001", role="01.015")),
            ({"uzi": "90000001", "role": "arts", "ura": "900001234"}, Said()),
            ({"uzi": "900000001", "sub": f"{UZI}|900000002"}, Said()),
            ({"jti": "900000001", "duration": "90000123"}, Said()),
            ({"sub": "900000001"}, Said()),
            ({"a": "900000001:01.015", "b": "900000002:01.015"}, Said(role="01.015")),
        ],
    )
    def test_counts_where_its_number_says_what_it_is(self, claims: dict[str, Any], said: Said) -> None:
        """A line that names the wrong doctor is worse than one that names none."""
        assert read_said(claims) == said

    def test_is_shown_to_nobody(self) -> None:
        """Numbers of people stay out of technical logs."""
        assert "900000001" not in repr(read_said({"sub": "900000001:01.015"}))
