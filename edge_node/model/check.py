"""A check of the scheme's rules on a well-managed system: what it is, what came of it, what then is done.

Knows: the topics, kinds, actions and results, the outcome of one look, the verdict that stands between looks.
Must not know: any single check, how anything is measured, who is told.

No text here ever holds patient data, a name of a person's token or a key: evidence is names, numbers and moments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge_node.errors import Side
from edge_node.model.notice import Words


class Topic(StrEnum):
    """The parts of the catalogue."""

    TIME = "A"  # time, availability, performance
    IDENTITY = "B"  # certificates, keys, application id
    NETWORK = "C"  # transport and network
    USERS = "D"  # users, cards, authorisation
    PATIENTS = "E"  # patient identity, consent, index
    OPERATIONS = "F"  # logging, storage, security operations
    CONNECTING = "G"  # the conditions to be connected at all


class Kind(StrEnum):
    """Where the facts of a check come from."""

    MEASURED = "measured"  # looked at on a schedule, by a probe or in the node itself
    OF_MESSAGE = "of a message"  # judged message by message; what stands is what was found lately
    SUPPLIED = "supplied by the local system"  # only that can know; unknown until it tells
    ATTESTED = "attested"  # no machine can see it: a person declares it, until a date


class Action(StrEnum):
    """What a violated check does. A warned one only ever warns."""

    BLOCK_OUT = (
        "BLOCK_OUT"  # pushes that can be kept wait; queries and token-bound pushes are refused with the reason
    )
    BLOCK_IN = "BLOCK_IN"  # what comes in is refused with a technical error
    BLOCK_MSG = "BLOCK_MSG"  # only the message that is wrong
    BLOCK_USER = "BLOCK_USER"  # only this user's requests
    WARN = "WARN"
    LOG = "LOG"

    @property
    def blocks(self) -> bool:
        """Whether traffic is held or refused."""
        return self not in {Action.WARN, Action.LOG}


class Result(StrEnum):
    """What came of a look."""

    GOOD = "good"
    WARNED = "warned"  # not yet wrong, or soon
    VIOLATED = "violated"
    UNKNOWN = "unknown"  # it could not be seen: neither good nor wrong
    NOT_USED = "not used"  # there is nothing here that it could be about


class Maker(StrEnum):
    """Who says how a threshold or an action is to be."""

    SOURCE = "source"  # a text of the scheme or a norm, named beside it
    PRODUCT = "default of this product"
    SITE = "set by the site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a number comes from. What is ours is never called a requirement of the scheme."""

    maker: Maker
    source: str = ""  # only of a source: its name

    def __str__(self) -> str:
        return f"source: {self.source}" if self.maker is Maker.SOURCE else self.maker.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number that a check is held against: the name of its setting, its value, who says so."""

    name: str
    value: float
    unit: str = ""
    origin: Origin = Origin(maker=Maker.PRODUCT)

    def __str__(self) -> str:
        return f"{self.name} = {self.value:g}{' ' if self.unit else ''}{self.unit}"


#: The thresholds of this site, by name.
Limits = Mapping[str, Threshold]


class Unseen(Exception):
    """The facts of a check cannot be had now. The reason, in both languages, holds nothing of a patient or a key."""

    def __init__(self, reason: Words) -> None:
        self.reason = reason
        super().__init__(reason.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of the catalogue."""

    name: str
    topic: Topic
    kind: Kind
    side: Side  # who can mend it
    source: str  # the requirement behind it and who states it; empty: ours
    thresholds: tuple[str, ...]  # names of settings under `checks`, or dotted paths of others
    reference: tuple[Action, ...]  # what the reference's table has it do
    actions: tuple[Action, ...]  # what it does until the site says otherwise
    title: Words
    meaning: Words
    do: Words
    is_held_elsewhere: bool = False  # each handshake, or each commit, enforces its blocks by itself
    is_soft: bool = True  # never between a person and a patient: a person's query passes whatever the action is
    codes: frozenset[str] = frozenset()  # of findings on messages that count for it
    follows: frozenset[str] = frozenset()  # those of them that block or only warn as its action says

    @property
    def gives_way(self) -> bool:
        """Whether a site, or a waiver, can take away what it blocks: not what is hard, nor what the line refuses."""
        return self.is_soft and not self.codes - self.follows

    def can(self, action: "Action") -> bool:
        """Whether that action would ever do anything: what cannot be carried out must not be set."""
        if action in self.actions or not action.blocks:
            return True
        if action in {Action.BLOCK_MSG, Action.BLOCK_USER}:
            return bool(self.follows)
        return self.kind is not Kind.OF_MESSAGE or not self.codes  # what was found on messages never stands violated


#: Name and value, as shown.
Evidence = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one look found. `value` and `threshold` are the same in every language: numbers, units, moments, names."""

    result: Result
    value: str = ""
    threshold: str = ""
    evidence: Evidence = ()
    reason: Words | None = None  # why it is unknown or not used; may say more of the others
    concerns: frozenset[str] = frozenset()  # names of identities; empty: the whole node
    is_grave: bool = True  # False: violated, and not so far that a blocking action may act yet
    side: Side | None = None  # who can mend what this look found; None: as the check says


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A named person accepts a violation until a date: it is shown, and does not block."""

    check: str
    owner: str
    reason: str
    until: datetime
    given_at: datetime
    given_by: str = ""  # the account at the control socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A named person declares what no machine can see. From `until` on it is worth nothing."""

    check: str
    owner: str
    statement: str
    made_at: datetime
    until: datetime
    made_by: str = ""  # the account at the control socket
    is_met: bool = True  # False: the person declares that it is not so


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What stands of a check until the next look."""

    check: Check
    outcome: Outcome
    since: datetime | None  # from when on it has this result, also across restarts; None: never looked
    looked_at: datetime | None
    actions: tuple[Action, ...]  # in force by the settings, whatever the result
    actions_origin: Origin
    thresholds: tuple[Threshold, ...] = ()
    waiver: Waiver | None = None
    attestation: Attestation | None = None

    @property
    def result(self) -> Result:
        """What the last look found."""
        return self.outcome.result

    @property
    def side(self) -> Side:
        """Who can mend it."""
        return self.outcome.side or self.check.side

    @property
    def blocks(self) -> frozenset[Action]:
        """What is held or refused because of it now."""
        if self.result is not Result.VIOLATED or not self.outcome.is_grave or self.waiver is not None:
            return frozenset()
        return frozenset(action for action in self.actions if action.blocks)
