"""What the checks hold messages and the system against, and what they do about it.

Knows: the keys under `checks`.
Must not know: any check, how a look is done.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Annotated, Literal, Self

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import Field, model_validator

from edge_node.model.check import Action, Check
from edge_node.settings.maintenance import MaintenanceSettings
from edge_node.settings.tree import Steps
from edge_node.settings.upkeep import UpkeepSettings
from edge_node.settings.values import AbsolutePath, Count, Seconds, Section, setting

_DAY_S = 86_400.0
_RECOVERY = "advice on recovery times of the LSP (HIS)"

CheckName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
ActionName = Literal["BLOCK_OUT", "BLOCK_IN", "BLOCK_MSG", "BLOCK_USER", "WARN", "LOG"]
InteractionName = Annotated[str, Field(min_length=1, max_length=64)]
RoleName = Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{3})?$")]
TestRange = Annotated[str, Field(pattern=r"^[0-9]{2,8}$")]
Percent = Annotated[float, Ge(0), Le(100)]
Days = Annotated[int, Ge(1), Le(3660)]
Hours = Annotated[int, Ge(1), Le(720)]
HourOfDay = Annotated[int, Ge(0), Le(24)]
Fraction = Annotated[float, Gt(0), Le(3600)]


class CheckLimits(Section):
    """The numbers that the checks hold the system against; each check names those it uses."""

    clock_warn_s: Fraction = setting("Seconds the clock may be off before it is told of.", 0.25)
    clock_violation_s: Fraction = setting("Seconds the clock may be off at most.", 0.5)
    clock_block_s: Fraction = setting("From so many seconds on a blocking action of that check acts.", 2.0)
    clock_sync_age_s: Seconds = setting("Seconds since the clock was last set by a time server, at most.", _DAY_S)
    clock_jump_s: Fraction = setting("A jump of the clock by more seconds is told of.", 1.0)
    outage_major_s: Seconds = setting("An outage of more seconds is a major one.", 900.0, origin=_RECOVERY)
    outages_minor: Annotated[int, Ge(0), Le(1000)] = setting(
        "Minor outages within outages_minor_days, at most.", 1, origin=_RECOVERY
    )
    outages_minor_days: Days = setting("Days over which minor outages are counted.", 30, origin=_RECOVERY)
    outages_major: Annotated[int, Ge(0), Le(1000)] = setting(
        "Major outages within outages_major_days, at most.", 2, origin=_RECOVERY
    )
    outages_major_days: Days = setting("Days over which major outages are counted.", 365, origin=_RECOVERY)
    maintenance_notice_days: Days = setting("Working days that maintenance is announced ahead.", 5)
    office_begins_h: HourOfDay = setting("Hour of the day, Dutch time, at which opening hours begin.", 8)
    office_ends_h: HourOfDay = setting("Hour of the day, Dutch time, at which opening hours end.", 18)
    answer_p95_s: Seconds = setting("Seconds within which 19 of 20 answers of local systems must come.", 3.0)
    answer_timeout_percent: Percent = setting("Per cent of questions that may stay unanswered.", 1.5)
    query_timeout_s: Seconds = setting("Longest time-out of a query out, in seconds.", 60.0)
    answer_timeout_s: Seconds = setting("Longest time-out of a query in, in seconds.", 10.0)
    queue_warn_s: Seconds = setting("Seconds a message may wait in the queue before it is told of.", 900.0)
    queue_violation_s: Seconds = setting("Seconds a message may wait in the queue at most.", 4 * 3600.0)
    throughput_per_s: Fraction = setting("Messages a second that can be written down, at least.", 5.0)
    ping_failures: Count = setting("Failed contacts with the switchboard in a row that are told of.", 3)
    cert_warn_days: Days = setting("Days before its end from which a certificate is told of.", 60)
    cert_violation_days: Days = setting("Days before its end by which a certificate must be replaced.", 30)
    card_out_s: Seconds = setting("Seconds a card may be out of its reader before the session ends.", 60.0)
    session_idle_s: Seconds = setting("Seconds a session of a user may be idle.", 900.0)
    session_age_s: Seconds = setting("Seconds a session of a user may last.", 12 * 3600.0)
    orphan_account_days: Days = setting("Days after which an unused account is told of.", 90)
    mandate_warn_days: Days = setting("Days before its end from which a mandate is told of.", 30)
    emergency_review_days: Days = setting("Days within which an emergency access must be reviewed.", 7)
    withdrawal_warn_s: Seconds = setting("Seconds a removal from the index may take before it is told of.", 3600.0)
    withdrawal_violation_s: Seconds = setting("Seconds a removal from the index may take at most.", _DAY_S)
    index_coverage_percent: Percent = setting("Per cent of consenting patients that must be registered.", 95.0)
    disk_warn_percent: Percent = setting("Per cent of free disk space below which it is told of.", 15.0)
    disk_violation_percent: Percent = setting("Per cent of free disk space that there must be.", 5.0)
    backup_age_s: Seconds = setting("Seconds since the last good backup, at most.", _DAY_S)
    restore_test_days: Days = setting("Days since it was last proven that a backup can be restored, at most.", 183)
    message_memory_days: Days = setting("Days for which message ids must be remembered, at least.", 30)
    patch_days: Days = setting("Days security updates of the machine may wait.", 30)
    patch_critical_days: Days = setting("The same for critical ones.", 7)
    incident_first_h: Hours = setting("Hours after which an open incident is first told of.", 24)
    incident_second_h: Hours = setting("The same for the second time.", 48)
    incident_last_h: Hours = setting("Hours within which a breach must be reported.", 72, origin="GDPR, article 33")
    heartbeat_s: Seconds = setting("Seconds within which monitoring must fetch the figures.", 300.0)
    told_days: Days = setting("Days for which counts that a local system told are worth something.", 35)
    antimalware_days: Days = setting("Days since the protection against malware last got signatures, at most.", 2)
    support_warn_days: Days = setting("Days before its end from which the support of a release is told of.", 60)
    disk_forecast_days: Days = setting("Days within which a disk that will be full is told of.", 14)
    removal_slack_s: Seconds = setting("Seconds after its time by which something must have been removed.", 3600.0)
    change_record_h: Hours = setting("Hours within which a change must be recorded with who approved it.", 72)
    ups_percent: Percent = setting("Per cent to which an emergency power supply must be charged.", 50.0)
    attestation_days: Days = setting("Days an attestation is worth something, at most.", 366)
    attestation_warn_days: Days = setting("Days before its end from which an attestation is told of.", 30)

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        rising = (
            ("clock_warn_s", "clock_violation_s"), ("clock_violation_s", "clock_block_s"),
            ("office_begins_h", "office_ends_h"),
            ("queue_warn_s", "queue_violation_s"), ("withdrawal_warn_s", "withdrawal_violation_s"),
            ("cert_violation_days", "cert_warn_days"), ("disk_violation_percent", "disk_warn_percent"),
            ("incident_first_h", "incident_second_h"), ("incident_second_h", "incident_last_h"),
        )  # fmt: skip
        for lower, higher in rising:
            if getattr(self, lower) > getattr(self, higher):
                raise ValueError(f"{lower} is more than {higher}")
        return self


class CheckSettings(Section):
    """The checks on messages and on the system."""

    processing_codes: Annotated[tuple[Literal["P", "T", "D"], ...], MinLen(1)] = setting(
        "Accepted values of processingCode; production takes only P.", ("P",)
    )
    limits: CheckLimits = setting("The numbers that the checks hold the system against.", CheckLimits())
    actions: dict[CheckName, Annotated[tuple[ActionName, ...], MinLen(1)]] = setting(
        "What a violated check does, by its name, where it differs from the table of checks. What a check blocks by "
        "itself because care would not be safe else, and what it blocks message by message, cannot be taken away.",
        {},
    )
    maintenance: tuple[MaintenanceSettings, ...] = setting(
        "Planned maintenance. What is out of order within it does not count as an outage.", ()
    )
    signers: tuple[AbsolutePath, ...] = setting(
        "Files with the public keys (Ed25519, PEM) of those who may sign settings: beside each settings file lies "
        "its signature, NAME.sig. Empty: settings are not signed.",
        (),
    )
    roles: dict[InteractionName, Annotated[tuple[RoleName, ...], MinLen(1)]] = setting(
        "Role codes that may send an interaction, such as 01.015, or 01 for every role that begins so; advisory, and "
        "only for interactions that are named.",
        {},
    )
    test_bsns: tuple[TestRange, ...] = setting("How the numbers of test patients begin.", ("9000", "9999"))
    upkeep: UpkeepSettings = setting("What keeps the machine of the node safe.", UpkeepSettings())
    every_s: Seconds = setting("Seconds between two looks at what changes from minute to minute.", 30.0)
    seldom_s: Seconds = setting("Seconds between two looks at what changes from day to day.", 3600.0)
    ping_every_s: Seconds = setting(
        "Seconds between two trials of the way to the switchboard, stage by stage, while all goes well.", 300.0
    )
    look_limit_s: Seconds = setting(
        "Seconds after which a look at the machine is given up: it is then unknown.", 10.0
    )
    window_s: Seconds = setting("Seconds over which checks on messages look back.", _DAY_S)
    restart_gap_s: Seconds = setting("A node that did not run for more seconds than this was out of order.", 300.0)
    waiver_days: Days = setting("Days after which a waiver ends at the latest.", 92)
    history_days: Days = setting("Days for which it is kept when a check changed.", 1830)


def unknown_checks(chosen: Iterable[str], known: Container[str]) -> tuple[tuple[Steps, str], ...]:
    """Return complaints on actions of checks that there are not."""
    return tuple(
        (("checks", "actions", name), "no check has this name; edge-node gbz list --all names them")
        for name in chosen
        if name not in known
    )


def idle_actions(chosen: Mapping[str, Sequence[str]], known: Mapping[str, Check]) -> tuple[tuple[Steps, str], ...]:
    """Return complaints on actions that a check cannot carry out: they would look set, and do nothing."""
    return tuple(
        (("checks", "actions", name), f"{action} would do nothing: this check takes {', '.join(_taken(known[name]))}")
        for name, actions in chosen.items()
        for action in actions
        if name in known and not known[name].can(Action(action))
    )


def _taken(check: Check) -> list[str]:
    return [action.value for action in Action if check.can(action)]
