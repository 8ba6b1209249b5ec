"""The messages the node makes, against the published schemas."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from edge_node.formats import making
from edge_node.formats.ids import message_root, stamp
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.message import Detail
from tests.formats.samples import CATALOGUE, PRESCRIPTION, QUERY, read

JGZ = "schemas/jgz-7.1/hl7v3_schemas"
PERINATAL = "schemas/perinatal-2.3/schemas_codeGen"
ROOT = message_root(Oid("2.16.840.1.113883.2.4.6.6.700001.1"), ApplicationId("700001"))
STAMP = stamp(ROOT, datetime(2026, 7, 1, 10, tzinfo=UTC), "0" * 16)
NO_STORE = Detail("E", "NOSTORE", "2.16.840.1.113883.5.1100")
PUSH = read(PRESCRIPTION).wrapper
ASKED = read(QUERY).wrapper


def message_in(envelope: bytes) -> etree._Element:
    """The message, cut loose from its envelope."""
    body = etree.fromstring(envelope)[0]
    return etree.fromstring(etree.tostring(body[0]))


def complaints(schema: Path, envelope: bytes) -> list[str]:
    """What the schema has against the message in the envelope."""
    judge = etree.XMLSchema(etree.parse(schema))
    judge.validate(message_in(envelope))
    return [str(error) for error in judge.error_log]


class TestAgainstItsSchema:
    @pytest.mark.parametrize("folder", [JGZ, PERINATAL])
    @pytest.mark.parametrize(("type_code", "details"), [("CA", []), ("CE", [NO_STORE]), ("CR", [NO_STORE])])
    def test_an_accept_acknowledgement_is_valid(
        self, corpus: Path, folder: str, type_code: str, details: list[Detail]
    ) -> None:
        """Local systems read it with code made from this schema."""
        made = making.accept_acknowledgement(PUSH, STAMP, type_code, details)
        assert complaints(corpus / folder / "MCCI_IN000002.xsd", made) == []

    def test_a_negative_answer_is_valid(self, corpus: Path) -> None:
        """The asker must be able to read why there is no answer."""
        asked = replace(ASKED, response_modality_code="R")
        made = making.negative_answer(CATALOGUE["REPC_IN002170NL"], asked, STAMP, [NO_STORE])
        assert complaints(corpus / JGZ / "REPC_IN002171NL.xsd", made) == []

    def test_a_negative_batch_is_valid(self, corpus: Path) -> None:
        """A local system that asked the switchboard reads only batches."""
        made = making.negative_answer(CATALOGUE["QUPC_IN990001NL"], ASKED, STAMP, [NO_STORE])
        assert complaints(corpus / JGZ / "MCCI_IN200101.xsd", made) == []

    def test_a_spoilt_one_is_not(self, corpus: Path) -> None:
        """The schemas do judge."""
        made = making.accept_acknowledgement(PUSH, STAMP, "CA").replace(b"targetMessage", b"targetMassage")
        assert complaints(corpus / JGZ / "MCCI_IN000002.xsd", made) != []
