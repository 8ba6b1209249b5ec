"""From settings to what gets access tokens."""

from pathlib import Path
from typing import Any

from edge_node.authorising import authorisation_choices, peer_ways
from edge_node.settings.load import load
from edge_node.wire.trust import TrustedPeer
from tests.settings.test_fhir import BROKER, SERVER
from tests.settings.written import SMALL, write
from tests.wire.revocations import NothingRevoked

ZIM = TrustedPeer(name="lsp", role="zim", host="lsp.example", issuers=("Example CA",), organisation="LSP", anchors=())
CLIENT: Any = object()


class TestChoices:
    def test_trust_the_signer_that_the_zim_is(self, tmp_path: Path) -> None:
        """A site that says nothing else believes only who it believes already."""
        signer = authorisation_choices(load([write(tmp_path, SMALL)]), ZIM, NothingRevoked()).signer
        assert (signer.issuers, signer.organisation) == (("Example CA",), "LSP")

    def test_have_the_judge_of_revocation_of_every_connection(self, tmp_path: Path) -> None:
        """A signer whose certificate was withdrawn leads nobody astray."""
        judge = NothingRevoked()
        signer = authorisation_choices(load([write(tmp_path, SMALL)]), ZIM, judge).signer
        assert signer.revocation is judge

    def test_are_those_of_the_settings(self, tmp_path: Path) -> None:
        """Each one an operator can write reaches the part that acts on it."""
        text = (
            "  fhir: {stelseltoken: {signer_organisation: S, signer_issuers: [I]}, exchange: {more_fields: {a: b}}}\n"
        )
        choices = authorisation_choices(
            load([write(tmp_path, SMALL + BROKER + SERVER + text)]), ZIM, NothingRevoked()
        )
        assert (choices.signer.organisation, choices.signer.issuers, choices.form.more) == ("S", ("I",), {"a": "b"})


class TestWays:
    def test_are_the_peers_that_a_client_goes_to(self, tmp_path: Path) -> None:
        """A token may name a party by any of its names in the settings."""
        settings = load([write(tmp_path, SMALL + BROKER + SERVER)])
        ways = peer_ways(settings, {"lsp": CLIENT, "as": CLIENT})
        assert [(way.role, way.names, way.base_path) for way in ways] == [
            ("zim", frozenset({"lsp.example"}), ""),
            ("authorisation-server", frozenset({"as.example"}), ""),
        ]
