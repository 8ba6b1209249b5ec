"""A process that makes a backup of a store, or restores one, and kills itself at a fail point."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from edge_node.machine import MachineChance, MachineClock
from edge_node.store import backup, restoring
from edge_node.store.backup import Plan, Tools
from edge_node.store.recovery import load_private, load_public
from edge_node.store.restoring import Wanted
from edge_node.store.surroundings import Surroundings


def dying_at(point: str) -> Callable[[str], None]:
    """Return a fail point that ends this process as a power cut would."""

    def fail_point(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return fail_point


def back_up(folder: Path, point: str) -> None:
    plan = Plan(
        store=folder / "state" / "store.db",
        folder=folder / "backups",
        keys=(load_public(folder / "public.pem"),),
        site="post",
        release="1",
        settings_hash="h",
    )
    tools = Tools(clock=MachineClock(), chance=MachineChance(), free_bytes=lambda _: None, fail_point=dying_at(point))
    print(backup.make(plan, tools).path)


def restore(folder: Path, point: str) -> None:
    (file,) = (folder / "backups").glob("*.edge-backup")
    around = Surroundings(clock=MachineClock(), chance=MachineChance(), fail_point=dying_at(point))
    private = load_private(folder / "private.pem")
    restoring.restore(Wanted(file=file, private=private, store=folder / "new" / "store.db", around=around))


if __name__ == "__main__":
    {"backup": back_up, "restore": restore}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
