"""The row of the interaction table that a FHIR request is of.

Knows: how the ids of FHIR interactions are formed: operation, resource, version.
Must not know: what a row allows, who asks.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from edge_node.model.fhir import Action, AortaVersion, FhirCall
from edge_node.model.fhir_types import operation_shown, type_shown
from edge_node.model.interaction import Catalogue, Interaction

_BUNDLES: Final = frozenset({"transaction", "batch"})


def name_of(call: FhirCall, bundle: str | None = None) -> str:
    """What is asked, by name and without a version, such as `search:Task`. Never holds a value from the address.

    Nor a name that is none of FHIR: somebody's own may stand there by mistake.
    """
    resource = None if call.resource is None else type_shown(call.resource)
    operation = None if call.operation is None else operation_shown(call.operation)
    return next(_names(replace(call, resource=resource, operation=operation), bundle))


def row_of(
    catalogue: Catalogue, call: FhirCall, version: AortaVersion | None = None, bundle: str | None = None
) -> Interaction | None:
    """Return the row: of the content version where one is given, else the highest one in use, else the highest.

    `bundle` is the type of the Bundle that was posted to the base address.
    """
    names = set(_names(call, bundle))
    rows = [(_version(row), row) for id_, row in catalogue.items() if row.fhir and id_.rsplit(":", 2)[0] in names]
    if version is not None and version.content:
        wanted = _numbers(version.content)
        rows = [(numbers, row) for numbers, row in rows if numbers == wanted]
    return max(rows, key=lambda found: (found[1].active, found[0]))[1] if rows else None


def version_of(row: Interaction) -> AortaVersion:
    """What `AORTA-Version` says of a request of this row, where its sender said nothing."""
    version = str(row.id).rsplit(":", 2)[1]
    return AortaVersion(content=f"{version}.0", accept=f"{version}.0")


def _names(call: FhirCall, bundle: str | None) -> Iterator[str]:
    if call.action is Action.CAPABILITIES:
        yield "capabilities"
    elif call.action is Action.TRANSACTION:
        yield f"{bundle if bundle in _BUNDLES else 'transaction'}:Bundle"
    elif call.operation is not None:
        # The vocabulary writes some operations without their dollar, others with it.
        yield call.operation
        yield call.operation.removeprefix("$")
        if call.resource is not None:
            yield f"{call.operation}:{call.resource}"
    else:
        yield str(call.action) if call.resource is None else f"{call.action}:{call.resource}"


def _version(row: Interaction) -> tuple[int, int]:
    return _numbers(str(row.id).rsplit(":", 2)[1])


def _numbers(version: str) -> tuple[int, int]:
    """Major and minor: what stands in the id of an interaction."""
    major, _, rest = version.partition("-")[0].partition("+")[0].partition(".")
    return int(major), int(rest.partition(".")[0] or 0)
