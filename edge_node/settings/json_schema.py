"""The JSON Schema of the settings, for editors that complete and check while one types.

Knows: the models, and where the generated file lies in the source tree.
Must not know: rules between settings, which JSON Schema cannot say.
"""

import json
from typing import Any

from edge_node.settings.schema import Settings


def json_schema() -> dict[str, Any]:
    """Return the schema of one layer: no key is required, because another layer may hold it."""
    schema = Settings.model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Settings of edge-node"
    # Only a list's items stand in one layer whole; mappings are merged across layers.
    schema["required"] = ["version"]
    for name in ("NodeSettings", "LocalSettings", "SwitchboardSettings"):
        schema["$defs"][name].pop("required", None)
    return schema


def text() -> str:
    """Return the schema as it stands in `config/edge-node.schema.json`."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(text())
