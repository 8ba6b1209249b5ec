"""What checks say in their values and evidence, for people who read Dutch.

Knows: the table of terms and forms, that a list is told part by part.
Must not know: which check says what, where it is shown.

What a person wrote, and a name that is not in the table, is left as it is.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

_TABLE: Final = "check_terms.toml"
_HOLE: Final = "{}"
#: Between the parts of a list, the widest first.
_BETWEEN: Final = ("; ", ", ", ": ")
#: Evidence that a person wrote.
_PEOPLES: Final = frozenset({"owner", "statement"})
_SOURCE: Final = "source: "
_DEPTH: Final = 4
#: What is longer holds names and no form.
_LONGEST: Final = 200
_REMEMBERED: Final = 2000


def value_in(text: str, language: str) -> str:
    """A value in a language."""
    if language == "en":
        return text
    if text.startswith(_SOURCE):
        return f"bron: {source_in(text.removeprefix(_SOURCE), language)}"
    return _dutch(text, _DEPTH)


def evidence_in(name: str, text: str, language: str) -> tuple[str, str]:
    """One piece of evidence in a language."""
    if name in _PEOPLES:
        return value_in(name, language), text
    return value_in(name, language), value_in(text, language)


def source_in(text: str, language: str) -> str:
    """Where a requirement or a number comes from, in a language."""
    if language == "en":
        return text
    found: str | None = table()["sources"].get(text)
    return value_in(text, language) if found is None else found


@cache
def table() -> Mapping[str, Any]:
    """The table; it never changes, so once."""
    loaded = tomllib.loads(files(__package__).joinpath(_TABLE).read_text("utf-8"))
    loaded["same"] = frozenset(loaded["same"])
    return loaded


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each form with its Dutch; what says most of itself is tried first."""
    written = sorted(table()["forms"].items(), key=lambda form: -len(form[0].replace(_HOLE, "")))
    return tuple((_pattern(form), dutch) for form, dutch in written)


def _pattern(form: str) -> re.Pattern[str]:
    """A form that is no list itself does not begin in the middle of one."""
    begins = "(.+?)" if not form.startswith(_HOLE) or ", " in form else "((?:(?!, ).)+?)"
    first, *rest = map(re.escape, form.split(_HOLE))
    return re.compile(first + begins + "(.+?)".join(rest) if rest else first)


@lru_cache(_REMEMBERED)
def _dutch(text: str, depth: int) -> str:
    known: str | None = table()["terms"].get(text)
    if known is not None or not depth:
        return text if known is None else known
    for pattern, dutch in _forms() if len(text) <= _LONGEST else ():
        found = pattern.fullmatch(text)
        if found is not None:
            return _filled(dutch, (_dutch(part, depth - 1) for part in found.groups()))
    between = next((one for one in _BETWEEN if one in text), None)
    return text if between is None else between.join(_dutch(part, depth - 1) for part in text.split(between))


def _filled(form: str, parts: Iterator[str]) -> str:
    return re.sub(re.escape(_HOLE), lambda _: next(parts), form)
