"""What `./run tls` makes of what scanners say: nothing is passed over because it was not looked at."""

from typing import Any

import pytest

from edge_node.wire.trust_floor import FLOORS, Profile
from tests.tls import sslyze, testssl
from tests.tls.findings import Allowance, Finding, allowances, judged

FLOOR = FLOORS[Profile.NCSC_2025]
SUITE = "ECDHE-RSA-AES256-GCM-SHA384"


def row(id_: str, severity: str, finding: str) -> dict[str, str]:
    return {"id": id_, "severity": severity, "finding": finding}


def of_testssl(*rows: dict[str, str]) -> list[tuple[str, str]]:
    whole = [row(id_, "OK", "") for id_ in testssl._WHOLE_SCAN]
    return [(one.id, one.severity) for one in testssl.read([*whole, *rows], FLOOR, is_whole=True)]


def look(**result: Any) -> dict[str, Any]:
    return {"status": "COMPLETED", "result": result}


def good_looks() -> dict[str, Any]:
    """What sslyze says of a listener on the floor, as far as it is read."""
    deployment = {
        "path_validation_results": [{"was_validation_successful": True}],
        "received_chain_has_valid_order": True,
        "received_chain_contains_anchor_certificate": False,
        "verified_chain_has_sha1_signature": False,
    }
    versions = {"ssl_3_0": False, "tls_1_0": False, "tls_1_1": False, "tls_1_2": True, "tls_1_3": True}
    return {
        **{
            f"{name}_cipher_suites": look(is_tls_version_supported=taken, accepted_cipher_suites=[])
            for name, taken in versions.items()
        },
        "tls_compression": look(supports_compression=False),
        "tls_1_3_early_data": look(supports_early_data=False),
        "openssl_ccs_injection": look(is_vulnerable_to_ccs_injection=False),
        "tls_fallback_scsv": look(supports_fallback_scsv=True),
        "heartbleed": look(is_vulnerable_to_heartbleed=False),
        "robot": look(robot_result="NOT_VULNERABLE_NO_ORACLE"),
        "session_renegotiation": look(supports_secure_renegotiation=True, client_renegotiations_success_count=0),
        "tls_extended_master_secret": look(supports_ems_extension=True),
        "certificate_info": look(certificate_deployments=[deployment]),
        "elliptic_curves": look(supported_curves=[{"name": "prime256v1"}]),
    }


def of_sslyze(**changed: Any) -> list[str]:
    document = {"server_scan_results": [{"scan_result": good_looks() | changed}]}
    return [one.id for one in sslyze.read(document, FLOOR)]


class TestTestssl:
    def test_leaves_out_what_is_informational(self) -> None:
        """A hundred lines that say nothing hide the one that does."""
        assert of_testssl(row("TLS1_2", "OK", "offered"), row("cert_serial", "INFO", "20 bytes")) == []

    @pytest.mark.parametrize("severity", ["LOW", "MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL"])
    def test_tells_all_above_it(self, severity: str) -> None:
        """WARN too: a look that failed has found nothing good."""
        assert of_testssl(row("BEAST", severity, "vulnerable")) == [("BEAST", severity)]

    @pytest.mark.parametrize(
        ("id_", "severity", "finding"),
        [
            ("cipher_x9f", "INFO", "x9f  DHE-RSA-AES256-GCM-SHA384  DH 2048  AESGCM 256"),
            ("PFS_ECDHE_curves", "OK", "prime256v1 X25519 X448"),
        ],
    )
    def test_tells_what_is_good_to_it_and_not_of_the_profile(self, id_: str, severity: str, finding: str) -> None:
        """The floor is narrower than what the scanner thinks good."""
        assert of_testssl(row(id_, severity, finding)) == [(id_, "PROFILE")]

    def test_passes_what_is_of_the_profile(self) -> None:
        """The scanner spells curves its own way."""
        assert of_testssl(row("cipher_xc030", "INFO", f"xc030 {SUITE} ECDH 253 AESGCM 256")) == []
        assert of_testssl(row("PFS_ECDHE_curves", "OK", "prime256v1 secp384r1 X25519")) == []

    def test_that_broke_off_is_a_finding(self) -> None:
        """An empty file has no findings either."""
        assert [(one.id, one.severity) for one in testssl.read([], FLOOR, is_whole=False)] == [("scan", "FATAL")]

    @pytest.mark.parametrize(
        ("severity", "finding", "is_it"),
        [
            ("WARN", "check failed because of connect problem", True),
            ("WARN", "not tested: no openssl for it", False),
            ("CRITICAL", "connect problem", False),
        ],
    )
    def test_tells_a_scan_that_was_cut_off_from_a_finding(self, severity: str, finding: str, is_it: bool) -> None:
        """Only the scanner's own trouble is reason to look again; a finding is not scanned away."""
        assert testssl.is_cut_off(row("sessionresumption_ticket", severity, finding)) is is_it

    def test_tells_that_it_was_cut_off_to_the_end(self) -> None:
        """Looking again is no allowance."""
        cut_off = row("sessionresumption_ticket", "WARN", "check failed because of connect problem")
        assert of_testssl(cut_off) == [("sessionresumption_ticket", "WARN")]


class TestSslyze:
    def test_finds_nothing_at_a_listener_on_the_floor(self) -> None:
        """Else every other test here would prove nothing."""
        assert of_sslyze() == []

    @pytest.mark.parametrize(
        ("name", "result"),
        [
            ("tls_1_1_cipher_suites", {"is_tls_version_supported": True}),
            ("tls_1_3_cipher_suites", {"is_tls_version_supported": False}),
            ("tls_compression", {"supports_compression": True}),
            ("tls_1_3_early_data", {"supports_early_data": True}),
            ("robot", {"robot_result": "VULNERABLE_WEAK_ORACLE"}),
            (
                "session_renegotiation",
                {"supports_secure_renegotiation": True, "client_renegotiations_success_count": 1},
            ),
            ("tls_extended_master_secret", {"supports_ems_extension": False}),
            ("elliptic_curves", {"supported_curves": [{"name": "secp521r1"}]}),
        ],
    )
    def test_tells_what_is_not_as_it_must_be(self, name: str, result: dict[str, Any]) -> None:
        """It gives results and no verdicts: the verdict is the profile's."""
        assert of_sslyze(**{name: look(**result)}) == [name]

    def test_tells_a_suite_that_is_not_of_the_profile(self) -> None:
        """CBC is still common, and its client still asks for it."""
        taken = [{"cipher_suite": {"name": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"}}]
        found = look(is_tls_version_supported=True, accepted_cipher_suites=taken)
        assert of_sslyze(tls_1_2_cipher_suites=found) == ["tls_1_2_cipher_suites"]

    @pytest.mark.parametrize("name", sorted(good_looks()))
    def test_tells_that_a_look_did_not_come_to_its_end(self, name: str) -> None:
        """A scanner that broke is not a listener that is good."""
        assert name in of_sslyze(**{name: {"status": "ERROR", "result": None}})

    def test_without_a_result_is_a_finding(self) -> None:
        """It could not connect."""
        assert [one.severity for one in sslyze.read({"server_scan_results": []}, FLOOR)] == ["FATAL"]


class TestAllowances:
    def test_each_have_a_reason(self) -> None:
        """Without one the next person cannot tell whether it still holds."""
        assert [one.id for one in allowances() if len(one.reason) < 40] == []

    def test_cover_that_finding_and_no_other(self) -> None:
        """The same id with other words is news."""
        allowed = Allowance(tool="testssl", id="HSTS", text="not offered", reason="for browsers")
        known = Finding("testssl", "HSTS", "LOW", "not offered")
        news = Finding("testssl", "HSTS", "LOW", "too short")
        assert [(one, by is not None) for one, by in judged([news, known], [allowed])] == [
            (known, True),
            (news, False),
        ]
