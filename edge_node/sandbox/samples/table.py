"""The interactions of the sandbox's own site: the national table, with what `declared.yaml` adds to it.

Knows: where both stand.
Must not know: what a sample looks like, or who uses a row.
"""

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from edge_node.formats import interactions
from edge_node.model.interaction import Catalogue
from edge_node.settings.site import declared
from edge_node.settings.switchboard import InteractionSettings


@cache
def declarations() -> dict[str, Any]:
    """Return the keys under `switchboard` that the settings of the sandbox's site hold."""
    text = files(__package__).joinpath("declared.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def table() -> Catalogue:
    """Return every row this site may exchange, by its id."""
    rows = dict(interactions.load())
    for written in declarations()["interactions"]:
        rows[written["id"]] = declared(InteractionSettings.model_validate_json(json.dumps(written)))
    for name, is_in_use in declarations()["in_use"].items():
        rows[name] = replace(rows[name], active=is_in_use)
    return MappingProxyType(rows)
