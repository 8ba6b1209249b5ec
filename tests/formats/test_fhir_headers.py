"""The headers of AORTA on FHIR, and in which format a sender wants to be told what is wrong."""

import pytest

from edge_node.errors import Refused
from edge_node.formats.fhir_headers import (
    one_of_each,
    prefers_json,
    read_aorta_id,
    read_aorta_version,
    write_aorta_id,
    write_aorta_version,
)
from tests.formats.fhir_samples import AORTA_ID, CHAIN, FHIR_XML, HOP, a_request


class TestAortaId:
    def test_is_read_and_written_alike(self) -> None:
        """The chain id joins the logs of all parties; one of them would look in vain for another spelling."""
        assert write_aorta_id(read_aorta_id(AORTA_ID)) == AORTA_ID

    @pytest.mark.parametrize(
        "value",
        [
            f"requestID={HOP};initialRequestID={CHAIN};",
            f" InitialRequestId = {CHAIN.upper()} ; requestid={HOP} ",
            f'initialRequestID="{CHAIN}"; requestID="{HOP}"',
        ],
    )
    def test_may_be_spaced_and_ordered_freely(self, value: str) -> None:
        """The specification gives one example and no grammar."""
        assert write_aorta_id(read_aorta_id(value)) == AORTA_ID

    @pytest.mark.parametrize(
        "value",
        [
            "",
            CHAIN,
            f"initialRequestID={CHAIN}",
            f"initialRequestID={CHAIN}; requestID=7",
            f"initialRequestID={CHAIN}; requestID={HOP}; requestID={HOP}",
            f"initialRequestID={CHAIN}; requestID={HOP}; more=1",
            f"initialRequestID={CHAIN}; requestID={HOP[:-1]}٣",
        ],
    )
    def test_of_another_form_is_refused(self, value: str) -> None:
        """An id nobody can find again is no id."""
        with pytest.raises(Refused) as refusal:
            read_aorta_id(value)
        assert refusal.value.code == "EN-FHIR-HEADER"


class TestAortaVersion:
    @pytest.mark.parametrize(
        "value", ["contentVersion=1.0.0; acceptVersion=1.0.0", "contentVersion=2.0; acceptVersion=>=1.0 <3"]
    )
    def test_is_read_and_written_alike(self, value: str) -> None:
        """It chooses the row, and goes along as it came."""
        assert write_aorta_version(read_aorta_version(value)) == value

    def test_may_say_only_what_is_accepted(self) -> None:
        """A search has no content."""
        assert read_aorta_version("acceptVersion=1.0.0").content == ""

    @pytest.mark.parametrize(
        "value",
        ["", "1.0", "contentVersion=", "contentVersion=one", "contentVersion=01.0", "contentVersion=1.0; x=1"],
    )
    def test_of_another_form_is_refused(self, value: str) -> None:
        """A version that cannot be read would choose the wrong row."""
        with pytest.raises(Refused) as refusal:
            read_aorta_version(value)
        assert refusal.value.code == "EN-FHIR-HEADER"


class TestHeaders:
    @pytest.mark.parametrize(
        "name",
        [
            "authorization",
            "aorta-id",
            "aorta-version",
            "edge-node-transaction-token",
            "edge-node-mandate-token",
            "edge-node-enrolment-token",
            "edge-node-application",
            "if-none-exist",
        ],
    )
    def test_that_decide_stand_once(self, name: str) -> None:
        """With two tokens the one that was judged need not be the one that is used."""
        with pytest.raises(Refused) as refusal:
            one_of_each(((name, "a"), ("accept", "b"), (name, "c")))
        assert refusal.value.code == "EN-FHIR-HEADER"

    def test_of_other_kinds_are_joined(self) -> None:
        """As HTTP has it."""
        assert one_of_each((("accept", "a"), ("accept", "b"))) == {"accept": "a, b"}


class TestFormatOfErrors:
    @pytest.mark.parametrize(
        ("path", "accept", "body", "expected"),
        [
            ("fhir/Task", "", b"", True),
            ("fhir/Task", "", b"<Task/>", False),
            ("fhir/Task", "*/*", b"", True),
            ("fhir/Task", "application/fhir+xml", b"", False),
            ("fhir/Task", "application/fhir+xml;q=0.5, application/fhir+json", b"", True),
            ("fhir/Task", "application/fhir+xml;q=0", b"", True),
            ("fhir/Task", "text/html, application/xml;q=0.9", b"", False),
            ("fhir/Task?_format=xml", "application/fhir+json", b"", False),
            ("fhir/Task?a=b&_format=application%2Ffhir%2Bjson", "application/fhir+xml", b"", True),
            ("fhir/Task?_format=application/fhir+xml", "", b"", False),
            ("fhir/Task?_format=text/turtle", "application/fhir+xml", b"", False),
        ],
    )
    def test_is_what_the_sender_accepts(self, path: str, accept: str, body: bytes, expected: bool) -> None:
        """An error in a format its reader does not know is no error message."""
        assert prefers_json(a_request("POST", path, body, accept=accept, content_type=FHIR_XML)) is expected
