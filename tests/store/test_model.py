"""The store held against a simple model of its promises, step after step, crashes and clocks included."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.keeping import Admission, Admitted, Entry, IdReused, Known, LaneClosed, Renewal, TokenReused
from edge_node.model.lifecycle import OPEN, Event, State
from edge_node.model.message import StoredAnswer, TokenUse
from edge_node.model.overview import By
from edge_node.store import admission, interventions
from tests.store.reference import CLOSING, DAY_S, ENDED_BADLY, LIFETIME_S, READY, Letter, Reference, Token
from tests.store.shelf import Shelf, push

LANES = st.sampled_from(["report", "medication", "referral"])
NUMBERS = st.integers(1, 5)
VERSIONS = st.sampled_from([1, 1, 1, 1, 2])
PICKS = st.integers(0, 1000)
SIGNED = st.sampled_from(["no", "no", "new", "used"])
WHO = By(who="jansen", why="asked for")
#: How a person changes a message, and in which states that is possible.
POSSIBLE = {
    "hold": READY | {State.NEEDS_TOKEN},
    "release": frozenset({State.HELD}),
    "discard": (OPEN - {State.IN_FLIGHT}) | ENDED_BADLY,
}
#: A sender that knows of these hands the same message in again.
COMES_AGAIN = ENDED_BADLY | {State.NEEDS_TOKEN}
SETTLED = {
    Event.ACKNOWLEDGED: State.DELIVERED,
    Event.REFUSED_FOR_GOOD: State.DEAD,
    Event.CONFIGURATION_ERROR: State.HELD,
    Event.TOKEN_SPENT: State.NEEDS_TOKEN,
}


def said(body: bytes) -> StoredAnswer:
    return StoredAnswer(status=200, content_type="text/xml", body=body)


def digest_of(token: Token) -> bytes:
    return hashlib.sha256(f"token {token.number}".encode()).digest()


def uses(token: Token | None) -> dict[str, Any]:
    """How a push says which token it has."""
    if token is None:
        return {}
    return {"token": digest_of(token), "token_uses": (TokenUse(token=digest_of(token), ends_at=token.ends_at),)}


class StoreAgainstReference(RuleBasedStateMachine):
    """Each rule does the same to both; the invariants compare them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="edge-node-model-"))
        self.shelf = Shelf(self.folder / "store.db")
        self.model = Reference()
        self.in_hand: list[tuple[Letter, Entry]] = []
        self.stale: list[Entry] = []
        self.tokens: list[Token] = []
        self.fresh = 100  # ids above the ones that come again
        self.look()

    def teardown(self) -> None:
        self.shelf.close()
        shutil.rmtree(self.folder)

    def look(self) -> None:
        """The model sees the clocks as the store does."""
        at = self.shelf.at
        self.model.now, self.model.moment = at.now, (self.shelf.session.run, at.monotonic_ms)

    # What comes in

    @rule(number=NUMBERS, version=VERSIONS, lane=LANES, signed=SIGNED, pick=PICKS,
          lease=st.booleans(), answer=st.sampled_from([None, b"<kept/>"]))  # fmt: skip
    def a_push_comes(self, **given: Any) -> None:
        self._a_push_comes(given, self._token(given["signed"], given["pick"]))

    @rule(lane=LANES, more=st.integers(1, 4))
    def some_more_wait_in_a_lane(self, lane: str, more: int) -> None:
        for _ in range(more):
            self.fresh += 1
            given = {"number": self.fresh, "version": 1, "lane": lane, "lease": False, "answer": b"<kept/>"}
            self._a_push_comes(given, None)

    @precondition(lambda self: self._in(COMES_AGAIN))
    @rule(pick=PICKS, signed=st.sampled_from(["new", "new", "used", "no"]), lease=st.booleans())
    def its_sender_hands_one_in_again(self, pick: int, signed: str, lease: bool) -> None:
        letter = self._one(COMES_AGAIN, pick)
        given = {"number": letter.number, "version": letter.version, "lane": letter.lane, "lease": lease}
        self._a_push_comes({**given, "answer": None}, self._token(signed, pick))

    def _a_push_comes(self, given: dict[str, Any], token: Token | None) -> None:
        number, version, answer = given["number"], given["version"], given["answer"]
        came = push(
            number,
            order=given["lane"],
            digest=hashlib.sha256(f"{number} {version}".encode()).digest(),
            body=f"<message>{number} {version}</message>".encode(),
            lifetime_s=LIFETIME_S,
            **uses(token),
        )
        expected = self._expected(given, token)
        found = self.shelf.keep(came, lease=given["lease"], answer=None if answer is None else said(answer))
        assert type(found) is type(expected[0]) if expected else isinstance(found, Admitted)
        if expected:
            self._compare(found, expected)
            return
        assert isinstance(found, Admitted)
        self._admitted(given, token, found)

    def _expected(self, given: dict[str, Any], token: Token | None) -> tuple[Admission, bytes | None] | None:
        """What is not taken as new, and which answer it gets; None where it is taken."""
        model, number, version = self.model, given["number"], given["version"]
        memory = model.memories.get(number)
        reused = model.is_reused(token, number, version)
        if memory is not None and not self._renews(memory.letter, version, token):
            letter = memory.letter
            if letter.version != version:
                return IdReused(), None
            if letter.state not in ENDED_BADLY:
                late = letter.reply if letter.state is State.DELIVERED else None
                return Known(uid=letter.uid, answer=None), memory.answer or late
        if reused:
            return TokenReused(), None
        if memory is not None and self._renews(memory.letter, version, token):
            return None
        closed = model.closed_by(given["lane"])
        if closed is None:
            return None
        return LaneClosed(
            uid=closed.uid, message_id=push(closed.number).message_id, state=closed.state, closed=True
        ), None

    @staticmethod
    def _renews(letter: Letter, version: int, token: Token | None) -> bool:
        """The same message with another signature, while it waits for one."""
        return (
            letter.state is State.NEEDS_TOKEN
            and letter.version == version
            and token is not None
            and token != letter.token
        )

    @staticmethod
    def _compare(found: Admission, expected: tuple[Admission, bytes | None]) -> None:
        wanted, answer = expected
        if isinstance(found, Known) and isinstance(wanted, Known):
            assert found.uid == wanted.uid
            assert (None if found.answer is None else found.answer.body) == answer
            return
        assert found == wanted

    def _admitted(self, given: dict[str, Any], token: Token | None, found: Admitted) -> None:
        model = self.model
        memory = model.memories.get(given["number"])
        if memory is not None and token is not None and self._renews(memory.letter, given["version"], token):
            letter = memory.letter
            model.renew(letter, token)
        else:
            letter = Letter(given["number"], given["version"], given["lane"], token, found.uid,
                            model.now + LIFETIME_S, model.moment)  # fmt: skip
            # What became of the first one nobody knows: the same message anew carries that on.
            letter.unknown = memory is not None and memory.letter.unknown
            model.keep(letter, given["answer"])
        assert found.uid == letter.uid
        is_first = model.heads[letter.lane] is letter
        assert (found.entry is not None) == (given["lease"] and is_first)
        if found.entry is not None:
            self._hand_over(letter, found.entry)

    def _token(self, signed: str, pick: int) -> Token | None:
        if signed == "no" or (signed == "used" and not self.tokens):
            return None
        if signed == "new":
            # Some end before the message does.
            self.tokens.append(Token(len(self.tokens), self.model.now + (900 if pick % 2 else 40 * DAY_S)))
            return self.tokens[-1]
        return self.tokens[pick % len(self.tokens)]

    # Handing over

    @rule(limit=st.integers(1, 4))
    def what_is_due_is_leased(self, limit: int) -> None:
        entries = self.shelf.lease(limit)
        due = self.model.due()[:limit]
        assert [entry.uid for entry in entries] == [letter.uid for letter in due]
        for letter, entry in zip(due, entries, strict=True):
            self._hand_over(letter, entry)

    def _hand_over(self, letter: Letter, entry: Entry) -> None:
        assert entry.payload.body == f"<message>{letter.number} {letter.version}</message>".encode()
        assert entry.unknown == letter.unknown
        letter.state = State.IN_FLIGHT
        self.in_hand.append((letter, entry))

    @precondition(lambda self: self.in_hand)
    @rule(pick=PICKS, event=st.sampled_from(list(SETTLED)), answer=st.sampled_from([None, b"<AA/>"]))
    def an_answer_comes(self, pick: int, event: Event, answer: bytes | None) -> None:
        letter, entry = self.in_hand.pop(pick % len(self.in_hand))
        self.shelf.settle(entry, event, "CODE", None if answer is None else said(answer))
        self.model.settle(letter, SETTLED[event], answer)

    @precondition(lambda self: self.in_hand)
    @rule(pick=PICKS, after_s=st.sampled_from([0, 2, 300]), unknown=st.booleans())
    def no_answer_comes(self, pick: int, after_s: int, unknown: bool) -> None:
        letter, entry = self.in_hand.pop(pick % len(self.in_hand))
        self.shelf.put_back(entry, after_s=after_s, unknown=unknown or entry.unknown)
        self.model.put_back(letter, after_s * 1000, unknown=unknown)

    @precondition(lambda self: self.stale)
    @rule(pick=PICKS)
    def a_lease_of_an_older_run_ends_nothing(self, pick: int) -> None:
        with pytest.raises(EdgeNodeError, match="not held"):
            self.shelf.settle(self.stale[pick % len(self.stale)], Event.ACKNOWLEDGED, "CA")

    # The machine and its clocks

    @rule(running_s=st.sampled_from([1.0, 5.0, 5000.0]))
    def the_process_is_killed(self, running_s: float) -> None:
        self.shelf.restart(running_s)
        self.stale += [entry for _, entry in self.in_hand]
        self.in_hand.clear()
        self.look()
        self.model.crash()

    @rule(seconds=st.sampled_from([1.0, 3.0, 301.0, 1000.0, 4000.0]), looked=st.booleans())
    def time_passes(self, seconds: float, looked: bool) -> None:
        self.shelf.clock.advance(seconds)
        self.look()
        if looked:
            self.tokens_end()
            self.lives_end()

    @rule(days=st.sampled_from([-1, 1, 31]))
    def the_wall_clock_is_set(self, days: int) -> None:
        self.shelf.clock.wall_s += days * DAY_S
        self.look()

    @rule()
    def lives_end(self) -> None:
        self.shelf.expire()
        self.model.expire()

    @rule()
    def tokens_end(self) -> None:
        self.shelf.end_tokens()
        self.model.end_tokens()

    @rule()
    def what_is_over_is_removed(self) -> None:
        self.shelf.prune()
        self.model.prune()

    # People

    @precondition(lambda self: self.model.letters)
    @rule(pick=PICKS, verb=st.sampled_from(sorted(POSSIBLE)))
    def a_person_acts(self, pick: int, verb: str) -> None:
        letter = self._pick(pick)
        is_possible = letter.state in POSSIBLE[verb]
        assert self._does(verb, letter) == is_possible, (verb, letter.state)
        if is_possible:
            {"hold": self.model.hold, "release": self.model.retry, "discard": self.model.discard}[verb](letter)

    @precondition(lambda self: self.model.letters)
    @rule(pick=PICKS)
    def a_person_has_it_tried_again(self, pick: int) -> None:
        letter = self._pick(pick)
        is_possible = letter.state in {State.WAITING, State.HELD} or self.model.may_return(letter)
        assert self._does("retry", letter) == is_possible
        if is_possible:
            self.model.retry(letter)

    @precondition(lambda self: self._in(CLOSING))
    @rule(pick=PICKS, signed=st.sampled_from(["new", "used"]))
    def a_new_token_is_handed_in(self, pick: int, signed: str) -> None:
        letter, token = self._one(CLOSING, pick), self._token(signed, pick)
        if token is None:
            return
        is_possible = token != letter.token and not self.model.is_reused(token, letter.number, letter.version)
        renewal = Renewal(digest=None, body=None, **uses(token))
        work = lambda session: interventions.renew(session, letter.uid, renewal, self.shelf.at)  # noqa: E731
        assert self._succeeds(work) == is_possible
        if is_possible:
            self.model.renew(letter, token)

    @precondition(lambda self: self.model.memories)
    @rule(pick=PICKS, answer=st.sampled_from([b"<kept/>", b"<real/>"]))
    def its_sender_is_answered(self, pick: int, answer: bytes) -> None:
        memory = list(self.model.memories.values())[pick % len(self.model.memories)]
        first = self.shelf.do(lambda session: admission.answered(session, memory.letter.uid, said(answer)))
        memory.answer = memory.answer or answer
        assert first.body == memory.answer

    # What must be true after each step

    @invariant()
    def every_message_is_where_the_model_has_it(self) -> None:
        rows = self.shelf.session.execute("SELECT uid, state, head, unknown FROM messages ORDER BY seq").fetchall()
        heads = {head.uid for head in self.model.heads.values()}
        assert [(uid, state, head == 1, bool(unknown)) for uid, state, head, unknown in rows] == [
            (letter.uid, letter.state.value, letter.uid in heads, letter.unknown) for letter in self.model.letters
        ]

    @invariant()
    def the_counters_are_right(self) -> None:
        rows = self.shelf.session.execute("SELECT state, n FROM counters WHERE direction = 'out' AND n > 0")
        assert dict(rows.fetchall()) == dict(self.model.counts())

    @invariant()
    def no_lane_has_two_in_hand(self) -> None:
        lanes = [letter.lane for letter in self.model.letters if letter.state is State.IN_FLIGHT]
        assert len(lanes) == len(set(lanes))

    def _in(self, states: frozenset[State]) -> bool:
        return any(letter.state in states for letter in self.model.letters)

    def _one(self, states: frozenset[State], pick: int) -> Letter:
        found = [letter for letter in self.model.letters if letter.state in states]
        return found[pick % len(found)]

    def _pick(self, pick: int) -> Letter:
        return self.model.letters[pick % len(self.model.letters)]

    def _does(self, verb: str, letter: Letter) -> bool:
        return self._succeeds(lambda session: getattr(interventions, verb)(session, letter.uid, WHO, self.shelf.at))

    def _succeeds(self, work: Any) -> bool:
        try:
            self.shelf.do(work)
        except Refused:
            return False
        return True


TestStoreAgainstReference = StoreAgainstReference.TestCase
TestStoreAgainstReference.settings = settings(
    # Always the same ones: whoever runs all tests has the first of them.
    max_examples=120 if settings.get_current_profile_name() == "thorough" else 40,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
