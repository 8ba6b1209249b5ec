"""The page of settings.

Knows: the JSON Schema of the settings, as editors get it.
Must not know: YAML, layers, what a setting does in the node.
"""

import json
from typing import Any

from edge_node.settings.schema import Settings
from edge_node.settings.values import PRODUCT

Schema = dict[str, Any]
#: Origins that the page's introduction tells of, so that the others stand out.
_USUAL = (None, PRODUCT, "chosen by the site")


def make() -> str:
    """Return one section a mapping, in the order in which an operator meets them."""
    whole = Settings.model_json_schema()
    sections: dict[str, str] = {}
    _walk("", whole, whole.get("$defs", {}), sections)
    return "\n".join(sections.values())


def _walk(path: str, schema: Schema, defs: Schema, sections: dict[str, str]) -> None:
    required = set(schema.get("required", ()))
    title = f"`{path}`" if path else "Top level"
    lines = [f"## {title}", "", schema.get("description", "").strip(), ""]
    for key, value in schema["properties"].items():
        lines += _entry(key, value, defs, is_required=key in required)
    sections[path] = "\n".join(lines)
    for key, value in schema["properties"].items():
        below = _section_below(value, defs)
        if below is not None:
            suffix = "[]" if value.get("type") == "array" else ""
            _walk(f"{path}.{key}{suffix}".lstrip("."), below, defs, sections)


def _entry(key: str, value: Schema, defs: Schema, *, is_required: bool) -> list[str]:
    facts = [type_of(value, defs)]
    if is_required:
        facts.append("**required**")
    elif _section_below(value, defs) is None and value.get("default") not in ([], {}):
        facts.append(f"default `{json.dumps(value.get('default'), ensure_ascii=False)}`")
    origin = value.get("origin")
    if origin not in _USUAL:
        facts.append(f"origin: {origin}")
    what = value.get("description") or (_section_below(value, defs) or {}).get("description", "")
    return [f"`{key}`", f": {what.strip()}", "", f"  *{'; '.join(facts)}*", ""]


def type_of(value: Schema, defs: Schema) -> str:
    """Say in words what may stand there."""
    if "$ref" in value:
        return type_of(defs[value["$ref"].rsplit("/", 1)[1]], defs)
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return "one of " + ", ".join(f"`{choice}`" for choice in value["enum"])
    if "anyOf" in value:
        return " or ".join(type_of(choice, defs) for choice in value["anyOf"])
    if value.get("type") == "array":
        return f"list of {type_of(value.get('items', {}), defs)}"
    return _simple(value)


def _simple(value: Schema) -> str:
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    names |= {"object": "mapping", "null": "null"}
    name = names.get(value.get("type", ""), "anything")
    low = value.get("minimum", value.get("exclusiveMinimum"))
    high = value.get("maximum")
    if low is None or high is None:
        return name
    more = "more than " if "exclusiveMinimum" in value else ""
    return f"{name}, {more}{low} to {high}"


def _section_below(value: Schema, defs: Schema) -> Schema | None:
    for choice in (value, value.get("items", {}), *value.get("anyOf", ())):
        if "$ref" in choice:
            schema: Schema = defs[choice["$ref"].rsplit("/", 1)[1]]
            return schema if "properties" in schema else None
    return None
