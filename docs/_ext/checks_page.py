"""The page of checks: what each looks at, who asks for it, what it is held against, what it does.

Knows: the catalogue, which checks a running node looks at, the thresholds of the settings with their origin.
Must not know: how a check is judged.
"""

from typing import Any, Final

from pydantic.fields import FieldInfo

from edge_node import looking
from edge_node.model.check import Check, Kind, Topic
from edge_node.policy import check_catalogue
from edge_node.settings.schema import Settings
from edge_node.settings.values import PRODUCT

TOPICS: Final = {
    Topic.TIME: "A. Time, availability, performance",
    Topic.IDENTITY: "B. Certificates, keys, application id",
    Topic.NETWORK: "C. Transport and network",
    Topic.USERS: "D. Users, cards, authorisation",
    Topic.PATIENTS: "E. Patient identity, consent, index",
    Topic.OPERATIONS: "F. Logging, storage, security operations",
    Topic.CONNECTING: "G. Conditions to be connected",
}
_BY: Final = {
    Kind.MEASURED: "measured",
    Kind.OF_MESSAGE: "judged by messages",
    Kind.SUPPLIED: "told by the local system, or attested",
    Kind.ATTESTED: "attested by a person, until a date",
}
_UNSEEN: Final = "not looked at by this release: always unknown"


def make() -> str:
    """Return one section a topic, one entry a check."""
    checks, seen = check_catalogue.load().values(), looked_at()
    sections = []
    for topic, title in TOPICS.items():
        sections += [f"## {title}", "", *(_entry(one, seen) for one in checks if one.topic is topic)]
    return "\n".join(sections)


def looked_at() -> frozenset[str]:
    """The checks that some look of a running node judges; none is carried out here, so no node is needed."""
    nothing: Any = None
    return frozenset(name for look in looking.looks(nothing) for name in look.rules)


def _entry(check: Check, seen: frozenset[str]) -> str:
    is_measured = check.kind in {Kind.MEASURED, Kind.OF_MESSAGE}
    by = _UNSEEN if is_measured and check.name not in seen else _BY[check.kind]
    source = _plain(check.source) or PRODUCT
    does = " ".join(check.actions)
    reference = " ".join(check.reference)
    held = "; ".join(_threshold(name) for name in check.thresholds) or "nothing that can be set"
    lines = [
        f"### {check.name}",
        "",
        f"{_plain(check.meaning.en)}",
        "",
        f"- **Seen:** {by}",
        f"- **Source:** {source}",
        f"- **Held against:** {held}",
        f"- **A violation:** {does} (default of this product; the reference: {reference})"
        + ("" if check.gives_way else "; what it blocks by itself cannot be taken away or waived"),
        f"- **Side:** {check.side}",
        f"- **Do:** {_plain(check.do.en)}",
        f"- **Nederlands:** {_plain(check.title.nl)}. {_plain(check.do.nl)}",
        "",
    ]
    return "\n".join(lines)


def _threshold(name: str) -> str:
    """A number with its default, and who says so: a text that is named, or this product."""
    path = name if "." in name else f"checks.limits.{name}"
    field = _field(path)
    extra = field.json_schema_extra
    origin = str(extra.get("origin", PRODUCT)) if isinstance(extra, dict) else PRODUCT
    return f"`{path}` {field.default:g} ({origin if origin == PRODUCT else f'source: {origin}'})"


def _field(path: str) -> FieldInfo:
    """Find where it stands in the settings."""
    section: Any = Settings
    *above, last = path.split(".")
    for step in above:
        section = section.model_fields[step].annotation
    field: FieldInfo = section.model_fields[last]
    return field


def _plain(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")
