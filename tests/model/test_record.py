"""A line of the access log: what it must hold, and what of it only the log's own key may open."""

from dataclasses import replace

import pytest

from edge_node.model.message import Direction
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    LogRecord,
    ObjectPart,
    Result,
    Situation,
    UserKind,
    UserPart,
    missing,
    split,
)

QUERY = LogRecord(
    event=EventPart(
        type=LogEvent.QUERY,
        action=Action.READ,
        result=Result.OK,
        code="asked",
        direction=Direction.OUT,
        interaction="QUPC_IN990001NL",
        situation=Situation.EMERGENCY,
        reason="bewusteloos binnengebracht",
    ),
    user=UserPart(
        kind=UserKind.PERSON, uzi="900000001", role="01.015", card="Z", responsible_uzi="900000002", ura="90000123"
    ),
    access_point=AccessPoint(node="praktijk-1", application="90000001", system="his"),
    counterparty=Counterparty(application="1", organisation="Huisartsenpraktijk De Waal"),
    object=ObjectPart(patient="999911120", is_named=True, categories=("AV01",)),
    correlation=Correlation(id="c1", message="2.16.1/42", tokens=("transaction:ab12",)),
)
PERSONAL = ("900000001", "900000002", "999911120", "Huisartsenpraktijk De Waal", "bewusteloos")


class TestSplit:
    def test_seals_what_names_a_person(self) -> None:
        """Whoever copies the disk learns from the log that questions were asked, never of whom or by whom."""
        apart = split(QUERY)
        assert set(apart.sealed) == {
            "event.reason",
            "user.uzi",
            "user.responsible_uzi",
            "counterparty.organisation",
            "object.patient",
        }
        assert not [one for one in PERSONAL if one in str(apart.open)]

    def test_seeks_patients_and_users_by_their_hash(self) -> None:
        """An overview for a patient, or of what one employee did, must not take the opening of every line."""
        assert dict(split(QUERY).sought) == {
            "user.uzi": "900000001",
            "user.responsible_uzi": "900000002",
            "object.patient": "999911120",
        }

    def test_leaves_out_what_is_empty(self) -> None:
        """A line is kept five years and more: what says nothing takes no room."""
        assert "correlation.request" not in split(QUERY).open
        assert split(QUERY).open["correlation.tokens"] == ["transaction:ab12"]

    def test_writes_a_change_by_name_and_hash(self) -> None:
        """What changed stands in the line as pairs that a machine can read back."""
        changed = replace(QUERY, event=replace(QUERY.event, details=(("before", "aa"), ("after", "bb"))))
        assert split(changed).open["event.details"] == [["before", "aa"], ["after", "bb"]]


class TestMissing:
    def test_a_whole_line_misses_nothing(self) -> None:
        """What the standard asks for is there."""
        assert missing(QUERY) == ()

    @pytest.mark.parametrize(
        ("field", "record"),
        [
            ("access_point.node", replace(QUERY, access_point=AccessPoint(node=""))),
            ("event.interaction", replace(QUERY, event=replace(QUERY.event, interaction=""))),
            ("event.direction", replace(QUERY, event=replace(QUERY.event, direction=None))),
            ("event.code", QUERY.ended(Result.ERROR, "")),
            ("counterparty.application", replace(QUERY, counterparty=Counterparty())),
            ("correlation.message", replace(QUERY, correlation=Correlation())),
            ("user.name", replace(QUERY, user=UserPart(kind=UserKind.OPERATOR))),
            ("object.patient", replace(QUERY, object=ObjectPart(is_named=True))),
        ],
    )
    def test_names_what_is_not_there(self, field: str, record: LogRecord) -> None:
        """A line that does not say what happened to whom is found when it is written, not years later."""
        assert missing(record) == (field,)


class TestRepr:
    @pytest.mark.parametrize("personal", PERSONAL)
    def test_shows_nobody(self, personal: str) -> None:
        """A line that ends up in a technical log by accident names no patient and no doctor."""
        assert personal not in repr(QUERY) + repr(split(QUERY))
