"""What people ask of the access log through the control socket."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import StoreUnavailable
from edge_node.model.log_state import Bend, Found, LogWanted, Proof, SignedHead
from edge_node.model.overview import By
from edge_node.status import log_verbs
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant

HEAD = SignedHead(seq=7, hash="ab" * 32, at="2026-11-22T09:00:00.000Z", chain="c1", key="k1")
WHY = "asked by the privacy officer"


class Pages:
    """So many records, two at a time."""

    def __init__(self, records: int) -> None:
        self.left = [{"seq": number} for number in range(1, records + 1)]
        self.is_closed = False

    async def turn(self) -> list[dict[str, Any]]:
        page, self.left = self.left[:2], self.left[2:]
        return page

    async def close(self) -> None:
        self.is_closed = True


class Log:
    """A log of five records."""

    head: SignedHead | None = HEAD
    pem = "-----BEGIN PUBLIC KEY-----"

    def __init__(self) -> None:
        self.opened = Pages(5)
        self.wanted: LogWanted | None = None
        self.proof = Proof(records=5, first=1, last=5, head=HEAD, chains=("c1",), found=())
        self.seen_by: list[By] = []

    def pages(self, wanted: LogWanted) -> Pages:
        self.wanted = wanted
        return self.opened

    async def see(self, by: By) -> int:
        self.seen_by.append(by)
        return 1

    async def prove(self, wanted: str = "") -> Proof:
        return self.proof


class Hearing:
    """A caller that hears the parts of an answer, and may hang up."""

    def __init__(self) -> None:
        self.records: list[int] = []
        self.hangs_up_after = 99

    @property
    def is_stopped(self) -> bool:
        return len(self.records) >= self.hangs_up_after

    async def tell(self, part: dict[str, Any]) -> None:
        self.records += [record["seq"] for record in part["records"]]


class Desk:
    def __init__(self) -> None:
        self.log = Log()
        self.hearing = Hearing()
        self.recorded: list[str] = []
        self.details: tuple[tuple[str, str], ...] = ()
        self.log_works = True
        self._attendant = Attendant(log_verbs.verbs(self.log), self._record, lambda: "c1")

    async def _record(self, change: Change) -> None:
        if not self.log_works:
            raise StoreUnavailable("the access log cannot be written")
        self.recorded.append(change.verb)
        self.details = change.record.event.details

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        asking = self._attendant.attend({"verb": verb, **fields}, "anna", self.hearing)
        Deferred.fromCoroutine(asking).addCallback(answers.append)
        return answers[0]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestReading:
    def test_comes_in_parts(self, desk: Desk) -> None:
        """Five years of log are in nobody's memory at once."""
        assert desk.ask("log.export", why=WHY) == {"ok": True, "result": {"records": 5}}
        assert (desk.hearing.records, desk.log.opened.is_closed) == ([1, 2, 3, 4, 5], True)

    def test_ends_at_the_limit(self, desk: Desk) -> None:
        """A screen shows so many."""
        assert desk.ask("log.search", limit=3, why=WHY)["result"] == {"records": 3}

    def test_ends_when_the_caller_hangs_up(self, desk: Desk) -> None:
        """Nobody reads on for who is gone; the store is let go of."""
        desk.hearing.hangs_up_after = 2
        desk.ask("log.export", why=WHY)
        assert (desk.hearing.records, desk.log.opened.is_closed) == ([1, 2], True)

    @pytest.mark.parametrize("verb", ["log.search", "log.export", "log.verify", "log.seen"])
    def test_is_recorded_first(self, desk: Desk, verb: str) -> None:
        """What is not recorded is not shown."""
        desk.log_works = False
        assert desk.ask(verb, why=WHY)["error"]["code"] == "EN-STORE-UNAVAILABLE"
        assert (desk.log.wanted, desk.log.seen_by) == (None, [])

    def test_says_what_was_looked_for(self, desk: Desk) -> None:
        """That somebody searched says little; of which period and kind says whether it was his to do."""
        desk.ask(
            "log.search", patient="999911120", uzi="900000101", event="query", since="2026-11-01", limit=5, why=WHY
        )
        assert desk.details == (("event", "query"), ("limit", "5"), ("since", "2026-11-01"))

    def test_holds_no_number_of_a_person_in_the_open(self, desk: Desk) -> None:
        """Somebody types a patient's number where a code was asked for."""
        desk.ask("log.search", code="999911120", why=WHY)
        assert desk.details == ()

    @pytest.mark.parametrize("verb", ["log.search", "log.export", "log.patient", "log.verify", "log.seen"])
    def test_without_a_reason_is_refused(self, desk: Desk, verb: str) -> None:
        """The record would say who and not why."""
        assert desk.ask(verb)["error"]["code"] == "EN-CONTROL-REQUEST"
        assert desk.recorded == []

    def test_asks_for_marks_and_for_open_fields(self, desk: Desk) -> None:
        """A patient is sought by a mark; what stands open by its text."""
        desk.ask("log.search", patient="999911120", situation="emergency", since="2026-11-01", why=WHY)
        wanted = desk.log.wanted
        assert wanted is not None
        assert (wanted.sought, wanted.open) == ({"object.patient": "999911120"}, {"event.situation": "emergency"})
        assert (wanted.since, wanted.until) == ("2026-11-01", "")

    @pytest.mark.parametrize(
        "fields",
        [
            {"patient": "123456789"}, {"since": "yesterday"}, {"until": "22-11-2026"}, {"limit": 0}, {"who": "x"},
            {"since": "2026-02-30"}, {"until": "2026-11-22T25:00Z"}, {"since": "2026-11-22", "until": "2026-11-22"},
        ],
    )  # fmt: skip
    def test_of_what_cannot_be_is_refused(self, desk: Desk, fields: dict[str, Any]) -> None:
        """Nothing found, for a slip of the pen, is a false answer."""
        assert desk.ask("log.search", why=WHY, **fields)["error"]["code"] == "EN-CONTROL-REQUEST"

    @pytest.mark.parametrize("name", ["patient", "uzi", "account", "event", "message"])
    def test_of_nobody_is_not_of_everybody(self, desk: Desk, name: str) -> None:
        """A number that a script failed to hand over must not bring out the records of all patients."""
        assert desk.ask("log.export", why=WHY, **{name: ""})["error"]["code"] == "EN-CONTROL-REQUEST"
        assert desk.log.wanted is None

    def test_tells_no_number_of_a_patient_in_what_it_refuses(self, desk: Desk) -> None:
        """The answer is shown and kept."""
        assert "123456789" not in str(desk.ask("log.search", why=WHY, patient="123456789"))

    def test_of_an_overview_needs_a_patient(self, desk: Desk) -> None:
        """An overview of everybody is for nobody."""
        assert desk.ask("log.patient", why=WHY)["error"]["code"] == "EN-CONTROL-REQUEST"


class TestProof:
    def test_says_what_is_wrong_and_where(self, desk: Desk) -> None:
        """A person reads it, and a program counts it."""
        found = Found(Bend.DELETED, 3, 4, "store")
        desk.log.proof = Proof(records=3, first=1, last=5, head=HEAD, chains=("c1",), found=(found,))
        told = desk.ask("log.verify", why=WHY)["result"]
        assert (told["is_sound"], told["found"][0]["shown"]) == (False, "deleted: records 3 to 4; store")

    def test_of_a_head_is_for_everybody(self, desk: Desk) -> None:
        """It names nobody, and the more have it the better."""
        told = desk.ask("log.head")["result"]
        assert (told["head"], told["signed_by"], desk.recorded) == (HEAD.name, "k1", [])

    def test_before_any_head_says_so(self, desk: Desk) -> None:
        """A node of a minute old."""
        desk.log.head = None
        assert desk.ask("log.head")["result"] == {"head": None, "public_key": desk.log.pem}


class TestSeen:
    def test_names_who_has_seen_it(self, desk: Desk) -> None:
        """Somebody answers for what is done about it."""
        assert desk.ask("log.seen", why=WHY)["result"] == {"seen": 1}
        assert desk.log.seen_by == [By(who="anna", why=WHY)]
