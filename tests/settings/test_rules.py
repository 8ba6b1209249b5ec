"""The rules that hold between settings."""

from pathlib import Path

import pytest

from edge_node.settings.load import load
from tests.settings.written import SMALL, changed, complaints, write

SECOND = """\
      - id: "90001002"
        name: AIS
        local_system: his
"""


def with_second(text: str) -> str:
    """Return the small settings with a second application behind the first."""
    return SMALL.replace("local:\n", text + "local:\n", 1)


#: In production the cards must be known.
PRODUCTION = (
    "version: 1\nnode:\n  id: gp-1\n  environment: test",
    "version: 1\ntokens: {anchors: cards.pem}\nnode:\n  id: gp-1\n  environment: production",
)


class TestRules:
    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            (
                with_second(SECOND.replace("002", "001")),
                "identities[0].applications[1].id: this application id is used",
            ),
            (changed('zim: "3"', 'zim: "90001001"'), "applications[0].id: is the application id of the switchboard"),
            (
                changed("local_system: his", "local_system: ais"),
                "local_system: no local system has this name; there are his",
            ),
            (SMALL + "  waits: {push_wait_s: 30}\n", "push_wait_s: is 30; it must be below gives_up_after_push_s"),
            (SMALL + "  waits: {query_out_s: 75}\n", "query_out_s: is 75; it must be below gives_up_after_query_s"),
            (SMALL + "  waits: {push_wait_s: 20, push_answer_s: 15}\n", "push_wait_s: is longer than push_answer_s"),
            (SMALL + "  waits: {connect_s: 25}\n", "connect_s: must be below push_wait_s"),
            (changed("role: zim", "role: mitz"), "switchboard.peers: exactly one peer must have the role zim"),
            (changed("      client_names: [lsp.example]\n", ""), "client_names is empty"),
            (
                changed(*PRODUCTION),
                "switchboard.zim: is not 1, the id of the switchboard of production",
            ),
            (SMALL + "management: {host: 10.0.0.1}\n", "management.host: is not a loopback address"),
            (changed("http://127.0.0.1", "http://10.0.0.9"), "soap_base: goes beyond loopback without TLS"),
            (changed("http://127.0.0.1", "https://127.0.0.1"), "soap_base: needs soap_anchors"),
            (
                changed("fqdn: gp-1.example", "fqdn: gp-1.example\n    token_signing: {certificate: ./c, key: ./k}"),
                "token_signing: needs tokens.anchors",
            ),
            (
                changed("fqdn: gp-1.example", "fqdn: gp-1.example\n    token_signing: {certificate: ./c, key: ./k}")
                + "tokens: {anchors: ./a, signed_lasts_s: 20, signed_before_s: 15}\n",
                "signed_lasts_s: leaves a token",
            ),
            (
                changed("local_system: his", "local_system: his\n        server_signed: [GQZG_IN000001NL]"),
                "server_signed: needs token_signing of practice",
            ),
            (changed("environment: test", "environment: production"), "in production the signatures of tokens are"),
            (
                SMALL + "tokens: {issuers: [{name: A, card: server}, {name: A, card: unnamed}]}\n",
                "A stands there twice",
            ),
            (
                changed("local_system: his", "local_system: his\n        renews_tokens: true"),
                "makes no sense without told_by",
            ),
            (changed("local_system: his", "local_system: his\n        told_by: [mail]"), "mail_to names nobody"),
            (SMALL + "store: {retry: {first_pause_s: 400}}\n", "first_pause_s: is longer than longest_pause_s"),
            (SMALL + "store: {metadata_retention_s: 86400}\n", "metadata_retention_s: is shorter than"),
            (changed("bearer_token_files: [secrets/his.token]", "unix_uids: [1]"), "no listener is a Unix socket"),
            (
                changed("bearer_token_files: [secrets/his.token]", "certificate_subjects: [CN=his]"),
                "no listener asks",
            ),
        ],
    )
    def test_refuses_what_does_not_fit_together(self, tmp_path: Path, text: str, complaint: str) -> None:
        """Each of these would only show when a patient waits."""
        found = complaints(write(tmp_path, text))
        assert any(complaint in line for line in found), found

    @pytest.mark.parametrize(
        "more",
        [
            "management: {port: 443}\n",
            "  listen: {host: 127.0.0.1, port: 9380}\n",
        ],
    )
    def test_two_listeners_cannot_share_a_port(self, tmp_path: Path, more: str) -> None:
        """The second would fail when the daemon starts, at night."""
        (found,) = complaints(write(tmp_path, SMALL + more))
        assert "is taken by another listener of these settings" in found

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("host: lsp.example", "host: test.lsp.example"),
            ("[Example CA]", "[TEST Example CA]"),
            ("[Example CA]", "[Example ACCEPTATIE CA]"),
            ("anchors.pem", "anchors-test.pem"),
            ("client_names: [lsp.example]", "client_names: [lsp-test.example]"),
            ("fqdn: gp-1.example", "fqdn: gp-1.test.example"),
        ],
    )
    def test_test_names_never_reach_production(self, tmp_path: Path, old: str, new: str) -> None:
        """Invented patients must not enter real records, nor real ones a test system."""
        text = changed(old, new).replace(*PRODUCTION).replace('"3"', '"1"')
        (found,) = complaints(write(tmp_path, text))
        assert "names another environment than production; test and production never mix" in found

    @pytest.mark.parametrize(
        ("written", "more"),
        [
            ("[UZI-register Private Server CA G1]", ""),
            ('["CN=UZI-register Private Server CA G1,O=CIBG,C=NL"]', ""),
            ("[Example CA]", "  hierarchies: {production_authorities: [Example CA]}\n"),
        ],
    )
    def test_cas_of_production_never_reach_test(self, tmp_path: Path, written: str, more: str) -> None:
        """A test system that takes the real switchboard in would answer it with invented patients."""
        (found,) = complaints(write(tmp_path, changed("[Example CA]", written) + more))
        assert "switchboard.peers[0].issuers: " in found
        assert "is a CA of production, and this is test" in found

    @pytest.mark.parametrize(
        ("more", "complaint"),
        [
            ("  hierarchies: {test_marks: [Example]}\n", "issuers: Example CA has Example in its name"),
            ('  uzi: {oid_cas: ["2.16.528.1.1007.99.2110"]}\n', "uzi.oid_cas: has an OID-CA of test certificates"),
        ],
    )
    def test_what_a_site_says_is_of_test_is_not_of_production(
        self, tmp_path: Path, more: str, complaint: str
    ) -> None:
        """A register may name its next test hierarchy as it likes."""
        text = changed(*PRODUCTION).replace('"3"', '"1"') + more
        (found,) = complaints(write(tmp_path, text))
        assert complaint in found

    def test_a_test_switchboard_may_have_any_id(self, tmp_path: Path) -> None:
        """Only the one of production has a number that everybody knows."""
        assert load([write(tmp_path, changed('zim: "3"', 'zim: "17"'))]).switchboard.zim == "17"

    def test_production_takes_only_p(self, tmp_path: Path) -> None:
        """A training message is no message in production."""
        text = changed(*PRODUCTION).replace('"3"', '"1"')
        (found,) = complaints(write(tmp_path, text + "checks: {processing_codes: [P, T]}\n"))
        assert "checks.processing_codes: production takes only P" in found

    def test_a_credential_shared_by_two_systems_is_refused(self, tmp_path: Path) -> None:
        """It would prove that one of them calls, and not which."""
        system = "    - {name: ais, unix_uids: [1200]}\n"
        text = with_second(SECOND.replace("local_system: his", "local_system: ais"))
        text = text.replace("bearer_token_files: [secrets/his.token]\n", "unix_uids: [1200]\n" + system)
        text = text.replace("{host: 127.0.0.1, port: 0}", "{unix_path: local.sock}")
        (found,) = complaints(write(tmp_path, text))
        assert "local.systems[1].unix_uids: this credential is used twice" in found

    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            (
                "pattern: query, answers: [QUPC_IN990002NL], keep: true",
                "keep: only a push with accept_ack AL can be kept",
            ),
            ("pattern: push, answers: [MCCI_IN000002], accept_ack: NE, inbound: keep", "inbound: keep answers CA"),
        ],
    )
    def test_a_declared_interaction_is_kept_only_if_its_sender_expects_that(
        self, tmp_path: Path, row: str, complaint: str
    ) -> None:
        """Nobody would hear what became of it."""
        line = f"  interactions: [{{id: ABCD_IN000001NL, meaning: ours, {row}}}]\n"
        (found,) = complaints(write(tmp_path, SMALL + line))
        assert complaint in found

    def test_an_interaction_is_declared_or_retired_not_both(self, tmp_path: Path) -> None:
        """Two lines that contradict each other: nobody would know which one counts."""
        line = "  interactions: [{id: ABCD_IN000001NL, meaning: ours, pattern: answer}]\n"
        line += "  in_use: {ABCD_IN000001NL: false}\n"
        (found,) = complaints(write(tmp_path, SMALL + line))
        assert "stands under in_use as well" in found

    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            ("pattern: query", "answers: is empty"),
            ("pattern: push", "answers: is empty"),
            ("pattern: query, answers: [QUPC_IN990002NL], refusal: MCCI_IN000002", "refusal: must be one of answers"),
        ],
    )
    def test_a_declared_question_says_what_answers_it(self, tmp_path: Path, row: str, complaint: str) -> None:
        """Every answer would be refused as belonging to nothing, and the operator would look at the other side."""
        line = f"  interactions: [{{id: ABCD_IN000001NL, meaning: ours, {row}}}]\n"
        (found,) = complaints(write(tmp_path, SMALL + line))
        assert complaint in found
