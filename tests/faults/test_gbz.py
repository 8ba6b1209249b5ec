"""A well-managed system, broken from outside while it runs: each fault is seen, told rightly, and over by itself."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_node.sandbox.pki import make_pki
from edge_node.sandbox.site import Ports, write_site
from tests.faults.gbz_course import meant, seen, take
from tests.faults.gbz_faults import FAULTS, Fault
from tests.faults.gbz_site import Site, pace, site
from tests.faults.gbz_table import Table


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("gbz"), pace()) as made:
        made.waive_what_the_machine_is()
        made.register_a_patient()
        yield made


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.write()


class TestAStart:
    @pytest.mark.parametrize("verb", ["run", "check"])
    def test_of_production_with_test_certificates_is_refused(self, tmp_path: Path, verb: str) -> None:
        """A test certificate proves nothing about who sends a prescription."""
        ports = Ports(**dict.fromkeys(Ports.__slots__, 1))
        path = write_site(tmp_path, make_pki(tmp_path / "pki", now=datetime.now(UTC), bad=False), ports)
        path.write_text(path.read_text("utf-8").replace("environment: test", "environment: production"), "utf-8")
        command = [sys.executable, "-m", "edge_node.cli.main", verb, "--config", str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        words = "identities[0].fqdn: names another environment than production; test and production never mix"
        assert (ended.returncode, words in ended.stdout + ended.stderr) == (78, True)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_fault(running: Site, table: Table, fault: Fault) -> None:
    """The right check turns, the right side is named, nobody who asks waits for it, and mending it is enough."""
    found = take(running, fault)
    table.add(fault, found)
    assert seen(found) == meant(fault, found)
