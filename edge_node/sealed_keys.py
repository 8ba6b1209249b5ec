"""The keys that the node made for its certificates, opened with the key of the store.

Knows: where the sealed files of each identity are, which keys of the store may open them.
Must not know: what a key is used for, how a file is sealed.
"""

from pathlib import Path
from typing import Final

from edge_node.choosing import sealing_keys
from edge_node.errors import EdgeNodeError
from edge_node.settings.schema import Settings
from edge_node.store import keys, master, sealed_files
from edge_node.store.master import Master
from edge_node.store.surroundings import SealingKeys
from edge_node.wire.trust_keys import OpenSealed

_END: Final = ".key" + sealed_files.SUFFIX


def name_of(identity: str, number: int) -> str:
    """Name a sealed key, as it stands behind `sealed:`; the name of an identity has no dot."""
    return f"{identity}.{number}"


def file_of(state_dir: Path, name: str) -> Path:
    """Return where the key of that name lies."""
    identity, _, number = name.rpartition(".")
    if not identity or not number.isdecimal():
        raise EdgeNodeError(f"sealed:{name} names no key; it is sealed:IDENTITY.NUMBER", code="EN-SEALED-KEY")
    return state_dir / sealed_files.FOLDER / identity / f"{number}{_END}"


def opener(settings: Settings, credentials: Path | None) -> OpenSealed:
    """Return what opens the sealed keys of a site; the key of the store is read when one is opened."""

    def open_sealed(name: str) -> bytes:
        path = file_of(settings.node.state_dir, name)
        return sealed_files.unseal(path, _masters(settings, credentials))

    return open_sealed


def _masters(settings: Settings, credentials: Path | None) -> tuple[Master, ...]:
    """The key of the store, with the one to come: a change of keys that a kill broke off ends at the start."""
    chosen: SealingKeys = sealing_keys(settings, (), credentials)
    beside = settings.store_path.with_name(master.FILE)
    first = master.load(chosen.path or beside, is_credential=chosen.is_credential)
    coming = keys.next_of(beside)
    return (first, master.load(coming)) if coming.exists() else (first,)
