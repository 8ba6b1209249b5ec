"""People hear at once of what no countdown can foresee, and hear it once."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge_node.alarming import Alarming
from edge_node.errors import StoreUnavailable
from edge_node.model.certificate import Counted, Telling
from edge_node.model.revocation import RevocationFact, SourceFact, StandingFact
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from tests.settings.written import SMALL, write

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
OWN = StandingFact(
    of="practice",
    is_own=True,
    subject="CN=gp.example",
    issuer="CN=CA",
    verdict="revoked",
    why="",
    source="crl.pem",
    until=NOW,
    is_borne=False,
    fingerprint="ab" * 32,
    ends_at=NOW + timedelta(days=300),
)
SOURCE = SourceFact(kind="list", address="http://crl.example/ca", is_up=False, code="EN-CRL-UNREACHABLE", since=NOW)


@dataclass
class Heard:
    """What was written down."""

    settings: Settings
    lines: list[tuple[Telling, Counted]] = field(default_factory=list)
    error: Exception | None = None

    async def tell(self, certificate: Counted, telling: Telling, days: int) -> bool:
        if self.error is not None:
            raise self.error
        self.lines.append((telling, certificate))
        return True

    def of(self, *facts: RevocationFact) -> "Heard":
        for fact in facts:
            Alarming(self.tell, lambda: self.settings).hear(fact)
        return self


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(load([write(tmp_path, SMALL)]))


class TestRevoked:
    def test_certificate_of_ours_is_told_by_the_name_of_the_organisation(self, heard: Heard) -> None:
        """Nothing works from that moment on; who reads it knows no identities."""
        own = replace(OWN, of=heard.settings.identities[0].name)
        ((telling, told),) = heard.of(RevocationFact(standings=(own,))).lines
        assert (telling, told.fingerprint) == (Telling.REVOKED, OWN.fingerprint)
        assert told.name == heard.settings.identities[0].organisation

    @pytest.mark.parametrize("fact", [replace(OWN, verdict="good"), replace(OWN, is_own=False)])
    def test_is_not_said_of_a_good_one_or_of_a_peer(self, heard: Heard, fact: StandingFact) -> None:
        """A peer's is its own to replace, and stands in the status."""
        assert heard.of(RevocationFact(standings=(fact,))).lines == []


class TestSource:
    def test_that_is_dead_is_told_with_its_address_and_since_when(self, heard: Heard) -> None:
        """There is time as long as the lists of before hold, and not longer."""
        ((telling, told),) = heard.of(RevocationFact(sources=(SOURCE,))).lines
        assert (telling, told.name, told.ends_at) == (Telling.SOURCE, SOURCE.address, NOW)
        assert told.subject == "EN-CRL-UNREACHABLE"

    def test_that_is_up_is_not_told(self, heard: Heard) -> None:
        """It is well."""
        assert heard.of(RevocationFact(sources=(replace(SOURCE, is_up=True),))).lines == []

    @pytest.mark.parametrize(("later", "names"), [(timedelta(hours=2), 1), (timedelta(days=1), 2)])
    def test_that_comes_and_goes_is_one_thing_a_day(self, heard: Heard, later: timedelta, names: int) -> None:
        """What has the same name is written down once."""
        again = replace(SOURCE, since=NOW + later)
        lines = heard.of(RevocationFact(sources=(SOURCE,)), RevocationFact(sources=(again,))).lines
        assert len({told.fingerprint for _, told in lines}) == names


class TestFailure:
    def test_of_the_store_is_told_by_the_store(self, heard: Heard) -> None:
        """It is told at the next change, or the next start."""
        heard.error = StoreUnavailable("down")
        with capture_logs() as lines:
            heard.of(RevocationFact(standings=(OWN,)))
        assert lines == []

    def test_of_another_kind_is_in_the_log(self, heard: Heard) -> None:
        """Nothing is lost unseen."""
        heard.error = ZeroDivisionError()
        with capture_logs() as lines:
            heard.of(RevocationFact(standings=(OWN,)))
        assert [line["event"] for line in lines] == ["revocation.not-told"]
