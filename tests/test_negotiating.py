"""The tally of what was negotiated, labelled."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from edge_node.model.negotiated import Agreed
from edge_node.negotiating import Negotiating
from edge_node.wire.trust_labels import Item
from edge_node.wire.trust_negotiated import Negotiated

USUAL = ((Item.VERSION, "TLSv1.3"), (Item.SUITE, "TLS_AES_128_GCM_SHA256"), (Item.KEY, "RSA-2048"))


def handshake(values: Sequence[tuple[Item, str]] = USUAL, roles: Sequence[str] = ("zim",)) -> Negotiated:
    return Negotiated(side="in", roles=frozenset(roles), values=tuple(values))


def tally(profile: str, *handshakes: Negotiated) -> tuple[Negotiating, list[Agreed]]:
    counted: list[Agreed] = []
    negotiating = Negotiating(profile, counted.append)
    with capture_logs():
        [negotiating.heard(each) for each in handshakes]
    return negotiating, counted


class TestTally:
    @pytest.mark.parametrize(
        ("profile", "labels"),
        [
            ("lsp-compat", {"version": "good", "suite": "good", "key": "sufficient"}),
            ("ncsc-2025", {"version": "good", "suite": "sufficient", "key": "phase-out"}),
        ],
    )
    def test_labels_by_the_edition_of_the_profile(self, profile: str, labels: dict[str, str]) -> None:
        """A site that was told to keep to one edition is measured by that one."""
        _, counted = tally(profile, handshake())
        assert {each.item: each.label for each in counted} == labels

    def test_adds_up(self) -> None:
        """The share of TLS 1.2 says when it can go."""
        negotiating, _ = tally("ncsc-2025", handshake(), handshake())
        assert {handshakes for _, handshakes in negotiating.fact.handshakes} == {2}

    def test_counts_a_local_system_as_such(self) -> None:
        """It has no role at the switchboard."""
        _, counted = tally("lsp-compat", handshake(roles=()))
        assert {each.role for each in counted} == {"local"}

    def test_counts_a_machine_that_is_two_parties_for_both(self) -> None:
        """Each is asked for apart, by whoever is responsible for it."""
        _, counted = tally("lsp-compat", handshake(roles=("zim", "broker")))
        assert {each.role for each in counted} == {"zim", "broker"}

    def test_has_one_name_for_all_no_edition_knows(self) -> None:
        """A peer must not be able to make labels in monitoring."""
        _, counted = tally("lsp-compat", handshake([(Item.GROUP, "a group of somebody's own")]))
        assert [(each.value, each.label) for each in counted] == [("other", "unknown")]


class TestFinding:
    @pytest.mark.parametrize("profile", ["lsp-compat", "ncsc-2025"])
    def test_on_a_small_rsa_key_is_told_under_either_profile(self, profile: str) -> None:
        """It is taken, and its owner has to know in time."""
        negotiating, _ = tally(profile, handshake())
        assert [(each.item, each.value) for each in negotiating.fact.phasing_out] == [("key", "RSA-2048")]

    def test_is_logged_once(self) -> None:
        """A line for each handshake would be read by nobody."""
        negotiating = Negotiating("lsp-compat", lambda agreed: None)
        with capture_logs() as lines:
            negotiating.heard(handshake())
            negotiating.heard(handshake())
        assert [(line["event"], line["code"], line["value"], line["label"]) for line in lines] == [
            ("tls.phase-out", "EN-TLS-PHASE-OUT", "RSA-2048", "sufficient")
        ]
