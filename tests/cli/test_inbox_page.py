"""One message on a screen or on paper."""

import json
from typing import Any

import pytest
from lxml import html

from edge_node.cli import inbox_page
from edge_node.formats.readable import Line

ROW: dict[str, Any] = {
    "uid": "a" * 32,
    "state": "WAITING",
    "interaction": "REPC_IN990003NL",
    "sender": "9",
    "receiver": "111",
    "kept_at": "2026-03-02T12:00:00Z",
    "message_id": "1.2/3",
    "unknown": False,
}
EVIL = '<script>alert(1)</script><img src=x onerror="x">{{ 7*7 }}'


class TestPage:
    def test_runs_nothing_that_stands_in_a_message(self) -> None:
        """A letter is what another party wrote; a browser must only show it."""
        page = html.fromstring(inbox_page.page(ROW, [Line(0, EVIL, EVIL)], "nl"))
        assert page.xpath("//script | //img | //@onerror") == []
        assert EVIL in page.xpath("string(//main)")

    def test_loads_nothing(self) -> None:
        """No picture in a letter tells its maker that it was read."""
        page = html.fromstring(inbox_page.page(ROW, [], "nl"))
        policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
        assert page.xpath("//@src | //@href") == []

    def test_shows_no_mark_that_turns_the_writing_round(self) -> None:
        """5 mg read as 5 mg, on paper too."""
        assert "\u202e" not in inbox_page.page(ROW | {"sender": "\u202e9"}, [Line(0, "x", "\u202e5")], "nl")

    def test_has_who_what_and_when_at_its_head(self) -> None:
        """A sheet of paper has lost the screen it came from."""
        page = html.fromstring(inbox_page.page(ROW, [], "nl"))
        assert page.xpath("//header//dd/text()") == [
            "waarneembericht of verslag (REPC_IN990003NL)",
            "applicatie 9",
            "applicatie 111",
            "2026-03-02T12:00:00Z",
            "1.2/3",
            "a" * 32,
            "wacht op het eigen systeem",
        ]


class TestData:
    def test_holds_the_row_and_every_line(self) -> None:
        """A program of the practice can take over what a person reads."""
        told = json.loads(inbox_page.data(ROW, [Line(1, "Tekst", "goed")], "nl"))
        assert told == {**ROW, "lines": [{"depth": 1, "label": "Tekst", "text": "goed"}]}


class TestText:
    def test_says_that_it_may_be_there_already(self) -> None:
        """Else it is typed over into a record that has it."""
        assert "Het kan wel al in het eigen systeem staan" in inbox_page.text(ROW | {"unknown": True}, [], "nl")

    def test_indents_by_depth(self) -> None:
        """A result stands under its heading."""
        lines = [Line(0, "Contact", ""), Line(1, "Tekst", "goed"), Line(1, "", "regel")]
        assert "Contact\n  Tekst: goed\n  regel\n" in inbox_page.text(ROW, lines, "nl")

    @pytest.mark.parametrize(("language", "word"), [("nl", "EINDE VAN HET BERICHT."), ("en", "END OF THE MESSAGE.")])
    def test_says_where_it_ends(self, language: str, word: str) -> None:
        """A print-out that broke off is seen to have."""
        assert inbox_page.text(ROW, [], language).upper().endswith(word)

    def test_an_interaction_of_the_site_is_a_message(self) -> None:
        """One that is in no table is shown all the same."""
        assert inbox_page.kind("ZZZZ_IN000001NL", "nl") == "bericht (ZZZZ_IN000001NL)"
