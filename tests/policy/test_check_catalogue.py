"""The catalogue of checks: whole, explained in both languages, honest about what is ours."""

import pytest

from edge_node.errors import PAGES
from edge_node.model.check import Action, Check, Topic
from edge_node.policy import check_catalogue
from edge_node.settings.checks import CheckLimits

CHECKS = tuple(check_catalogue.load().values())
#: The names of the reference catalogue, by topic.
NAMES = {
    Topic.TIME: """clock-offset clock-sync-age clock-step availability-minor availability-major maintenance-window
        queue-integrity answer-latency answer-timeout-rate timeout-config queue-age throughput-selftest message-size
        lsp-ping lsp-ping-stage""",
    Topic.IDENTITY: """cert-validity cert-chain cert-eku cert-fqdn cert-ura cert-expiry truststore-current
        cert-generation cert-revoked crl-freshness ocsp-reachable key-storage key-permissions key-in-backup
        cert-purpose-separation cert-duplicate-fleet peer-is-zim appid-match appid-activated interaction-registered
        xis-version-qualified config-drift config-signature""",
    Topic.NETWORK: """tls-version tls-cipher tls-group tls-peer-sigalg route-via-gzn dns-via-gzn listener-binding
        ip-forwarding firewall-default-deny dns-self link-redundancy data-residency environment-mix test-bsn""",
    Topic.USERS: """authn-level card-valid card-removed session-idle session-age user-review shared-account
        role-allowed mandate-valid mandate-expiry treatment-relation enrolment-token break-glass-review token-at-rest
        vendor-access""",
    Topic.PATIENTS: """bsn-elfproef bsn-verified wid-checked consent-before-register withdrawal-latency
        index-reconcile consent-at-answer temporary-patient-end index-coverage""",
    Topic.OPERATIONS: """accesslog-complete accesslog-writable accesslog-retention disk-space accesslog-chain
        accesslog-access backup-age restore-test-age disk-encryption db-permissions payload-retention
        message-id-retention antimalware-state patch-age node-version-supported hardening-baseline
        physical-attestation ups-state incident-timer change-recorded decommission-complete heartbeat
        telemetry-no-phi self-assessment-age""",
    Topic.CONNECTING: """qualified-system qualified-network uzi-subscription certificate-and-cards
        management-organisation""",
}
#: What stops traffic until a site says otherwise; everything else warns or only refuses the message that is wrong.
STOPPING = {
    "cert-validity", "cert-chain", "cert-eku", "cert-fqdn", "cert-ura", "cert-revoked", "peer-is-zim",
    "environment-mix", "accesslog-writable",
}  # fmt: skip


class TestCatalogue:
    @pytest.mark.parametrize("topic", Topic)
    def test_holds_every_check_of_the_reference(self, topic: Topic) -> None:
        """An auditor goes through the list of the scheme; a check that is left out looks like one that passed."""
        assert {check.name for check in CHECKS if check.topic is topic} == set(NAMES[topic].split())

    def test_stops_traffic_only_for_what_would_not_be_safe(self) -> None:
        """A soft finding that blocks by itself would stand between a doctor and a patient."""
        stops = {Action.BLOCK_OUT, Action.BLOCK_IN}
        assert {check.name for check in CHECKS if stops & set(check.actions)} == STOPPING

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_explains_each_in_two_languages(self, check: Check) -> None:
        """What to do is read by the staff of a practice, in Dutch, and by an administrator who may have none."""
        texts = [text for words in (check.title, check.meaning, check.do) for text in (words.nl, words.en)]
        assert all(texts)
        assert all(text.endswith(".") for text in (check.meaning.nl, check.meaning.en, check.do.nl, check.do.en))
        assert check.meaning.nl != check.meaning.en

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_names_only_thresholds_that_can_be_set(self, check: Check) -> None:
        """A number of ours that nobody can change would be a rule of ours passed off as one of the scheme."""
        assert {name for name in check.thresholds if "." not in name} <= CheckLimits.model_fields.keys()

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_counts_only_codes_that_exist(self, check: Check) -> None:
        """A mistyped code would make a check that can never fail."""
        assert check.codes <= PAGES.keys()

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_never_calls_a_number_a_requirement_of_the_scheme(self, check: Check) -> None:
        """No text of the scheme with numbers is public, so none is quoted."""
        assert "GBZ requirement" not in check.source
