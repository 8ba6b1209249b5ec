"""The alert that the other end gets: all that its operator sees of our reason."""

from pathlib import Path

import pytest

from edge_node.errors import PAGES
from edge_node.sandbox.pki import Pki, make_pki
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.trust_alerts import verification_error
from tests.wire.handshakes import (
    BOTH_VERSIONS,
    NOW,
    TLS12,
    Wall,
    asking,
    calling,
    listener,
    outsider,
    shake,
    way_out,
)
from tests.wire.revocations import listed

#: What is wrong, and the alert as OpenSSL at the other end names it.
ALERTS = {
    "bad/expired": "certificate expired",
    "bad/not-yet-valid": "bad certificate",
    "bad/other-ca": "unknown ca",
    "bad/other-name": "bad certificate",
    "bad/other-organisation": "bad certificate",
    "bad/other-issuer": "unknown ca",
    "bad/not-a-server": "bad certificate",
    "bad/revoked": "certificate revoked",
}
CLIENTS = pytest.mark.parametrize(
    ("name", "alert"), [*ALERTS.items(), ("bad/no-client-auth", "unsupported certificate")]
)
SERVERS = pytest.mark.parametrize(
    ("name", "alert"), [*ALERTS.items(), ("bad/no-server-auth", "unsupported certificate")]
)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    path: Path = tmp_path_factory.mktemp("pki") / "out"
    return make_pki(path, now=NOW)


class TestAClient:
    @BOTH_VERSIONS
    @CLIENTS
    def test_hears_what_is_wrong_with_its_certificate(self, pki: Pki, name: str, alert: str, version: int) -> None:
        """internal_error would have the switchboard's people look for a fault in our node, and call us."""
        tls = listener(pki, Wall(revocation=listed(pki, NOW)))
        line = shake(calling(outsider(pki, name, version)), tls.serverConnectionForTLS(None))
        assert alert in line.errors["client"]

    def test_hears_that_nothing_is_known_of_its_certificate(self, pki: Pki) -> None:
        """Nothing is wrong with it: a list is missing here, and its owner need not ask for another one."""
        tls = listener(pki, Wall(revocation=Revocations(Lists(None), lambda _roles: 0.0)))
        line = shake(calling(outsider(pki, "switchboard", TLS12)), tls.serverConnectionForTLS(None))
        assert "certificate unknown" in line.errors["client"]


class TestAServer:
    @BOTH_VERSIONS
    @SERVERS
    def test_hears_what_is_wrong_with_its_certificate(self, pki: Pki, name: str, alert: str, version: int) -> None:
        """The same where we call."""
        tls = way_out(pki, Wall(revocation=listed(pki, NOW)))
        line = shake(tls.clientConnectionForTLS(None), asking(outsider(pki, name, version)))
        assert alert in line.errors["server"]


class TestACode:
    @pytest.mark.parametrize("code", sorted(code for code in PAGES if code.startswith("EN-TLS-")))
    def test_never_says_that_all_is_well(self, code: str) -> None:
        """Zero is OpenSSL's word for a good chain."""
        assert verification_error(code) > 0
