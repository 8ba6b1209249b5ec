"""The verbs on certificates while no daemon runs: this process has the store's lock, and a reactor of its own.

Knows: what the verbs are handed then, that nothing is swapped because nothing is shown.
Must not know: what the verbs do, how they are told.
"""

import logging
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from cryptography.x509 import Certificate
from twisted.internet.defer import ensureDeferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from edge_node.backing_up import recovery_keys
from edge_node.certificates import Beyond, read_certificates
from edge_node.choosing import read_settings, sealing_keys
from edge_node.cli.offline import user
from edge_node.errors import EdgeNodeError, Refused
from edge_node.machine import MachineChance, MachineClock
from edge_node.renewing import Parts, Renewing
from edge_node.revoking import FOLDER
from edge_node.sealed_keys import opener
from edge_node.settings.schema import Settings
from edge_node.settings.values import existing_path, file_path
from edge_node.status import control_client
from edge_node.status.cert_verbs import verbs
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant
from edge_node.store import sealed_files
from edge_node.store.opening import Offline, open_offline
from edge_node.store.surroundings import Surroundings
from edge_node.wire.revocation import Revocation
from edge_node.wire.revocation_files import ListFiles
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import ListLimits, Lists
from edge_node.wire.trust import Surroundings as TlsSurroundings
from edge_node.wire.trust import load_anchors
from edge_node.wire.trust_floor import Profile
from edge_node.wire.trust_proof import prove


def carry_out(config: Sequence[Path], request: Mapping[str, Any]) -> Any:
    """Carry out one verb under the lock of the store. Raises what went wrong."""
    settings = read_settings(config).settings
    prove(Profile(settings.switchboard.tls_profile))  # what is tried here must be what the daemon would do
    _fit_to_open(settings)
    # What the daemon would log, the command tells: its output may be a request, or JSON.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chance, credentials = MachineChance(), _credentials()
    around = Surroundings(
        clock=MachineClock(),
        chance=chance,
        sealing=sealing_keys(settings, recovery_keys(settings), credentials),
        sealed_files=settings.node.state_dir / sealed_files.FOLDER,
    )
    settings.store_path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with open_offline(settings.store_path, around) as store:
        answer = _run(lambda reactor, pool: _attended((settings, credentials), store, (reactor, pool), request))
    return control_client.result_of(answer)


async def _attended(
    site: tuple[Settings, Path | None], store: Offline, shell: tuple[Any, ThreadPool], request: Mapping[str, Any]
) -> dict[str, Any]:
    (settings, credentials), (reactor, pool) = site, shell

    async def aside(work: Callable[[], Any]) -> Any:
        return await deferToThreadPool(reactor, pool, work)

    async def seal(path: Path, secret: bytes) -> None:
        store.seal(path, secret)

    async def record(change: Change) -> None:
        store.record(change.record)

    def path_of(reference: str) -> Path:
        return existing_path(reference, credentials)

    moment = MachineClock().moment
    judge = await aside(lambda: _revocation(settings, moment()))
    around = TlsSurroundings(now=moment, refused=lambda *_: None, revocation=judge)
    beyond = Beyond(open_sealed=opener(settings, credentials))
    renewing = Renewing(
        Parts(
            settings=lambda: settings,
            seal=seal,
            aside=aside,
            surroundings=around,
            reactor=reactor,
            held=lambda: read_certificates(settings, path_of, moment(), beyond),
            swap=lambda _fresh: None,
        )
    )
    return await Attendant(verbs(renewing), record, lambda: MachineChance().hex(16)).attend(request, user())


def _revocation(settings: Settings, at: datetime) -> Revocation:
    """The judge of revocation with what lies on this machine: nothing is fetched."""
    limits = ListLimits(max_bytes=settings.revocation.crl_max_bytes, ahead_s=settings.revocation.clock_tolerance_s)
    lists = Lists(settings.node.state_dir / FOLDER, limits)
    anchors: list[Certificate] = []
    for peer in settings.switchboard.peers:
        with suppress(EdgeNodeError, OSError):
            anchors += load_anchors(file_path(peer.anchors, _credentials()))
    lists.know(*anchors)
    lists.read_back(tuple(anchors), at)
    ListFiles(lists).read(settings.revocation.crl_files, at)
    return Revocations(lists, lambda _roles: 0.0)


def _run(work: Callable[[Any, ThreadPool], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    """Run a reactor until it is done."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    pool = ThreadPool(1, 2, "cert")
    done: list[dict[str, Any] | Failure] = []

    def end(result: Any) -> None:
        done.append(result)
        pool.stop()
        reactor.stop()

    def begin() -> None:
        pool.start()
        ensureDeferred(work(reactor, pool)).addBoth(end)

    reactor.callWhenRunning(begin)
    reactor.run()
    result = done[0]
    if isinstance(result, Failure):
        result.raiseException()
    return result


def _fit_to_open(settings: Settings) -> None:
    """A store that root made would keep the service out."""
    state = settings.node.state_dir
    if os.geteuid() == 0 and not settings.store_path.exists() and state.is_dir() and state.stat().st_uid != 0:
        owner = f"uid {state.stat().st_uid}"
        raise Refused(f"there is no store yet; run this as the user of the service ({owner})", code="EN-FORBIDDEN")


def _credentials() -> Path | None:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(directory) if directory else None
