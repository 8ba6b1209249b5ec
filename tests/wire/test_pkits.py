"""NIST PKITS through `edge-node cert verify`: no bad chain is accepted, no good one refused without a reason.

Every certificate must be on a list and good. Every chain is run, with the inputs a node has.
"""

import json
import subprocess
import sys
from base64 import encodebytes
from typing import Any

import pytest
from click.testing import CliRunner

from edge_node.cli.main import main

from .pkits import ANCHORS, AT, Case, cases, refused_though_good, skipped

REFUSED, SKIPPED = refused_though_good(), skipped()
CASES = cases()
BAD = [case for case in CASES if not case.is_good]
GOOD = [case for case in CASES if case.is_good]
SECTIONS_ON_POLICIES = {"4.8", "4.9", "4.10", "4.11", "4.12"}


@pytest.fixture
def asked(tmp_path_factory: pytest.TempPathFactory) -> "Asked":
    return Asked(tmp_path_factory)


class Asked:
    """Asks the command about a case."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders

    def arguments(self, case: Case) -> list[str]:
        chain = self._folders.mktemp("pkits") / "chain.pem"
        chain.write_bytes(b"".join(in_pem(path.read_bytes()) for path in case.shown))
        lists = [word for path in case.lists for word in ("--crl", str(path))]
        files = ["--anchors", str(ANCHORS), "--chain", str(chain), *lists]
        return ["cert", "verify", *files, "--at", AT, "--purpose", "any", "--json"]

    def about(self, case: Case) -> dict[str, Any]:
        result = CliRunner().invoke(main, self.arguments(case), prog_name="edge-node")
        said: dict[str, Any] = json.loads(result.stdout)
        assert result.exit_code == (0 if said["accepted"] else 1)
        return said


def in_pem(der: bytes) -> bytes:
    """Write a certificate in PEM without reading it: some here cannot be read."""
    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"


class TestPkits:
    @pytest.mark.parametrize("case", BAD, ids=str)
    def test_accepts_no_bad_chain(self, asked: Asked, case: Case) -> None:
        """Each of these would let somebody in who does not belong."""
        said = asked.about(case)
        assert not said["accepted"]
        assert said["code"].startswith("EN-TLS-")

    @pytest.mark.parametrize("case", GOOD, ids=str)
    def test_refuses_a_good_chain_only_for_a_reason_that_is_known(self, asked: Asked, case: Case) -> None:
        """A switchboard that is refused wrongly is an outage; what is refused on purpose stands in a file."""
        assert asked.about(case)["accepted"] == (case.number not in REFUSED)

    @pytest.mark.parametrize(
        "case", [case for case in CASES if case.number in ("4.1.1", "4.1.2", "4.4.3", "4.13.38")], ids=str
    )
    def test_says_the_same_as_a_program(self, asked: Asked, case: Case) -> None:
        """What people run is the command, not a function of it."""
        command = [sys.executable, "-m", "edge_node.cli.main", *asked.arguments(case)]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
        assert done.returncode == (0 if case.is_good else 1)
        assert json.loads(done.stdout)["accepted"] == case.is_good


class TestTheTable:
    def test_has_every_test_of_nist(self) -> None:
        """A test that is not in the table is neither passed nor skipped."""
        assert len(CASES) == len({case.number for case in CASES}) == 224
        assert all(path.is_file() for case in CASES for path in (*case.shown, *case.lists))

    def test_refuses_at_most_twenty_good_chains(self) -> None:
        """Strictness has a price, and it is known."""
        assert len(REFUSED) <= 20
        assert set(REFUSED) <= {case.number for case in CASES if case.is_good}

    def test_skips_at_most_forty_two_and_only_on_policies(self) -> None:
        """Only inputs that a node has not are left out, and each of those chains is run all the same."""
        assert len(SKIPPED) <= 42
        numbers = {part.partition(" ")[0] for part in SKIPPED}
        assert {number.rpartition(".")[0] for number in numbers} <= SECTIONS_ON_POLICIES
        assert numbers <= {case.number for case in CASES}

    def test_gives_a_reason_for_each(self) -> None:
        """A row without one would be a bug that was written down."""
        assert all([*REFUSED.values(), *SKIPPED.values()])
