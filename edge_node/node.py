"""The daemon as a process, from its first line to its last.

Knows: the process: its signals, its exit codes, what it tells who started it.
Must not know: of which parts the daemon is built, what any of them does with a message.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from edge_node.choosing import read_settings
from edge_node.cli.exits import GOOD, INTERNAL, NOT_PERMITTED, SETTINGS, TRY_LATER, exit_code, explained
from edge_node.errors import EdgeNodeError, SettingsInvalid
from edge_node.flow.waiting import start
from edge_node.machine import Machine, MachineClock, MonotonicReactor, give_large_memory_back
from edge_node.model.overview import By
from edge_node.settings.schema import Settings
from edge_node.status import log, notify
from edge_node.status.log_tail import LogTail
from edge_node.wire.trust import quiet_about_names
from edge_node.wire.trust_floor import Profile
from edge_node.wire.trust_proof import prove

if TYPE_CHECKING:
    from edge_node.running import Running

_log = structlog.get_logger()

_THREADS: Final = 4


def run(config_paths: Sequence[Path]) -> int:
    """Serve until told to stop; return the exit code of design section 8."""
    from twisted.internet.main import installReactor

    reactor: Any = MonotonicReactor()  # type: ignore[no-untyped-call]
    installReactor(reactor)  # type: ignore[no-untyped-call]
    sys.excepthook = quiet_about_names(sys.excepthook)
    give_large_memory_back()
    node = Node(tuple(config_paths), reactor)
    reactor.callWhenRunning(node.begin)
    reactor.run(installSignalHandlers=False)
    return node.exit_code


class Node:
    """One daemon: its process, from the first line to the last."""

    def __init__(self, config_paths: tuple[Path, ...], reactor: Any) -> None:
        self.exit_code = INTERNAL
        self._paths = config_paths
        self._reactor = reactor
        self._manager = notify.ServiceManager(notify.notifier(os.environ))
        self._pool = ThreadPool(1, _THREADS, "edge-node")
        self._clock = MachineClock()
        self._tail = LogTail(sys.stderr)
        self._running: Running | None = None
        self._watchdog: LoopingCall | None = None
        self._stopping = False

    def begin(self) -> None:
        """Start everything; end the process when that cannot be done."""
        try:
            loaded = read_settings(self._paths)
            self._log_as(loaded.settings)
            prove(Profile(loaded.settings.switchboard.tls_profile))
            self._pool.start()
            from edge_node.running import Running  # twisted.mail wants the reactor when it is imported

            self._running = Running(loaded, self._paths, self._machine())
            self._running.begin()
        except SettingsInvalid as error:
            self._give_up(SETTINGS, "\n".join(error.complaints))
        except EdgeNodeError as error:
            self._give_up(exit_code(error), "\n".join(explained(error)))
        except PermissionError as error:
            self._give_up(NOT_PERMITTED, str(error))
        except OSError as error:  # a disk that is full or read-only: the machine's state, not a mistake of ours
            self._give_up(TRY_LATER, str(error))
        except Exception as error:  # noqa: BLE001  a process without listeners must not look alive
            _log.critical("node.failed", exc_info=error)
            self._give_up(INTERNAL, f"EN-INTERNAL: {type(error).__name__}")
        else:
            self._serve(self._running)

    def _serve(self, running: "Running") -> None:
        for number, act in ((signal.SIGTERM, self.stop), (signal.SIGINT, self.stop), (signal.SIGHUP, self.reload)):
            signal.signal(number, self._in_reactor(act))
        # What the start made stays. To look it through for garbage again and again would stop the reactor for 100 ms.
        gc.freeze()
        print(json.dumps({"event": "ready", **running.addresses}), flush=True)
        _log.info("node.ready", **running.addresses)
        self._manager.ready("serving")
        running.overseeing.alerts.on_first_line(self._manager.status)
        interval_s = notify.watchdog_interval_s(os.environ, os.getpid())
        if interval_s is not None:
            self._watchdog = LoopingCall(self._manager.alive)
            self._watchdog.clock = self._reactor
            self._watchdog.start(interval_s)

    def reload(self) -> None:
        """Read the settings again; keep the old ones when they are wrong."""
        if self._running is not None and not self._stopping:
            self._manager.reloading(self._reactor.seconds())
            start(self._reload(self._running), self._failed)

    def stop(self) -> None:
        """Drain, then end."""
        if self._stopping:
            return
        self._stopping = True
        self._manager.stopping()
        if self._running is None:
            self._end(GOOD)
        else:
            start(self._drain(self._running, GOOD), self._failed)

    async def _reload(self, running: "Running") -> None:
        try:
            await running.reload(By(who="system", why="SIGHUP"))
        except SettingsInvalid as error:
            _log.error("settings.refused", complaints=list(error.complaints))
        finally:
            gc.unfreeze()  # the old settings go, once
            gc.collect()
            gc.freeze()
            self._manager.ready("serving")

    async def _drain(self, running: "Running", exit_code: int) -> None:
        try:
            await running.stop()
        except BaseException:
            self._end(INTERNAL)
            raise
        self._end(exit_code)

    def _failed(self, failure: Failure) -> None:
        _log.error("node.failed", error=type(failure.value).__name__, exc_info=failure.value)

    def _give_up(self, exit_code: int, reason: str) -> None:
        print(reason, file=sys.stderr)
        self.exit_code = exit_code
        if self._running is None:
            self._end(exit_code)
        else:  # the store is open: it is closed as at any stop
            start(self._drain(self._running, exit_code), self._failed)

    def _end(self, exit_code: int) -> None:
        self.exit_code = exit_code
        if self._watchdog is not None and self._watchdog.running:
            self._watchdog.stop()
        if self._pool.started:
            self._pool.stop()
        if self._reactor.running:
            self._reactor.stop()

    def _in_reactor(self, act: Callable[[], None]) -> Callable[[int, object], None]:
        return lambda _number, _frame: self._reactor.callFromThread(act)

    def _machine(self) -> Machine:
        return Machine(self._reactor, self._pool, self._clock, recall=self._tail.lines)

    def _log_as(self, settings: Settings) -> None:
        level = settings.node.log_level
        log.configure(
            log.LogSettings(stream=self._tail, node_id=settings.node.id, now=self._clock.moment, level=level)
        )
        log.bridge_twisted(level)
