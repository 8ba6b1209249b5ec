"""A short run of the search, with each of its cases once: the whole of it is `./run scan`."""

import subprocess
import sys

from edge_node.model.identifiers import Bsn, InvalidIdentifier
from edge_node.sandbox.samples.people import OWN, patient

_ONCE = 330  # one of each broken case, among twice as many good ones
_LIMIT_S = 400.0


def fails(number: str) -> bool:
    try:
        Bsn(number)
    except InvalidIdentifier:
        return True
    return False


class TestRun:
    def test_finds_nothing_that_was_not_planted(self) -> None:
        """Nobody who reads a log, a mail or a report may learn who is a patient of whom."""
        command = [sys.executable, "-m", "tests.scan", "--messages", str(_ONCE), "--senders", "8"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S)
        assert done.returncode == 0, done.stderr[-4000:]
        assert "0 leaks" in done.stderr


class TestPatients:
    def test_are_another_for_each_message(self) -> None:
        """What is found must tell whose it is."""
        people = [patient(OWN + number) for number in range(10_000)]
        assert len({who.bsn for who in people}) == 10_000
        assert len({who.family for who in people}) == 10_000
        assert len({who.born for who in people}) == 10_000

    def test_have_test_numbers_that_pass_the_eleven_test(self) -> None:
        """Else every message would be refused at once, and nothing would be tried."""
        assert not any(fails(patient(OWN + number).bsn) for number in range(0, 10_000, 97))
