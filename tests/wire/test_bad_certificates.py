"""Every bad certificate there is a row for, at the real listener and at the real way out, over sockets."""

import time

import pytest
from OpenSSL import SSL

from edge_node.errors import PAGES
from tests.wire.bad_certificates import CHAIN_ROWS, Row, Way
from tests.wire.bad_certificates_named import NAMED_ROWS
from tests.wire.bad_certificates_revoked import REVOKED_ROWS
from tests.wire.bad_certificates_uzi import SITE, UNKNOWN_OID_CA, UZI_ROWS
from tests.wire.forge import forge
from tests.wire.forge_lists import lists_of
from tests.wire.node_side import Node, Wall, far_side

ALL = (*CHAIN_ROWS, *NAMED_ROWS, *UZI_ROWS, *REVOKED_ROWS)
#: No bad certificate holds a listener up for longer; each takes some milliseconds. Counted is what this process is
#: busy: how busy the machine is beside it says nothing of a certificate.
WITHIN_S = 1.0
VERSIONS = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}
EVERY_ROW = pytest.mark.parametrize(
    ("row", "way", "version"),
    [
        pytest.param(row, way, number, id=f"{row}, {way}, TLS {version}")
        for row in ALL
        for way in row.ways
        for version, number in VERSIONS.items()
        if not (row.is_no_server and way is Way.OUT and version == "1.2")
    ],
)


class TestABadCertificate:
    @EVERY_ROW
    def test_is_refused_for_its_reason_both_times(self, row: Row, way: Way, version: int) -> None:
        """Not one byte passes, and what the first try left behind does not open the door at the second."""
        shown = forge(row.bad)
        wall = Wall(revocation=lists_of(shown, row.known))
        node, far = Node(row.bad_site or row.site, shown, way, wall), far_side(shown, version, way)
        before = time.process_time()
        first = node.meet(far)
        assert time.process_time() - before < WITHIN_S
        second = node.meet(far, first)
        then = row.then if row.then and way is Way.IN else row.code
        assert [code for code, _ in wall.refusals] == [row.code, then]
        assert [(one.judged, one.heard, one.told) for one in (first, second)] == [(None, b"", b"")] * 2

    @EVERY_ROW
    def test_has_a_good_one_beside_it(self, row: Row, way: Way, version: int) -> None:
        """A check that refuses everybody keeps the bad out as well; a hospital needs the good let in, and again."""
        shown = forge(row.good)
        wall = Wall(revocation=lists_of(shown, row.good_known))
        node, far = Node(row.site, shown, way, wall), far_side(shown, version, way)
        first = node.meet(far)
        second = node.meet(far, first)
        assert wall.refusals == []
        assert [(one.judged.name, one.heard, one.told) for one in (first, second)] == [
            ("lsp", b"question", b"answer")
        ] * 2
        assert (first.is_resumed, second.is_resumed) == (False, True)


class TestTheTable:
    def test_has_rows_enough(self) -> None:
        """Whoever adds a check adds its row; nobody takes rows away."""
        assert len(ALL) >= 100
        assert len({row.name for row in ALL}) == len(ALL)

    def test_has_codes_enough(self) -> None:
        """An operator must be able to tell one repair from another."""
        assert len({row.code for row in ALL}) >= 25
        assert {row.code for row in ALL} <= set(PAGES)


class TestAnUnknownOidCa:
    @pytest.mark.parametrize("way", list(Way))
    def test_is_let_in_and_told(self, way: Way) -> None:
        """The register may have a new CA; that must not stop a hospital, and somebody should ask."""
        shown, wall = forge(UNKNOWN_OID_CA), Wall()
        talk = Node(SITE, shown, way, wall).meet(far_side(shown, SSL.TLS1_3_VERSION, way))
        assert (talk.judged.name, wall.refusals, wall.notes) == ("lsp", [], ["EN-TLS-OID-CA-UNKNOWN"])
