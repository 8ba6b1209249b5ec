"""The report as a page."""

from datetime import UTC, datetime
from typing import Any

import pytest

from edge_node.model.check import Attestation, Maker, Origin, Outcome, Result, Threshold, Verdict
from edge_node.model.notice import Words
from edge_node.policy import check_catalogue
from edge_node.status.check_document import counts, of_verdicts
from edge_node.status.check_page import WORDS, page

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BOLD = "<b>B.</b> {Manager}"
ATTESTED = Attestation(check="user-review", owner=BOLD, statement="done", made_at=NOON, until=NOON)


def document(value: str = "3 %") -> dict[str, Any]:
    """A report on every check of the catalogue, each violated."""
    verdicts = [
        Verdict(
            check=check,
            outcome=Outcome(result=Result.VIOLATED, value=value, reason=Words(nl="Vol.", en="Full.")),
            since=NOON,
            looked_at=NOON,
            actions=check.actions,
            actions_origin=Origin(maker=Maker.PRODUCT),
            thresholds=(Threshold(name="checks.limits.disk_warn_percent", value=15, unit="%"),),
            attestation=ATTESTED,
        )
        for check in check_catalogue.load().values()
    ]
    return {
        "node": "practice-1", "environment": "production", "at": "2026-11-22T12:00:00Z", "release": "1",
        "settings_hash": "00" * 32, "organisations": [{"name": "De Linde", "ura": "00001001"}],
        "access_log_head": None, "signing_key": "ab", "counts": counts(verdicts), "checks": of_verdicts(verdicts),
    }  # fmt: skip


class TestThePage:
    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_shows_every_check_with_what_to_do(self, language: str) -> None:
        """It is what an auditor and a practice manager have before them."""
        shown = page(document(), language)
        assert all(check in shown for check in check_catalogue.load())

    def test_shows_what_people_wrote_letter_by_letter(self) -> None:
        """A name is a name, whatever is in it."""
        shown = page(document(), "nl")
        assert "&lt;b&gt;B.&lt;/b&gt; {Manager}" in shown
        assert BOLD not in shown

    def test_shows_moments_in_dutch_time(self) -> None:
        """Noon in Greenwich is one o'clock in the practice."""
        assert "22-11-2026 13:00" in page(document(), "nl")

    def test_says_whose_number_a_threshold_is(self) -> None:
        """In the words of the reader."""
        assert "standaard van dit product" in page(document(), "nl")

    def test_says_values_in_the_language_of_its_reader(self) -> None:
        """What was seen is read by who has to mend it."""
        told = document(value="runs as root")
        assert "draait als root" in page(told, "nl")
        assert "runs as root" in page(told, "en")

    def test_begins_with_what_is_to_be_done(self) -> None:
        """Of a hundred checks a practice manager reads those that are wrong."""
        shown = page(document(), "nl")
        assert shown.index("Eerst te doen") < shown.index("G. Voorwaarden")

    def test_of_the_conditions_alone_is_called_so(self) -> None:
        """Who wants to be connected sends this page."""
        told = document()
        shown = page({**told, "checks": [one for one in told["checks"] if one["topic"] == "G"]}, "nl")
        assert "<h1>Voorwaarden om aangesloten te zijn</h1>" in shown

    def test_runs_nothing(self) -> None:
        """It is opened from a mail, years later."""
        shown = page(document(), "nl")
        assert "default-src 'none'" in shown
        assert "<script" not in shown

    def test_has_its_words_in_both_languages(self) -> None:
        """What one language has and the other not is said by its English name: never an empty place."""
        assert WORDS["en"].keys() <= WORDS["nl"].keys()
