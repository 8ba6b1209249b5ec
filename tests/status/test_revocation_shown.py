"""What people and monitoring see of revocation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from edge_node.model.revocation import ListFact, RevocationFact, SourceFact, StandingFact
from edge_node.status.document import of_snapshot
from edge_node.status.metrics import Metrics
from edge_node.status.part import Health
from edge_node.status.snapshot import Snapshot, snapshot
from tests.status.test_snapshot import facts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIST = ListFact(
    issuer="CN=CA", source="crl.example", this_update=NOW, next_update=NOW + timedelta(hours=48),
    is_old=False, is_ended=False,
)  # fmt: skip
PEER = StandingFact(
    of="zim", is_own=False, subject="CN=lsp", issuer="CN=CA", verdict="good", why="", source="crl.example",
    until=NOW, is_borne=False,
)  # fmt: skip
OWN = replace(PEER, of="practice", is_own=True, subject="CN=practice")
SOURCE = SourceFact(kind="list", address="http://crl.example/ca.crl", is_up=True)


def seen(**known: tuple[object, ...]) -> Snapshot:
    return snapshot(replace(facts(), at=NOW, revocation=RevocationFact(**known)))  # type: ignore[arg-type]


class TestParts:
    def test_are_one_while_all_is_well(self) -> None:
        """A page that is short is read."""
        (part,) = [one for one in seen(lists=(LIST,), standings=(PEER, OWN)).parts if one.kind == "revocation"]
        assert (part.health, part.detail) == (Health.UP, "1 lists")

    @pytest.mark.parametrize(
        ("known", "kind", "name", "code", "health"),
        [
            ({"standings": (replace(PEER, verdict="revoked"),)}, "revocation", "zim", "EN-TLS-REVOKED",
             Health.DEGRADED),
            ({"standings": (replace(OWN, verdict="revoked"),)}, "certificate", "practice", "EN-CERTIFICATE-REVOKED",
             Health.DOWN),
            ({"standings": (replace(PEER, verdict="unknown"),)}, "revocation", "zim", "EN-REVOCATION-UNKNOWN",
             Health.DEGRADED),
            ({"standings": (replace(PEER, verdict="unknown", is_borne=True),)}, "revocation", "zim",
             "EN-REVOCATION-GRACE", Health.DEGRADED),
            ({"sources": (replace(SOURCE, is_up=False, code="EN-SOURCE-UNREACHABLE"),)}, "revocation",
             "http://crl.example/ca.crl", "EN-REVOCATION-SOURCE", Health.DEGRADED),
            ({"lists": (replace(LIST, is_old=True),)}, "revocation", "CN=CA", "EN-REVOCATION-OLD", Health.DEGRADED),
        ],
    )  # fmt: skip
    def test_name_each_thing_to_look_at(
        self, known: dict[str, tuple[object, ...]], kind: str, name: str, code: str, health: Health
    ) -> None:
        """Whoever is called needs to know what, and where."""
        found = [(part.kind, part.name, part.code, part.health) for part in seen(**known).parts if part.code]
        assert (kind, name, code, health) in found

    def test_say_once_what_many_addresses_of_one_host_have_in_common(self) -> None:
        """A mirror that is away fails at each of its addresses, and is one thing to look at."""
        away = [
            replace(SOURCE, address=f"http://mirror/{i}", is_up=False, code="EN-SOURCE-UNREACHABLE") for i in "ab"
        ]
        (part,) = (one for one in seen(sources=tuple(away)).parts if one.kind == "revocation")
        assert (part.name, part.detail) == ("http://mirror", "EN-SOURCE-UNREACHABLE (2 addresses)")

    def test_say_once_what_is_not_known_of_one_chain(self) -> None:
        """Each CA in it has a list of its own; one peer is unsure for all of them."""
        unknown = [replace(PEER, verdict="unknown", why="no list", issuer=issuer) for issuer in ("CN=A", "CN=B")]
        (part,) = (one for one in seen(standings=tuple(unknown)).parts if one.kind == "revocation")
        assert (part.name, part.detail) == ("zim", "no list: CN=A; CN=B")

    def test_are_one_for_a_certificate_of_ours(self) -> None:
        """One row that says up and one that says down is a riddle."""
        (part,) = (one for one in seen(standings=(replace(OWN, verdict="revoked"),)).parts if one.name == "practice")
        assert (part.kind, part.health, part.detail[:12]) == ("certificate", Health.DOWN, "CN=practice,")

    def test_say_nothing_of_an_own_list_that_is_late_for_hours(self) -> None:
        """Our own peers judge us; a register that is late for an hour is no news."""
        late = replace(OWN, verdict="unknown", is_borne=True)
        assert [part.code for part in seen(standings=(late,)).parts if part.kind == "revocation"] == [""]


class TestDocument:
    def test_has_every_list_certificate_and_source(self) -> None:
        """For whoever reads with a program."""
        told = of_snapshot(seen(lists=(LIST,), standings=(PEER,), sources=(SOURCE,)))["revocation"]
        assert (told["lists"][0]["age_s"], told["certificates"][0]["verdict"], told["sources"][0]["up"]) == (
            0, "good", True,
        )  # fmt: skip


class TestFigures:
    def test_let_an_alert_be_set_on_the_end_of_a_list(self) -> None:
        """Monitoring sees it coming before a peer is refused."""
        metrics = Metrics(CollectorRegistry())
        metrics.show(seen(lists=(LIST,), standings=(PEER, OWN), sources=(SOURCE,)))
        text = metrics.text().decode()
        assert 'edge_node_crl_end_time_seconds{issuer="CN=CA"} 1.7955216e+09' in text
        assert 'edge_node_revocation_certificates{own="true",verdict="good"} 1.0' in text
        assert 'edge_node_revocation_sources{kind="list",state="up"} 1.0' in text
