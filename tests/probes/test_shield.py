"""How the process is shielded: seen on a tree such as Linux shows it, judged by the rule."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_node.model.check import Outcome, Result
from edge_node.policy import check_machine
from edge_node.probes.shield import look

STATUS = {
    "Umask": "0077",
    "Uid": "998\t998\t998\t998",
    "CapEff": "0000000000000400",
    "NoNewPrivs": "1",
    "Seccomp": "2",
}
NOBODY_LISTENS = "  sl  local_address rem_address   st\n"
LISTENS = NOBODY_LISTENS + "   0: 00000000:{:04X} 00000000:0000 0A 0:0\n"


@dataclass
class Process:
    """A process as the service of systemd starts it, and what a test has otherwise."""

    proc: Path
    status: dict[str, str] = field(default_factory=lambda: dict(STATUS))
    core: str = "0"
    tcp: str = NOBODY_LISTENS
    is_debugging: bool = False

    def outcome(self) -> Outcome:
        (self.proc / "self/net").mkdir(parents=True)
        lines = "".join(f"{name}:\t{value}\n" for name, value in self.status.items())
        (self.proc / "self/status").write_text(lines)
        (self.proc / "self/limits").write_text(f"Max core file size        {self.core}      unlimited  bytes\n")
        (self.proc / "self/net/tcp").write_text(self.tcp)
        return check_machine.shield(look(self.proc, is_debugging=self.is_debugging), {})


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return Process(tmp_path)


class TestAShield:
    def test_of_the_service_that_comes_with_it_is_good(self, process: Process) -> None:
        """An account of its own, the one capability that the port needs, nothing else."""
        assert process.outcome().result is Result.GOOD

    @pytest.mark.parametrize(
        ("name", "value", "result"),
        [
            ("Uid", "998\t0\t998\t998", Result.VIOLATED),
            ("CapEff", "000001ffffffffff", Result.VIOLATED),
            ("Umask", "0022", Result.VIOLATED),
            ("NoNewPrivs", "0", Result.WARNED),
            ("Seccomp", "0", Result.WARNED),
        ],
    )
    def test_with_a_hole_turns_the_check(self, process: Process, name: str, value: str, result: Result) -> None:
        """Somebody started it by hand as root, to see whether that helps, and left it so."""
        process.status[name] = value
        assert process.outcome().result is result

    @pytest.mark.parametrize("core", ["unlimited", "1048576"])
    def test_that_writes_its_memory_to_disk_turns_the_check(self, process: Process, core: str) -> None:
        """A core file holds keys and messages."""
        process.core = core
        assert process.outcome().result is Result.VIOLATED

    def test_beside_a_service_in_the_clear_turns_the_check(self, process: Process) -> None:
        """telnet gives the password of the administrator to whoever listens."""
        process.tcp = LISTENS.format(23)
        assert "23" in process.outcome().value

    def test_beside_a_service_that_is_fine_is_good(self, process: Process) -> None:
        """The port of the switchboard itself."""
        process.tcp = LISTENS.format(443)
        assert process.outcome().result is Result.GOOD

    def test_that_logs_for_debugging_is_told_of(self, process: Process) -> None:
        """It is for an hour, and stays for a year."""
        process.is_debugging = True
        assert process.outcome().result is Result.WARNED

    def test_that_does_not_show_is_no_pass(self, process: Process) -> None:
        """A kernel that says less is not one that says that all is well."""
        del process.status["Seccomp"]
        with pytest.raises(KeyError):
            process.outcome()
