"""`edge-node status`."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge_node.model.alert import Memory
from edge_node.model.deviation import Deviation, Way
from edge_node.model.identifiers import InteractionId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import Count, Overview
from edge_node.status.facts import CertificateFact, LinkFact
from edge_node.store.alert_memory import AlertMemory

from ..status.doubles import row
from ..store.shelf import Shelf, push
from .conftest import Run
from .doubles import Daemon


class TestStatus:
    def test_says_that_all_is_well(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The morning look."""
        result = run("status", *place)
        assert result.exit_code == 0
        assert "\nnode-1 0.1.0 (test): well\n" in result.stdout

    def test_begins_with_one_sentence(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A practice manager on the telephone reads out the first line; in English for who looks from afar."""
        first = run("status", *place).stdout.splitlines()[:3]
        assert first[0].startswith("Of alles werkt, is nu niet zeker: ")
        assert first[1].startswith("Whether everything works is not certain now: ")
        assert first[2] == ""

    def test_says_whom_to_call_when_the_centre_is_down(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Whose side, and what to do."""
        away = LinkFact(peer="zim", is_open=True, since_s=7200, code="EN-SWITCHBOARD-UNREACHABLE")
        daemon.facts = replace(daemon.facts, links=(away,))
        result = run("status", *place)
        assert result.exit_code == 1
        assert "centre down" in result.stdout
        assert "link\tzim\tdown\t2 h\tEN-SWITCHBOARD-UNREACHABLE" in result.stdout
        assert "link zim (care network): Try again" in result.stdout

    @pytest.mark.parametrize(
        ("days", "nl", "en"), [(5, "eindigt binnenkort", "ends soon"), (-1, "GEËINDIGD", "ENDED")]
    )
    def test_says_first_that_a_certificate_ends(
        self, run: Run, daemon: Daemon, place: list[str], days: int, nl: str, en: str
    ) -> None:
        """In both languages, above the table: whoever looks is not always who reads English."""
        ending = CertificateFact(identity="practice", not_after=daemon.facts.at + timedelta(days=days))
        daemon.facts = replace(daemon.facts, certificates=(ending,))
        above, _, _ = run("status", *place).stdout.partition("\npart\t")
        first = above.partition("(test): ")[2].splitlines()[1:3]
        assert [nl in first[0], en in first[1]] == [True, True]

    def test_says_what_this_site_declared_itself(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A declaration of years ago is forgotten by everybody but the settings."""
        replaced = Deviation(id=InteractionId("PVMV_IN932000NL01"), way=Way.REPLACED, columns=("level",))
        daemon.facts = replace(daemon.facts, deviations=(replaced,))
        said = run("status", *place).stdout
        assert "interaction PVMV_IN932000NL01: declared by this site, over the row of the table (level)\n" in said

    def test_is_json_for_scripts(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The same document as everywhere."""
        assert json.loads(run("status", "--json", *place).stdout)["ready"] is True

    @pytest.mark.parametrize(
        ("language", "verdict", "row", "line"),
        [
            ("nl", "LSP onbereikbaar", "certificaat\tpractice\tgoed", "eindigt binnenkort"),
            ("en", "centre down", "certificate\tpractice\tup", "ends soon"),
        ],
    )
    def test_speaks_the_language_that_is_chosen(
        self, run: Run, daemon: Daemon, place: list[str], language: str, verdict: str, row: str, line: str
    ) -> None:
        """A practice's IT person reads Dutch all the way down, codes and details excepted."""
        away = LinkFact(peer="zim", is_open=True, since_s=7200, code="EN-SWITCHBOARD-UNREACHABLE")
        ending = CertificateFact(identity="pharmacy", not_after=daemon.facts.at + timedelta(days=5))
        daemon.facts = replace(daemon.facts, links=(away,), certificates=(*daemon.facts.certificates, ending))
        said = run("status", *place, "--lang", language).stdout
        assert [f"(test): {verdict}\n" in said, row in said, line in said] == [True, True, True]

    def test_says_under_the_first_line_what_else_there_is(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The practice reads it on the telephone, in its own language and with what to do."""
        away = LinkFact(peer="switchboard", is_open=True, since_s=7200, code="EN-NOT-SENT")
        ending = CertificateFact(identity="pharmacy", not_after=daemon.facts.at + timedelta(days=5))
        daemon.facts = replace(daemon.facts, links=(away,), certificates=(*daemon.facts.certificates, ending))
        lines = run("status", *place, "--lang", "nl").stdout.splitlines()
        assert lines[0].startswith("Het LSP is niet bereikbaar")
        assert lines[2].startswith("- Uw UZI-servercertificaat verloopt over 5 dagen, op ")
        assert not [line for line in lines if "Try again" in line]

    def test_says_once_what_to_do_about_several_parts(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The same advice nineteen times is a page that nobody reads."""
        away = [LinkFact(peer=peer, is_open=True, since_s=1, code="EN-NOT-SENT") for peer in ("zim", "broker")]
        daemon.facts = replace(daemon.facts, links=tuple(away))
        advice = [line for line in run("status", *place).stdout.splitlines() if "(care network)" in line]
        assert [line.split(":")[0] for line in advice] == ["link zim, broker (care network)"]

    def test_reads_the_store_when_the_daemon_is_down(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """How much waits is known also when nothing runs, and nobody is told that all is well."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.kept(push())
        shelf.close()
        result = run("status", *place)
        assert result.exit_code == 69
        assert "out\tKEPT\t1\t" in result.stdout
        assert result.stdout.startswith("Dit kastje staat stil: het programma draait niet.")
        assert "The daemon does not answer" in result.stderr

    def test_lists_what_was_not_delivered_where_it_says_below(
        self, run: Run, daemon: Daemon, place: list[str]
    ) -> None:
        """Who reads "look at the list below" needs a list below."""
        dead = row(state=State.DEAD)
        daemon.queue.rows[dead.uid] = dead
        lost = Overview(counts=(Count(direction=Direction.OUT, state=State.DEAD, messages=1, oldest_s=5.0),))
        daemon.facts = replace(daemon.facts, queue=lost)
        said = run("status", *place, "--lang", "nl").stdout
        assert said.startswith("1 bericht is niet bezorgd. Bekijk de lijst hieronder")
        assert f"{dead.uid}\tniet bezorgd\tPORX_IN932000NL\t222\t" in said

    def test_says_whom_to_call_when_the_daemon_is_down(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """The node told its last run whom; its settings may be the very thing that stops it."""
        Shelf(tmp_path / "store.db").close()
        AlertMemory(tmp_path / "alerts.memory").put(Memory(help_line="Servicedesk De Linde (020 1234567)"))
        said = run("status", *place).stdout
        assert "Bel nu Servicedesk De Linde (020 1234567). Bel bij spoed de andere zorgverlener." in said

    def test_says_so_when_there_is_no_store_either(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """An empty queue would be a false answer, and looking makes nothing."""
        result = run("status", *place)
        assert (result.exit_code, result.stdout) == (69, "")
        assert "EN-CONTROL" in result.stderr
        assert list(tmp_path.iterdir()) == []
