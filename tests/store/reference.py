"""What the store promises, in as few words as possible: lists and dictionaries, one rule a method.

It knows nothing of tables, fences or commits: only which message may go, what a copy gets, what a crash leaves.
The state machine in `test_model.py` holds the real store against it.
"""

from collections import Counter
from dataclasses import dataclass, field

from edge_node.model.lifecycle import OPEN, State

LIFETIME_S = 3600.0
DAY_S = 86_400.0
MEMORY_S = 30 * DAY_S
ROW_S = 90 * DAY_S
CLOSING = frozenset({State.NEEDS_TOKEN, State.HELD})
READY = frozenset({State.KEPT, State.WAITING})
ENDED_BADLY = frozenset({State.DEAD, State.EXPIRED})


@dataclass(frozen=True)
class Token:
    """A signature for one message."""

    number: int
    ends_at: float


@dataclass
class Letter:
    """One kept message."""

    number: int  # the message id
    version: int  # of the content
    lane: str
    token: Token | None
    uid: str
    expires_at: float
    due: tuple[int, int]  # run of the process, and milliseconds in it
    state: State = State.KEPT
    token_ends_at: float | None = None  # None: none, or told already
    is_spent: bool = False
    unknown: bool = False
    ended_at: float = 0.0
    has_body: bool = True
    reply: bytes | None = None  # what the other side said in the end


@dataclass
class Memory:
    """What is remembered of a message id."""

    letter: Letter
    answer: bytes | None = None


@dataclass
class Reference:
    """All messages, oldest first, and what is remembered of ids and tokens; the clocks are set from outside."""

    letters: list[Letter] = field(default_factory=list)
    heads: dict[str, Letter] = field(default_factory=dict)
    memories: dict[int, Memory] = field(default_factory=dict)
    signed: dict[Token, tuple[int, int]] = field(default_factory=dict)
    now: float = 0.0
    moment: tuple[int, int] = (0, 0)

    def members(self, lane: str) -> list[Letter]:
        """Who is in the lane, in order of arrival."""
        return [letter for letter in self.letters if letter.lane == lane and letter.state in OPEN]

    def closed_by(self, lane: str) -> Letter | None:
        """The head that keeps new messages out, if it does."""
        head = self.heads.get(lane)
        return head if head is not None and head.state in CLOSING else None

    def due(self) -> list[Letter]:
        """Who is to be handed over now: heads only, the longest due first."""
        ready = [head for head in self.heads.values() if head.state in READY and head.due <= self.moment]
        return sorted(ready, key=lambda letter: (letter.due, self.letters.index(letter)))

    def is_reused(self, token: Token | None, number: int, version: int) -> bool:
        """Whether the token signed something else before."""
        return token is not None and self.signed.get(token, (number, version)) != (number, version)

    # What comes in

    def keep(self, letter: Letter, answer: bytes | None) -> None:
        """A new message, or one that is processed anew."""
        letter.token_ends_at = letter.token.ends_at if letter.token else None
        self.letters.append(letter)
        self.heads.setdefault(letter.lane, letter)
        self.memories[letter.number] = Memory(letter, answer)
        self._sign(letter)

    def renew(self, letter: Letter, token: Token) -> None:
        """The same message with a new signature."""
        letter.token, letter.is_spent, letter.token_ends_at = token, False, token.ends_at
        self._sign(letter)
        if letter.state is State.NEEDS_TOKEN:
            self._wait(letter)

    def _sign(self, letter: Letter) -> None:
        if letter.token is not None:
            self.signed.setdefault(letter.token, (letter.number, letter.version))

    # What comes of it

    def settle(self, letter: Letter, state: State, reply: bytes | None) -> None:
        """An answer came. One that says no has seen the token."""
        letter.reply = reply if reply is not None else letter.reply
        letter.is_spent = letter.is_spent or (letter.token is not None and state is not State.DELIVERED)
        memory = self.memories.get(letter.number)
        if state is State.DELIVERED and memory is not None and memory.letter is letter:
            memory.answer = memory.answer or reply  # its sender may be waiting for it
        self._become(letter, state)

    def put_back(self, letter: Letter, after_ms: int, *, unknown: bool) -> None:
        """No answer came; `unknown`: it may have arrived all the same, and its token with it."""
        if unknown and not letter.unknown:
            letter.is_spent = letter.is_spent or letter.token is not None
        letter.unknown = letter.unknown or unknown
        self._wait(letter, after_ms)

    def crash(self) -> None:
        """The process is gone: what it had in hand may have arrived."""
        for letter in self.letters:
            if letter.state is State.IN_FLIGHT:
                letter.unknown = True
                letter.is_spent = letter.is_spent or letter.token is not None
                self._wait(letter)

    # What time does

    def expire(self) -> None:
        """Lives end, but not while a handover goes on."""
        for letter in self.letters:
            if letter.state in OPEN and letter.state is not State.IN_FLIGHT and letter.expires_at <= self.now:
                self._become(letter, State.EXPIRED)

    def end_tokens(self) -> None:
        """What waits with a token that ended waits for another; its signer is told once."""
        for letter in self.letters:
            ends_at = letter.token_ends_at
            if ends_at is None or ends_at > self.now or letter.state is State.IN_FLIGHT:
                continue
            letter.token_ends_at = None
            if letter.state in READY:
                letter.is_spent = True
                self._become(letter, State.NEEDS_TOKEN)

    def prune(self) -> None:
        """Bodies, memories, rows, tokens: each has its time."""
        for letter in self.letters:
            body_s = 30 * DAY_S if letter.state in ENDED_BADLY else DAY_S
            if letter.state not in OPEN and letter.ended_at + body_s <= self.now:
                letter.has_body, letter.reply = False, None
        for number, memory in list(self.memories.items()):
            if memory.letter.state not in OPEN and memory.letter.ended_at + MEMORY_S <= self.now:
                del self.memories[number]
        self.letters = [
            letter
            for letter in self.letters
            if letter.state in OPEN or letter.has_body or letter.ended_at + ROW_S > self.now
        ]
        self.signed = {token: use for token, use in self.signed.items() if token.ends_at > self.now}

    # What people do

    def may_return(self, letter: Letter) -> bool:
        """Whether one that ended can be sent after all."""
        memory = self.memories.get(letter.number)
        return letter.state in ENDED_BADLY and letter.has_body and (memory is None or memory.letter is letter)

    def retry(self, letter: Letter) -> None:
        """It waits again; behind the head of its lane, if another took that place."""
        if letter.state not in OPEN:
            letter.expires_at = self.now + LIFETIME_S
            self.heads.setdefault(letter.lane, letter)
        self._wait(letter)

    def hold(self, letter: Letter) -> None:
        """It stays in its place."""
        letter.state = State.HELD

    def discard(self, letter: Letter) -> None:
        """It is over."""
        self._become(letter, State.DISCARDED)

    def counts(self) -> Counter[str]:
        """How many are in each state."""
        return Counter(letter.state.value for letter in self.letters)

    def _wait(self, letter: Letter, after_ms: int = 0) -> None:
        run, milliseconds = self.moment
        letter.due = (run, milliseconds + after_ms)
        letter.state = State.NEEDS_TOKEN if letter.is_spent else State.WAITING

    def _become(self, letter: Letter, state: State) -> None:
        was_open = letter.state in OPEN
        letter.state = state
        if state in OPEN:
            return
        letter.ended_at = self.now
        if was_open and self.heads.get(letter.lane) is letter:
            del self.heads[letter.lane]
            for follower in self.members(letter.lane)[:1]:
                self.heads[letter.lane] = follower
