"""For how long a session may be resumed, as the site says."""

from dataclasses import replace

import pytest

from edge_node.sandbox.pki import Pki, make_pki
from edge_node.wire import trust
from tests.wire.handshakes import NOW, Wall, identity, switchboard


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


class TestASession:
    @pytest.mark.parametrize("session_s", [60, 3600])
    def test_lasts_as_long_as_the_site_says(self, pki: Pki, session_s: int) -> None:
        """The national parameter has a name and no public value, so a site can follow what it is told."""
        around = replace(Wall().surroundings(), session_s=session_s)
        tls = trust.server_tls((identity(pki, "practice"),), (switchboard(pki),), around)
        context = tls.serverConnectionForTLS(None).get_context()
        assert context.get_timeout() == session_s
