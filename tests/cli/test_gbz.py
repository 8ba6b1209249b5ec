"""`edge-node gbz`."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from edge_node.model.gbz_report import PURPOSE
from edge_node.status import control_client
from edge_node.store.node_key import NodeKey

from .conftest import Run

KEY = NodeKey.of(bytes(range(32)))
REPORT = b'{"checks": []}\n'


def a_check(**changes: Any) -> dict[str, Any]:
    words = {"nl": "De schijf.", "en": "The disk."}
    return {
        "name": "disk-space", "topic": "F", "kind": "measured", "side": "operator", "title": words, "meaning": words,
        "do": words, "source": "", "result": "violated", "value": "3.0 %", "reason": None, "thresholds": [],
        "evidence": [{"name": "free", "text": "3 MB"}], "concerns": [], "since": "2026-11-22T12:00:00Z",
        "looked_at": "2026-11-22T12:00:00Z", "actions": ["WARN"], "actions_origin": "default of this product",
        "reference_actions": ["WARN"], "blocks": [], "waiver": None, "attestation": None, "history": [], **changes,
    }  # fmt: skip


class Daemon:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = {"counts": {}, "checks": []}
        self.asked: list[dict[str, Any]] = []

    def ask(self, socket: Path, request: dict[str, Any], *, hear: Any = None) -> Any:
        self.asked.append({name: value for name, value in request.items() if value is not None})
        if hear is not None:
            hear({"bytes": base64.b64encode(REPORT).decode()})
        return self.answer


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    daemon = Daemon()
    monkeypatch.setattr(control_client, "ask", daemon.ask)
    return daemon


@pytest.fixture
def signed(daemon: Daemon) -> Daemon:
    signature = base64.b64encode(KEY.sign(PURPOSE, REPORT)).decode()
    public = KEY.public
    daemon.answer = {"name": "r.json", "signature": signature, "key": public.id, "public_key": public.pem.decode()}
    return daemon


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "node-signing.pub"
    path.write_bytes(KEY.public.pem)
    return path


class TestList:
    def test_exits_1_while_something_is_violated(self, run: Run, daemon: Daemon) -> None:
        """A script that watches needs no reading."""
        daemon.answer = {"counts": {"violated": 1}, "checks": [a_check()]}
        result = run("gbz", "list")
        assert result.exit_code == 1
        assert "disk-space\tDe schijf.\tniet goed\t3.0 %\t2026-11-22T12:00:00Z\tbeheerder" in result.stdout

    def test_says_what_was_accepted(self, run: Run, daemon: Daemon) -> None:
        """Somebody answers for it already."""
        waiver = {"owner": "A", "reason": "ordered", "until": "2026-12-01T00:00:00Z"}
        daemon.answer = {"counts": {"violated": 1}, "checks": [a_check(waiver=waiver)]}
        assert "niet goed, aanvaard" in run("gbz", "list").stdout

    def test_leaves_out_what_is_good(self, run: Run, daemon: Daemon) -> None:
        """Who looks wants to see what to do."""
        daemon.answer = {"counts": {"good": 1}, "checks": [a_check(result="good")]}
        result = run("gbz", "list", "--lang", "en")
        assert (result.exit_code, "disk-space" in result.stdout) == (0, False)

    def test_tells_all_to_programs(self, run: Run, daemon: Daemon) -> None:
        """The JSON is whole, whatever people are shown."""
        daemon.answer = {"counts": {"good": 1}, "checks": [a_check(result="good")]}
        assert json.loads(run("gbz", "list", "--json").stdout) == daemon.answer


class TestShow:
    def test_says_who_accepted_it_until_when(self, run: Run, daemon: Daemon) -> None:
        """A waiver that nobody sees would be forgotten."""
        waiver = {"owner": "A. Beheerder", "reason": "ordered", "until": "2026-12-01T00:00:00Z"}
        daemon.answer = a_check(waiver=waiver)
        shown = run("gbz", "show", "disk-space").stdout
        assert "aanvaard door: A. Beheerder, 2026-12-01T00:00:00Z: ordered" in shown

    @pytest.mark.parametrize(
        ("language", "line"), [("nl", "vrij: 3 MB"), ("en", "free: 3 MB"), ("nl", "sinds\tuitkomst\tgemeten")]
    )
    def test_says_it_in_the_language_of_who_asks(self, run: Run, daemon: Daemon, language: str, line: str) -> None:
        """The staff of a practice reads Dutch, an administrator may not."""
        daemon.answer = a_check()
        assert line in run("gbz", "show", "disk-space", "--lang", language).stdout


class TestDeclarations:
    def test_end_with_their_last_day_in_the_netherlands(self, run: Run, daemon: Daemon) -> None:
        """ "Until the 31st" means that whole day."""
        daemon.answer = {"owner": "A", "until": "2027-01-31T23:00:00Z"}
        run("gbz", "waive", "disk-space", "--owner", "A", "--until", "2027-01-31", "--why", "ordered")
        assert daemon.asked[0]["until"] == "2027-01-31T23:00:00+00:00"

    @pytest.mark.parametrize("day", ["9999-12-31", "2026-13-01", "2026-W49", "20261201", "", "morgen", "2026-02-30"])
    def test_refuse_what_is_no_day(self, run: Run, daemon: Daemon, day: str) -> None:
        """A week or a slip of the pen must not become some other end."""
        result = run("gbz", "waive", "disk-space", "--owner", "A", "--until", day, "--why", "ordered")
        assert (result.exit_code, daemon.asked) == (64, [])

    @pytest.mark.parametrize(
        ("day", "end"), [("2026-03-28", "T23:00"), ("2026-03-29", "T22:00"), ("2026-10-25", "T23:00")]
    )
    def test_know_when_the_clocks_change(self, run: Run, daemon: Daemon, day: str, end: str) -> None:
        """The day on which the clock is put forward ends an hour sooner."""
        daemon.answer = {"owner": "A", "until": "2027-01-31T23:00:00Z"}
        run("gbz", "waive", "disk-space", "--owner", "A", "--until", day, "--why", "ordered")
        assert end in daemon.asked[0]["until"]

    def test_need_a_reason(self, run: Run, daemon: Daemon) -> None:
        """It is recorded with the name of who said it."""
        assert run("gbz", "attest", "user-review", "--owner", "A").exit_code == 1
        assert daemon.asked == []

    def test_may_be_that_it_is_not_so(self, run: Run, daemon: Daemon) -> None:
        """An honest no is worth more than silence."""
        daemon.answer = {"owner": "A", "until": "2027-01-31T23:00:00Z"}
        run("gbz", "attest", "user-review", "--owner", "A", "--not-met", "--why", "two shared accounts")
        assert daemon.asked[0]["not_met"] is True


class TestReport:
    def test_puts_the_signature_beside_it(self, run: Run, signed: Daemon, key: Path, tmp_path: Path) -> None:
        """What is mailed to an auditor is verified by him, without the node."""
        run("gbz", "report", "--out", str(tmp_path))
        result = run("gbz", "verify", str(tmp_path / "r.json"), "--key", str(key))
        assert result.exit_code == 0
        assert KEY.public.id in result.stdout

    def test_that_was_changed_is_found(self, run: Run, signed: Daemon, key: Path, tmp_path: Path) -> None:
        """One word is enough to make a bad node look good."""
        run("gbz", "report", "--out", str(tmp_path))
        (tmp_path / "r.json").write_bytes(REPORT.replace(b"[]", b"{}"))
        result = run("gbz", "verify", str(tmp_path / "r.json"), "--key", str(key), "--json")
        assert (result.exit_code, json.loads(result.stdout)["signed"]) == (1, False)

    def test_of_which_any_byte_was_changed_is_found(self) -> None:
        """One digit is enough; so is one bit of the signature."""
        made = KEY.sign(PURPOSE, REPORT)
        bent = [REPORT[:at] + bytes([REPORT[at] ^ 1]) + REPORT[at + 1 :] for at in range(len(REPORT))]
        forged = [made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :] for at in range(len(made))]
        found = [(report, made) for report in (*bent, REPORT + b"\n", REPORT[:-1])] + [
            (REPORT, one) for one in forged
        ]
        assert not any(KEY.public.is_signed(PURPOSE, report, signature) for report, signature in found)

    @pytest.mark.parametrize("to", ["nowhere/r.json", "r.json/r.json", "round", "r" * 300])
    def test_that_cannot_be_written_is_no_mistake_of_ours(
        self, run: Run, signed: Daemon, tmp_path: Path, to: str
    ) -> None:
        """Who names a folder that is not there is told so, in a line."""
        (tmp_path / "r.json").touch()
        (tmp_path / "round").symlink_to(tmp_path / "round")
        result = run("gbz", "report", "--out", str(tmp_path / to))
        assert (result.exit_code, "Traceback" in result.stderr) == (64, False)

    def test_is_never_put_in_the_place_of_a_device(self, run: Run, signed: Daemon, tmp_path: Path) -> None:
        """Root may put a file where /dev/null was, and every program on the machine would fill it."""
        os.mkfifo(tmp_path / "r")
        assert run("gbz", "report", "--out", str(tmp_path / "r")).exit_code == 64
        assert (tmp_path / "r").is_fifo()

    def test_goes_where_a_link_leads(self, run: Run, signed: Daemon, tmp_path: Path) -> None:
        """An archive is often somewhere else."""
        (tmp_path / "link").symlink_to(tmp_path / "there.json")
        run("gbz", "report", "--out", str(tmp_path / "link"))
        assert (tmp_path / "there.json").read_bytes() == REPORT
        assert (tmp_path / "link").is_symlink()

    def test_says_that_it_is_not_signed(self, run: Run, signed: Daemon, tmp_path: Path) -> None:
        """Without a key there is nothing to verify, and that must be read."""
        signed.answer = {"name": "r.json", "signature": "", "key": "", "public_key": ""}
        (tmp_path / "r.json.sig").write_bytes(b"of yesterday")
        assert "NOT SIGNED" in run("gbz", "report", "--out", str(tmp_path)).stdout
        assert not (tmp_path / "r.json.sig").exists()
