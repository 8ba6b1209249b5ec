# ruff: noqa: E501  tables
"""Invented clinical content: notes and medication, the same for the same seed.

Knows: made-up sentences, measurements and drugs, with codes in the form of the field's code systems.
Must not know: patients, wrappers, XML.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

_COMPLAINTS: Final = (
    ("R05", "Hoesten"), ("L03", "Lage-rugpijn"), ("K86", "Essentiële hypertensie"), ("T90", "Diabetes mellitus"),
    ("A04", "Moeheid"), ("S87", "Constitutioneel eczeem"), ("U71", "Cystitis"), ("P06", "Slapeloosheid"),
)  # fmt: skip
_MEASURES: Final = (
    ("2074", "systolische bloeddruk", "mm[Hg]", 135), ("1744", "RR diastolisch", "mm[Hg]", 82),
    ("368", "glucose nuchter", "mmol/L", 7), ("1919", "kreatinineklaring", "mL/min", 71),
    ("357", "gewicht patiënt", "kg", 78), ("2816", "HbA1c", "mmol/mol", 53),
)  # fmt: skip
_SENTENCES: Final = (
    "Verzonnen consult: klachten bestaan enkele dagen, geen koorts, eet en drinkt redelijk.",
    "Bij onderzoek geen bijzonderheden; controle afgesproken over twee weken & eerder bij verergering.",
    "Patiënt is het eens met het beleid <voorbeeldtekst>, uitleg gegeven over alarmsymptomen.",
    "Overleg met de apotheek over de dosering; geen interactie gevonden in het voorbeeld.",
    "Thuismetingen meegenomen, gemiddeld binnen de streefwaarden van dit verzonnen dossier.",
)
_DRUGS: Final = (
    ("67652", "PARACETAMOL TABLET 500MG", "tablet"), ("4782", "METOPROLOL TABLET MGA 50MG", "tablet met gereguleerde afgifte"),
    ("15229", "METFORMINE TABLET 500MG", "tablet"), ("25011", "SALBUTAMOL AEROSOL 100UG/DO", "aërosol"),
    ("35106", "OMEPRAZOL CAPSULE MSR 20MG", "maagsapresistente capsule"), ("43699", "AMOXICILLINE CAPSULE 500MG", "capsule"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One contact or observation."""

    code: str
    title: str
    moment: str
    text: str
    measure: str
    measured: str
    unit: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """One prescribed or dispensed medicine."""

    code: str
    name: str
    form: str
    note: str
    dosage: str
    dose: int
    start: str
    days: int
    quantity: int


def _number(seed: str, index: int) -> int:
    return int.from_bytes(sha256(f"{seed}/{index}".encode()).digest()[:4])


def notes(count: int, seed: str, now: datetime) -> tuple[Note, ...]:
    """Return that many invented notes."""
    return tuple(_note(_number(seed, index), now - timedelta(days=3 * index)) for index in range(count))


def drugs(count: int, seed: str, now: datetime) -> tuple[Drug, ...]:
    """Return that many invented medicines."""
    return tuple(_drug(_number(seed, index), now - timedelta(days=9 * index)) for index in range(count))


def _note(number: int, moment: datetime) -> Note:
    code, title = _COMPLAINTS[number % len(_COMPLAINTS)]
    measure, measured, unit, value = _MEASURES[number // 7 % len(_MEASURES)]
    text = " ".join(_SENTENCES[(number + step) % len(_SENTENCES)] for step in range(2 + number % 4))
    return Note(
        code=code, title=title, moment=f"{moment:%Y%m%d%H%M}00", text=text, measure=measure, measured=measured, unit=unit,
        value=value + number % 9,
    )  # fmt: skip


def _drug(number: int, moment: datetime) -> Drug:
    code, name, form = _DRUGS[number % len(_DRUGS)]
    dose = 1 + number % 3
    days = 14 + number % 77
    return Drug(
        code=code, name=name, form=form, note=_SENTENCES[number % len(_SENTENCES)], dose=dose, days=days,
        dosage=f"{dose} maal per dag 1 {form}, {_SENTENCES[3]}", start=f"{moment:%Y%m%d}", quantity=dose * days,
    )  # fmt: skip
