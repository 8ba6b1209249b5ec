"""By what a chain is known to be of one environment: names of CAs, and fingerprints."""

from dataclasses import replace

import pytest

from edge_node.model.hierarchies import (
    PRODUCTION,
    PRODUCTION_REALM,
    TEST_REALM,
    UZI_SERVER_ISSUERS,
    Authority,
    mark_of_test,
    production_authority,
)
from edge_node.wire.trust_environment import foreign, withdrawn
from tests.wire.bad_certificates import GOOD, LEAF
from tests.wire.forge import forge


class TestNames:
    @pytest.mark.parametrize("name", ["TEST UZI-register", "Root (test)", "CA-Acceptatie-G4", "TEST2 CA", "CA_TEST"])
    def test_with_a_mark_are_of_test(self, name: str) -> None:
        """The publishers put these words in the names of their test hierarchies."""
        assert PRODUCTION_REALM.foreign(name) is not None

    @pytest.mark.parametrize("name", ["Attest CA", "Testament CA", "Contest Root", "KPN PKIoverheid CA"])
    def test_with_a_word_that_only_holds_it_are_not(self, name: str) -> None:
        """A wrong alarm here stops a hospital."""
        assert PRODUCTION_REALM.foreign(name) is None

    @pytest.mark.parametrize("authority", PRODUCTION, ids=lambda it: it.name)
    def test_of_production_are_of_no_test(self, authority: Authority) -> None:
        """Each of the published ones is refused in test and taken in production."""
        assert (mark_of_test(authority.name), PRODUCTION_REALM.foreign(authority.name)) == (None, None)
        assert TEST_REALM.foreign(authority.name) is not None

    def test_of_the_register_are_told_apart(self) -> None:
        """The list of its server CAs has those of both environments; the names say which is which."""
        of_test = {name for name in UZI_SERVER_ISSUERS if mark_of_test(name)}
        assert of_test == {name for name in UZI_SERVER_ISSUERS if TEST_REALM.foreign(name) is None}

    def test_of_a_holder_say_nothing(self) -> None:
        """'Teststraat 1 B.V.' is an organisation like any other; only CAs name their hierarchy."""
        shown = forge(replace(GOOD, leaf=replace(LEAF, organisation=("Test",), common_name="TEST")))
        assert foreign((*shown.chain, shown.root), PRODUCTION_REALM) is None


class TestFingerprints:
    @pytest.mark.parametrize("authority", [one for one in PRODUCTION if one.begins], ids=lambda it: it.name)
    def test_of_production_are_known(self, authority: Authority) -> None:
        """Whatever a file is called, and whoever changed its name."""
        middle = "0" * (64 - len(authority.begins) - len(authority.ends))
        assert production_authority(authority.begins + middle + authority.ends) == authority

    def test_of_others_are_not(self) -> None:
        """A test site has roots of its own."""
        assert production_authority("0257ce27" + "0" * 56) is None


class TestWithdrawn:
    def test_is_nobody_who_is_not_listed(self) -> None:
        """One CA of the register was revoked in 2025; its successor has nearly its name."""
        shown = forge(GOOD)
        assert withdrawn((*shown.chain, shown.root)) is None
