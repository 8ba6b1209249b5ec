"""What a person may declare of a check, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from edge_node.declaring import Declaring, Parts
from edge_node.errors import Refused
from edge_node.model.check import Attestation, Limits, Waiver
from edge_node.model.check_memory import Change
from edge_node.model.gbz_report import Declaration, SignedReport, Wish
from edge_node.model.overview import By
from edge_node.policy.standing import Standing
from edge_node.thresholds import limits_of

from .check_doubles import settings_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANNE = By(who="anne", why="as asked")


class Book:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.waivers: list[Waiver] = []
        self.attestations: list[Attestation] = []
        self.has_waiver = True

    async def history(self, name: str, limit: int) -> tuple[Change, ...]:
        return ()

    async def waive(self, waiver: Waiver) -> None:
        self.waivers.append(waiver)

    async def end_waiver(self, name: str, at: datetime) -> bool:
        return self.has_waiver

    async def attest(self, made: Attestation) -> None:
        self.attestations.append(made)


class Looks:
    """Hears that something was declared."""

    def __init__(self, limits: Limits) -> None:
        self.standing = Standing()
        self.limits = limits
        self.heard = 0

    async def declared(self) -> None:
        self.heard += 1


class Desk:
    """A desk with all it is joined to."""

    def __init__(self, folder: Path) -> None:
        settings = settings_of(folder)
        self.book, self.looks = Book(), Looks(limits_of(settings))
        parts = Parts(
            looks=self.looks, book=self.book, settings=lambda: settings, moment=lambda: NOON, report=self.no_report
        )
        self.declaring = Declaring(parts)

    async def no_report(self, wish: Wish) -> SignedReport:
        return SignedReport(name="", content=b"", signature=b"", key_id="", public_key="")

    def waive(self, **changes: object) -> Waiver:
        good = {
            "check": "disk-space",
            "owner": "A. Beheerder",
            "statement": "larger one ordered",
            "until": NOON + DAY,
        }
        return done(self.declaring.waive(Declaration(**{**good, **changes}), ANNE))  # type: ignore[arg-type,return-value]

    def attest(self, **changes: object) -> Attestation:
        good = {"check": "user-review", "owner": "B. Manager", "statement": "all gone through", "until": None}
        return done(self.declaring.attest(Declaration(**{**good, **changes}), ANNE))  # type: ignore[arg-type,return-value]


def done(work: object) -> object:
    """The result of what needs no time; what it raises is raised."""
    results: list[object] = []
    deferred = Deferred.fromCoroutine(work)  # type: ignore[arg-type,var-annotated]
    deferred.addBoth(results.append)
    if isinstance(error := getattr(results[0], "value", None), Exception):
        raise error
    return results[0]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestWaiver:
    def test_names_who_answers_for_it_and_who_wrote_it_down(self, desk: Desk) -> None:
        """Two names: the one who decided, and the account at the socket."""
        waiver = desk.waive()
        assert (waiver.owner, waiver.given_by, waiver.given_at) == ("A. Beheerder", "anne", NOON)
        assert (desk.book.waivers, desk.looks.heard) == ([waiver], 1)

    @pytest.mark.parametrize(
        "lack",
        [
            {"owner": ""},
            {"statement": ""},
            {"until": None},
            {"until": NOON},
            {"until": NOON + 93 * DAY},
            {"check": "cert-revoked"},
            {"check": "environment-mix"},
            {"check": "card-valid"},
            {"check": "message-size"},
        ],
        ids=str,
    )
    def test_that_lacks_something_is_refused(self, desk: Desk, lack: dict[str, object]) -> None:
        """Without owner, reason or end it is a rule less; what is never safe nobody can accept."""
        with pytest.raises(Refused) as refused:
            desk.waive(**lack)
        assert refused.value.code == "EN-CHECK-DECLARED"
        assert (desk.book.waivers, desk.looks.heard) == ([], 0)

    def test_that_lasts_too_long_is_told_its_last_day(self, desk: Desk) -> None:
        """Who then takes that very day is not refused a second time."""
        with pytest.raises(Refused) as refused:
            desk.waive(until=NOON + 93 * DAY)
        assert "its last day is 2027-02-21 at the latest" in refused.value.detail
        assert desk.waive(until=datetime(2027, 2, 21, 23, 0, tzinfo=UTC)).check == "disk-space"

    def test_of_no_check_is_refused(self, desk: Desk) -> None:
        """A slip of the pen must not look like a waiver."""
        with pytest.raises(Refused) as refused:
            desk.waive(check="disk-spaces")
        assert refused.value.code == "EN-NOT-FOUND"

    def test_that_is_not_there_cannot_be_taken_back(self, desk: Desk) -> None:
        """Who thinks that he ended one, and did not, is told."""
        desk.book.has_waiver = False
        with pytest.raises(Refused):
            done(desk.declaring.end_waiver("disk-space", ANNE))


class TestAttestation:
    def test_counts_for_a_year_where_no_end_is_named(self, desk: Desk) -> None:
        """As long as the settings let it, and no longer."""
        assert desk.attest().until == NOON + 366 * DAY

    @pytest.mark.parametrize(
        "lack", [{"owner": ""}, {"statement": ""}, {"until": NOON + 367 * DAY}, {"check": "disk-space"}], ids=str
    )
    def test_that_lacks_something_is_refused(self, desk: Desk, lack: dict[str, object]) -> None:
        """What a machine measures nobody can declare to be good."""
        with pytest.raises(Refused) as refused:
            desk.attest(**lack)
        assert refused.value.code == "EN-CHECK-DECLARED"

    def test_of_what_a_local_system_would_tell_is_taken(self, desk: Desk) -> None:
        """Where the HIS tells nothing a person may say how it is."""
        assert desk.attest(check="bsn-verified").check == "bsn-verified"
