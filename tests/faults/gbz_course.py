"""What becomes of one fault on a running node, from a node that is well to one that is well again."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.gbz_faults import Fault
from tests.faults.gbz_site import BOUND_S, Site, pattern

#: What an outage leaves behind for a month, as it should.
_BUDGETS = frozenset({"availability-minor", "availability-major"})
_WRONG = frozenset({"violated"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What was seen of it. `None`: it did not come to that in time."""

    turned_s: float | None
    blocks: tuple[str, ...]
    side: str
    nl: str
    en: str
    printed: str  # by `edge-node status --lang nl`
    told: dict[str, str]  # the alert, in both languages, and of whose side
    query: str
    cleared_s: float | None


def take(site: Site, fault: Fault) -> Course:
    """Make it, look, and mend it."""
    _wait(lambda: is_well(site), 150.0)
    heard = len(site.monitor.told)
    begun_s = time.monotonic()
    fault.make(site)
    try:
        turned_s = _wait(lambda: site.check(fault.check)["result"] == fault.result, BOUND_S, begun_s)
        said = _wait(lambda: _says(site, fault), BOUND_S)
        stands, told = site.check(fault.check), _alert(site, fault, heard)
        nl, en, printed = site.sentence(), site.sentence("en"), site.first_line("nl")
        query = site.query()
    finally:
        mended_s = time.monotonic()
        fault.mend(site)
    cleared_s = _wait(lambda: is_well(site), 150.0, mended_s)
    return Course(
        turned_s=turned_s, blocks=tuple(stands["blocks"]), side=stands["side"],
        nl=nl if said is None else _as_meant(nl, fault.nl), en=_as_meant(en, fault.en),
        printed=_as_meant(printed, fault.nl), told=told, query=query, cleared_s=cleared_s,
    )  # fmt: skip


def meant(fault: Fault, found: Course) -> dict[str, Any]:
    """What it should have been; the seconds are those that it took, where they are within bounds."""
    told = {"nl": fault.told_nl or fault.nl, "en": fault.told_en or fault.en, "side": fault.side}
    return {
        "turned_s": found.turned_s if found.turned_s is not None and found.turned_s <= BOUND_S else "at most 60 s",
        "blocks": fault.blocks, "side": fault.side, "nl": fault.nl, "en": fault.en, "printed": fault.nl,
        "told": told, "query": fault.query,
        "cleared_s": found.cleared_s if found.cleared_s is not None else "by itself",
    }  # fmt: skip


def seen(found: Course) -> dict[str, Any]:
    """The same of what was seen."""
    return asdict(found)


def is_well(site: Site) -> bool:
    """Whether the first line is calm, and no check fails that did not fail before all faults."""
    found = site.ask("gbz.list")["checks"]
    wrong = {one["name"] for one in found if one["result"] in _WRONG and not one["waiver"]}
    return site.is_calm() and not wrong - _BUDGETS


def _says(site: Site, fault: Fault) -> bool:
    return pattern(fault.nl).fullmatch(site.sentence()) is not None


def _alert(site: Site, fault: Fault, heard: int) -> dict[str, str]:
    """The alert that tells it; else the last one."""
    wanted = pattern(fault.told_nl or fault.nl)

    def found() -> dict[str, Any] | None:
        began = [one for one in site.monitor.told[heard:] if one["type"] == "alert.began"]
        return next((one for one in began if wanted.fullmatch(one["text"]["nl"])), None)

    _wait(lambda: found() is not None, BOUND_S)
    last = found() or (site.monitor.told[-1] if site.monitor.told[heard:] else {"text": {"nl": "", "en": ""}})
    return {
        "nl": _as_meant(last["text"]["nl"], fault.told_nl or fault.nl),
        "en": _as_meant(last["text"]["en"], fault.told_en or fault.en),
        "side": str(last.get("side", "")),
    }


def _as_meant(text: str, template: str) -> str:
    """The template itself where the text is one of it, so that two of them can be compared."""
    return template if pattern(template).fullmatch(text) else text


def _wait(look: Callable[[], bool], limit_s: float, since_s: float | None = None) -> float | None:
    """Look until it is so; return after how many seconds."""
    begun_s = time.monotonic() if since_s is None else since_s
    while not look():
        if time.monotonic() - begun_s > limit_s:
            return None
        time.sleep(0.2)
    return round(time.monotonic() - begun_s, 1)
