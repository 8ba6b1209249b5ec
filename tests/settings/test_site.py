"""The settings as the line sees them."""

from pathlib import Path

import pytest

from edge_node.formats import interactions
from edge_node.model.deviation import Deviation, Way
from edge_node.model.identifiers import ApplicationId, InteractionId
from edge_node.model.interaction import Inbound, Pattern
from edge_node.model.site import Environment
from edge_node.settings.load import load
from edge_node.settings.site import catalogue, deviations, retired_interactions, site, unknown_interactions
from tests.settings.written import SMALL, changed, write

DECLARED = """\
  interactions:
    - {id: ABCD_IN000001NL, meaning: ours, pattern: push, accept_ack: AL, answers: [MCCI_IN000002],
       keep: true, inbound: keep}
  services:
    - {interaction: ABCD_IN000001NL, service: Ours, soap_action: "urn:hl7-org:v3/Ours_Push"}
store:
  lifetimes_s: {ABCD_IN000001NL: 900}
"""
OVER_A_ROW = """\
  interactions:
    - {id: PVMV_IN932000NL01, meaning: ours, pattern: push, accept_ack: AL, answers: [MCCI_IN000002],
       keep: true, inbound: keep, level: midden}
"""


class TestSite:
    def test_knows_every_application_by_its_id(self, tmp_path: Path) -> None:
        """Sender and receiver of a message decide which organisation it is of."""
        found = site(load([write(tmp_path, SMALL)]))
        application = found.applications[ApplicationId("90001001")]
        assert application.identity == "practice"
        assert application.local_system == "his"
        assert application.interactions is None
        assert found.identities["practice"].ura.value == "00001001"
        assert found.zim == ApplicationId("3")
        assert found.environment is Environment.TEST
        assert found.processing_codes == {"P"}

    def test_narrows_to_what_an_application_is_qualified_for(self, tmp_path: Path) -> None:
        """A message a system was never tested for is refused by name."""
        text = changed("local_system: his", "local_system: his\n        interactions: [QUPC_IN990001NL]")
        (application,) = site(load([write(tmp_path, text)])).applications.values()
        assert application.interactions == frozenset({"QUPC_IN990001NL"})


class TestCatalogue:
    def test_holds_what_the_site_declares(self, tmp_path: Path) -> None:
        """A new interaction can be used before a new release is there."""
        row = catalogue(load([write(tmp_path, SMALL + DECLARED)]), {})["ABCD_IN000001NL"]
        assert row.id == InteractionId("ABCD_IN000001NL")
        assert (row.pattern, row.inbound, row.lifetime_s) == (Pattern.PUSH, Inbound.KEEP, 900)
        assert (row.service, row.soap_action) == ("Ours", "urn:hl7-org:v3/Ours_Push")

    def test_leaves_the_table_as_it_is(self, tmp_path: Path) -> None:
        """A reload starts from the same table again."""
        table = catalogue(load([write(tmp_path, SMALL + DECLARED)]), {})
        assert catalogue(load([write(tmp_path, SMALL)]), table) == table

    def test_tells_of_an_interaction_nobody_knows(self, tmp_path: Path) -> None:
        """A typing error would else refuse messages a system is qualified for."""
        text = changed("local_system: his", "local_system: his\n        interactions: [QUPC_IN990009NL]")
        (complaint,) = unknown_interactions(load([write(tmp_path, text)]), {})
        assert complaint[0] == ("identities", 0, "applications", 0, "interactions", 0)
        assert "in no table" in complaint[1]

    @pytest.mark.parametrize(("in_use", "hints"), [("", 1), ("  in_use: {RCMR_IN000002NL: true}\n", 0)])
    def test_tells_of_what_an_application_has_and_nobody_uses(self, tmp_path: Path, in_use: str, hints: int) -> None:
        """Until the site takes it into use again, every message of it is refused."""
        listed = "local_system: his\n        interactions: [PORX_IN932000NL, RCMR_IN000002NL]"
        settings = load([write(tmp_path, changed("local_system: his", listed) + in_use)])
        found = retired_interactions(settings, interactions.load())
        where = ("identities", 0, "applications", 0, "interactions", 1)
        assert [steps for steps, _ in found] == [where] * hints

    def test_retires_with_one_word(self, tmp_path: Path) -> None:
        """An interaction that the programme stops is refused here from that day, not from the next release."""
        text = SMALL + "  in_use: {PVMV_IN932000NL01: false}\n"
        table = interactions.load()
        row = catalogue(load([write(tmp_path, text)]), table)["PVMV_IN932000NL01"]
        assert not row.active
        assert row.answers == table["PVMV_IN932000NL01"].answers

    def test_goes_on_using_what_the_table_retired(self, tmp_path: Path) -> None:
        """A region that is late with a new version must not stop exchanging."""
        text = SMALL + "  in_use: {QUPA_IN101103: true}\n"
        assert catalogue(load([write(tmp_path, text)]), interactions.load())["QUPA_IN101103"].active

    def test_cannot_retire_what_nobody_knows(self, tmp_path: Path) -> None:
        """A typing error would leave the interaction in use, silently."""
        text = SMALL + "  in_use: {PVMV_IN932000NL99: false}\n"
        (complaint,) = unknown_interactions(load([write(tmp_path, text)]), interactions.load())
        assert complaint[0] == ("switchboard", "in_use", "PVMV_IN932000NL99")

    def test_tells_of_an_answer_nobody_knows(self, tmp_path: Path) -> None:
        """The answers would be refused one by one, at the end of every wait."""
        row = "{id: ABCD_IN000001NL, meaning: ours, pattern: query, answers: [ABCD_IN000003NL]}"
        text = SMALL + f"  interactions: [{row}]\n"
        (complaint,) = unknown_interactions(load([write(tmp_path, text)]), interactions.load())
        assert complaint[0] == ("switchboard", "interactions", 0, "answers", 0)


class TestDeviations:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("", ()),
            (DECLARED, (("ABCD_IN000001NL", Way.DECLARED, ()),)),
            ("  in_use: {PVMV_IN932000NL01: false}\n", (("PVMV_IN932000NL01", Way.RETIRED, ()),)),
            ("  in_use: {QUPA_IN101103: true}\n", (("QUPA_IN101103", Way.REVIVED, ()),)),
            ("  in_use: {PVMV_IN932000NL01: true}\n", ()),
        ],
        ids=["nothing", "declared", "retired", "revived", "says what the table says"],
    )
    def test_are_what_is_otherwise_here(
        self, tmp_path: Path, written: str, expected: tuple[tuple[str, Way, tuple[str, ...]], ...]
    ) -> None:
        """Who compares two sites must see at once why one of them refuses a message."""
        found = deviations(load([write(tmp_path, SMALL + written)]), interactions.load())
        assert [(str(each.id), each.way, each.columns) for each in found] == list(expected)

    def test_say_what_a_declaration_changes_of_the_table(self, tmp_path: Path) -> None:
        """A declaration hides a row for ever, also when a later release mends that row."""
        (found,) = deviations(load([write(tmp_path, SMALL + OVER_A_ROW)]), interactions.load())
        assert isinstance(found, Deviation)
        assert found.way is Way.REPLACED
        assert {"level", "meaning"} <= set(found.columns)
        assert "keep" not in found.columns
