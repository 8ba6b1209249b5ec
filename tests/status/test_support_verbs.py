"""What the daemon gathers for whoever helps a site."""

import base64
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.status import support_verbs
from edge_node.status.ports import Change
from edge_node.status.support_file import Bundle
from edge_node.status.support_verbs import ASKED, Sources
from edge_node.status.verbs import Attendant, Call, Verb, register

from .doubles import NOW


async def at_once(work: Callable[[], Bundle]) -> Bundle:
    """No thread is needed."""
    return work()


async def figures() -> str:
    return "a 1\n"


def sources() -> Sources:
    """What a node tells of itself."""
    return Sources(
        node=lambda: "gp-1",
        release="1",
        now=lambda: NOW,
        version=lambda: {"python": "3"},
        settings=lambda: {"store": {}},
        people=lambda: frozenset({"Jan de Tester"}),
        figures=figures,
        log=lambda: ('{"event": "node.ready"}',),
        aside=at_once,
    )


def says(answer: Any) -> Verb:
    """A verb that answers so."""

    async def run(call: Call) -> Any:
        return answer

    return Verb(fields=frozenset({"format", "all_stuck"}), run=run)


def fails(error: EdgeNodeError) -> Verb:
    """A verb that cannot be carried out."""

    async def run(call: Call) -> Any:
        raise error

    return Verb(run=run)


async def reported(call: Call) -> dict[str, str]:
    await call.tell_bytes(b'{"checks": [{"name": "clock-offset"}]}')
    return {"name": "report.json"}


def known(**other: Verb) -> dict[str, Verb]:
    """The verbs of a daemon."""
    verbs = {request["verb"]: says({"of": name, "who helps": "Jan de Tester"}) for name, request in ASKED.items()}
    return {**verbs, "gbz.report": Verb(fields=frozenset({"format"}), run=reported), **other}


class Caller:
    """Hears a bundle."""

    is_stopped = False

    def __init__(self) -> None:
        self.content = b""

    async def tell(self, part: dict[str, Any]) -> None:
        self.content += base64.b64decode(part["bytes"])

    def files(self) -> dict[str, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self.content), mode="r:gz") as archive:
            found = {member.name: archive.extractfile(member) for member in archive.getmembers()}
            return {name: file.read() for name, file in found.items() if file is not None}


class Office:
    """An attendant with that verb, and what it wrote down."""

    def __init__(self, verbs: dict[str, Verb]) -> None:
        self.changes: list[Change] = []
        self.caller = Caller()
        self._attendant = Attendant(
            register(verbs, support_verbs.verbs(sources(), verbs)), self._record, lambda: "c1"
        )

    def asked(self, **fields: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        request = {"verb": "support.bundle", **fields}
        Deferred.fromCoroutine(self._attendant.attend(request, "anna", self.caller)).addCallback(answers.append)
        return answers[0]

    async def _record(self, change: Change) -> None:
        self.changes.append(change)


@pytest.fixture
def office() -> Office:
    return Office(known())


class TestBundle:
    def test_holds_what_a_helper_would_ask_for_first(self, office: Office) -> None:
        """One file, in place of an afternoon of questions by telephone."""
        told = office.asked(why="the link is down since noon")["result"]
        files = office.caller.files()
        assert set(files) == {
            "contents.json", "version.json", "settings.json", "status.json", "checks.json", "queue-shape.json",
            "queue-stuck.json", "certificates.json", "access-log.json", "metrics.txt", "log.ndjson",
        }  # fmt: skip
        assert {it["name"] for it in told["contents"]} == set(files) - {"contents.json"}
        assert told["nbytes"] == len(office.caller.content)

    def test_holds_the_report_that_comes_in_parts(self, office: Office) -> None:
        """The longest answer of all is told ahead of its last line."""
        office.asked(why="x")
        assert json.loads(office.caller.files()["checks.json"]) == {"checks": [{"name": "clock-offset"}]}

    def test_names_nobody_of_the_settings(self, office: Office) -> None:
        """The telephone number of who helps stands in the status."""
        office.asked(why="x")
        assert b"Jan" not in b"".join(office.caller.files().values())

    def test_is_written_down_with_who_and_why(self, office: Office) -> None:
        """What leaves the site is known afterwards."""
        office.asked(why="the link is down")
        (change,) = office.changes
        assert (change.verb, change.by.who, change.by.why) == ("support.bundle", "anna", "the link is down")

    def test_needs_a_reason(self, office: Office) -> None:
        """As everything that shows something."""
        assert office.asked()["error"]["code"] == "EN-CONTROL-REQUEST"
        assert office.changes == []

    def test_comes_without_what_cannot_be_read(self) -> None:
        """A store that fails is when a bundle is wanted most."""
        office = Office(known(**{"queue.shape": fails(StoreUnavailable())}))
        told = office.asked(why="x")["result"]
        assert told["left_out"] == {"queue-shape": StoreUnavailable.code}
        assert "status.json" in office.caller.files()
