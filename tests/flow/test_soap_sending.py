"""Messages under a token that the node makes, at each attempt anew."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import NotSent, OutcomeUnknown, Refused, StoreUnavailable
from edge_node.flow.soap_sending import SoapSending
from edge_node.formats.names import SAML, SOAP, WSSE, ZIM_ACTOR
from edge_node.model.exchange import Outgoing
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Payload
from edge_node.model.token import HandedTokens, TokenSubject, WantedToken
from tests import messages
from tests.doubles import CountedSigner, GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, fault, read
from tests.nouns import PRACTICE, ZIM, an_application

BLOCK = f'<w:Security xmlns:w="{WSSE[0]}" s:actor="{ZIM_ACTOR}"><a:Assertion xmlns:a="{SAML}" ID="_m"/></w:Security>'
BODY = f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{BLOCK}</s:Header><s:Body/></s:Envelope>'.encode()
SUBJECT = TokenSubject(interaction="Q", message=("1.2", "3"), application="1", own_ura="00000001", zim="1")
WANTED = WantedToken(handed=HandedTokens(subject=SUBJECT), asker="his")
_MANDATE = (
    f'<wsse:Security xmlns:wsse="{WSSE[0]}" soap:actor="{ZIM_ACTOR}" soap:mustUnderstand="1">'
    f'<saml:Assertion xmlns:saml="{SAML}" ID="_mandate"/></wsse:Security>'
)


def send(door: ScriptedDoor, signer: CountedSigner, wanted: WantedToken | None = WANTED) -> Any:
    payload = Payload(path="Dienst", soap_action="", body=BODY)
    outgoing = Outgoing(
        direction=Direction.OUT, sender=PRACTICE, receiver=ZIM, payload=payload, correlation="c-1", wanted=wanted
    )
    found: list[Any] = []
    work = SoapSending(door, signer, Clock()).ask(outgoing, timeout_s=10, connect_s=5)
    Deferred.fromCoroutine(work).addBoth(found.append)
    return getattr(found[0], "value", found[0])


class TestAnAttempt:
    def test_goes_under_a_token_made_for_it(self) -> None:
        """It is named by the request it belongs to, and stands beside the others."""
        door, signer = ScriptedDoor(GivenAnswer(b"<a/>")), CountedSigner()
        send(door, signer)
        assert door.asked[0].payload.body == BODY.replace(b"</w:Sec", b"<made>1</made></w:Sec")
        assert signer.made[0].correlation == "c-1"

    def test_of_another_message_goes_as_it_is(self) -> None:
        """Most messages are signed by a person, or by nobody."""
        door, signer = ScriptedDoor(GivenAnswer(b"<a/>")), CountedSigner()
        send(door, signer, None)
        assert (door.asked[0].payload.body, signer.made) == (BODY, [])

    @pytest.mark.parametrize(
        ("error", "raised"),
        [
            (Refused(code="EN-TOKEN-EXPIRED"), Refused),
            (NotSent(code="EN-SIGNING-EXPIRED"), NotSent),
            (StoreUnavailable(), NotSent),
        ],
    )
    def test_without_a_token_sends_nothing(self, error: Exception, raised: type[Exception]) -> None:
        """What is not recorded is not signed either."""
        door = ScriptedDoor()
        assert isinstance(send(door, CountedSigner(error)), raised)
        assert door.asked == []


def a_report() -> bytes:
    """A push that may be kept, under a mandate alone."""
    body = messages.a_report()
    end = body.index(b"<soap:Body")
    bare = body[:end].replace(b"<soap:Header/>", b"")
    return bare + b"<soap:Header>" + _MANDATE.encode() + b"</soap:Header>" + body[end:]


class TestAKeptPush:
    def bench(self, signer: CountedSigner, *answers: Any) -> Bench:
        interactions = frozenset({"PMMG_IN040010NL02"})
        applications = {PRACTICE: an_application(told_by=frozenset({"status"}), server_signed=interactions)}
        bench = Bench(ScriptedDoor(*answers), applications=applications)
        bench.signer.__dict__.update(signer.__dict__)
        return bench

    def test_with_an_unknown_outcome_is_tried_again(self) -> None:
        """Its token was for that attempt; the next one has its own, and nobody has to sign."""
        bench = self.bench(CountedSigner(), OutcomeUnknown())
        bench.from_local(a_report())
        assert [event for _, event, _ in bench.keeper.ended] == ["unknown"]

    def test_whose_mandate_gives_no_token_any_more_waits_for_new_ones(self) -> None:
        """Only its sender can mend that; the first None is the look before it was kept."""
        bench = self.bench(CountedSigner(None, Refused(code="EN-TOKEN-EXPIRED")))
        bench.from_local(a_report())
        assert [event for _, event, _ in bench.keeper.ended] == [Event.TOKEN_SPENT]
        assert bench.out.asked == []

    def test_waits_while_the_certificate_cannot_sign(self) -> None:
        """The site mends that, and it goes on by itself."""
        bench = self.bench(CountedSigner(None, NotSent(code="EN-SIGNING-EXPIRED")))
        bench.from_local(a_report())
        assert [event for _, event, _ in bench.keeper.ended] == ["again"]

    def test_is_not_taken_when_no_token_can_be_made_for_it(self) -> None:
        """Nothing is promised that nobody could sign later."""
        bench = self.bench(CountedSigner(Refused(code="EN-TOKEN-MISSING")))
        reply = bench.from_local(a_report())
        assert fault(reply.body).code == "EN-TOKEN-MISSING"
        assert bench.keeper.kept == []

    def test_is_read_as_it_was_handed_in(self) -> None:
        """The token is in no store: what is kept has none."""
        bench = self.bench(CountedSigner(), OutcomeUnknown())
        bench.from_local(a_report())
        assert read(bench.keeper.kept[0].payload.body).tokens[0].id == "_mandate"
