"""What is wrong with a message is said once, in a form its sender knows, and the message goes nowhere."""

from typing import Any, ClassVar

from edge_node.errors import PAGES
from edge_node.sandbox.samples.people import test_bsn as a_test_bsn
from tests.stories import moves
from tests.stories.caller import Told, code_of, fault_of, seen
from tests.stories.moves import ANNA, AT_PHARMACY, BRAM, ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, other_content

FAILING = str(int(ANNA.bsn) + 1)  # does not pass the eleven-test


class Refusing(Story):
    """A story in which one message is refused, on the way out."""

    given: ClassVar = {"local": {"max_body_bytes": 1_000_000}}

    async def refuses(self, code: str, *changes: tuple[str, str], status: int = 500, **how: Any) -> Told:
        """Send a message with something wrong; see that it is refused, goes nowhere, and is the only one."""
        sample = how.pop("sample", None) or a_prescription()
        how.setdefault("body", sample.body)
        for old, new in changes:
            assert old.encode() in how["body"], old
            how["body"] = how["body"].replace(old.encode(), new.encode())
        told = await self.send(sample, **how)
        assert (told.status, code_of(told)) == (status, code)
        self._explains(told, code)
        assert (self.switch.heard, await self.kept_messages()) == ([], [])
        assert seen(await self.send(a_prescription())).is_positive
        return told

    def _explains(self, told: Told, code: str) -> None:
        fault, page = fault_of(told), PAGES[code]
        assert (fault["code"], fault["side"]) == (code, page.side.value)
        assert fault["retry"] == ("yes" if page.retry else "no")
        assert fault["faultcode"] == ("soap:Server" if page.retry else "soap:Client")
        assert told.body.count(b":Fault>") == 2


class TestForm(Refusing):
    async def test_not_xml(self) -> None:
        """A letter that was pasted into the wrong field."""
        await self.refuses("EN-XML-MALFORMED", body=b"Geachte collega,")

    async def test_nothing(self) -> None:
        """A body that was lost on the way."""
        await self.refuses("EN-XML-MALFORMED", body=b"")

    async def test_doctype(self) -> None:
        """With a DOCTYPE a sender can make the reader open files, or run out of memory."""
        await self.refuses("EN-XML-DOCTYPE", ("<soap:Envelope", "<!DOCTYPE a [<!ENTITY b 'c'>]><soap:Envelope"))

    async def test_other_charset_in_the_document(self) -> None:
        """Accents in names would change on the way."""
        await self.refuses("EN-XML-ENCODING", ('encoding="UTF-8"', 'encoding="ISO-8859-1"'))

    async def test_other_charset_in_the_header(self) -> None:
        """Header and document must not contradict each other."""
        headers = {"content-type": "text/xml; charset=iso-8859-1"}
        await self.refuses("EN-XML-ENCODING", headers=headers)

    async def test_bytes_that_are_no_utf8(self) -> None:
        """What is declared as UTF-8 must be it."""
        body = a_prescription().body.replace(b"<creationTime", b"<!-- \xe9 --><creationTime", 1)
        await self.refuses("EN-XML-MALFORMED", body=body)

    async def test_truncated(self) -> None:
        """Half a prescription is well on its way to being another one."""
        body = a_prescription().body
        await self.refuses("EN-XML-MALFORMED", body=body[: len(body) // 2])

    async def test_too_big(self) -> None:
        """One message must not fill the memory of the practice."""
        body = a_prescription().body.replace(b"<creationTime", b"<!-- " + b"x" * 1_000_000 + b" --><creationTime", 1)
        await self.refuses("EN-BODY-TOO-BIG", body=body, status=413)

    async def test_too_deep(self) -> None:
        """Nesting without end is an attack, not a message."""
        deep = "<a>" * 500 + "</a>" * 500
        await self.refuses("EN-XML-LIMIT", ("</ControlActProcess>", f"{deep}</ControlActProcess>"))

    async def test_no_envelope(self) -> None:
        """A message without its envelope has no place for a signature."""
        body = a_prescription().body
        bare = b"<x>" + body[body.index(b"<soap:Body>") + 11 : body.index(b"</soap:Body>")] + b"</x>"
        await self.refuses("EN-SOAP-ENVELOPE", body=bare)

    async def test_json(self) -> None:
        """Another protocol than this address speaks."""
        await self.refuses("EN-MEDIA-TYPE", headers={"content-type": "application/json"}, status=415)

    async def test_packed_body_is_refused(self) -> None:
        """Read as it is, a gzip body would be called broken XML, and nobody would look at the header."""
        await self.refuses("EN-MEDIA-TYPE", headers={"content-encoding": "gzip"}, status=415)


class TestWrapper(Refusing):
    async def test_unknown_interaction(self) -> None:
        """What nobody defined nobody can answer."""
        await self.refuses("EN-INTERACTION-UNKNOWN", ("PORX_IN932000NL", "PORX_IN932999NL"))

    async def test_inactive_interaction(self) -> None:
        """An old version would be refused at the other end, a day later."""
        await self.refuses("EN-INTERACTION-INACTIVE", ("QUPC_IN990001NL", "QUPC_IN990001NL02"), sample=a_query())

    async def test_interaction_that_is_not_its_element(self) -> None:
        """Two names for one message: one of them is wrong."""
        await self.refuses("EN-INTERACTION-MISMATCH", ('extension="PORX_IN932000NL"', 'extension="PORX_IN932100NL"'))

    async def test_answer_sent_as_a_question(self) -> None:
        """An answer belongs in the response to its question; alone it has no addressee."""
        body = a_query().body.replace(b"QUPC_IN990001NL", b"QUPC_IN990002NL")
        await self.refuses("EN-INTERACTION-ROLE", sample=a_query(), body=body)

    async def test_soap_action_of_another_service(self) -> None:
        """The switchboard routes by it."""
        action = "urn:hl7-org:v3/WaarneemverslagVersturen_Versturen"
        await self.refuses("EN-SOAPACTION-MISMATCH", soap_action=action)

    async def test_soap_action_of_no_form(self) -> None:
        """A service name that was mistyped."""
        await self.refuses("EN-SOAPACTION-FORM", soap_action="Voorschrift")

    async def test_foreign_sender(self) -> None:
        """Nobody signs with another's name."""
        await self.refuses("EN-SENDER-FOREIGN", sample=a_prescription(AT_PHARMACY))

    async def test_receiver_that_is_the_sender(self) -> None:
        """A message to oneself would go round for ever."""
        await self.refuses("EN-RECEIVER-WRONG", sample=a_prescription(receiver=HIS))

    async def test_missing_id(self) -> None:
        """Without an id a copy cannot be told from a second one."""
        body = a_prescription().body
        start = body.index(b"<id ", body.index(b"<PORX_IN932000NL"))
        await self.refuses("EN-WRAPPER-FIELD", body=body[:start] + body[body.index(b"/>", start) + 2 :])

    async def test_missing_receiver(self) -> None:
        """A letter without an address."""
        body = a_prescription().body
        end = body.index(b"</receiver>") + len(b"</receiver>")
        await self.refuses("EN-WRAPPER-FIELD", body=body[: body.index(b"<receiver>")] + body[end:])

    async def test_processing_code_of_a_test_system(self) -> None:
        """A training message must not become a real one."""
        await self.refuses("EN-WRAPPER-PROCESSING-CODE", ('processingCode code="P"', 'processingCode code="T"'))

    async def test_other_version(self) -> None:
        """Another year's wrapper says other things with the same words."""
        await self.refuses("EN-WRAPPER-VERSION", ("NICTIZEd2005-Okt", "NICTIZEd2004-Okt"))

    async def test_other_content_under_an_id(self) -> None:
        """One of the two would be lost."""
        sample = a_prescription()
        await self.send(sample)
        self.switch.heard.clear()
        told = await self.send(sample, body=other_content(sample))
        assert code_of(told) == "EN-ID-REUSED"
        assert (self.switch.heard, len(await self.kept_messages())) == ([], 1)


class TestPatient(Refusing):
    async def test_number_that_fails_the_eleven_test(self) -> None:
        """A slip of the keyboard is another patient."""
        told = await self.refuses("EN-BSN-INVALID", (ANNA.bsn, FAILING))
        assert FAILING.encode() not in told.body

    async def test_number_of_eight_digits(self) -> None:
        """A number that lost a digit is nobody's."""
        await self.refuses("EN-BSN-INVALID", (ANNA.bsn, ANNA.bsn[:8]))

    async def test_two_patients(self) -> None:
        """One patient's medication in another's file."""
        body = a_prescription().body
        told = await self.refuses("EN-WRONG-PATIENT", body=body.replace(ANNA.bsn.encode(), BRAM.bsn.encode(), 1))
        assert ANNA.bsn.encode() not in told.body
        assert BRAM.bsn.encode() not in told.body

    async def test_two_patients_in_a_question(self) -> None:
        """The token says one, the question another."""
        body = a_query().body
        last = body.rindex(ANNA.bsn.encode())
        changed = body[:last] + a_test_bsn(7).encode() + body[last + 9 :]
        await self.refuses("EN-WRONG-PATIENT", sample=a_query(), body=changed)


class TestIn(Story):
    """The same from the other side: refused with the answer the switchboard waits for, and shown to nobody."""

    async def _refuses(self, code: str, body: bytes, hl7: str | None, sample: Any = None) -> None:
        told = await self.call(sample or a_prescription(ELSEWHERE, HIS), body=body)
        assert code_of(told) == code
        if hl7 is None:
            assert fault_of(told)["code"] == code
        else:
            assert (told.status, set(seen(told).codes)) == (200, {hl7})
        assert (self.systems["his"].heard, await self.kept_messages()) == ([], [])
        assert seen(await self.call(a_prescription(ELSEWHERE, HIS))).type_code == "CA"

    async def test_not_xml_gets_a_fault(self) -> None:
        """There is nobody to address an answer to."""
        await self._refuses("EN-XML-MALFORMED", b"hello", None)

    async def test_failing_number_gets_a_fault(self) -> None:
        """Its digits are in no answer."""
        body = a_prescription(ELSEWHERE, HIS).body.replace(ANNA.bsn.encode(), FAILING.encode())
        await self._refuses("EN-BSN-INVALID", body, None)

    async def test_two_patients_get_a_refusal(self) -> None:
        """The sender's system shows it beside the message."""
        body = a_prescription(ELSEWHERE, HIS).body.replace(ANNA.bsn.encode(), BRAM.bsn.encode(), 1)
        await self._refuses("EN-WRONG-PATIENT", body, "SYN")

    async def test_unknown_interaction_gets_a_refusal(self) -> None:
        """Newer than this site."""
        body = a_prescription(ELSEWHERE, HIS).body.replace(b"PORX_IN932000NL", b"PORX_IN932999NL")
        await self._refuses("EN-INTERACTION-UNKNOWN", body, "NS200")

    async def test_what_is_never_sent_to_a_source_gets_a_refusal(self) -> None:
        """An update of the index is for the switchboard, not for us."""
        update = ELSEWHERE.request("index-update", receiver=HIS, patient=ANNA)
        told = await self.call(update)
        assert (code_of(told), set(seen(told).codes)) == ("EN-INTERACTION-ROLE", {"NS200"})
        assert self.systems["his"].heard == []


class TestStrangeHttp(Story):
    async def test_address_without_a_service(self) -> None:
        """A browser that was pointed at the listener."""
        told = await self.outside().get("/")
        assert told.status == 405

    async def test_half_a_request_holds_nothing_up(self) -> None:
        """A sender that hangs must not hang the practice."""
        wire = await self.outside().wire()
        wire.say(b"POST /Ping HTTP/1.1\r\nHost: node\r\nContent-Length: 5000\r\n\r\n<soap")
        assert seen(await self.call(a_prescription(ELSEWHERE, HIS))).type_code == "CA"
        wire.close()

    async def test_two_lengths_are_refused(self) -> None:
        """Two readings of one request: the second caller's message could become part of the first's."""
        wire = await self.outside().wire()
        wire.say(b"POST /P HTTP/1.1\r\nHost: n\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
        answer = await wire.until(b":Envelope>")
        wire.close()
        assert b" 400 " in answer
        assert b"EN-HTTP" in answer
        assert moves.ANNA.bsn.encode() not in answer
