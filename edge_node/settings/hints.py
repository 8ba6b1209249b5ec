"""What is said of a setting that does not fit the schema, in words that tell what to write.

Knows: pydantic's kinds of error, the models and their keys.
Must not know: YAML, files, places.
"""

import difflib
from collections.abc import Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from edge_node.settings.schema import Settings
from edge_node.settings.values import FORMS

_SECRETS: Final = frozenset({
    "password", "passwd", "wachtwoord", "secret", "token", "bearer", "bearer_token", "api_key", "apikey", "pin",
    "passphrase", "key_pem", "address_key", "client_secret", "private_key",
})  # fmt: skip
_REASONS: Final = {
    "missing": "is required",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotes",
    "tuple_type": "must be a list; put - before each value",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "none_required": "must be null",
    "invalid_key": "has a key that is no text",
}
_LIMITS: Final = {
    "greater_than": ("gt", "must be more than {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than": ("lt", "must be less than {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "string_too_long": ("max_length", "has more than {} characters"),
    "literal_error": ("expected", "must be one of {}"),
    "value_error": ("error", "{}"),
}


def reason(error: ErrorDetails) -> str:
    """Say what is wrong, without the value."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(error["loc"])
    if kind == "string_type":
        return _no_text(error["input"])
    if kind in {"too_short", "string_too_short"}:
        return "must not be empty"
    if kind == "string_pattern_mismatch":
        return FORMS.get(str(context.get("pattern")), "has not its form")
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return words.format(context.get(name, ""))
    return _REASONS.get(kind, error["msg"])


def _no_text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return "must be a text; put it in quotes"
    return "must be a text"


def _unknown(steps: Sequence[str | int]) -> str:
    key = str(steps[-1])
    if key.lower() in _SECRETS:
        return (
            "secrets are never written in settings; put it in a file of its own and name that file "
            "(such as password_file), or use credential:NAME"
        )
    known = _keys_at(steps[:-1])
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return f"is not known; did you mean {near[0]}?"
    return f"is not known; known here: {', '.join(known)}"


def _keys_at(steps: Sequence[str | int]) -> list[str]:
    model: type[BaseModel] | None = Settings
    for step in steps:
        if isinstance(step, str) and model is not None and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation)
    return list(model.model_fields) if model is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
