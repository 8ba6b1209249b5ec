"""The machine on which the node is crashed: its process, its disk, its power.

Knows: how a node is started armed, ended by a blow, and what its folder looks like when the power comes back.
Must not know: what the node is sent, or whether it kept its promises.
"""

import random
import shutil
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.sandbox.crash_disk import Disk, Image, image_of, put_back
from edge_node.sandbox.crash_plan import Blow
from edge_node.sandbox.crash_trace import Layer, TraceBroken
from edge_node.sandbox.crashing_node import AT
from edge_node.sandbox.stage import Stage
from edge_node.wire.trust_floor import Profile, take_up

_POLL_S: Final = 0.005
#: A fail point that is not reached in this time is waited for no longer; longer while the node never was at it.
_POINT_S: Final = 4.0
_FIRST_POINT_S: Final = 30.0


@dataclass(slots=True)
class Machine:
    """One machine. The layer notes whatever the node does to its folder between two power cuts."""

    stage: Stage
    layer: Layer
    reached: Counter[str] = field(default_factory=Counter)  # fail points at which it ended itself
    syncs: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    cuts: int = 0
    unlike: int = 0  # cuts at which the notes did not tell all
    _image: Image = field(default_factory=dict)

    def prepare(self, blow: Blow | None) -> None:
        """Arm the next start of the node."""
        if not self.starts and self.layer.root.exists():
            self._image = image_of(self.layer.root)
        self.starts += 1
        environment = dict(self.layer.environment(self.starts))
        # What can be killed at a fail point loads the store, and so OpenSSL, before the node's own entry point.
        take_up(Profile.LSP_COMPAT, environment)
        if blow is not None and blow.where:
            environment[AT] = blow.where
        self.stage.node_environment = environment

    def strike(self, blow: Blow, chance: random.Random) -> None:
        """End the node as the blow says; after a power cut its folder is what the disk held."""
        if blow.point:
            self._wait_point(blow.point)
        else:
            if not blow.is_early:
                self.stage.node.wait_ready()
            self._wait_end(blow.after_s)
        self.stage.crash_node()
        if blow.is_cut:
            self.cut(chance)

    def cut(self, chance: random.Random) -> None:
        """The power went: what was not synced may be gone."""
        disk = Disk(self.layer.root, self._image)
        for note in self.layer.notes():
            disk.play(note)
        self.syncs.update(disk.syncs)
        self.cuts += 1
        self._check_seen(disk)
        self._image = disk.after_cut(chance)
        put_back(self.layer.root, self._image)
        self.layer.forget()

    def check(self) -> None:
        """Raise `TraceBroken` where the cuts of this machine prove nothing."""
        if self.cuts and not any(count for name, count in self.syncs.items() if name.endswith("-wal")):
            raise TraceBroken("no sync of SQLite's log was seen: the layer was not preloaded, or is not called")
        if self.unlike > 1 + self.cuts // 5:
            raise TraceBroken(f"at {self.unlike} of {self.cuts} cuts the notes did not tell all that was written")

    def keep_evidence(self, folder: Path) -> None:
        """Copy the folder and the notes to where they can be looked at."""
        shutil.copytree(self.layer.root, folder / "state-at-the-end", dirs_exist_ok=True)

    def _check_seen(self, disk: Disk) -> None:
        """A cut proves something only when the notes tell all: played whole, they make the folder."""
        played, found = disk.as_written(), image_of(self.layer.root)
        found = {name: data for name, data in found.items() if not name.endswith("-shm")}
        unseen = found.keys() ^ played.keys()
        if len(unseen) > 1:
            raise TraceBroken(f"the layer and the folder differ about {', '.join(sorted(unseen))}")
        # One deed may have been done, and not yet noted, when the kill came: a file made or removed, or a write.
        self.unlike += bool(unseen) or any(found[name] != played[name] for name in found)

    def _wait_point(self, point: str) -> None:
        has_ended = self._wait_end(_POINT_S if self.reached[point] else _FIRST_POINT_S)
        # A node that could not start has ended as well, and was not there.
        if has_ended and self.stage.node.process.returncode == -signal.SIGKILL:
            self.reached[point] += 1

    def _wait_end(self, limit_s: float) -> bool:
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            if not self.stage.node.is_running:
                return True
            time.sleep(_POLL_S)
        return False
