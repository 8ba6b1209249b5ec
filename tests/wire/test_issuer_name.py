"""Names of issuers, however they were written."""

import time

import pytest

from edge_node.wire.issuer_name import parts_of

CARD_CA = frozenset({("2.5.4.3", "Een, CA"), ("2.5.4.10", "CIBG"), ("2.5.4.97", "NTRNL-1"), ("2.5.4.6", "NL")})


class TestANameThatIsWritten:
    @pytest.mark.parametrize(
        "written",
        [
            r"CN=Een\, CA,2.5.4.97=NTRNL-1,O=CIBG,C=NL",
            r'C=NL, O=CIBG, OID.2.5.4.97=NTRNL-1, CN="Een, CA"',
            r"cn=Een\2c CA,organizationIdentifier=NTRNL-1,o=CIBG,c=NL",
            r"CN=Een\, CA,2.5.4.97=#0c074e54524e4c2d31,O=CIBG,C=NL",
            r"CN=Een\, CA + O=CIBG; oid.2.5.4.97 = NTRNL-1 ; C = NL",
        ],
    )
    def test_means_the_same_in_each_product(self, written: str) -> None:
        """The card is the same; a doctor cannot choose how his product writes it."""
        assert parts_of(written) == CARD_CA

    @pytest.mark.parametrize(
        "written",
        ["", "/C=NL/O=CIBG/CN=x", "CN=x,", "CN", "X9=y", "CN=x,2.5.4.97=#zz", r"CN=\ff", 'CN="x', "CN=" + "x" * 2000],
    )
    def test_that_nobody_can_read_is_none(self, written: str) -> None:
        """What cannot be read is not compared, and is not a fault of the program."""
        assert parts_of(written) is None


class TestANameThatIsNone:
    @pytest.mark.parametrize(
        "name",
        [
            "CN=" + " " * 1000 + '"',
            "CN=" + "a " * 500 + '"',
            'CN="' + "\\" * 1001,
            " " * 1000 + "CN",
            "1." * 500 + "=",
            "CN" + " " * 1000 + "!",
        ],
    )
    def test_is_found_out_at_once(self, name: str) -> None:
        """While a pattern tries, nothing else of the node runs, in whichever thread."""
        begun = time.perf_counter()
        assert parts_of(name) is None
        assert time.perf_counter() - begun < 0.5
