"""The thresholds of the checks as the settings have them, each with who says so.

Knows: where a threshold stands in the settings, which unit its name tells.
Must not know: which check uses it.
"""

from types import MappingProxyType
from typing import Any, Final

from edge_node.model.check import Limits, Maker, Origin, Threshold
from edge_node.policy import check_catalogue
from edge_node.settings.schema import Settings
from edge_node.settings.values import PRODUCT, Section

_ALWAYS: Final = ("attestation_warn_days",)
_UNITS: Final = {
    "_per_s": "per s",
    "_s": "s",
    "_days": "days",
    "_h": "h",
    "_percent": "%",
    "_bytes": "bytes",
    "_years": "years",
}


def limits_of(settings: Settings) -> Limits:
    """Return every threshold that a check names."""
    named = {name for check in check_catalogue.load().values() for name in check.thresholds}
    return MappingProxyType({name: _threshold(settings, name) for name in sorted(named.union(_ALWAYS))})


def _threshold(settings: Settings, name: str) -> Threshold:
    path = name.split(".") if "." in name else ["checks", "limits", name]
    section: Any = settings
    for step in path[:-1]:
        section = getattr(section, step)
    value = float(getattr(section, path[-1]))
    return Threshold(name=".".join(path), value=value, unit=_unit(path[-1]), origin=_origin(section, path[-1]))


def _origin(section: Section, key: str) -> Origin:
    field = type(section).model_fields[key]
    if getattr(section, key) != field.default:
        return Origin(maker=Maker.SITE)
    extra = field.json_schema_extra
    said = str(extra.get("origin", PRODUCT)) if isinstance(extra, dict) else PRODUCT
    return Origin(maker=Maker.PRODUCT) if said == PRODUCT else Origin(maker=Maker.SOURCE, source=said)


def _unit(key: str) -> str:
    return next((unit for ending, unit in _UNITS.items() if key.endswith(ending)), "")
