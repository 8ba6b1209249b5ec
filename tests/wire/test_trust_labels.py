"""What the guideline calls what was negotiated, row by row of its table."""

import pytest

from edge_node.wire.trust_floor import FLOORS, Floor
from edge_node.wire.trust_labels import EDITIONS, LABELS, Item, Label, group_name, label, rsa_key

TABLE = pytest.mark.parametrize(
    ("item", "value", "of_2021", "of_2025"),
    [
        (Item.VERSION, "TLSv1.2", "sufficient", "sufficient"),
        (Item.VERSION, "TLSv1.1", "phase-out", "insufficient"),
        (Item.SUITE, "TLS_AES_256_GCM_SHA384", "good", "good"),
        (Item.SUITE, "TLS_AES_128_GCM_SHA256", "good", "sufficient"),
        (Item.SUITE, "ECDHE-RSA-AES256-GCM-SHA384", "good", "sufficient"),
        (Item.SUITE, "ECDHE-RSA-AES256-SHA384", "sufficient", "phase-out"),
        (Item.SUITE, "DHE-RSA-AES256-GCM-SHA384", "sufficient", "phase-out"),
        (Item.SUITE, "ECDHE-RSA-AES128-SHA", "sufficient", "insufficient"),
        (Item.SUITE, "AES256-GCM-SHA384", "phase-out", "insufficient"),
        (Item.SUITE, "DES-CBC3-SHA", "phase-out", "insufficient"),
        (Item.SUITE, "ECDHE-ECDSA-AES128-CCM8", "insufficient", "insufficient"),
        (Item.SUITE, "ADH-AES256-GCM-SHA384", "insufficient", "insufficient"),
        (Item.SUITE, "RC4-SHA", "insufficient", "insufficient"),
        (Item.GROUP, "X25519MLKEM768", "good", "good"),
        (Item.GROUP, "X25519", "good", "sufficient"),
        (Item.GROUP, "secp224r1", "phase-out", "phase-out"),
        (Item.GROUP, "ffdhe3072", "sufficient", "phase-out"),
        (Item.GROUP, "ffdhe2048", "phase-out", "insufficient"),
        (Item.KEY, "RSA-3072", "good", "sufficient"),
        (Item.KEY, "RSA-2048", "sufficient", "phase-out"),
        (Item.KEY, "RSA-1024", "insufficient", "insufficient"),
        (Item.KEY, "ECDSA", "good", "sufficient"),
        (Item.HASH, "sha256", "good", "good"),
        (Item.HASH, "sha1", "phase-out", "insufficient"),
    ],
)


class TestLabel:
    @TABLE
    def test_is_that_of_the_edition(self, item: Item, value: str, of_2021: str, of_2025: str) -> None:
        """A practice that is asked by its auditor must find the guideline's own word."""
        assert (label(item, value, EDITIONS[0]), label(item, value, EDITIONS[1])) == (of_2021, of_2025)

    def test_of_what_no_edition_knows_is_none(self) -> None:
        """A guess would be read as the guideline's word."""
        assert label(Item.SUITE, "TLS_SM4_GCM_SM3", EDITIONS[1]) is None

    @pytest.mark.parametrize("floor", FLOORS.values(), ids=str)
    def test_of_all_a_profile_offers_is_good_or_sufficient(self, floor: Floor) -> None:
        """Each profile promises it by its own edition, and both do by the newest."""
        offered = [(Item.VERSION, it) for it in floor.versions]
        offered += [(Item.SUITE, it) for it in floor.suites] + [(Item.GROUP, it) for it in floor.groups]
        found = {label(item, value, edition) for item, value in offered for edition in EDITIONS}
        assert found == {Label.GOOD, Label.SUFFICIENT}

    def test_never_gets_better_with_a_later_edition(self) -> None:
        """A slip of the pen in the table would show as a label that improves."""
        order = list(Label)
        pairs = [pair for rows in LABELS.values() for pair in rows.values()]
        assert [pair for pair in pairs if order.index(pair[1]) < order.index(pair[0])] == []


class TestNames:
    @pytest.mark.parametrize(("spelt", "name"), [("x25519", "X25519"), ("prime256v1", "secp256r1"), ("sm2", "sm2")])
    def test_of_groups_are_those_of_the_table(self, spelt: str, name: str) -> None:
        """OpenSSL spells a group in one way in TLS 1.2 and in another in 1.3."""
        assert group_name(spelt) == name

    @pytest.mark.parametrize(
        ("bits", "name"),
        [(1024, "RSA-1024"), (2047, "RSA-1024"), (2048, "RSA-2048"), (3071, "RSA-2048"), (4096, "RSA-3072")],
    )
    def test_of_rsa_keys_are_rows(self, bits: int, name: str) -> None:
        """The table has three rows for all sizes."""
        assert rsa_key(bits) == name
