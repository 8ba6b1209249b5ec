"""The checks of topics A and B on the way to the switchboard, stage by stage, and on who is at its end.

Knows: which failures say that the other side is not the switchboard, and on whose side each stage is.
Must not know: how a connection is tried.
"""

from typing import Final

from edge_node.errors import Side
from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_time import SwitchboardFacts
from edge_node.model.notice import Words
from edge_node.model.renewal import Stage, Step, Tried

_UNTRIED: Final = Words(nl="Er is nog geen contact geweest.", en="There was no contact yet.")
_NOT_SO_FAR: Final = Words(
    nl="De verbinding kwam niet zo ver dat de andere kant zich kon bewijzen.",
    en="No connection came so far that the other side could prove who it is.",
)
#: Our certificate is what was not taken.
_OURS: Final = "EN-CERT-NOT-TAKEN"
#: Nothing came.
_SILENT: Final = "EN-CERT-UNTESTED"
#: Who shows such a certificate, or such a chain, is not the configured switchboard.
NOT_THE_ZIM: Final = frozenset({
    "EN-TLS-ANCHOR", "EN-TLS-CHAIN", "EN-TLS-INCOMPLETE", "EN-TLS-SELF-SIGNED", "EN-TLS-SIGNATURE", "EN-TLS-NAME",
    "EN-TLS-ISSUER", "EN-TLS-ORGANISATION", "EN-TLS-ENVIRONMENT", "EN-TLS-PURPOSE", "EN-TLS-KEY-USAGE", "EN-TLS-URA",
    "EN-TLS-REVOKED", "EN-TLS-CA-REVOKED", "EN-TLS-EXPIRED", "EN-TLS-NOT-YET", "EN-TLS-CA-EXPIRED",
    "EN-TLS-OID-CA", "EN-TLS-UZI-TYPE", "EN-TLS-UZI-PROFILE", "EN-TLS-NOT-A-CA", "EN-TLS-CA-FLAG",
    "EN-TLS-PATH-LENGTH", "EN-TLS-NAME-CONSTRAINT", "EN-TLS-POLICY", "EN-TLS-CRITICAL", "EN-TLS-HASH",
    "EN-TLS-KEY-SIZE", "EN-TLS-TOO-LONG", "EN-TLS-TOO-LARGE", "EN-TLS-UNREADABLE", "EN-TLS-ABSENT",
})  # fmt: skip
#: Nobody could look, or the handshake did not come so far: these say nothing of who is there.
SAYS_NOTHING: Final = frozenset({
    "EN-TLS-UNCHECKED", "EN-TLS-CRL-STALE", "EN-TLS-VERSION", "EN-TLS-EMS", "EN-TLS-FLOOR", "EN-TLS-PHASE-OUT",
    "EN-TLS-HANDSHAKE", "EN-TLS-OID-CA-UNKNOWN",
})  # fmt: skip


def ping(facts: SwitchboardFacts, limits: Limits) -> Outcome:
    """The last contacts with the switchboard side succeeded."""
    most = int(limits["ping_failures"].value)
    tried = [link for link in facts.links if link.is_tried]
    failed = {trial.peer: _code(trial) for trial in facts.trials if _code(trial)}
    if not tried and not facts.trials:
        return Outcome(result=Result.UNKNOWN, reason=_UNTRIED)
    worst = max((link.failures for link in tried), default=0)
    down = [link for link in tried if link.failures >= most]
    evidence = tuple((link.name, f"{link.failures} in a row {link.code}".strip()) for link in tried)
    evidence += tuple((f"trial {name}", code) for name, code in failed.items())
    if down:
        return Outcome(result=Result.VIOLATED, value=f"{worst} in a row", evidence=evidence)
    result = Result.WARNED if worst or failed else Result.GOOD
    return Outcome(result=result, value=f"{worst} in a row" if worst else "up", evidence=evidence)


def stages(facts: SwitchboardFacts, limits: Limits) -> Outcome:
    """Each trial came through every stage; the first that fails shows whose side it is."""
    if not any(trial.steps for trial in facts.trials):
        return Outcome(result=Result.UNKNOWN, reason=_UNTRIED)
    evidence = tuple((f"{trial.peer} {step.stage}", _step(step.took_s, step.code)) for trial in facts.trials
                     for step in trial.steps)  # fmt: skip
    failed = [trial for trial in facts.trials if trial.failed is not None]
    if not failed:
        return Outcome(result=Result.GOOD, value=str(facts.trials[0].steps[-1].stage), evidence=evidence)
    step = failed[0].failed
    assert step is not None
    value = f"{step.stage}: {step.code}"
    return Outcome(result=Result.VIOLATED, value=value, evidence=evidence, side=_side(step))


def _side(failed: Step) -> Side:
    """Who looks at it first: nobody reached is the network's, no TLS is ours, the rest is of who is there."""
    if failed.code == _OURS or (failed.stage is Stage.HANDSHAKE and failed.code != _SILENT):
        return Side.OPERATOR
    is_there = failed.is_turned_away or failed.stage not in {Stage.NAME, Stage.CONNECTION}
    return Side.SWITCHBOARD if is_there else Side.NETWORK


def peer_is_zim(facts: SwitchboardFacts, limits: Limits) -> Outcome:
    """Who answers as the switchboard proved to be it; who cannot be reached is neither."""
    shown = [trial for trial in facts.trials if trial.role == "zim"]
    false = [trial for trial in shown if _code(trial) in NOT_THE_ZIM]
    if false:
        return Outcome(result=Result.VIOLATED, value=_code(false[0]), evidence=_told(false))
    proven = [trial for trial in shown if any(step.stage is Stage.PEER and not step.code for step in trial.steps)]
    if not proven:
        return Outcome(result=Result.UNKNOWN, reason=_NOT_SO_FAR if shown else _UNTRIED)
    return Outcome(result=Result.GOOD, value=proven[0].peer, evidence=_told(proven))


def _code(trial: Tried) -> str:
    return trial.failed.code if trial.failed is not None else ""


def _told(trials: list[Tried]) -> tuple[tuple[str, str], ...]:
    return tuple((trial.peer, step.told) for trial in trials for step in trial.steps if step.stage is Stage.PEER)


def _step(took_s: float, code: str) -> str:
    return f"{code} after {took_s * 1000:.0f} ms" if code else f"{took_s * 1000:.0f} ms"
