"""The rows of the table: what was measured, beside what, and what the design asks for.

Knows: how a row is made of the figures of all rounds; the targets (design, section 11).
Must not know: how a figure was measured, how a row is printed.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.bulk import WAITING, Bulk
from benchmarks.claim import BLOCKED
from benchmarks.full import KILLED_WITH, Full
from benchmarks.journal import RECORDS, Logged
from benchmarks.outage import DESTINATIONS, MESSAGES, Outage
from benchmarks.relay import CONNECTIONS, FAR_END_MS, Seen, Slice
from benchmarks.report import RECORDS as IN_FIVE_YEARS
from benchmarks.report import Reported
from benchmarks.rules import Ruled
from benchmarks.stall import PUSHES, Stalled
from benchmarks.starting import Started
from benchmarks.token import Verified

NOT_YET: Final = "accept and deliver against PostgreSQL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `judged` is held against the target: a ratio, or the figure itself."""

    what: str
    node: str
    beside: str
    judged: float
    lowest: float
    highest: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """What is asked for."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}{self.unit}"
        return f"≥ {self.at_least:g}{self.unit}" if self.at_least is not None else ""

    @property
    def is_met(self) -> bool:
        """Whether it is so."""
        if self.at_most is not None:
            return self.judged <= self.at_most
        return self.at_least is None or self.judged >= self.at_least


def relay_rows(seen: dict[str, Seen]) -> list[Row]:
    """Return the rows on relaying."""
    node, nginx, direct = seen["node"], seen["nginx"], seen["direct"]
    rows = [
        _cpu("relay, CPU a request at 50/s", node.at_rate, nginx.at_rate),
        _cpu(f"relay, CPU a request, {CONNECTIONS} connections busy", node.busy, nginx.busy),
        _added("relay, added p50 at 50/s", node.at_rate, nginx.at_rate, direct.at_rate),
    ]
    thinking = (node.at_rate_thinking, nginx.at_rate_thinking, direct.at_rate_thinking)
    return [*rows, _added(f"the same, a far end that thinks {FAR_END_MS} ms", *thinking)]


def enqueue_rows(rates: dict[str, list[float]]) -> list[Row]:
    """Return the row on keeping."""
    return [
        _ratio(
            "keep, 64 waiting, messages a second",
            rates["store"],
            rates["plain"],
            shown=("{:.0f}/s", "one fdatasync each {:.0f}/s"),
            at_least=1.5,
        )
    ]


def deliver_rows(rates: dict[str, list[float]]) -> list[Row]:
    """Return the row on accepting and delivering."""
    shown = ("{:.0f}/s", "Postfix {:.0f}/s")
    return [_ratio("accept and deliver, 64 senders, 20 kB", rates["node"], rates["postfix"], shown=shown, at_least=2)]


def claim_rows(found: dict[str, list[float]], many: int) -> list[Row]:
    """Return the rows on claiming."""
    shown = ("{:.0f} µs", "1,000 waiting {:.0f} µs")
    return [
        _ratio(f"claim, {many:,} waiting", found["many"], found["few"], shown=shown, at_most=1.15),
        _ratio(
            f"claim, beside a blocked lane of {BLOCKED:,}", found["blocked"], found["few"], shown=shown, at_most=1.15
        ),
    ]


def start_rows(started: Started) -> list[Row]:
    """Return the rows on starting and memory."""
    megabytes = [value / 1e6 for value in started.resident_bytes]
    idle = [value / 1e6 for value in started.per_1000_idle_bytes]
    shown = ("{:.2f} s", "python -c pass {:.3f} s")
    return [
        _ratio("start to first answer", started.first_answer_s, started.python_s, shown=shown, at_most=25),
        _plain("resident after the first answer", megabytes, at_most=70),
        _plain("resident per 1,000 idle mutual TLS connections", idle, at_most=40),
    ]


def full_rows(full: Full, many: int) -> list[Row]:
    """Return the rows on starting with a full queue."""
    shown = ("{:.2f} s", "empty {:.2f} s")
    middle = statistics.median(full.killed_s)
    return [
        _ratio(f"start to first receipt, {many:,} waiting", full.full_s, full.empty_s, shown=shown, at_most=1.1),
        Row(
            what=f"ready after kill -9, {KILLED_WITH:,} waiting",
            node=f"{middle:.2f} s",
            beside="",
            judged=middle,
            lowest=min(full.killed_s),
            highest=max(full.killed_s),
            unit=" s",
            at_most=3,
        ),
    ]


def rules_rows(ruled: Ruled) -> list[Row]:
    """Return the rows on the rules, one a kind of message."""
    shown = ("{:.0f} µs", "bare wrapper {:.0f} µs")
    return [
        _ratio(f"rules: {name}", rules_us, ruled.bare_us[name], shown=shown, at_most=1.5)
        for name, rules_us in ruled.rules_us.items()
    ]


def journal_rows(logged: Logged) -> list[Row]:
    """Return the rows on the access log."""
    node, lines = statistics.median(logged.node_us), statistics.median(logged.lines_us)
    rate = statistics.median(logged.proven_s)
    return [
        Row(
            what="access log, of the CPU of accept and deliver",
            node=f"{lines:.0f} µs a message",
            beside=f"the whole node {node:.0f} µs",
            judged=statistics.median(logged.shares),
            lowest=min(logged.shares),
            highest=max(logged.shares),
            unit=" %",
            at_most=15,
        ),
        Row(
            what=f"log verify, {RECORDS:,} records",
            node=f"{rate:,.0f}/s",
            beside="",
            judged=rate,
            lowest=min(logged.proven_s),
            highest=max(logged.proven_s),
            unit="/s",
            at_least=20_000,
        ),
    ]


def report_rows(reported: Reported) -> list[Row]:
    """Return the row on the report."""
    middle = statistics.median(reported.full_s)
    return [
        Row(
            what=f"report, five years of log ({IN_FIVE_YEARS:,} records)",
            node=f"{middle:.2f} s",
            beside=f"without {statistics.median(reported.empty_s):.2f} s",
            judged=middle,
            lowest=min(reported.full_s),
            highest=max(reported.full_s),
            unit=" s",
            at_most=2,
        )
    ]


def bulk_rows(bulk: Bulk) -> list[Row]:
    """Return the row on a person's question beside bulk."""
    added = bulk.added_ms
    idle, beside = (statistics.median(it.p99_ms for it in arm) for arm in (bulk.idle, bulk.beside))
    return [
        Row(
            what=f"question, added p99 with {WAITING} bulk messages waiting",
            node=f"{beside:.1f} ms, {bulk.sent / bulk.seconds:.1f} bulk/s",
            beside=f"{idle:.1f} ms idle",
            judged=statistics.median(added),
            lowest=min(added),
            highest=max(added),
            unit=" ms",
            at_most=50,
        )
    ]


def outage_rows(outage: Outage) -> list[Row]:
    """Return the rows on eight hours without the switchboard, in simulated time."""
    what = f"after 8 h without the line (simulated), {MESSAGES} messages to {DESTINATIONS} destinations"
    most_s, all_s = outage.within_s(0.95), outage.within_s(1)
    return [
        Row(
            what=f"{what}: 95 % away after",
            node=f"{most_s:.0f} s",
            beside=f"all after {all_s:.0f} s",
            judged=most_s,
            lowest=most_s,
            highest=all_s,
            unit=" s",
            at_most=600,
        ),
        Row(
            what="the same: shortest time between two tries while it was away",
            node=f"{outage.closest_s:.1f} s",
            beside=f"{len(outage.tries_s)} tries",
            judged=round(outage.closest_s, 3),
            lowest=outage.closest_s,
            highest=outage.closest_s,
            unit=" s",
            at_least=30,
        ),
    ]


def stall_rows(stalled: dict[str, Stalled]) -> list[Row]:
    """Return the rows on how long the reactor is away."""
    return [
        Row(
            what=f"longest stall, {PUSHES} pushes of 10 MiB of {filling}",
            node=f"{one.own_ms:.0f} ms",
            beside=f"{one.away_ms:.0f} processor at hand, {one.wall_ms:.0f} by the clock, {one.idle_ms:.0f} idle",
            judged=one.own_ms,
            lowest=one.middle_ms,
            highest=one.wall_ms,
            unit=" ms",
            at_most=20,
        )
        for filling, one in stalled.items()
    ]


def token_rows(verified: Verified) -> list[Row]:
    """Return the rows on tokens: the signature alone against the same, and all that the node judges."""
    shown = ("{:.3f} ms", "xmlsec {:.3f} ms")
    return [
        _ratio("token: its signature", verified.signature_ms, verified.xmlsec_ms, shown=shown, at_most=3),
        _ratio("token: all that is judged of it", verified.node_ms, verified.xmlsec_ms, shown=shown),
    ]


def _cpu(what: str, node: Sequence[Slice], nginx: Sequence[Slice]) -> Row:
    ours, theirs = [one.cpu_ms for one in node], [one.cpu_ms for one in nginx]
    return _ratio(what, ours, theirs, shown=("{:.2f} ms", "nginx {:.3f} ms"), at_most=3)


def _added(what: str, node: Sequence[Slice], nginx: Sequence[Slice], direct: Sequence[Slice]) -> Row:
    ours = [one.p50_ms - bare.p50_ms for one, bare in zip(node, direct, strict=True)]
    theirs = [one.p50_ms - bare.p50_ms for one, bare in zip(nginx, direct, strict=True)]
    return _ratio(what, ours, theirs, shown=("{:.2f} ms", "nginx {:.3f} ms"), at_most=2)


def _ratio(
    what: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    shown: tuple[str, str],
    at_most: float | None = None,
    at_least: float | None = None,
) -> Row:
    """The ratio of the medians, and the lowest and highest of any round."""
    each = [mine / its for mine, its in zip(ours, theirs, strict=True)]
    mine, its = statistics.median(ours), statistics.median(theirs)
    return Row(
        what=what,
        node=shown[0].format(mine),
        beside=shown[1].format(its),
        judged=mine / its,
        lowest=min(each),
        highest=max(each),
        unit="",
        at_most=at_most,
        at_least=at_least,
    )


def _plain(what: str, megabytes: Sequence[float], *, at_most: float) -> Row:
    middle = statistics.median(megabytes)
    return Row(
        what=what,
        node=f"{middle:.0f} MB",
        beside="",
        judged=middle,
        lowest=min(megabytes),
        highest=max(megabytes),
        unit=" MB",
        at_most=at_most,
    )
