"""Any order of events leaves lanes, counters and history that fit together."""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge_node.errors import Refused
from edge_node.model.keeping import Admitted, Entry
from edge_node.model.lifecycle import OPEN, Event
from edge_node.model.overview import By
from edge_node.store.opening import Offline
from tests.store.shelf import OTHER_PATIENT, PATIENT, Shelf, push

ENDS = [Event.ACKNOWLEDGED, Event.REFUSED_FOR_GOOD, Event.CONFIGURATION_ERROR, Event.TOKEN_SPENT]
_OPEN = ", ".join(f"'{state}'" for state in sorted(OPEN))


class Queue(RuleBasedStateMachine):
    """Two patients, twelve ids, and all that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.shelf = Shelf(Path(self.folder.name) / "store.db")
        self.shelf.session.execute("PRAGMA synchronous = OFF")  # nothing is cut off here
        self.leases: list[Entry] = []
        self.uids: list[str] = []

    def teardown(self) -> None:
        self.shelf.close()
        self.folder.cleanup()

    @rule(number=st.integers(1, 12), token=st.booleans(), removes=st.booleans(), lease=st.booleans())
    def a_push_comes(self, number: int, token: bool, removes: bool, lease: bool) -> None:
        patient = PATIENT if number % 2 else OTHER_PATIENT
        given = push(number, patient=patient, token=b"t1" if token else b"", supersedes="report" if removes else None)
        admitted = self.shelf.keep(given, lease=lease)
        if isinstance(admitted, Admitted):
            self.uids.append(admitted.uid)
            self.leases += [admitted.entry] if admitted.entry else []

    @rule(limit=st.integers(1, 3))
    def due_ones_are_leased(self, limit: int) -> None:
        self.leases += self.shelf.lease(limit)

    @precondition(lambda self: self.leases)
    @rule(chosen=st.integers(0, 99), event=st.sampled_from(ENDS))
    def a_lease_ends(self, chosen: int, event: Event) -> None:
        self.shelf.settle(self.leases.pop(chosen % len(self.leases)), event, "code")

    @precondition(lambda self: self.leases)
    @rule(chosen=st.integers(0, 99), unknown=st.booleans())
    def a_handover_fails(self, chosen: int, unknown: bool) -> None:
        self.shelf.put_back(self.leases.pop(chosen % len(self.leases)), unknown=unknown)

    @precondition(lambda self: self.uids)
    @rule(chosen=st.integers(0, 99), verb=st.sampled_from(["retry", "discard", "hold", "release"]))
    def a_person_acts(self, chosen: int, verb: str) -> None:
        people = Offline(self.shelf.session, self.shelf.around)
        with suppress(Refused):
            getattr(people, verb)(self.uids[chosen % len(self.uids)], By(who="p", why="w"))

    @rule(seconds=st.sampled_from([1, 60, 4000, 90_000, 3_000_000]))
    def time_goes_by(self, seconds: int) -> None:
        self.shelf.clock.advance(seconds)
        self.shelf.expire()
        self.shelf.prune()

    @rule()
    def the_process_is_killed(self) -> None:
        self.shelf.restart()
        self.leases.clear()

    @invariant()
    def each_lane_has_one_head_and_it_is_the_only_one_handed_out(self) -> None:
        assert self.empty("SELECT 1 FROM messages WHERE head IS NOT NULL GROUP BY lane HAVING sum(head) <> 1")
        assert self.empty(f"SELECT 1 FROM messages WHERE (head IS NULL) = (state IN ({_OPEN})) AND superseded = 0")

    @invariant()
    def counters_are_the_rows(self) -> None:
        rows = "SELECT direction, state, count(*) FROM messages GROUP BY 1, 2"
        assert self.empty(f"{rows} EXCEPT SELECT * FROM counters")
        assert self.empty(f"SELECT * FROM counters WHERE n <> 0 EXCEPT {rows}")

    @invariant()
    def what_is_open_has_its_bytes_and_what_waits_is_due(self) -> None:
        assert self.empty(f"SELECT 1 FROM messages WHERE state IN ({_OPEN}) AND seq NOT IN (SELECT seq FROM bodies)")
        assert self.empty("SELECT 1 FROM messages WHERE (due IS NULL) = (state IN ('KEPT', 'WAITING'))")

    @invariant()
    def an_id_is_open_at_most_once(self) -> None:
        assert self.empty(f"SELECT 1 FROM messages WHERE state IN ({_OPEN}) GROUP BY extension HAVING count(*) > 1")

    @invariant()
    def nobody_else_holds_a_lease(self) -> None:
        held = {row[0] for row in self.shelf.session.execute("SELECT uid FROM messages WHERE state = 'IN_FLIGHT'")}
        assert held == {entry.uid for entry in self.leases}

    def empty(self, sql: str) -> bool:
        return self.shelf.session.execute(sql).fetchall() == []


Queue.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True)
TestQueue = Queue.TestCase
