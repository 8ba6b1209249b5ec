"""The store of a node that runs, opened as its settings say.

Knows: which setting goes to which part of the store, what the store is handed of the machine, when there is room.
Must not know: what is kept in it.
"""

from edge_node.backing_up import recovery_keys
from edge_node.choosing import log_plan, retention, sealing_keys
from edge_node.in_force import InForce
from edge_node.machine import Machine, disk_failed
from edge_node.probes.disk import free_bytes
from edge_node.store.sealed_files import FOLDER
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import Shell, Surroundings


def opened(in_force: InForce, machine: Machine) -> Store:
    """Open it. Raises `EdgeNodeError`."""
    settings = in_force.settings
    surroundings = Surroundings(
        clock=machine.clock,
        chance=machine.chance,
        retention=retention(settings),
        sealing=sealing_keys(settings, recovery_keys(settings), in_force.workshop().credentials),
        journal_reserve_records=settings.store.journal_reserve_records,
        log=log_plan(settings),
        sealed_files=settings.node.state_dir / FOLDER,
    )
    shell = Shell(call_from_thread=machine.reactor.callFromThread, aside=machine.aside, on_fatal=disk_failed)
    return open_store(settings.store_path, surroundings, shell)


def has_room(in_force: InForce, store: Store) -> bool:
    """Whether a message that comes now can be kept."""
    if store.reserve.is_open or store.log.is_shut:
        return False
    free = free_bytes(in_force.started_with.store_path.parent)
    return free is None or free >= in_force.settings.store.disk_reserve_bytes
