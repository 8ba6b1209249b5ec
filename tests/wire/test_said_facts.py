"""What a local system says of its user and of the patient, in headers beside a message."""

from datetime import date

import pytest

from edge_node.model.supplied import NOTHING, Consent, Supplied
from edge_node.wire.http1 import Head, TransportPeer
from edge_node.wire.said_facts import said_facts


def said(*headers: tuple[str, str]) -> Supplied:
    """What these headers say."""
    given = tuple((f"edge-node-{name}", value) for name, value in headers)
    return said_facts(Head("POST", "/Dienst", given, TransportPeer(address="127.0.0.1")))


class TestFacts:
    def test_are_none_where_nothing_is_said(self) -> None:
        """Most systems say nothing yet: that is neither good nor wrong."""
        assert said(("situation", "nood")) is NOTHING

    @pytest.mark.parametrize(
        ("name", "value", "read"),
        [
            ("session-age", "3600", Supplied(session_age_s=3600)),
            ("session-idle", "12.5", Supplied(session_idle_s=12.5)),
            ("card-out", "0", Supplied(card_out_s=0)),
            ("bsn-verified", "yes", Supplied(bsn_verified=True)),
            ("bsn-verified", " Nee ", Supplied(bsn_verified=False)),
            ("identity-checked", "no", Supplied(identity_checked=False)),
            ("consent", "withdrawn", Supplied(consent=Consent.WITHDRAWN)),
            ("consent", "onbekend", Supplied(consent=Consent.UNASKED)),
            ("treatment-relation", "ja", Supplied(relation=True)),
            ("patient-kind", "tijdelijk", Supplied(is_temporary=True)),
            ("patient-until", "2026-12-31", Supplied(ends_on=date(2026, 12, 31))),
        ],
    )
    def test_are_read_in_both_languages(self, name: str, value: str, read: Supplied) -> None:
        """A developer in Groningen and one in Bangalore write the same header."""
        assert said((name, value)) == read

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("session-age", "-1"), ("session-age", "an hour"), ("session-age", "1e9"), ("card-out", "\u0661"),
            ("card-out", "9" * 400), ("bsn-verified", "SBV-Z"), ("consent", "true"), ("patient-until", "31-12-2026"),
            ("consent", ""),
        ],
    )  # fmt: skip
    def test_of_no_known_form_say_nothing_and_are_named(self, name: str, value: str) -> None:
        """A typing mistake never refuses a message, and must not go by as if nothing was said."""
        assert said((name, value)) == Supplied(unread=(f"edge-node-{name}",))

    @pytest.mark.parametrize("values", [("yes", "no"), ("no", "yes"), ("maybe", "no")])
    def test_said_twice_in_two_ways_are_unknown(self, values: tuple[str, str]) -> None:
        """Which of the two counts is not ours to guess."""
        found = said(*(("consent", value) for value in values))
        assert (found.consent, found.unread) == (None, ("edge-node-consent",))

    def test_are_named_by_what_was_said(self) -> None:
        """A check knows whether anybody tells it anything."""
        assert said(("card-out", "0"), ("consent", "no")).named == {"card_out_s", "consent"}
