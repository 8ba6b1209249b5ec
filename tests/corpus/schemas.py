"""The published schemas, and schemas joined from their parts for messages whose own was never published.

Knows: where the schemas lie; which transmission wrapper and which control act an interaction joins.
Must not know: how a message is made.
"""

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from lxml import etree

JGZ = "schemas/jgz-7.1/hl7v3_schemas"
PERINATAL = "schemas/perinatal-2.3/schemas_codeGen"

_JOINED = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:hl7-org:v3"
  targetNamespace="urn:hl7-org:v3" elementFormDefault="qualified">
  <xs:include schemaLocation="{wrapper}.xsd"/>
  <xs:include schemaLocation="{act}.xsd"/>
  {elements}
  <xs:group name="Payload"><xs:sequence><xs:any processContents="skip"/></xs:sequence></xs:group>
</xs:schema>"""


class Form(Enum):
    """Transmission wrapper and control act, as published interactions join them."""

    QUERY_ANSWER = ("MCCI_MT000300", "QUQI_MT120001")
    ACT_ANSWER = ("MCCI_MT000300", "MCAI_MT700201_OPT_OV")
    ACT = ("MCCI_MT000100", "MCAI_MT700201_OPT_OV")


class Judge:
    """One schema."""

    def __init__(self, schema: etree.XMLSchema) -> None:
        self._schema = schema

    def complaints(self, message: etree._Element) -> list[str]:
        """What the schema has against a message."""
        self._schema.validate(etree.fromstring(etree.tostring(message)))
        return [str(error) for error in self._schema.error_log]  # type: ignore[attr-defined]


def published(corpus: Path, path: str) -> Judge:
    """The schema in that file."""
    return Judge(etree.XMLSchema(etree.parse(corpus / path)))


def joined(corpus: Path, form: Form, interactions: Iterable[str]) -> Judge:
    """The schema of interactions whose own was never published: all but their content is judged."""
    wrapper, act = form.value
    element = f'<xs:element name="{{}}" type="{wrapper}.Message"/>'
    text = _JOINED.format(wrapper=wrapper, act=act, elements="".join(map(element.format, sorted(set(interactions)))))
    return Judge(etree.XMLSchema(etree.fromstring(text, base_url=str(corpus / JGZ / "joined.xsd"))))


def message_in(envelope: bytes) -> etree._Element:
    """The message, cut loose from its envelope."""
    body = etree.fromstring(envelope).find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    assert body is not None
    return etree.fromstring(etree.tostring(body[0]))
