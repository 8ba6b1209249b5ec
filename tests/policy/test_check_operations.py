"""The checks on the access log, the disk, the backups, and on what TLS agreed on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_node.model.backup import Safety
from edge_node.model.check import Result
from edge_node.model.facts_identity import EnvironmentFacts, RevocationSeen
from edge_node.model.facts_operations import BackupFacts, StoreFacts
from edge_node.model.log_state import LogFact
from edge_node.model.negotiated import Agreed, TlsFact
from edge_node.model.revocation import ListFact, RevocationFact, SourceFact
from edge_node.policy import check_operations, check_tls, check_trust

from .check_limits import limits

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def store(free: int | None = 50, *, failure: str = "", is_open: bool = False, is_used_up: bool = False) -> StoreFacts:
    return StoreFacts(
        failure=failure,
        is_reserve_open=is_open,
        is_reserve_used_up=is_used_up,
        free_bytes=free,
        total_bytes=100,
        reserve_bytes=1,
    )


class TestLog:
    @pytest.mark.parametrize(
        ("facts", "result"),
        [
            (store(), Result.GOOD),
            (store(is_open=True), Result.WARNED),
            (store(is_used_up=True), Result.VIOLATED),
            (store(failure="EN-STORE-READONLY"), Result.VIOLATED),
            (store(failure="EN-STORE-FULL"), Result.GOOD),
        ],
    )
    def test_that_cannot_be_written_stops_everything(self, facts: StoreFacts, result: Result) -> None:
        """No exchange without a log; the reserve is there so that this comes late."""
        assert check_operations.log_writable(facts, limits()).result is result

    @pytest.mark.parametrize(("is_sound", "result"), [(True, Result.GOOD), (None, Result.UNKNOWN)])
    def test_that_was_not_gone_through_is_unknown(self, is_sound: bool | None, result: Result) -> None:
        """A chain nobody followed proves nothing."""
        assert check_operations.log_chain(LogFact(is_sound=is_sound), limits()).result is result


class TestDisk:
    @pytest.mark.parametrize(
        ("free", "result"), [(50, Result.GOOD), (14, Result.WARNED), (4, Result.VIOLATED), (None, Result.UNKNOWN)]
    )
    def test_that_fills_turns_its_check(self, free: int | None, result: Result) -> None:
        """Long before the reserve is needed."""
        assert check_operations.disk_space(store(free), limits()).result is result

    @pytest.mark.parametrize(("days", "result"), [(20.0, Result.GOOD), (13.0, Result.WARNED)])
    def test_that_will_fill_is_told_of(self, days: float, result: Result) -> None:
        """A larger disk takes a week to come."""
        facts = replace(store(50), days_until_full=days)
        assert check_operations.disk_space(facts, limits()).result is result


class TestBackups:
    def backed(self, hours: float, **more: object) -> BackupFacts:
        safety = Safety(is_scheduled=True, every_s=86400, good_at=NOON - hours * HOUR, **more)  # type: ignore[arg-type]
        return BackupFacts(at=NOON, safety=safety)

    @pytest.mark.parametrize(("hours", "result"), [(23, Result.GOOD), (24.5, Result.GOOD), (26, Result.VIOLATED)])
    def test_that_are_old_turn_their_check(self, hours: float, result: Result) -> None:
        """A day's work is what one may lose."""
        assert check_operations.backup_age(self.backed(hours), limits()).result is result

    def test_that_failed_are_told_while_the_last_is_young(self) -> None:
        """There is time to mend it."""
        assert check_operations.backup_age(self.backed(3, failed_at=NOON), limits()).result is Result.WARNED

    def test_that_nobody_makes_are_told(self) -> None:
        """Not set is not good."""
        assert check_operations.backup_age(BackupFacts(at=NOON, safety=Safety()), limits()).result is Result.WARNED

    @pytest.mark.parametrize(("days", "result"), [(100, Result.GOOD), (184, Result.VIOLATED)])
    def test_must_be_proven_now_and_then(self, days: int, result: Result) -> None:
        """A backup nobody can restore is none."""
        facts = self.backed(1, drilled_at=NOON - timedelta(days=days))
        assert check_operations.restore_test(facts, limits()).result is result

    def test_of_a_time_still_to_come_are_of_no_known_age(self) -> None:
        """The clock was a year ahead when it was made: it would stay young for that year."""
        facts = self.backed(-48, drilled_at=NOON + timedelta(days=2))
        found = [rule(facts, limits()) for rule in (check_operations.backup_age, check_operations.restore_test)]
        assert [(one.result, one.reason is not None) for one in found] == [(Result.UNKNOWN, True)] * 2


class TestRevocation:
    def known(self, age_h: float, left_h: float = 20) -> RevocationSeen:
        listed = ListFact(
            issuer="CA",
            source="file",
            this_update=NOON - age_h * HOUR,
            next_update=NOON + left_h * HOUR,
            is_old=False,
            is_ended=False,
        )
        return RevocationSeen(at=NOON, known=RevocationFact(lists=(listed,)))

    @pytest.mark.parametrize(
        ("age_h", "left_h", "result"), [(1, 20, Result.GOOD), (5, 20, Result.WARNED), (49, -1, Result.VIOLATED)]
    )
    def test_lists_age(self, age_h: float, left_h: float, result: Result) -> None:
        """Registers bring one out each hour; after its end nobody may be trusted by it."""
        assert check_trust.freshness(self.known(age_h, left_h), limits()).result is result

    def test_sources_that_are_down_are_named(self) -> None:
        """The network provider needs the address."""
        down = SourceFact(kind="ocsp", address="ocsp.example", is_up=False, code="EN-SOURCE-UNREACHABLE")
        outcome = check_trust.reachable(RevocationSeen(at=NOON, known=RevocationFact(sources=(down,))), limits())
        assert (outcome.result, outcome.evidence[0][0]) == (Result.WARNED, "ocsp.example")


class TestEnvironment:
    def site(self, **changes: object) -> EnvironmentFacts:
        good = {
            "environment": "production", "foreign": (), "zim": "1", "processing_codes": frozenset({"P"}),
            "generations": frozenset({"G1", "G4"}),
        }  # fmt: skip
        return EnvironmentFacts(**{**good, **changes})  # type: ignore[arg-type]

    def test_of_production_alone_is_good(self) -> None:
        """Everything is of one world."""
        assert check_trust.environment(self.site(), limits()).result is Result.GOOD

    @pytest.mark.parametrize(
        "changes",
        [
            {"foreign": (("anchors of lsp", "TEST CA has TEST in its name"),)},
            {"zim": "3"},
            {"processing_codes": frozenset({"P", "T"})},
        ],
    )
    def test_with_something_of_test_is_mixed(self, changes: dict[str, object]) -> None:
        """A test message about a real patient, or a real one in a test: both have happened elsewhere."""
        assert check_trust.environment(self.site(**changes), limits()).result is Result.VIOLATED

    def test_without_the_new_generation_warns(self) -> None:
        """On the day that the switchboard changes over nothing would work."""
        site = self.site(generations=frozenset({"G1"}))
        assert check_trust.truststore(site, limits()).result is Result.WARNED


class TestTls:
    def agreed(self, label: str, value: str = "TLSv1.2") -> TlsFact:
        one = Agreed(side="out", role="zim", item="version", value=value, label=label)
        going = (one,) if label == "phase-out" else ()
        return TlsFact(profile="lsp-compat", edition="2025-05", handshakes=((one, 3),), phasing_out=going)

    @pytest.mark.parametrize(
        ("label", "result"),
        [
            ("good", Result.GOOD),
            ("sufficient", Result.GOOD),
            ("phase-out", Result.WARNED),
            ("unknown", Result.WARNED),
            ("insufficient", Result.VIOLATED),
        ],
    )
    def test_is_worth_what_the_guideline_says(self, label: str, result: Result) -> None:
        """The words are the guideline's, the verdict follows from them."""
        assert check_tls.version(self.agreed(label), limits()).result is result

    def test_without_a_handshake_is_unknown(self) -> None:
        """Nothing was agreed on yet."""
        assert check_tls.cipher(self.agreed("good"), limits()).result is Result.UNKNOWN
