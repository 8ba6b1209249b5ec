"""Which peers are called before they call."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.acquainting import is_known, pause_s
from edge_node.sandbox.pki_authority import ec_key, root
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.revocation_shelf import KeptList, Lists
from edge_node.wire.trust import TrustedPeer
from tests.wire.lists_double import NOW, chain_of

TOP = root("Top CA", "top-ca", ec_key(), NOW)
CA = TOP.authority("Issuing CA", "issuing-ca", ec_key())
ZIM = TrustedPeer(
    name="lsp",
    role="zim",
    host="lsp.example.test",
    issuers=("Next CA", "Issuing CA"),
    organisation=None,
    anchors=(TOP.certificate,),
)
SHOWN = Seen(chain=chain_of(CA, TOP.certificate), roles=frozenset({"zim"}), at=NOW)


def kept() -> tuple[KeptList, ...]:
    """The lists of both CAs."""
    lists = Lists(None)
    lists.know(TOP.certificate, CA.certificate)
    for authority in (TOP, CA):
        lists.take(authority.crl(NOW).public_bytes(Encoding.DER), "a test", NOW)
    return lists.kept()


class TestAPeer:
    def test_of_whom_nothing_is_known_is_called(self) -> None:
        """Else its first question would be refused while its list is fetched."""
        assert not is_known(ZIM, (), (), NOW)

    @pytest.mark.parametrize("issuers", [("Issuing CA",), (CA.certificate.subject.rfc4514_string(),)])
    def test_whose_list_is_here_is_not(self, issuers: tuple[str, ...]) -> None:
        """Six thousand nodes that start anew would call the switchboard for nothing."""
        assert is_known(replace(ZIM, issuers=issuers), (), kept(), NOW)

    def test_of_another_issuer_is(self) -> None:
        """The list of a root says nothing of a switchboard."""
        assert not is_known(replace(ZIM, issuers=("Another CA",)), (), kept(), NOW)

    def test_whose_list_has_ended_is(self) -> None:
        """After a week of standing still: its source would be asked within the minute, which may be too late."""
        assert not is_known(ZIM, (), kept(), NOW + timedelta(days=7))

    def test_who_showed_itself_is_not(self) -> None:
        """Its list is being fetched from then on."""
        assert is_known(ZIM, (SHOWN,), (), NOW)

    def test_is_no_other_peer(self) -> None:
        """Each comes with its own CAs."""
        assert not is_known(replace(ZIM, role="broker"), (SHOWN,), (), NOW)


class TestALook:
    @pytest.mark.parametrize(("in_vain", "at_most_s"), [(0, 60), (1, 60), (2, 120), (4, 480), (5, 900), (500, 900)])
    def test_comes_later_the_longer_a_peer_is_away(self, in_vain: int, at_most_s: float) -> None:
        """Thousands of nodes call one switchboard, which has enough to do when it comes back."""
        assert (pause_s(in_vain, 0.0), pause_s(in_vain, 1.0)) == (at_most_s / 2, at_most_s)
