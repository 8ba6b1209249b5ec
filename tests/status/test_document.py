"""How values look in JSON."""

import json

from edge_node.errors import EdgeNodeError, NotSent
from edge_node.model.deviation import Deviation, Way
from edge_node.model.identifiers import InteractionId
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction
from edge_node.model.negotiated import Agreed, TlsFact
from edge_node.model.overview import Count, Overview, Shown, Step
from edge_node.status.document import of_error, of_readiness, of_shown, of_snapshot
from edge_node.status.facts import ClosedFact, LinkFact
from edge_node.status.snapshot import snapshot

from .doubles import NOW, facts, row


class TestDocuments:
    def test_a_snapshot_can_be_written_as_json(self) -> None:
        """Scripts of network providers read it at 6,000 sites."""
        counts = (Count(direction=Direction.OUT, state=State.WAITING, messages=2, oldest_s=1.26),)
        document = json.loads(json.dumps(of_snapshot(snapshot(facts(queue=Overview(counts=counts))))))
        assert document["queue"] == [{"direction": "out", "state": "WAITING", "messages": 2, "oldest_s": 1.3}]
        assert document["at"] == "2026-03-02T12:00:00Z"

    def test_a_snapshot_says_which_interactions_are_otherwise_here(self) -> None:
        """Who helps a site from afar must see that it refuses a message by its own settings."""
        retired = Deviation(id=InteractionId("PVMV_IN932000NL01"), way=Way.RETIRED)
        document = of_snapshot(snapshot(facts(deviations=(retired,))))
        assert document["interactions"] == [{"id": "PVMV_IN932000NL01", "way": "retired", "columns": []}]

    def test_a_snapshot_says_what_was_negotiated(self) -> None:
        """The answer to an auditor is one command, with the guideline's own words."""
        words = {"side": "in", "role": "zim", "item": "key", "value": "RSA-2048", "label": "phase-out"}
        tls = TlsFact(profile="ncsc-2025", edition="2025-05", handshakes=((Agreed(**words), 3),))
        assert of_snapshot(snapshot(facts(tls=tls)))["tls"] == {
            "profile": "ncsc-2025",
            "edition": "2025-05",
            "negotiated": [{**words, "handshakes": 3}],
        }

    def test_a_snapshot_names_who_takes_nothing(self) -> None:
        """Whoever is asked why letters wait must know which hospital to telephone."""
        closed = ClosedFact(direction=Direction.OUT, destination="soap 400", code="RTEDEST", since_s=61.4, tries=2)
        assert of_snapshot(snapshot(facts(closed_destinations=(closed,))))["closed_destinations"] == [
            {"direction": "out", "destination": "soap 400", "code": "RTEDEST", "down_s": 61, "tries": 2}
        ]

    def test_readiness_holds_only_what_is_wrong(self) -> None:
        """A probe wants the reason, not the inventory."""
        link = LinkFact(peer="zim", is_open=True, since_s=61.04, code="EN-SWITCHBOARD-UNREACHABLE")
        reasons = of_readiness(snapshot(facts(links=(link,))))["reasons"]
        assert [(each["name"], each["side"], each["since_s"]) for each in reasons] == [("zim", "care network", 61.0)]

    def test_a_step_leaves_out_what_is_empty(self) -> None:
        """Who and why stand only at steps people made."""
        steps = (Step(at=NOW, event=Event.LEASED, state=State.IN_FLIGHT),)
        history = of_shown(Shown(row=row(), steps=steps))["history"]
        assert history == [{"at": "2026-03-02T12:00:00Z", "event": "LEASED", "state": "IN_FLIGHT"}]

    def test_an_error_comes_with_its_page(self) -> None:
        """Each error says whose side it is on and what to do."""
        document = of_error(NotSent("refused", retry_after_s=30))
        assert (document["code"], document["side"], document["retry"]) == ("EN-NOT-SENT", "care network", True)
        assert document["retry_after_s"] == 30

    def test_an_error_without_a_page_is_the_nodes_own(self) -> None:
        """An unknown code must not hide that something is wrong."""
        assert of_error(EdgeNodeError(code="EN-NEW"))["side"] == "edge node"
