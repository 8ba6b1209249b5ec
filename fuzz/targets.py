"""The targets by name, and each with a bug put into it on purpose.

Knows: what is tried, and how each would be wrong.
Must not know: what makes up inputs.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from edge_node.model.fhir import FhirBody
from edge_node.model.message import Reading
from edge_node.settings.schema import Settings
from fuzz import acknowledgement, certificate, fhir, http_glue, settings, wrapper
from fuzz.target import Target

TARGETS: Final[Mapping[str, Target]] = {
    "http": http_glue.GlueTarget(),
    "wrapper": wrapper.WrapperTarget(),
    "acknowledgement": acknowledgement.AcknowledgementTarget(),
    "fhir": fhir.FhirTarget(),
    "settings": settings.SettingsTarget(),
    "certificate": certificate.CertificateTarget(),
}


def _forgets_an_answer(data: bytes, size: int) -> http_glue.Seen:
    seen = http_glue.serve(data, size)
    return replace(seen, sent=b"") if b"Expect: x" in data else seen


def _overlooks_remarks(data: bytes) -> Reading:
    return wrapper.read_whole(data.replace(b"<!-- x -->", b""))


def _takes_no_for_yes(data: bytes) -> acknowledgement.Answered:
    return acknowledgement.read_answer(data.replace(b'typeCode="AE"', b'typeCode="AA"'))


def _knows_no_null(data: bytes) -> FhirBody:
    if b"null" in data:
        raise KeyError("null")
    return fhir.read_whole(data)


def _knows_no_merge(data: bytes) -> Settings:
    if b"<<: *a" in data:
        raise KeyError("<<")
    return settings.load_bytes(data)


#: A machine that does not find these would not find what nobody put in either.
WITH_A_BUG: Final[Mapping[str, Target]] = {
    "http": http_glue.GlueTarget(_forgets_an_answer),
    "wrapper": wrapper.WrapperTarget(_overlooks_remarks),
    "acknowledgement": acknowledgement.AcknowledgementTarget(_takes_no_for_yes),
    "fhir": fhir.FhirTarget(_knows_no_null),
    "settings": settings.SettingsTarget(_knows_no_merge),
    "certificate": certificate.CertificateTarget(certificate.forgets_signatures),
}
