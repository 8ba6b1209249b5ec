"""The reader of messages, from first byte to last."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_node.errors import Refused
from edge_node.model.message import Reading
from tests import messages
from tests.formats.samples import ACKNOWLEDGEMENT, BATCH, PRESCRIPTION, QUERY, read, reader, replaced

SAMPLES = [QUERY, PRESCRIPTION, BATCH, ACKNOWLEDGEMENT]
ENVELOPE = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'


def code_of(body: bytes, **limits: int) -> str:
    with pytest.raises(Refused) as refusal:
        read_split(body, [], **limits)
    return refusal.value.code


def read_split(body: bytes, cuts: list[int], **limits: int) -> Reading:
    one = reader(**limits)
    edges = [0, *sorted(cuts), len(body)]
    for begin, end in pairwise(edges):
        one.feed(body[begin:end])
    return one.close()


class TestReading:
    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(SAMPLES), st.lists(st.integers(0, 5000), max_size=6))
    def test_is_the_same_however_the_bytes_are_split(self, body: bytes, cuts: list[int]) -> None:
        """The network cuts where it likes."""
        assert read_split(body, [min(cut, len(body)) for cut in cuts]) == read(body)

    def test_is_the_same_byte_by_byte(self) -> None:
        """The slowest sender is read like the fastest."""
        assert read_split(BATCH, list(range(len(BATCH)))) == read(BATCH)

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=300))
    def test_of_any_bytes_refuses_and_never_fails(self, body: bytes) -> None:
        """Nothing that comes in may bring the daemon down."""
        with pytest.raises(Refused):
            read(body)

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(SAMPLES), st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=40))
    def test_of_a_spoilt_message_gives_a_reading_or_a_refusal(
        self, body: bytes, at: int, gone: int, put: bytes
    ) -> None:
        """A broken sender is told so; it is never an internal error."""
        spoilt = body[:at] + put + body[at + gone :]
        with suppress(Refused):
            assert isinstance(read(spoilt), Reading)

    def test_does_not_depend_on_prefixes(self) -> None:
        """Each product writes namespaces in its own way."""
        other = PRESCRIPTION.replace(b"v:", b"").replace(b":v=", b"=")
        assert read(PRESCRIPTION).wrapper == read(other).wrapper

    def test_tells_whether_there_was_an_envelope(self) -> None:
        """Bare messages come from files and tests; on the wire there is an envelope."""
        assert (read(QUERY).in_soap, read(PRESCRIPTION).in_soap) == (True, False)


class TestTheWrapper:
    def test_is_known_before_the_payload(self) -> None:
        """A large answer starts to pass once its wrapper matched."""
        one = reader()
        one.feed(PRESCRIPTION[: PRESCRIPTION.index(b"<v:prescription>")])
        assert one.wrapper is not None
        assert str(one.wrapper.id) == "2.16.840.1.113883.2.4.6.6.700001.1/push-1"

    def test_is_not_known_before_it_is_whole(self) -> None:
        """Half a wrapper must not be judged."""
        one = reader()
        one.feed(PRESCRIPTION[: PRESCRIPTION.index(b"<v:sender>")])
        assert one.wrapper is None

    def test_may_be_cut_off_behind(self) -> None:
        """A truncated answer can never be read as complete."""
        assert code_of(QUERY[:-10]) == "EN-XML-MALFORMED"


class TestABatch:
    def test_gives_the_wrapper_of_each_answer(self) -> None:
        """Each answer is held against the question by itself."""
        reading = read(BATCH)
        assert [str(one.sender) for one in reading.enclosed] == ["1", "700003"]
        assert {str(one.query_id) for one in reading.enclosed} == {"2.16.840.1.113883.2.4.6.6.700001.2/query-1"}
        assert [issue.code for issue in reading.enclosed[0].issues] == ["AUTERR_SWV_FALSE"]

    def test_has_no_processing_codes_of_its_own(self) -> None:
        """The schema of a batch leaves them out."""
        wrapper = read(BATCH).wrapper
        assert (wrapper.accept_ack_code, wrapper.processing_code) == ("", "")
        assert str(wrapper.acknowledgement and wrapper.acknowledgement.target).endswith("question-1")

    def test_whose_answer_lacks_a_field_is_refused(self) -> None:
        """What the asker cannot read is not passed on."""
        assert code_of(replaced(BATCH, '<acceptAckCode code="NE"/>', "", 1)) == "EN-WRAPPER-FIELD"

    def test_names_the_question_of_an_answer_that_repeats_its_parameters(self) -> None:
        """An answer may hold its own queryAck and, behind it, the question."""
        echo = '</queryAck><queryByParameter><queryId root="1.2" extension="other"/></queryByParameter>'
        reading = read(replaced(BATCH, "</queryAck>", echo))
        assert {one.query_id and one.query_id.extension for one in reading.enclosed} == {"query-1"}

    def test_of_more_answers_than_there_are_sources_is_refused(self) -> None:
        """Each of them is judged; ten thousand would keep every other patient waiting."""
        start, end = BATCH.index(b"<QUPC_IN990002NL>"), BATCH.rindex(b"</QUPC_IN990002NL>")
        last = BATCH[BATCH.rindex(b"<QUPC_IN990002NL>") : end] + b"</QUPC_IN990002NL>"
        with pytest.raises(Refused) as refusal:
            read(BATCH[:start] + last * 501 + BATCH[end:].partition(b">")[2])
        assert refusal.value.code == "EN-XML-LIMIT"
        assert len(read(BATCH[:start] + last * 100 + BATCH[end:].partition(b">")[2]).enclosed) == 100


class TestTheDigest:
    def test_is_the_sha256_of_the_message_element(self) -> None:
        """An outsider can check it."""
        element = PRESCRIPTION.partition(b"?>")[2].strip()
        assert read(PRESCRIPTION).digest == hashlib.sha256(element).digest()

    def test_is_the_same_with_a_new_token(self) -> None:
        """The same message with a new signature is a renewal, not another message."""
        renewed = replaced(QUERY, "token-1", "token-2")
        assert read(renewed).digest == read(QUERY).digest
        assert replace(read(renewed), tokens=()) == replace(read(QUERY), tokens=())

    def test_is_the_same_behind_a_byte_order_mark(self) -> None:
        """Some products write one."""
        assert read(b"\xef\xbb\xbf" + QUERY).digest == read(QUERY).digest

    def test_differs_with_the_content(self) -> None:
        """An id must never be used again for something else."""
        assert read(replaced(PRESCRIPTION, "prescription-1", "prescription-2")).digest != read(PRESCRIPTION).digest


class TestTheEnvelope:
    def test_of_soap_1_2_is_refused_by_its_name(self) -> None:
        """Many toolkits have SOAP 1.2 as default, and it is one switch when one knows."""
        with pytest.raises(Refused, match=r"SOAP 1\.2"):
            read(b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>')

    @pytest.mark.parametrize(
        "body",
        [
            ENVELOPE % b"",
            ENVELOPE % (PRESCRIPTION.partition(b"?>")[2] * 2),
            ENVELOPE % b"<other xmlns='urn:x'/>",
            b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>',
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Other/></s:Envelope>',
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/><s:Header/></s:Envelope>',
            b"<html/>",
        ],
    )
    def test_that_does_not_hold_one_message_is_refused(self, body: bytes) -> None:
        """Two messages in one body would be judged by the first and processed by the second."""
        assert code_of(body) == "EN-SOAP-ENVELOPE"

    @pytest.mark.parametrize("where", [b"<v:prescription>", b"<v:ControlActProcess", b"<v:attentionLine>"])
    def test_too_deep_is_refused(self, where: bytes) -> None:
        """Depth costs memory and stack in every system behind us."""
        deep = PRESCRIPTION.replace(where, b"<v:x>" * 101 + b"</v:x>" * 101 + where)
        assert code_of(deep) == "EN-XML-LIMIT"
        assert isinstance(read(PRESCRIPTION.replace(where, b"<v:x>" * 80 + b"</v:x>" * 80 + where)), Reading)

    def test_with_too_many_attributes_in_its_payload_is_refused(self) -> None:
        """The limits hold everywhere, not only in the wrapper."""
        many = " ".join(f'a{n}=""' for n in range(65))
        assert code_of(replaced(PRESCRIPTION, "<v:prescription>", f"<v:prescription {many}>")) == "EN-XML-LIMIT"


class TestDataKinds:
    def test_are_read_from_the_payload(self) -> None:
        """An index entry is one kind of data: without it a withdrawal would hit the wrong one."""
        code = b'<code code="272353" codeSystem="2.16.840.1.113883.2.4.15.4"/>'
        body = messages.a_report().replace(b"<text>", code + b"<text>")
        assert read(body).data_kinds == frozenset({"272353"})

    def test_without_a_code_are_none(self) -> None:
        """An empty one would be a lane of its own, beside that of the kind it belongs to."""
        code = b'<code nullFlavor="NI" codeSystem="2.16.840.1.113883.2.4.15.4"/>'
        body = messages.a_report().replace(b"<text>", code + b"<text>")
        assert read(body).data_kinds == frozenset()
