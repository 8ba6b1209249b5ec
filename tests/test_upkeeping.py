"""What people record of the upkeep of a node: through the verbs, in a real store, judged by the rules."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.check import Outcome, Result
from edge_node.model.upkeep import Step
from edge_node.policy import check_upkeep
from edge_node.status.upkeep_verbs import verbs
from edge_node.status.verbs import Call, Patient
from edge_node.store.upkeep_book import UpkeepBook
from edge_node.upkeeping import Parts, Upkeep

from .policy.check_limits import limits
from .store.shelf import Shelf

HOUR_S = 3600.0
DONE: Mapping[Step, str] = {Step.QUEUE: "", Step.CERTIFICATE: ""}


class Site:
    """A node with a store, of which people record what they do."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder / "store.db")
        self.digest = "a" * 64
        self.seen = DONE
        self.looked: list[str] = []
        book = UpkeepBook(self._do, self.shelf.reader, self._aside)
        parts = Parts(book=book, digest=lambda: self.digest, release="1.0", moment=self.now, seen=self._seen)
        self.desk = Upkeep(parts)
        self.desk.on_record(self._look)
        self.verbs = verbs(self.desk)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shelf.clock.now(), UTC)

    def ask(self, verb: str, **fields: Any) -> Any:
        call = Call(fields=fields, who="jansen", caller=Patient())
        return self.of(self.verbs[verb].run(call))

    def of(self, work: Awaitable[Any]) -> Any:
        """What comes of something that waits for nothing but the store."""
        found: list[Any] = []
        Deferred.fromCoroutine(work).addBoth(found.append)  # type: ignore[arg-type]
        if hasattr(found[0], "raiseException"):
            found[0].raiseException()
        return found[0]

    def later(self, hours: float) -> None:
        self.shelf.clock.advance(hours * HOUR_S)

    def incidents(self) -> Outcome:
        return check_upkeep.incidents(self.of(self.desk.incident_facts()), limits())

    def change(self) -> Outcome:
        return check_upkeep.change(self.of(self.desk.change_facts()), limits())

    def leaving(self) -> Outcome:
        return check_upkeep.leaving(self.of(self.desk.leaving_facts()), limits())

    async def _do(self, work: Callable[[Any], Any]) -> Any:
        return self.shelf.do(work)

    async def _aside(self, work: Callable[[], Any]) -> Any:
        return work()

    async def _seen(self) -> Mapping[Step, str]:
        return self.seen

    async def _look(self, name: str) -> None:
        self.looked.append(name)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.shelf.close()


class TestIncidents:
    @pytest.fixture
    def site(self, site: Site) -> Site:
        """A laptop with a list on it was left in a train."""
        site.ask("gbz.incident-open", why="laptop left in a train", owner="M. Manager", breach=True)
        return site

    @pytest.mark.parametrize(
        ("hours", "result", "rest"),
        [
            (1, Result.GOOD, "23 h to the term of 24 h"),
            (25, Result.WARNED, "23 h to the term of 48 h"),
            (49, Result.WARNED, "23 h to the term of 72 h"),
            (73, Result.VIOLATED, "the last term is over"),
        ],
    )
    def test_that_nobody_reports_turn_the_check(self, site: Site, hours: float, result: Result, rest: str) -> None:
        """A breach is told to the authority within 72 hours, whatever day it is."""
        site.later(hours)
        outcome = site.incidents()
        assert (outcome.result, outcome.evidence[0][1].endswith(rest)) == (result, True)

    def test_that_were_reported_are_good(self, site: Site) -> None:
        """What is left is to mend it."""
        site.ask("gbz.incident-report", id=1, to="AP", why="by the form")
        site.later(99)
        assert (site.incidents().result, site.looked) == (Result.GOOD, ["incidents", "incidents"])

    def test_of_personal_data_wait_for_the_authority(self, site: Site) -> None:
        """That VZVZ knows does not stop the 72 hours of the law."""
        site.ask("gbz.incident-report", id=1, to="VZVZ", why="by telephone")
        site.later(73)
        outcome = site.incidents()
        assert (outcome.result, "not reported to the authority (AP)" in outcome.evidence[0][1]) == (
            Result.VIOLATED, True,
        )  # fmt: skip
        reported = site.ask("gbz.incident-report", id=1, to="Autoriteit Persoonsgegevens", why="by the form")
        assert (site.incidents().result, reported["reported_to"]) == (
            Result.GOOD, "VZVZ, Autoriteit Persoonsgegevens",
        )  # fmt: skip

    def test_name_each_who_was_told_once(self, site: Site) -> None:
        """Whoever presses twice told nobody twice."""
        site.ask("gbz.incident-report", id=1, to="AP", why="by the form")
        assert site.ask("gbz.incident-report", id=1, to="AP", why="again")["reported_to"] == "AP"

    def test_that_are_over_are_on_no_list(self, site: Site) -> None:
        """The list is of what somebody has to do."""
        site.ask("gbz.incident-close", id=1, why="found again, sealed")
        assert (site.ask("gbz.incidents"), site.incidents().value) == ([], "0 open, 0 not reported")

    def test_count_from_when_they_were_found(self, site: Site) -> None:
        """Not from when somebody sat down to write."""
        found = (site.now() - timedelta(hours=80)).isoformat()
        site.ask("gbz.incident-open", why="mail to a wrong address", owner="M. Manager", detected=found)
        assert site.incidents().result is Result.VIOLATED

    @pytest.mark.parametrize(
        ("verb", "fields", "code"),
        [
            ("gbz.incident-open", {"why": "something"}, "EN-CHECK-DECLARED"),
            ("gbz.incident-open", {"why": "of 999911120", "owner": "M"}, "EN-CONTROL-REQUEST"),
            ("gbz.incident-open", {"why": "w", "owner": "M", "detected": "2126-01-01T00:00Z"}, "EN-CHECK-DECLARED"),
            ("gbz.incident-open", {"why": "w", "owner": "M", "detected": "yesterday"}, "EN-CONTROL-REQUEST"),
            ("gbz.incident-open", {"why": "w", "owner": "M", "detected": "0001-01-01T00+09"}, "EN-CONTROL-REQUEST"),
            ("gbz.incident-report", {"id": 1, "why": "w"}, "EN-CHECK-DECLARED"),
            ("gbz.incident-report", {"id": 7, "to": "AP", "why": "w"}, "EN-NOT-FOUND"),
            ("gbz.incident-close", {"why": "w"}, "EN-CONTROL-REQUEST"),
        ],
    )  # fmt: skip
    def test_are_written_down_whole_or_not_at_all(
        self, site: Site, verb: str, fields: dict[str, Any], code: str
    ) -> None:
        """Nobody answers for an incident without an owner, and no patient is named in one."""
        with pytest.raises(EdgeNodeError) as refused:
            site.ask(verb, **fields)
        assert refused.value.code == code

    def test_are_closed_once(self, site: Site) -> None:
        """When it ended, and who said so, stays as it was."""
        site.ask("gbz.incident-close", id=1, why="found")
        with pytest.raises(Refused) as refused:
            site.ask("gbz.incident-close", id=1, why="again")
        assert refused.value.code == "EN-CHECK-DECLARED"


class TestChanges:
    @pytest.mark.parametrize(("hours", "result"), [(1, Result.WARNED), (73, Result.VIOLATED)])
    def test_nobody_approved_turn_the_check(self, site: Site, hours: float, result: Result) -> None:
        """Somebody changed something in the night, and it works; nobody knows what it was for."""
        site.change()
        site.later(hours)
        assert site.change().result is result

    def test_that_were_approved_are_good(self, site: Site) -> None:
        """Their number and who approved them are in the report."""
        site.ask("gbz.change", change="CHG-7", approver="M. Manager", why="new release")
        assert (site.change().result, site.change().value) == (Result.GOOD, "CHG-7")

    def test_of_today_are_not_approved_by_that_of_yesterday(self, site: Site) -> None:
        """Other settings are another change."""
        site.ask("gbz.change", change="CHG-7", approver="M. Manager", why="new release")
        site.digest = "b" * 64
        assert site.change().result is Result.WARNED

    def test_that_were_taken_back_are_approved_still(self, site: Site) -> None:
        """Back to what somebody approved needs nobody's leave."""
        site.ask("gbz.change", change="CHG-7", approver="M. Manager", why="new release")
        site.digest = "b" * 64
        site.change()
        site.digest = "a" * 64
        assert site.change().result is Result.GOOD

    def test_have_a_number_and_an_approver(self, site: Site) -> None:
        """An approval by nobody is none."""
        with pytest.raises(Refused):
            site.ask("gbz.change", change="CHG-7", why="new release")

    def test_are_listed_newest_first(self, site: Site) -> None:
        """An auditor asks for the last ones."""
        site.ask("gbz.change", change="CHG-7", approver="M", why="w")
        site.ask("gbz.change", change="CHG-8", approver="M", why="w")
        assert [one["change"] for one in site.ask("gbz.changes")] == ["CHG-8", "CHG-7"]


HEAD = "51234:" + "0f" * 32


class TestLeaving:
    def take(self, site: Site, *steps: Step) -> None:
        for step in steps:
            site.ask("gbz.leave", step=str(step), owner="M. Manager", why=f"seen, up to {HEAD}")

    DECLARED = (Step.PATIENTS, Step.APPLICATION, Step.LOG, Step.KEYS)

    def test_is_no_matter_while_nobody_leaves(self, site: Site) -> None:
        """A node that is in use has no list to go through."""
        assert site.leaving().result is Result.NOT_USED

    def test_names_what_is_left_to_do(self, site: Site) -> None:
        """In the order in which it is done."""
        self.take(site, Step.BEGUN, Step.PATIENTS)
        assert site.leaving().value == "to do: application-removed, log-exported, keys-wiped"

    @pytest.mark.parametrize("step", [Step.QUEUE, Step.CERTIFICATE])
    def test_is_not_complete_by_what_people_say_alone(self, site: Site, step: Step) -> None:
        """Messages still wait, or the certificate still counts: the node sees that, and nobody may say otherwise."""
        self.take(site, Step.BEGUN, *self.DECLARED)
        site.seen = {**DONE, step: "3 messages wait"}
        with pytest.raises(Refused):
            self.take(site, step)
        with pytest.raises(Refused, match=str(step)):
            self.take(site, Step.CLOSED)

    def test_is_complete_when_all_is_done(self, site: Site) -> None:
        """Then, and only then, the machine may go."""
        self.take(site, Step.BEGUN, *self.DECLARED, Step.CLOSED)
        assert (site.leaving().result, site.ask("gbz.leaving")["to_do"]) == (Result.GOOD, [])

    def test_that_was_closed_and_is_open_again_turns_the_check(self, site: Site) -> None:
        """Somebody put it to use again and told nobody."""
        self.take(site, Step.BEGUN, *self.DECLARED, Step.CLOSED)
        site.seen = {**DONE, Step.QUEUE: "3 messages wait"}
        assert site.leaving().result is Result.VIOLATED

    def test_names_the_head_of_the_log_that_was_kept(self, site: Site) -> None:
        """Without it nobody can prove in five years that nothing is missing from the archive."""
        self.take(site, Step.BEGUN)
        with pytest.raises(Refused, match="NUMBER:HASH"):
            site.ask("gbz.leave", step=str(Step.LOG), owner="M. Manager", why="it is in the archive")
        self.take(site, Step.LOG)

    def test_begins_with_saying_so(self, site: Site) -> None:
        """A step by mistake is no beginning."""
        with pytest.raises(Refused):
            self.take(site, Step.KEYS)

    def test_may_be_taken_back(self, site: Site) -> None:
        """The practice stays after all."""
        self.take(site, Step.BEGUN)
        site.ask("gbz.stay", why="the practice stays")
        assert site.leaving().result is Result.NOT_USED
