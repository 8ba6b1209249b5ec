"""The overview that a patient may ask for."""

import csv
import io
from typing import Any

import pytest

from edge_node.cli.log_overview import Wish, make
from edge_node.cli.log_writing import cell

QUERY_IN: dict[str, Any] = {
    "seq": 4,
    "at": "2026-11-22T09:15:00.123Z",
    "event.type": "query",
    "event.action": "R",
    "event.result": "ok",
    "event.direction": "in",
    "event.interaction": "QUPC_IN990001NL",
    "user.kind": "person",
    "user.uzi": "900000103",
    "user.role": "01.015",
    "user.responsible_role": "01.004",
    "counterparty.organisation": "Huisartsenpost <De Linde>",
    "correlation.message": "2.16.1/77",
    "object.patient": "999911120",
}


def text(*records: dict[str, Any], language: str = "nl") -> str:
    return make(records, Wish(language=language, form="text"))


class TestTheOverview:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            (
                "nl",
                ("organisatie: Huisartsenpost", "rol: huisarts (01.015)", "opgevraagd door een andere zorgverlener"),
            ),
            ("en", ("organisation: Huisartsenpost", "role: general practitioner (01.015)", "asked by another care")),
        ],
    )
    def test_says_who_what_and_when(self, language: str, words: tuple[str, ...]) -> None:
        """In words that a patient knows."""
        told = text(QUERY_IN, language=language)
        assert [word for word in words if word not in told] == []

    @pytest.mark.parametrize(
        ("language", "words"), [("nl", "een deel van het logboek is niet te lezen"), ("en", "a part of the log")]
    )
    def test_says_that_a_part_could_not_be_read(self, language: str, words: str) -> None:
        """Else a patient is told that nobody saw his data, and nobody knows whether that is so."""
        gap = {
            "seq": 1,
            "at": "2026-11-22T09:15:00.123Z",
            "locked": "log-000001-x.ndjson is not here: records 1 to 9",
        }
        assert words in text(gap, language=language)

    @pytest.mark.parametrize(
        ("interaction", "words"),
        [
            ("QUPC_IN990001NL", "professionele samenvatting (PS) (QUPC_IN990001NL)"),
            ("XXXX_IN000001", "bericht (XXXX_IN000001)"),
        ],
    )
    def test_says_which_data(self, interaction: str, words: str) -> None:
        """That somebody asked for a message tells a patient nothing."""
        assert words in text(QUERY_IN | {"event.interaction": interaction})

    def test_has_the_time_of_the_clock_on_the_wall(self) -> None:
        """A patient remembers an appointment in local time."""
        assert "2026-11-22 10:15:00 CET" in text(QUERY_IN)

    def test_names_no_card_of_an_employee(self) -> None:
        """The organisation and the role are what a patient has a right to; names are given on other grounds."""
        assert "900000103" not in make([QUERY_IN], Wish(language="nl", form="csv"))

    def test_marks_emergency_access(self) -> None:
        """It is what a patient looks for first."""
        page = make([QUERY_IN | {"event.situation": "emergency"}], Wish(language="nl", form="page"))
        assert "ja, noodtoegang" in page
        assert '<tr class="emergency">' in page

    def test_tells_one_exchange_once_with_what_came_of_it(self) -> None:
        """The steps of the node are no business of a patient."""
        ended = {"seq": 6, "at": "2026-11-22T09:15:01.000Z", "event.type": "answer", "user.kind": "node"}
        told = text(QUERY_IN, QUERY_IN | ended)
        assert (told.count("wanneer:"), "10:15:00" in told, "(01.015)" in told) == (1, True, True)

    @pytest.mark.parametrize("kind", ["answer", "handover"])
    @pytest.mark.parametrize(
        ("result", "word"), [("refused", "geweigerd"), ("error", "niet gelukt"), ("unknown", "niet bekend")]
    )
    def test_says_that_what_was_asked_was_not_given(self, kind: str, result: str, word: str) -> None:
        """Nobody saw her data: a page that says otherwise starts a complaint about nothing."""
        ended = {"seq": 6, "at": "2026-11-22T09:15:01.000Z", "event.type": kind, "event.result": result}
        assert f"uitkomst: {word}" in text(QUERY_IN, QUERY_IN | ended)

    def test_is_in_the_order_of_time(self) -> None:
        """What was taken up later happened earlier."""
        earlier = QUERY_IN | {"seq": 9, "at": "2026-11-20T09:15:00.000Z", "correlation.message": "2.16.1/1"}
        told = text(QUERY_IN, earlier)
        assert told.index("2026-11-20") < told.index("2026-11-22")

    def test_without_records_says_so(self) -> None:
        """An empty page looks like a mistake."""
        assert "In deze periode is er niets vastgelegd." in text()

    @pytest.mark.parametrize("form", ["page", "csv", "text"])
    def test_runs_nothing_of_what_it_shows(self, form: str) -> None:
        """A name comes from outside."""
        spoiled = QUERY_IN | {"counterparty.organisation": '=1+1<script>alert("x")</script>\x1b[2J'}
        made = make([spoiled], Wish(language="nl", form=form))
        assert ("<script>" in made and form == "page", "\x1b" in made and form != "csv") == (False, False)

    def test_as_a_table_calculates_nothing(self) -> None:
        """A spreadsheet takes what begins with an equals sign for a formula."""
        spoiled = QUERY_IN | {"counterparty.organisation": "=1+1"}
        _, row = csv.reader(io.StringIO(make([spoiled], Wish(language="nl", form="csv"))))
        assert row[1] == "'=1+1"


class TestACell:
    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r1", "\n1", "  =1", "\u200b=1", "\uff1d1+1"])
    def test_is_never_a_formula(self, text: str) -> None:
        """A reason that somebody typed must not run in the spreadsheet of whoever looks into it."""
        assert cell(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "a=1", "2026-11-22 10:15:00 CET", "deze praktijk"])
    def test_of_plain_text_is_that_text(self, text: str) -> None:
        """Nothing is put before what is harmless."""
        assert cell(text) == text
