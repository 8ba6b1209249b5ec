"""No author, and no form of a name, makes the node look away from a token."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import pytest
from lxml import etree

from edge_node.formats.names import SAML
from edge_node.model.identifiers import BSN_ROOT, URA_ROOT
from edge_node.model.token import TokenLimits
from edge_node.sandbox.samples.making import rule_of
from edge_node.sandbox.samples.people import GP
from edge_node.sandbox.samples.tokens import organisation, signed
from tests.formats.token_bench import ANNA, BRAM, Bench, assertion_in, register, signature_in, text_of

Element = etree._Element
_HL7: Final = "{urn:hl7-org:v3}"
_UZI: Final = "2.16.528.1.1007.3.1"
_DESK: Final = "2.16.840.1.113883.2.4.3.11.7.3"
_AGB: Final = "2.16.840.1.113883.2.4.6.1"
_THIRD: Final = organisation("90000909")
PATIENT: Final = (BSN_ROOT, ANNA.bsn)


def by(body: bytes, root: str, extension: str, *, beside: bool = False) -> bytes:
    """The same message by an author with that number, instead of his own or beside it."""
    envelope = etree.fromstring(body)
    own = next(one for one in envelope.iter(f"{_HL7}id") if one.get("root") == _UZI)
    other = copy.deepcopy(own)
    other.set("root", root)
    other.set("extension", extension)
    own.addnext(other)
    if not beside:
        other.getparent().remove(own)  # type: ignore[union-attr]
    return etree.tostring(envelope)


def at(body: bytes, ura: str) -> bytes:
    """The same message by an author of that organisation."""
    envelope = etree.fromstring(body)
    ids = [one for one in envelope.iter(f"{_HL7}id") if one.get("root") == URA_ROOT]
    ids[0].set("extension", ura)
    return etree.tostring(envelope)


def unsigned(bench: Bench) -> bytes:
    return bench.spoiled(lambda it: assertion_in(it).remove(signature_in(it)))


def forged(bench: Bench) -> bytes:
    return bench.spoiled(lambda it: text_of(assertion_in(it), f".//{{{SAML}}}AttributeValue", "else"))


def patients(bench: Bench, *, bsn: str = ANNA.bsn, **changes: object) -> bytes:
    """A message under a token as DigiD gives it: nobody's card signed that."""
    sample = bench.sample()
    said = replace(bench.said(sample), subject=f"s00000000:{bsn}", **changes)  # type: ignore[arg-type]
    return bench.under(sample, signed(said, None))


def older_message(bench: Bench) -> bytes:
    sample = bench.sample()
    block, signature = bench.older(sample)
    return bench.under(sample, signature, outside=block)


def beside(bench: Bench, *more: bytes) -> bytes:
    sample = bench.sample()
    return bench.under(sample, signed(bench.said(sample), bench.hand), *more)


def odd_mandate(bench: Bench) -> bytes:
    said = bench.maker.tokens.mandate(GP, rule_of(bench.sample().kind))
    return beside(bench, signed(replace(said, issuer="900000101 x"), None))


def odd_enrolment(bench: Bench, **changes: str) -> bytes:
    said = replace(bench.maker.tokens.enrolment(ANNA.bsn, GP, "x"), **changes)  # type: ignore[arg-type]
    return beside(bench, signed(said, None))


def patients_beside(bench: Bench) -> bytes:
    said = replace(bench.maker.tokens.enrolment(ANNA.bsn, GP), subject=f"s00000000:{ANNA.bsn}")
    return beside(bench, signed(said, None))


def contract(bench: Bench) -> bytes:
    said = bench.maker.tokens.enrolment(ANNA.bsn, GP)
    return beside(bench, signed(replace(said, issuer="urn:contract:1", subject="urn:contract:2"), None))


def no_patients() -> Bench:
    """A site at which neither patients nor a desk work."""
    return Bench(limits=TokenLimits(blocks_passed=True))


@dataclass(frozen=True, slots=True)
class Row:
    """One message whose author is not the one of the token."""

    name: str
    code: str
    make: Callable[[Bench], bytes]
    bench: Callable[[], Bench] = field(default=Bench)


ROWS: Final = (
    Row("unsigned, a desk beside", "EN-TOKEN-UNSIGNED", lambda it: by(unsigned(it), _DESK, "x", beside=True)),
    Row("forged, a desk beside", "EN-TOKEN-DIGEST", lambda it: by(forged(it), _DESK, "x", beside=True)),
    Row("a doctor's token at a desk", "EN-TOKEN-MISMATCH", lambda it: by(it.message(), _DESK, "7")),
    Row("a doctor's older token at a desk", "EN-TOKEN-MISMATCH", lambda it: by(older_message(it), _DESK, "7")),
    Row("a doctor's token, an AGB number", "EN-TOKEN-MISMATCH", lambda it: by(it.message(), _AGB, "01234567")),
    Row("a doctor's older token, an AGB number", "EN-TOKEN-MISMATCH", lambda it: by(older_message(it), _AGB, "7")),
    Row("a doctor's token, a patient's message", "EN-TOKEN-MISMATCH", lambda it: by(it.message(), *PATIENT)),
    Row("a doctor's older token, the same", "EN-TOKEN-MISMATCH", lambda it: by(older_message(it), *PATIENT)),
    Row("unsigned by a doctor, the same", "EN-TOKEN-MISMATCH", lambda it: by(unsigned(it), *PATIENT)),
    Row("a third organisation", "EN-TOKEN-ISSUER", lambda it: at(it.message(issuer=_THIRD), "90000909")),
    Row("a patient's token, a doctor's message", "EN-TOKEN-MISMATCH", patients),
    Row("a patient's token beside a doctor's", "EN-TOKEN-MISMATCH", patients_beside),
    Row("another patient's token", "EN-TOKEN-PATIENT", lambda it: by(patients(it, bsn=BRAM.bsn), *PATIENT)),
    Row("a patient's own, where none work", "EN-TOKEN-PASSED", lambda it: by(patients(it), *PATIENT), no_patients),
    Row("a contract, where none work", "EN-TOKEN-PASSED", contract, no_patients),
    Row("a mandate of an odd giver", "EN-TOKEN-FORM", odd_mandate),
    Row("an enrolment of an odd patient", "EN-TOKEN-FORM", partial(odd_enrolment, subject=f"BSN {ANNA.bsn}")),
    Row("an enrolment at an odd organisation", "EN-TOKEN-FORM",
        partial(odd_enrolment, issuer="urn:iiroot:2.16.528.1.1007.3.3:IIext:90000101")),
)  # fmt: skip


class TestATokenUnderAnotherAuthor:
    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
    def test_is_refused_by_name(self, row: Row) -> None:
        """Whoever reaches the local door would else write tokens in any doctor's name."""
        bench = row.bench()
        assert bench.codes(row.make(bench))[:1] == [row.code], bench.judge(row.make(bench))


class TestWhatOnlyTheSwitchboardCanProve:
    def test_passes_when_it_is_the_patients_own_and_is_told(self) -> None:
        """A portal works, and somebody can see how much goes by unproven."""
        bench = Bench()
        body = by(patients(bench), *PATIENT)
        assert [(one.code, one.detail) for one in bench.judge(body)] == [
            ("EN-TOKEN-PASSED", "a token of kind patient")
        ]

    def test_passes_at_a_desk_with_a_card_of_another_register(self) -> None:
        """Its people have no UZI card; what they have, nobody here can prove."""
        bench = Bench(card="pharmacy")
        named = replace(bench.hand, embeds=False, certificate=register().server_root.certificate)
        sample = bench.sample()
        body = bench.under(sample, signed(replace(bench.said(sample), subject="balie:7", confirms=None), named))
        assert [one.code for one in bench.judge(by(body, _DESK, "7"))] == ["EN-TOKEN-PASSED"]

    def test_is_a_contract_and_is_told(self) -> None:
        """A token of no kind that is known here is nobody's proof."""
        bench = Bench()
        said = replace(bench.maker.tokens.mandate(GP, "x"), issuer="urn:iiroot:x", subject="contract")
        assert [one.code for one in bench.judge(beside(bench, signed(said, None)))] == ["EN-TOKEN-PASSED"]
