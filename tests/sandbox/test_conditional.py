"""What the simulated switchboard asks of a token that a server signed: an opinion other than the node's."""

import pytest
from lxml import etree

from edge_node.sandbox.conditional import complaint
from tests.formats.token_bench import NOW, Bench, Beside, register, trust

ANCHORS = trust().anchors


def told(body: bytes) -> str | None:
    return complaint(etree.fromstring(body), ANCHORS, NOW)


class TestATokenOfAServer:
    def test_with_both_others_passes(self) -> None:
        """As the reference has it (6.5)."""
        assert told(Bench().by_server()) is None

    def test_of_a_person_is_another_matter(self) -> None:
        """It is looked at elsewhere."""
        assert told(Bench().message()) is None

    @pytest.mark.parametrize(
        ("body", "wanted"),
        [
            (Bench().by_server(mandate=Beside(card="gp-signature", is_missing=True)), "no mandate"),
            (Bench().by_server(enrolment=Beside(card="gp", is_missing=True)), "no mandate and enrolment"),
            (Bench().by_server(enrolment=Beside(card="gp", changes={"subject": "999900018"})), "another patient"),
            (
                Bench().by_server(
                    mandate=Beside(card="gp-signature", changes={"attributes": (("autorisatieregel/context", "x"),)})
                ),
                "another rule",
            ),
            (
                Bench().by_server().replace(b"80000001</saml:AttributeValue>", b"80000002</saml:AttributeValue>"),
                "hold",
            ),
        ],
    )
    def test_is_refused_when_something_is_wrong(self, body: bytes, wanted: str) -> None:
        """A demo in which nothing can be refused shows nothing."""
        assert wanted in (told(body) or "")

    def test_of_another_register_is_refused(self) -> None:
        """Names anybody can write."""
        assert complaint(etree.fromstring(Bench().by_server()), (register().cards.root.certificate,), NOW) is not None
