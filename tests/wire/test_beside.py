"""What a local system says beside a message: an emergency, why, and where."""

import pytest

from edge_node.model.exchange import Beside
from edge_node.wire.beside import said_beside
from edge_node.wire.http1 import Head, TransportPeer


def said(**headers: str) -> Beside:
    """What these headers say."""
    given = tuple((f"edge-node-{name}", value) for name, value in headers.items())
    return said_beside(Head("POST", "/Dienst", given, TransportPeer(address="127.0.0.1")))


class TestAnEmergency:
    @pytest.mark.parametrize("word", ["emergency", "nood", "NOOD", " Emergency ", "noood", "1", "break-glass"])
    def test_is_whatever_is_not_normal(self, word: str) -> None:
        """A spelling mistake must not hide an access that somebody has to look at."""
        assert said(situation=word).is_emergency

    @pytest.mark.parametrize("word", ["", "normal", "Normaal", " normaal "])
    def test_is_not_what_says_normal(self, word: str) -> None:
        """A list for review that holds every question would be read by nobody."""
        assert not said(situation=word).is_emergency

    def test_is_none_without_a_word(self) -> None:
        """Most messages say nothing."""
        assert said() == Beside()


class TestAUser:
    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("900000001:01.015", "900000001:01.015"),
            (" 900000001:00.000 ", "900000001:00.000"),
            ("dr. Jansen", ""),
            ("900000001", ""),
        ],
    )
    def test_is_a_number_with_its_role(self, given: str, read: str) -> None:
        """Another form would name somebody in words that nobody can look up."""
        assert said(user=given).user == read

    def test_is_shown_to_nobody(self) -> None:
        """Numbers of people stay out of technical logs."""
        assert "900000001" not in repr(said(user="900000001:01.015"))


class TestAText:
    def test_has_its_letters(self) -> None:
        """A header takes ASCII only, and a reason is written in Dutch."""
        assert said(reason="pati%C3%ABnt bewusteloos").reason == "patiënt bewusteloos"

    @pytest.mark.parametrize(
        ("given", "read"), [("a%0D%0Ab", "a b"), ("a%00b", "a b"), ("%ff%fe", "��"), ("x" * 2000, "x" * 500)]
    )
    def test_is_made_harmless_and_never_refused(self, given: str, read: str) -> None:
        """No emergency access stops at what is odd in its reason."""
        assert said(reason=given).reason == read

    def test_is_shown_to_nobody(self) -> None:
        """What somebody writes there may be about a patient."""
        beside = said(reason="over mevrouw Jansen", workstation="balie-jansen")
        assert "ansen" not in repr(beside)
