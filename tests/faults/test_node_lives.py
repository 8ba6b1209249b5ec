"""A whole node with messages on their way while its disk fills up, its clock jumps, or packets vanish."""

import ctypes
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edge_node.sandbox.site import AIS
from edge_node.sandbox.stage import Stage
from tests.faults.machine import ext4, fill, needs, needs_root, run, tmpfs, until
from tests.faults.test_clock import DAY_S, a_clock
from tests.faults.test_disk_fails import stop
from tests.faults.test_node import codes
from tests.store.logged import outcomes

#: Of ten thousand records and the ends of deliveries.
FILLERS = 221
_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET


@contextmanager
def own_network() -> Iterator[None]:
    """Have a loopback of our own, where packets can be dropped without harm to others."""
    needs_root()
    needs("ip", "iptables")
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        if _LIBC.unshare(_NEW_NETWORK):
            pytest.skip("cannot be made here: no network of its own")
        run("ip", "link", "set", "lo", "up")
        yield
    finally:
        _LIBC.setns(before, _NEW_NETWORK)
        os.close(before)


def push(stage: Stage, patient: int) -> dict[str, Any]:
    """Hand one letter in; it goes out over the switchboard and comes in again."""
    return stage.ask(
        "his", "one", kind="locum-report", receiver=AIS.party.application, patient=patient, give_up_after_s=2
    )


def asked(stage: Stage) -> str:
    """What came of a question."""
    return str(stage.ask("his", "one", kind="ping", give_up_after_s=5)["outcome"])


def arrived(stage: Stage) -> list[str]:
    """The ids of what the receiver got, as often as it got it."""
    return [line.id for line in stage.ledger("ais") if line.event == "received"]


def logged(stage: Stage) -> int:
    """The lines about questions in the access log."""
    connection = sqlite3.connect(f"file:{stage.folder / 'state' / 'store.db'}?mode=ro", uri=True)
    try:
        return outcomes(connection, "event.type").count(("query",))
    finally:
        connection.close()


def link_changes(stage: Stage) -> list[bool]:
    """How the link to the switchboard went down and came up again, as the node logged it."""
    lines = (stage.folder / "node.log").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines if '"link.changed"' in line]
    return [line["is_up"] for line in said if line["link"] == "switchboard"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with tmpfs(tmp_path / "state", 200), Stage(folder=tmp_path) as stage:
        stage.start()
        yield stage


class TestAFullDisk:
    def test_refuses_pushes_answers_questions_and_is_well_by_itself(self, stage: Stage) -> None:
        """The practice hears at once that a letter is not kept; a question about an allergy is answered."""
        until(lambda: is_reserve_whole(stage), limit_s=60)
        other = fill(stage.folder / "state")
        # What is left of the last blocks is used up first.
        refused = until(lambda: "EN-STORE-FULL" in {push(stage, 1)["outcome"], push(stage, 2)["outcome"]})
        before = logged(stage)
        answered = asked(stage)
        assert logged(stage) > before  # a question is answered only where the access log has it
        other.unlink()
        well = until(lambda: push(stage, 3)["outcome"] == "CA", limit_s=60)
        got = until(lambda: arrived(stage))
        assert (refused, answered, well) == (True, "AA", True)
        assert len(got) == len(set(got))

    def test_lets_go_what_was_kept_before(self, stage: Stage) -> None:
        """What waited for the practice's own system to come back is not held up by a log gone wild."""
        until(lambda: is_reserve_whole(stage), limit_s=60)
        stage.ask("ais", "line", cut=True)
        kept = [push(stage, patient)["outcome"] for patient in (1, 2)]
        other = fill(stage.folder / "state")
        until(lambda: push(stage, 3)["outcome"] == "EN-STORE-FULL")
        stage.ask("ais", "line", cut=False)
        drained = until(lambda: len(set(arrived(stage))) >= 2 and arrived(stage), limit_s=60)
        still = push(stage, 4)["outcome"]
        other.unlink()
        assert (kept, still) == (["CA", "CA"], "EN-STORE-FULL")
        assert len(drained) == len(set(drained))


class TestAClockThatJumpsAndComesBack:
    def test_loses_nothing_and_sends_nothing_twice(self, tmp_path: Path) -> None:
        """The time service has it wrong for a moment: a day forth, then a day back."""
        env, clock = a_clock(tmp_path)
        with Stage(folder=tmp_path, node_environment=env) as stage:
            stage.start()
            stage.ask("ais", "line", cut=True)  # what comes in waits while the clock goes to and fro
            pushed = [push(stage, patient)["outcome"] for patient in (1, 2, 3)]
            clock.write_text(f"+{DAY_S}", encoding="ascii")
            forth = asked(stage)
            clock.write_text("+0", encoding="ascii")
            back = asked(stage)
            stage.ask("ais", "line", cut=False)
            got = until(lambda: len(arrived(stage)) >= 3 and arrived(stage))
        assert pushed == ["CA"] * 3
        assert (len(got), len(set(got))) == (3, 3)
        assert back == "AA"
        assert forth  # certificates and tokens of today are of yesterday then: refused or answered, never a crash


class TestALineWhosePacketsVanish:
    def test_ends_each_attempt_and_goes_on_when_they_come_through_again(self, tmp_path: Path) -> None:
        """A firewall that forgets a connection: nobody says that it is closed."""
        with own_network(), Stage(folder=tmp_path) as stage:
            stage.start()
            first = push(stage, 1)["outcome"]
            port = str(stage.ask("switchboard", "state")["port"])
            run("iptables", "-A", "INPUT", "-p", "tcp", "--dport", port, "-j", "DROP")
            run("iptables", "-A", "INPUT", "-p", "tcp", "--sport", port, "-j", "DROP")
            lost = push(stage, 2)["outcome"]
            # Each question is one more try to connect; after some of them the link is taken to be down.
            shut = until(lambda: link_changes(stage)[-1:] == [False] or not asked(stage), limit_s=120)
            run("iptables", "-F", "INPUT")
            again = until(lambda: push(stage, 3)["outcome"] == "CA", limit_s=90)
            got = until(lambda: len(set(arrived(stage))) >= 2 and arrived(stage), limit_s=90)
            came_back = until(lambda: link_changes(stage)[-1:] == [True], limit_s=60)
            running = stage.node.is_running
        assert (first, lost != "AA", shut, again, came_back, running) == ("CA", True, True, True, True, True)
        assert len(got) == len(set(got))


def is_reserve_whole(stage: Stage) -> bool:
    """Whether the node has set apart what it needs on a full disk."""
    path = stage.folder / "state" / "store.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (before,) = connection.execute("SELECT count(*) FROM reserve_pages").fetchone()
    finally:
        connection.close()
    return bool(before >= FILLERS and path.with_name("store.db.reserve").exists())


class TestAReadOnlyDisk:
    def test_refuses_with_the_reason_and_goes_on_answering_its_status(self, tmp_path: Path) -> None:
        """The kernel stopped the file system: the practice reads why, not that there is no node."""
        with ext4(tmp_path, 200) as (disk, device):
            (tmp_path / "state").symlink_to(disk)
            with Stage(folder=tmp_path) as stage:
                stage.start()
                first = push(stage, 1)["outcome"]
                stop(device)
                refused = {push(stage, 2)["outcome"], asked(stage)}
                shown = until(lambda: "EN-STORE-READONLY" in codes(stage))
                running = stage.node.is_running
        assert (first, refused, shown, running) == ("CA", {"EN-STORE-READONLY"}, True, True)
