"""How the node says how it is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge_node.errors import PAGES, Side
from edge_node.model.anchors import AnchorChange, Phase
from edge_node.model.backup import Report, Safety
from edge_node.model.finding import Finding
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.negotiated import Agreed, TlsFact
from edge_node.model.overview import Count, Overview
from edge_node.status.facts import CertificateFact, ClosedFact, Facts, LinkFact, LocalFact, StoreFact, TellingFact
from edge_node.status.part import Health
from edge_node.status.snapshot import Verdict, snapshot

from .doubles import NOW, facts

CENTRE_AWAY = (LinkFact(peer="zim", is_open=True, since_s=60, code="EN-SWITCHBOARD-UNREACHABLE"),)
HIS_AWAY = (LocalFact(system="his", is_reachable=False, code="EN-LOCAL-UNREACHABLE"),)
DISK_FULL = StoreFact(is_recording=False, code="EN-STORE-FULL")

DISK_LOW = StoreFact(is_recording=True, free_bytes=99_000_000, reserve_bytes=500_000_000)


CLOSED = ClosedFact(direction=Direction.OUT, destination="soap 400", code="RTEDEST", since_s=61.0, tries=2)


def ends_in(days: float, identity: str = "practice") -> CertificateFact:
    return CertificateFact(identity=identity, not_after=NOW + timedelta(days=days))


def queue_of(direction: Direction, state: State, oldest_s: float) -> Overview:
    return Overview(counts=(Count(direction=direction, state=state, messages=3, oldest_s=oldest_s),))


class TestVerdict:
    @pytest.mark.parametrize(
        ("seen", "verdict", "ready"),
        [
            (facts(), Verdict.WELL, True),
            (facts(links=CENTRE_AWAY), Verdict.CENTRE_DOWN, True),
            (facts(local_systems=HIS_AWAY), Verdict.LOCAL_DOWN, True),
            (facts(links=CENTRE_AWAY, local_systems=HIS_AWAY), Verdict.CENTRE_DOWN, True),
            (facts(links=CENTRE_AWAY, store=DISK_FULL), Verdict.NODE_DOWN, False),
            (facts(store=DISK_LOW), Verdict.DEGRADED, True),
            (facts(closed_destinations=(CLOSED,)), Verdict.DEGRADED, True),
            (facts(unrecorded=1), Verdict.DEGRADED, True),
            (facts(clock_doubt="it jumped"), Verdict.DEGRADED, True),
            (facts(is_serving=False), Verdict.NODE_DOWN, False),
            (facts(is_draining=True), Verdict.NODE_DOWN, False),
            (facts(certificates=(ends_in(-1),)), Verdict.NODE_DOWN, False),
            (facts(certificates=(ends_in(-1), ends_in(300, "pharmacy"))), Verdict.DEGRADED, True),
            (facts(certificates=(ends_in(29),)), Verdict.DEGRADED, True),
        ],
    )
    def test_tells_the_centre_from_the_node(self, seen: Facts, verdict: Verdict, ready: bool) -> None:
        """A practice that is told "you are down" while the centre is down calls the wrong people."""
        now = snapshot(seen)
        assert (now.verdict, now.is_ready) == (verdict, ready)

    def test_a_disk_below_its_reserve_is_told_before_it_is_full(self) -> None:
        """Pushes are refused already; an operator who reads "well" looks for the fault in the HIS."""
        (reason,) = snapshot(facts(store=DISK_LOW)).reasons
        assert (reason.code, reason.detail) == (
            "EN-STORE-FULL",
            "99 MB free, below the reserve of 500 MB: no pushes",
        )

    def test_a_link_never_tried_is_not_called_up(self) -> None:
        """Right after a start nobody knows; green would be a guess."""
        now = snapshot(facts(links=(LinkFact(peer="zim", is_open=None),)))
        assert [part.health for part in now.parts if part.kind == "link"] == [Health.UNKNOWN]

    def test_one_failure_is_neither_up_nor_down(self) -> None:
        """The breaker is still closed, but nobody should read that the switchboard was reached."""
        now = snapshot(facts(links=(LinkFact(peer="zim", is_open=False, code="EN-NOT-SENT"),)))
        assert [(part.health, part.code) for part in now.reasons] == [(Health.DEGRADED, "EN-SWITCHBOARD-UNREACHABLE")]

    def test_tells_of_a_certificate_that_waits(self) -> None:
        """Nobody installs a second one over it, or wonders in a month whether it was done."""
        fact = replace(ends_in(300), next_from=NOW + timedelta(days=20))
        (part,) = (one for one in snapshot(facts(certificates=(fact,))).parts if one.kind == "certificate")
        assert f"another one waits to be shown from {NOW + timedelta(days=20):%Y-%m-%d}" in part.detail

    def test_the_reason_of_a_broken_handshake_is_kept(self) -> None:
        """Only "unreachable" would send people to the network while a certificate has ended."""
        now = snapshot(facts(links=(LinkFact(peer="zim", is_open=True, code="EN-TLS-EXPIRED"),)))
        assert [part.code for part in now.reasons] == ["EN-TLS-EXPIRED"]


class TestReasons:
    def test_name_whose_side_the_fault_is_on(self) -> None:
        """The first question at a help desk is whom to call."""
        now = snapshot(facts(links=CENTRE_AWAY, local_systems=HIS_AWAY))
        assert [(part.name, part.side) for part in now.reasons] == [("zim", Side.NETWORK), ("his", Side.LOCAL)]

    def test_an_old_copy_of_the_addresses_is_told(self) -> None:
        """FHIR goes on by it for a week; then it stops, so somebody must look before."""
        why = Finding("EN-AUTHORISATION-UNREACHABLE", "HTTP status 500")
        seen = snapshot(facts(old_copies={"stelseltoken": why}))
        assert (seen.verdict, [part.code for part in seen.reasons]) == (Verdict.DEGRADED, [why.code])

    def test_every_code_has_a_page(self) -> None:
        """A code without advice leaves an operator alone at night."""
        seen = facts(
            links=CENTRE_AWAY,
            local_systems=HIS_AWAY,
            store=DISK_FULL,
            is_draining=True,
            certificates=(ends_in(-1), ends_in(3)),
            queue=queue_of(Direction.OUT, State.HELD, 1),
        )
        now = snapshot(seen)
        assert {part.code for part in now.reasons} <= PAGES.keys()

    @pytest.mark.parametrize("state", [State.HELD, State.NEEDS_TOKEN, State.DEAD, State.EXPIRED])
    def test_a_message_that_waits_for_a_person_is_said(self, state: State) -> None:
        """Nothing moves it by itself, so somebody has to be told."""
        now = snapshot(facts(queue=queue_of(Direction.OUT, state, 1)))
        assert [part.code for part in now.reasons] == ["EN-QUEUE-ATTENTION"]

    @pytest.mark.parametrize(("late", "codes"), [(0, []), (2, ["EN-QUEUE-OLD"])])
    def test_a_push_in_that_nobody_takes_is_said_once_it_is_late(self, late: int, codes: list[str]) -> None:
        """It was accepted for the practice: it may not wait unseen. The store counts: acute care is late sooner."""
        queue = replace(queue_of(Direction.IN, State.WAITING, 1200), late=late)
        assert [part.code for part in snapshot(facts(queue=queue)).reasons] == codes

    def test_a_way_of_telling_that_fails_is_said_and_stops_nothing(self) -> None:
        """The HIS does not hear what became of its messages; the node itself is fit."""
        failing = TellingFact(way="webhook", application="111", code="EN-WEBHOOK-FAILED", since_s=60.0)
        now = snapshot(facts(telling=(failing, TellingFact(way="mail", application=""))))
        assert [(part.name, part.code) for part in now.reasons] == [("webhook 111", "EN-WEBHOOK-FAILED")]
        assert (now.is_ready, now.verdict) == (True, Verdict.DEGRADED)

    def test_a_store_that_cannot_say_leaves_the_queue_unknown(self) -> None:
        """No figures is not the same as an empty queue."""
        now = snapshot(replace(facts(), queue=None))
        assert [part.health for part in now.parts if part.kind == "queue"] == [Health.UNKNOWN]


GOOD = Safety(has_keys=True, is_scheduled=True, every_s=86_400, good_at=NOW - timedelta(hours=3))
REPORT = Report(
    site="post", backup="b", made_at="2026-11-21T03:00:00Z", last_line_at="", journal_seq=9,
    restored_at="2026-11-21T09:00:00Z", held=7, was=(),
)  # fmt: skip


class TestBackup:
    @pytest.mark.parametrize(
        ("safety", "health", "code"),
        [
            (GOOD, Health.UP, ""),
            (replace(GOOD, good_at=NOW - timedelta(days=2, hours=1)), Health.DEGRADED, "EN-BACKUP-OLD"),
            (replace(GOOD, failed_at=NOW, failure="EN-BACKUP-NO-ROOM"), Health.DEGRADED, "EN-BACKUP-NO-ROOM"),
            (replace(GOOD, good_at=None), Health.UNKNOWN, ""),
            (Safety(), Health.UNKNOWN, "EN-BACKUP-NONE"),
        ],
    )
    def test_that_fails_or_grows_old_is_told(self, safety: Safety, health: Health, code: str) -> None:
        """It is missed on one day in ten years, and then it is too late."""
        part = next(part for part in snapshot(facts(safety=safety)).parts if part.kind == "backup")
        assert (part.health, part.code) == (health, code)

    def test_that_never_came_is_told_in_the_end(self) -> None:
        """Two days after a start without one, it is no longer new."""
        begun = facts(safety=replace(GOOD, good_at=None), started_at=NOW - timedelta(days=3))
        assert "EN-BACKUP-OLD" in {part.code for part in snapshot(begun).reasons}

    def test_says_when_a_restore_was_proven(self) -> None:
        """A backup that nobody ever opened is a hope."""
        parts = [snapshot(facts(safety=replace(GOOD, drilled_at=at))).parts for at in (None, NOW)]
        told = [part.detail for each in parts for part in each if part.kind == "backup"]
        assert [detail.split("; ")[1] for detail in told] == [
            "restore never proven",
            f"restore proven {NOW:%Y-%m-%d}",
        ]

    def test_that_was_restored_is_told_while_something_is_held(self) -> None:
        """Until the last message was let go, somebody waits for it."""
        held = [snapshot(facts(safety=replace(GOOD, restored=REPORT, held=n))).reasons for n in (5, 0)]
        assert [[part.code for part in reasons] for reasons in held] == [["EN-RESTORED"], []]
        assert "5 held since the restore of 2026-11-21T09:00:00Z" in held[0][0].detail


class TestTls:
    def test_that_is_to_be_phased_out_is_said_and_not_called_wrong(self) -> None:
        """It is the other party's to change, and messages go on: no probe may go red for it."""
        going = Agreed(side="in", role="zim", item="key", value="RSA-2048", label="sufficient")
        now = snapshot(facts(tls=TlsFact(profile="lsp-compat", edition="2.1", phasing_out=(going,))))
        part = next(part for part in now.parts if part.kind == "tls")
        assert (part.name, part.health, part.code, part.detail) == (
            "zim",
            Health.UP,
            "EN-TLS-PHASE-OUT",
            "key RSA-2048 (now sufficient)",
        )
        assert now.verdict is Verdict.WELL


class TestAnchors:
    @pytest.mark.parametrize(
        ("phase", "code"), [(Phase.WAITING, "EN-ANCHORS-WAITING"), (Phase.REFUSED, "EN-ANCHORS-REFUSED")]
    )
    def test_that_do_not_count_are_seen(self, phase: Phase, code: str) -> None:
        """Who pushed a list, and who looks at hundreds of sites, sees where it was not taken."""
        change = AnchorChange(
            peer="zim", phase=phase, added=("New",), removed=("Old",), since=NOW, why="EN-TLS-CHAIN: no"
        )
        shown = snapshot(facts(anchors=(change,)))
        (part,) = (part for part in shown.parts if part.kind == "anchors")
        assert (shown.verdict, part.name, part.code) == (Verdict.DEGRADED, "zim", code)
        assert part.detail == "without Old: EN-TLS-CHAIN: no"


class TestTokens:
    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({}, (Health.UP, "", "")),
            ({"unproven_tokens": 3}, (Health.UP, "", "3 passed unproven since the start")),
            ({"lets_unproven": True}, (Health.UNKNOWN, "EN-TOKEN-UNKNOWN", "")),
            ({"judges_tokens": False, "lets_unproven": True}, (Health.UNKNOWN, "EN-TOKEN-UNJUDGED", "")),
        ],
    )
    def test_that_nobody_proves_are_never_called_well(
        self, changes: dict[str, Any], shown: tuple[Health, str, str]
    ) -> None:
        """Whoever leaves the certificate out gets by: a hospital must know that it is set so."""
        (part,) = (one for one in snapshot(facts(**changes)).parts if one.kind == "tokens")
        assert (part.health, part.code, part.detail) == shown
