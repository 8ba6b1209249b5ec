"""Invented people and organisations: test patients, and the parties that write about them.

Knows: test BSNs (the ranges 9999 and 9000 of the programme, each passing the eleven-test), made-up names, role codes.
Must not know: what a message looks like.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Final

_GIVEN: Final = ("Anna", "Bram", "Carla", "Daan", "Els", "Fedde", "Gerda", "Hidde", "Ilse", "Jorrit", "Karin", "Luuk")
_FAMILY: Final = ("Zandwijk", "Proefstra", "Testenaar", "Oefenburg", "Voorbeeldt", "Demoor", "Schijnhof", "Fictema")
_STREETS: Final = ("Proefweg", "Oefenlaan", "Teststraat", "Schetspad", "Modelplein")
_CITIES: Final = ("Nergenshuizen", "Proefdam", "Testwoude", "Oefenveen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """An invented patient."""

    bsn: str = field(repr=False)
    given: str = field(repr=False)
    family: str = field(repr=False)
    gender: str
    born: str  # yyyymmdd
    street: str = field(repr=False)
    number: int = field(repr=False)
    postal_code: str = field(repr=False)
    city: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A professional who writes or answers for a message."""

    uzi: str
    role: str  # UZI role code
    role_name: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An application with the organisation and the professional behind it."""

    application: str
    name: str  # of the organisation
    ura: str
    kind: str  # organisation type, code system 2.16.840.1.113883.2.4.15.1060
    system_uzi: str
    city: str
    person: Person


#: From this rank on every name, street and date of birth is one patient's own, to be searched for.
OWN: Final = 1000
_LETTERS: Final = "bcdfghjklmnpqrstvwxz"
_FIRST_OWN: Final = date(1850, 1, 1)


def _test_bsns(begin: int = 99_990_000) -> Iterator[str]:
    """Yield the ten thousand numbers from there on that pass the eleven-test, by making their last digit."""
    for head in range(begin, begin + 10_000):
        last = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), str(head), strict=True)) % 11
        if last < 10:
            yield f"{head}{last}"


_TEST_BSNS: Final = tuple(islice(_test_bsns(), 9_000))


@cache
def _more_bsns() -> tuple[str, ...]:
    return tuple(_test_bsns(90_000_000))


@cache
def _ranks() -> dict[str, int]:
    return {bsn: rank for rank, bsn in enumerate((*_TEST_BSNS, *_more_bsns()))}


def test_bsn(index: int) -> str:
    """Return the test BSN of that rank."""
    return _TEST_BSNS[index] if index < len(_TEST_BSNS) else _more_bsns()[index - len(_TEST_BSNS)]


def own_word(prefix: str, index: int) -> str:
    """Return a word that begins so and occurs nowhere else."""
    digest = sha256(f"{prefix}{index}".encode()).digest()
    return prefix + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:8])


def patient_with(bsn: str) -> Patient | None:
    """Return the patient whose number it is, of those with a name of their own."""
    rank = _ranks().get(bsn, 0)
    return patient(rank) if rank >= OWN else None


def patient(index: int) -> Patient:
    """Return the invented patient of that rank; the same rank is always the same person."""
    if index >= OWN:
        return Patient(
            bsn=test_bsn(index),
            given=own_word("Vqx", index),
            family=own_word("Wqx", index),
            gender="FM"[index % 2],
            born=f"{_FIRST_OWN + timedelta(days=index - OWN):%Y%m%d}",
            street=own_word("Sqx", index),
            number=1 + index * 3 % 200,
            postal_code=f"{1000 + index * 37 % 9000} ZZ",
            city=_CITIES[index % len(_CITIES)],
        )
    return Patient(
        bsn=test_bsn(index),
        given=_GIVEN[index % len(_GIVEN)],
        family=_FAMILY[index % len(_FAMILY)],
        gender="FM"[index % 2],
        born=f"{1931 + index * 7 % 90}{1 + index % 12:02}{1 + index * 5 % 28:02}",
        street=_STREETS[index % len(_STREETS)],
        number=1 + index * 3 % 200,
        postal_code=f"{1000 + index * 37 % 9000} ZZ",
        city=_CITIES[index % len(_CITIES)],
    )


GP: Final = Person(uzi="900000101", role="01.015", role_name="Huisarts", name="W. Praktijkman")
PHARMACIST: Final = Person(uzi="900000102", role="17.000", role_name="Apotheker", name="M. Vijzelaar")
POST_GP: Final = Person(uzi="900000103", role="01.015", role_name="Huisarts", name="N. Nachtdienst")
SPECIALIST: Final = Person(uzi="900000104", role="01.016", role_name="Internist", name="S. Poliklinker")
AVG_PHYSICIAN: Final = Person(
    uzi="900000105", role="01.056", role_name="Arts verstandelijk gehandicapten", name="V. Woonzorg"
)
LOCUM_GP: Final = Person(uzi="900000111", role="01.015", role_name="Huisarts", name="T. Invaller")
LOCUM_AVG: Final = Person(
    uzi="900000115", role="01.056", role_name="Arts verstandelijk gehandicapten", name="D. Plaatsvervanger"
)

PRACTICE: Final = Party(
    application="80000001", name="Huisartsenpraktijk Edge Node Test", ura="90000101", kind="Z3",
    system_uzi="990000101", city="Proefdam", person=GP,
)  # fmt: skip
PHARMACY: Final = Party(
    application="80000002", name="Apotheek Edge Node Test", ura="90000202", kind="J8", system_uzi="990000202",
    city="Proefdam", person=PHARMACIST,
)  # fmt: skip
OUT_OF_HOURS_POST: Final = Party(
    application="80000003", name="Huisartsenpost Testwoude", ura="90000013", kind="H1", system_uzi="900000203",
    city="Testwoude", person=POST_GP,
)  # fmt: skip
HOSPITAL: Final = Party(
    application="80000004", name="Ziekenhuis Oefenveen", ura="90000014", kind="V4", system_uzi="900000204",
    city="Oefenveen", person=SPECIALIST,
)  # fmt: skip
INSTITUTION: Final = Party(
    application="80000005", name="Stichting Woonzorg Nergens", ura="90000015", kind="R5", system_uzi="900000205",
    city="Nergenshuizen", person=AVG_PHYSICIAN,
)  # fmt: skip

PARTIES: Final = {
    party.application: party for party in (PRACTICE, PHARMACY, OUT_OF_HOURS_POST, HOSPITAL, INSTITUTION)
}


def party_of(application: str) -> Party:
    """Return the invented party behind an application id; an unknown id gets one of its own."""
    known = PARTIES.get(application)
    if known is not None:
        return known
    return Party(
        application=application, name=f"Testzorgaanbieder {application}", ura=application.zfill(8)[-8:], kind="Z3",
        system_uzi=application.zfill(9)[-9:], city="Testwoude", person=GP,
    )  # fmt: skip
