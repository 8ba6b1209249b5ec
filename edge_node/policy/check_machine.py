"""The checks of topic F on the machine: its disk, the files of the store, updates, the shield, power, malware.

Knows: when each of them is as it should be.
Must not know: how any of it is seen.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_machine import (
    DiskFacts,
    FilesFacts,
    MalwareFacts,
    PatchFacts,
    ReleaseFacts,
    ShieldFacts,
    Ups,
)
from edge_node.model.notice import Words
from edge_node.policy.check_engine import unknown

_NO_SWAP_SEEN: Final = Words(
    nl="De schijf is versleuteld; of het wisselgeheugen dat is, is hier niet te zien.",
    en="The disk is encrypted; whether swap space is cannot be seen from here.",
)
_BARE: Final = Words(
    nl="Versleutelt de schijf of de host zelf, dan is dat hier niet te zien: laat het als afwijking vastleggen.",
    en="Where the disk or the host encrypts by itself, that cannot be seen from here: have it waived.",
)
_NO_UPS: Final = Words(
    nl="Deze machine ziet geen noodstroomvoorziening; verklaar of er een is.",
    en="This machine sees no emergency power supply; attest whether there is one.",
)
_NOTHING_SET: Final = Words(
    nl="Er is niets ingesteld waaraan het te zien is (checks.upkeep); verklaar het.",
    en="Nothing is set by which it shows (checks.upkeep); attest it.",
)
_AHEAD: Final = Words(
    nl="Het bestand dat dit laat zien draagt een tijd die nog komen moet.",
    en="The file by which this shows bears a time that is still to come.",
)
#: A clock may have been set back a little.
_SLACK: Final = timedelta(hours=1)
#: CAP_NET_BIND_SERVICE: the port that the switchboard calls.
_NEEDED: Final = 1 << 10
_ROOT: Final = 0
_OTHERS: Final = 0o027
_PRIVATE: Final = 0o077
_MANY: Final = 20


def disk(facts: DiskFacts, limits: Limits) -> Outcome:
    """Who takes the disk away reads nothing of it."""
    layers = ", ".join(facts.layers) or "none"
    swaps = facts.swaps or ()
    evidence = (
        ("device", facts.device),
        ("encryption", layers),
        *((f"swap {name}", "encrypted" if is_safe else "not encrypted") for name, is_safe in swaps),
        ("of this program", "may be swapped out" if facts.may_swap else "is never swapped out"),
    )
    if not facts.is_encrypted:
        return Outcome(result=Result.VIOLATED, value="none", evidence=evidence, reason=_BARE)
    if not facts.may_swap or (facts.swaps is not None and all(is_safe for _, is_safe in swaps)):
        return Outcome(result=Result.GOOD, value=layers, evidence=evidence)
    if facts.swaps is None:
        return Outcome(result=Result.UNKNOWN, value=layers, evidence=evidence, reason=_NO_SWAP_SEEN)
    return Outcome(result=Result.WARNED, value="swap not encrypted", evidence=evidence)


def files(facts: FilesFacts, limits: Limits) -> Outcome:
    """Nobody but the account of the node reads or writes what is kept."""
    open_ones = [each for each in facts.files if each.mode & _PRIVATE]
    strange = [each for each in facts.files if each.owner not in {facts.owner, _ROOT}]
    evidence = (
        *((each.name, f"mode {each.mode:04o}") for each in open_ones[:_MANY]),
        *((each.name, f"of account {each.owner}") for each in strange[:_MANY]),
    )
    found = {each.name for each in (*open_ones, *strange)}
    if not found:
        return Outcome(result=Result.GOOD, value=f"{len(facts.files)} files")
    return Outcome(result=Result.VIOLATED, value=", ".join(sorted(found)[:3]), evidence=evidence)


def patches(facts: PatchFacts, limits: Limits) -> Outcome:
    """No security update waits too long. Lists do not tell which are critical: each is told of from those days on."""
    longest, told = (timedelta(days=limits[name].value) for name in ("patch_days", "patch_critical_days"))
    ages = {name: facts.at - since for name, since in facts.waiting}
    age = max(ages.values(), default=timedelta())
    not_asked = facts.at - facts.listed_at
    if not_asked < -_SLACK:
        return unknown(_AHEAD)
    evidence = (
        ("asked", f"{facts.listed_at:%Y-%m-%d}"),
        *((name, f"{waits.days} d") for name, waits in sorted(ages.items())[:_MANY]),
    )
    is_late, is_near = max(age, not_asked) > longest, max(age, not_asked) > told
    result = Result.VIOLATED if is_late else Result.WARNED if is_near else Result.GOOD
    value = f"{len(ages)} waiting, {age.days} d; asked {not_asked.days} d ago"
    return Outcome(result=result, value=value, evidence=evidence)


def supported(facts: ReleaseFacts, limits: Limits) -> Outcome:
    """Mistakes in this release are still mended."""
    left = facts.supported_until - facts.at
    is_near = left <= timedelta(days=limits["support_warn_days"].value)
    result = Result.VIOLATED if left <= timedelta() else Result.WARNED if is_near else Result.GOOD
    evidence = (("release", facts.release),)
    last_day = facts.supported_until - timedelta(seconds=1)
    return Outcome(result=result, value=f"until {last_day:%Y-%m-%d}", evidence=evidence)


def shield(facts: ShieldFacts, limits: Limits) -> Outcome:
    """A mistake in the program cannot become the whole machine's."""
    bad, odd = tuple(_bad(facts)), tuple(_odd(facts))
    result = Result.VIOLATED if bad else Result.WARNED if odd else Result.GOOD
    evidence = (
        ("account", str(facts.user)),
        ("umask", f"{facts.umask:04o}"),
        ("capabilities", f"{facts.capabilities:x}"),
        ("no new privileges", _yes(facts.has_no_new_privileges)),
        ("filter of system calls", _yes(facts.filters_calls)),
    )
    return Outcome(result=result, value="; ".join((*bad, *odd)) or "shielded", evidence=evidence)


def _bad(facts: ShieldFacts) -> Iterator[str]:
    if facts.user == _ROOT:
        yield "runs as root"
    if facts.capabilities & ~_NEEDED:
        yield "has more capabilities than it needs"
    if facts.umask & _OTHERS != _OTHERS:
        yield "others may read what it makes"
    if facts.core_bytes != 0:
        yield "memory is written to disk when it fails"
    if facts.old_services:
        yield f"this machine offers services in the clear: {', '.join(map(str, facts.old_services))}"


def _odd(facts: ShieldFacts) -> Iterator[str]:
    if not facts.has_no_new_privileges:
        yield "may gain privileges"
    if not facts.filters_calls:
        yield "may use any system call"
    if facts.is_debugging:
        yield "logs for debugging"


def power(facts: tuple[Ups, ...], limits: Limits) -> Outcome:
    """There is mains, and enough in the batteries for when there is none."""
    if not facts:
        return unknown(_NO_UPS)
    least = limits["ups_percent"].value
    evidence = tuple((ups.name, _power_of(ups)) for ups in facts)
    is_low = any(ups.percent is not None and ups.percent < least for ups in facts)
    result = (
        Result.VIOLATED if any(not ups.is_on_mains for ups in facts) else Result.WARNED if is_low else Result.GOOD
    )
    return Outcome(result=result, value="; ".join(text for _, text in evidence), evidence=evidence)


def malware(facts: MalwareFacts, limits: Limits) -> Outcome:
    """Protection runs, and knows what came up lately."""
    if facts.is_running is None and facts.renewed_at is None:
        return unknown(_NOTHING_SET)
    if facts.renewed_at is not None and facts.renewed_at > facts.at + _SLACK:
        return unknown(_AHEAD)
    days = None if facts.renewed_at is None else (facts.at - facts.renewed_at) / timedelta(days=1)
    is_old = days is not None and days > limits["antimalware_days"].value
    shown = {True: "runs", False: "does not run", None: ""}[facts.is_running]
    signed = "" if days is None else f"signatures {days:.1f} d old"
    is_bad = is_old or facts.is_running is False
    result = Result.VIOLATED if is_bad else Result.GOOD
    return Outcome(result=result, value="; ".join(part for part in (shown, signed) if part))


def _power_of(ups: Ups) -> str:
    charge = "" if ups.percent is None else f", {ups.percent} %"
    return ("on mains" if ups.is_on_mains else "on battery") + charge


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
