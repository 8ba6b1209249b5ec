"""The breaker of one link: after repeated failures to connect, only probes go out.

Knows: how many failures open it, how often it is probed, that a person's query is let through one at a time.
Must not know: what a link is made of, what is sent over it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """Numbers of design section 3. Defaults of this product."""

    failures: int = 5
    probe_s: float = 30
    probe_connect_s: float = 2


class Pass(Enum):
    """How a request may go."""

    FREELY = "freely"
    AS_PROBE = "as a probe"
    FOR_A_PERSON = "for a person"  # the one query that is tried while the link is down
    NOT = "not"


class Breaker:
    """Counts failures of connecting, one after the other. Every method is called on the reactor thread."""

    def __init__(self, policy: BreakerPolicy, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._failures = 0
        self._next_probe_s = 0.0
        self._person_tries = False
        self.open_since_s: float | None = None
        self.good_at_s: float | None = None  # when it was last shown to work
        self._failing_since_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the link is taken to be down."""
        return self.open_since_s is not None

    @property
    def failures(self) -> int:
        """How many times in a row it could not be reached."""
        return self._failures

    def ask(self, *, person: bool) -> Pass:
        """Say whether a request may go now. A probe must end in `succeeded`, `failed` or `gave_up`."""
        if not self.is_open:
            return Pass.FREELY
        if person and not self._person_tries:
            self._person_tries = True
            return Pass.FOR_A_PERSON
        if not person and self._monotonic() >= self._next_probe_s:
            self._next_probe_s = self._monotonic() + self._policy.probe_s
            return Pass.AS_PROBE
        return Pass.NOT

    def seconds(self) -> float:
        """The clock that it goes by."""
        return self._monotonic()

    def become(self, policy: BreakerPolicy) -> None:
        """Go on with other numbers."""
        self._policy = policy
        self.hope()

    def hope(self) -> None:
        """Somebody may have repaired the link: the next request is a probe."""
        self._next_probe_s = min(self._next_probe_s, self._monotonic())

    def connect_s(self, granted: Pass, usual_s: float) -> float:
        """How long a request may take to connect."""
        return usual_s if granted is Pass.FREELY else min(usual_s, self._policy.probe_connect_s)

    def failed(self, granted: Pass) -> None:
        """A connection could not be made."""
        self.gave_up(granted)
        self._failures += 1
        if self._failing_since_s is None:
            self._failing_since_s = self._monotonic()
        if self._failures >= self._policy.failures and not self.is_open:
            self.open_since_s = self._failing_since_s  # people were without it from the first failure on
            self._next_probe_s = self._monotonic() + self._policy.probe_s

    def gave_up(self, granted: Pass) -> None:
        """A request ended without showing anything about the link."""
        if granted is Pass.FOR_A_PERSON:  # one that went before the link was down is not the person who tries
            self._person_tries = False

    def succeeded(self) -> bool:
        """A connection was made. Say whether the link was down before: evidence of repair."""
        was_down = self.is_open
        self._failures = 0
        self._person_tries = False
        self.open_since_s = self._failing_since_s = None
        self.good_at_s = self._monotonic()
        return was_down

    def retry_after_s(self) -> float:
        """Seconds until the next probe."""
        return max(0.0, self._next_probe_s - self._monotonic()) if self.is_open else 0.0
