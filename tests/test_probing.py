"""The looks at a node: what stands of the checks, since when, and what happens when a look goes wrong."""

from datetime import timedelta
from pathlib import Path

import pytest

from edge_node.model.check import Action, Attestation, Result, Unseen, Verdict, Waiver
from edge_node.model.check_memory import Change, Memory
from edge_node.model.message import Direction
from edge_node.model.notice import Words
from edge_node.policy.check_catalogue import load
from edge_node.policy.check_engine import ATTESTABLE
from edge_node.policy.standing import Standing

from .check_doubles import START, Bench, Hanging, settings_of

HOUR = timedelta(hours=1)
BLOCKS = "checks: {actions: {disk-space: [BLOCK_OUT]}}\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(settings_of(tmp_path))


def verdict(bench: Bench, check: str = "disk-space") -> Verdict:
    return bench.gate.standing.verdicts[check]


def waiver(hours: int) -> Waiver:
    until = START + hours * HOUR
    return Waiver(check="disk-space", owner="A. Beheerder", reason="larger one ordered", until=until, given_at=START)


def attestation(hours: int, *, is_met: bool = True) -> Attestation:
    until = START + hours * HOUR
    return Attestation(
        check="user-review", owner="B. Manager", statement="done", made_at=START, until=until, is_met=is_met
    )


class TestLook:
    def test_is_made_at_once_and_again(self, bench: Bench) -> None:
        """A check that turns is seen within a minute, without anybody asking."""
        bench.begin()
        first = bench.result()
        bench.sees = 99.0
        bench.clock.advance(30)
        assert (first, bench.result()) == (Result.GOOD, Result.VIOLATED)

    def test_that_sees_nothing_makes_its_check_unknown_with_the_reason(self, bench: Bench) -> None:
        """A machine without chrony has no right clock, and no wrong one: nobody knows."""
        bench.sees = Unseen(Words(nl="chrony draait niet.", en="chrony does not run."))
        bench.begin()
        outcome = verdict(bench).outcome
        assert (outcome.result, outcome.reason and outcome.reason.en) == (Result.UNKNOWN, "chrony does not run.")

    @pytest.mark.parametrize("lie", [OSError("no permission"), "garbage", None])
    def test_that_fails_or_lies_makes_it_unknown(self, bench: Bench, lie: object) -> None:
        """Garbage is never a pass, and never the end of the other looks."""
        bench.sees = lie
        bench.begin()
        assert bench.result() is Result.UNKNOWN

    def test_that_hangs_makes_it_unknown_in_its_time_limit(self, bench: Bench) -> None:
        """A network disk that is gone hangs for ever; who reads the report must not."""
        bench.sees = Hanging()
        bench.begin()
        bench.clock.advance(10)
        assert bench.result() is Result.UNKNOWN

    def test_that_hangs_is_not_begun_again(self, bench: Bench) -> None:
        """A thread for each round would be thousands of threads by the morning."""
        bench.sees = Hanging()
        bench.begin()
        bench.sees = 1.0
        bench.clock.pump([10, 30, 10, 30, 10])
        assert (bench.looks, bench.result()) == (1, Result.UNKNOWN)

    def test_is_none_for_what_nobody_measures_and_that_is_said(self, bench: Bench) -> None:
        """What this release cannot see is unknown in the report, never silently good."""
        bench.begin()
        outcome = verdict(bench, "ups-state").outcome
        assert outcome.result is Result.UNKNOWN
        assert outcome.reason is not None

    def test_ends_with_the_node(self, bench: Bench) -> None:
        """Nothing looks at a store that is closing."""
        bench.begin()
        bench.probing.let_go()
        assert [call for call in bench.clock.getDelayedCalls() if call.active()] == []


class TestSince:
    def test_is_the_moment_of_the_change(self, bench: Bench) -> None:
        """How long a thing has been wrong decides whom one calls."""
        bench.begin()
        bench.sees = 99.0
        bench.clock.pump([30, 30, 30])
        assert verdict(bench).since == START + timedelta(seconds=30)

    def test_goes_on_across_a_restart(self, tmp_path: Path) -> None:
        """A restart is no excuse: the disk has been full since yesterday."""
        last = Change(check="disk-space", at=START - 24 * HOUR, result=Result.VIOLATED)
        bench = Bench(settings_of(tmp_path), sees=99.0, memory=Memory(last={"disk-space": last})).begin()
        assert verdict(bench).since == START - 24 * HOUR
        assert "disk-space" not in {change.check for change in bench.book.changes}

    def test_is_remembered_once_there_is_room_again(self, bench: Bench) -> None:
        """With a full disk the history waits; it does not lose the moment at which the disk was full."""
        bench.book.is_broken = True
        bench.sees = 99.0
        bench.begin()
        bench.book.is_broken = False
        bench.clock.advance(30)
        written = [change.result for change in bench.book.changes if change.check == "disk-space"]
        assert written == [Result.VIOLATED]
        assert verdict(bench).since == START

    def test_is_taken_up_once_the_store_can_tell(self, tmp_path: Path) -> None:
        """A store that is busy at the start must not make yesterday's fault a new one, nor lose a waiver."""
        last = Change(check="disk-space", at=START - 24 * HOUR, result=Result.VIOLATED)
        kept = Memory(last={"disk-space": last}, waivers={"disk-space": waiver(1)})
        bench = Bench(settings_of(tmp_path), sees=99.0, memory=kept)
        bench.book.is_broken = True
        bench.begin()
        bench.book.is_broken = False
        bench.clock.pump([30, 30])
        found = verdict(bench)
        assert (found.since, found.waiver) == (START - 24 * HOUR, waiver(1))

    def test_never_lies_ahead(self, tmp_path: Path) -> None:
        """A clock that stood a year ahead wrote it; now that it is right nobody knows more than how it is."""
        ahead = Change(check="disk-space", at=START + 9000 * HOUR, result=Result.VIOLATED)
        bench = Bench(settings_of(tmp_path), sees=99.0, memory=Memory(last={"disk-space": ahead})).begin()
        assert verdict(bench).since == START

    @pytest.mark.parametrize(("is_quiet", "prunes"), [(False, True), (True, False)])
    def test_is_forgotten_only_by_a_clock_that_is_right(self, bench: Bench, is_quiet: bool, prunes: bool) -> None:
        """One jump of the clock would make five years of history old."""
        bench.is_quiet = is_quiet
        bench.begin()
        bench.clock.advance(30)
        assert bool(bench.book.pruned) is prunes

    def test_is_forgotten_once_an_hour(self, bench: Bench) -> None:
        """To look for what is old takes the time in which a message is written down."""
        bench.begin()
        bench.clock.pump([30] * 240)
        assert len(bench.book.pruned) == 2


class TestWhatPeopleDeclare:
    def test_ends_at_its_date(self, tmp_path: Path) -> None:
        """Each attestation turns to unknown at its date: nobody signs for ever."""
        made = Memory(attestations={"user-review": attestation(800)})
        bench = Bench(settings_of(tmp_path), memory=made).begin()
        results = [bench.result("user-review")]
        bench.clock.pump([100 * 3600, 700 * 3600])
        assert [*results, bench.result("user-review")] == [Result.GOOD, Result.UNKNOWN]

    def test_is_told_of_before_it_ends(self, tmp_path: Path) -> None:
        """A month ahead there is time to look again."""
        bench = Bench(settings_of(tmp_path), memory=Memory(attestations={"user-review": attestation(100)})).begin()
        assert bench.result("user-review") is Result.WARNED

    def test_may_be_that_it_is_not_so(self, tmp_path: Path) -> None:
        """Who declares that something is wrong is believed as well."""
        not_so = attestation(9999, is_met=False)
        bench = Bench(settings_of(tmp_path), memory=Memory(attestations={"user-review": not_so})).begin()
        assert bench.result("user-review") is Result.VIOLATED

    def test_lifts_a_block_until_its_end(self, tmp_path: Path) -> None:
        """A waiver without an end would be a rule less."""
        memory = Memory(waivers={"disk-space": waiver(1)})
        bench = Bench(settings_of(tmp_path, BLOCKS), sees=99.0, memory=memory).begin()
        is_open = not bench.gate.standing.is_blocking(Direction.OUT)
        bench.clock.advance(3600)
        assert (is_open, bench.gate.standing.is_blocking(Direction.OUT)) == (True, True)


class TestSettings:
    def test_make_a_check_block(self, tmp_path: Path) -> None:
        """The site decides what is worth stopping for, beyond what never is safe."""
        bench = Bench(settings_of(tmp_path, BLOCKS), sees=99.0).begin()
        assert verdict(bench).blocks == {Action.BLOCK_OUT}

    def test_cannot_take_away_what_is_never_safe(self, tmp_path: Path) -> None:
        """No line in a file may turn off that a revoked certificate stops."""
        settings = settings_of(tmp_path, "checks: {actions: {cert-revoked: [WARN]}}\n")
        bench = Bench(settings, check="cert-revoked", sees=99.0).begin()
        assert verdict(bench, "cert-revoked").blocks == {Action.BLOCK_OUT, Action.BLOCK_IN}

    def test_say_whose_number_a_threshold_is(self, tmp_path: Path) -> None:
        """A report never passes a default of ours off as a rule of the scheme."""
        bench = Bench(settings_of(tmp_path, "checks: {limits: {disk_warn_percent: 20.0}}\n")).begin()
        origins = {each.name: str(each.origin) for each in verdict(bench).thresholds}
        assert origins["checks.limits.disk_warn_percent"] == "set by the site"
        assert origins["checks.limits.disk_violation_percent"] == "default of this product"


class TestTelling:
    def test_is_of_each_change_once(self, bench: Bench) -> None:
        """Who mails alerts must hear of a change, not of each look."""
        heard: list[tuple[Standing, Standing]] = []
        bench.begin()
        bench.probing.on_change(lambda before, now: heard.append((before, now)))
        bench.sees = 99.0
        bench.clock.pump([30, 30, 30])
        assert [now.verdicts["disk-space"].result for _, now in heard] == [Result.VIOLATED]


class TestASeldomLook:
    def test_that_saw_nothing_is_made_again_soon(self, tmp_path: Path) -> None:
        """What could not be seen in the first minute after a start is not unknown for an hour."""
        bench = Bench(settings_of(tmp_path), sees=OSError("busy"), is_seldom=True).begin()
        bench.sees = 1.0
        bench.clock.advance(300)
        seen = bench.result()
        bench.clock.advance(600)
        assert (seen, bench.looks) == (Result.GOOD, 2)


class TestWhatALookLeavesOpen:
    """A check that people may declare, and that a look sees at some sites."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        unseen = Unseen(Words(nl="Niets ingesteld.", en="Nothing is set."))
        memory = Memory(attestations={"user-review": attestation(hours=1440)})
        return Bench(settings_of(tmp_path), check="user-review", sees=unseen, memory=memory)

    def test_counts_as_a_person_declared_it(self, bench: Bench) -> None:
        """Where no machine can tell, a named person answers for it."""
        bench.begin()
        assert verdict(bench, "user-review").outcome.evidence[0] == ("owner", "B. Manager")

    def test_is_unknown_again_at_the_end_of_the_declaration(self, bench: Bench) -> None:
        """By the clock, and not only at the next look."""
        bench.begin()
        bench.clock.advance(1440 * 3600)
        bench.clock.advance(30)
        assert bench.result() is Result.UNKNOWN

    def test_is_as_the_look_says_when_it_can_tell(self, bench: Bench) -> None:
        """What is seen counts more than what was said."""
        bench.sees = 99.0
        bench.begin()
        assert bench.result() is Result.VIOLATED


DECLARED = sorted(name for name, check in load().items() if check.kind in ATTESTABLE)
UNTIL = START + timedelta(days=60)


@pytest.mark.parametrize("name", DECLARED)
class TestEachDeclaration:
    """Of every check that a person may declare, in the engine itself and by its clock."""

    def bench(self, folder: Path, name: str, *, check: str = "disk-space", sees: object = 1.0) -> Bench:
        made = Attestation(check=name, owner="B. Manager", statement="seen", made_at=START, until=UNTIL)
        return Bench(settings_of(folder), check=check, sees=sees, memory=Memory(attestations={name: made})).begin()

    def over_its_end(self, bench: Bench, name: str) -> list[Result]:
        """The result at once, in its last minute, and at its date as soon as the node looks at the clock."""
        found = [bench.result(name)]
        left_s = (UNTIL - START).total_seconds()
        for seconds in (left_s - 60, 30, 30):
            bench.clock.advance(seconds)
            found.append(bench.result(name))
        return found

    def test_is_good_until_its_date_and_unknown_from_then_on(self, tmp_path: Path, name: str) -> None:
        """What was so last year may be so still: nobody knows."""
        found = self.over_its_end(self.bench(tmp_path, name), name)
        assert found == [Result.GOOD, Result.WARNED, Result.WARNED, Result.UNKNOWN]

    def test_ends_where_a_look_leaves_it_open_as_well(self, tmp_path: Path, name: str) -> None:
        """A site where a machine could tell, and does not."""
        unseen = Unseen(Words(nl="Niets ingesteld.", en="Nothing is set."))
        found = self.over_its_end(self.bench(tmp_path, name, check=name, sees=unseen), name)
        assert (found[0], found[-1]) == (Result.GOOD, Result.UNKNOWN)

    def test_is_not_believed_once_it_ended_before_a_start(self, tmp_path: Path, name: str) -> None:
        """A node that was off for a year does not wake up with a pass."""
        made = Attestation(check=name, owner="B. Manager", statement="seen", made_at=START, until=START)
        bench = Bench(settings_of(tmp_path), memory=Memory(attestations={name: made})).begin()
        reason = verdict(bench, name).outcome.reason
        assert (bench.result(name), reason and reason.en) == (Result.UNKNOWN, "The attestation has ended.")
