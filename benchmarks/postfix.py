"""The other program that keeps and passes on: Postfix, between its own smtp-source and smtp-sink.

Knows: where Postfix is fetched from, the settings of an instance of its own, how its log tells what was delivered.
Must not know: what it is measured beside.

Nothing is installed: Debian's package is unpacked beside, and runs with a queue in the folder of the measurement. It
needs root, because Postfix changes to another user by itself.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.programs import REPOSITORY, NotStarted

_FETCHED: Final = REPOSITORY / "build" / "bench" / "postfix"
_SBIN: Final = _FETCHED / "usr/sbin"
_LIBRARIES: Final = _FETCHED / "usr/lib/postfix"
_OWNER: Final = "mail"  # an unprivileged account that every Debian has, and that owns nothing else here
_GROUP: Final = "games"
_QUEUES: Final = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace",
)  # fmt: skip
_SETTLE_S: Final = 120.0

# As it comes, but for where it lives, to whom it delivers, and no limit on how many connect from one address.
_MAIN: Final = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
daemon_directory = {libraries}/sbin
command_directory = {sbin}
shlib_directory = {libraries}
meta_directory = {folder}/etc
mail_owner = {owner}
setgid_group = {group}
myhostname = bench.invalid
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{to}
disable_dns_lookups = yes
smtpd_peername_lookup = no
alias_maps =
alias_database =
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
maillog_file = {folder}/log
maillog_file_prefixes = /
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
"""
_MASTER: Final = """\
127.0.0.1:{at} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def find_postfix(say: Callable[[str], None]) -> bool:
    """Say whether Postfix is at hand; fetch and unpack Debian's package where it is not."""
    if os.geteuid() != 0:
        return False
    if not (_SBIN / "smtp-source").exists() and shutil.which("apt-get"):
        say(f"Postfix is missing: unpacking Debian's package in {_FETCHED} (nothing is installed)")
        _fetch()
    return (_SBIN / "smtp-source").exists()


@dataclass(slots=True, kw_only=True)
class Postfix:
    """A running instance with its sink. Use as a context manager."""

    folder: Path
    ports: tuple[int, int]  # Postfix, smtp-sink
    _running: list[subprocess.Popen[bytes]]

    def __enter__(self) -> "Postfix":
        return self

    def __exit__(self, *raised: object) -> None:
        for process in self._running:
            process.terminate()
            process.wait()

    def passes_on_s(self, messages: int, senders: int, nbytes: int) -> float:
        """Send that many, each sender one after the other; return seconds until all were delivered."""
        before = self._delivered()
        begun = time.perf_counter()
        subprocess.run(
            [_SBIN / "smtp-source", "-s", str(senders), "-m", str(messages), "-l", str(nbytes),
             "-f", "a@bench.invalid", "-t", "b@far.invalid", f"127.0.0.1:{self.ports[0]}"],
            check=True, env=_environment(self.folder), capture_output=True,
        )  # fmt: skip
        while self._delivered() - before < messages:
            if time.perf_counter() - begun > _SETTLE_S:
                raise NotStarted("Postfix did not deliver all: see its log")
            time.sleep(0.005)
        return time.perf_counter() - begun

    def _delivered(self) -> int:
        return (self.folder / "log").read_bytes().count(b"status=sent")


def start_postfix(folder: Path, ports: tuple[int, int]) -> Postfix:
    """Start Postfix on the first port and its sink on the second."""
    _prepare(folder, ports)
    environment = _environment(folder)
    sink = [str(_SBIN / "smtp-sink"), "-u", _OWNER, f"127.0.0.1:{ports[1]}", "256"]
    master = [str(_LIBRARIES / "sbin/master"), "-c", str(folder / "etc"), "-d"]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in (sink, master)
    ]
    postfix = Postfix(folder=folder, ports=ports, _running=running)
    try:
        _wait_started(folder / "log")
    except NotStarted:
        postfix.__exit__()
        raise
    return postfix


def version() -> str:
    """What the package says of itself."""
    told = subprocess.run(
        [_SBIN / "postconf", "-d", "-h", "mail_version"], env=_environment(_FETCHED), capture_output=True, text=True
    )
    return f"Postfix {told.stdout.strip()}"


def _prepare(folder: Path, ports: tuple[int, int]) -> None:
    (folder / "etc").mkdir(parents=True)
    words = {"folder": folder, "libraries": _LIBRARIES, "sbin": _SBIN, "owner": _OWNER, "group": _GROUP}
    (folder / "etc/main.cf").write_text(_MAIN.format(**words, to=ports[1]), encoding="utf-8")
    (folder / "etc/master.cf").write_text(_MASTER.format(at=ports[0]), encoding="utf-8")
    for name in _QUEUES:
        (folder / "spool" / name).mkdir(parents=True, mode=0o700)
        shutil.chown(folder / "spool" / name, _OWNER)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        (folder / "spool" / name).mkdir(mode=0o700)
        shutil.chown(folder / "spool" / name, _OWNER, _GROUP)
        (folder / "spool" / name).chmod(mode)
    (folder / "spool/pid").mkdir()
    (folder / "data").mkdir(mode=0o700)
    shutil.chown(folder / "data", _OWNER)
    for parent in (folder, *folder.parents):  # its user has to come in
        if parent.stat().st_mode & 0o005 != 0o005:
            parent.chmod(parent.stat().st_mode | 0o055)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name == "PATH"}
    return {**kept, "LD_LIBRARY_PATH": str(_LIBRARIES), "MAIL_CONFIG": str(folder / "etc")}


def _wait_started(log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if log.exists() and b"daemon started" in log.read_bytes():
            return
        time.sleep(0.02)
    raise NotStarted(log.read_text(errors="replace")[-2000:] if log.exists() else "Postfix did not start")


def _fetch() -> None:
    _FETCHED.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
    subprocess.run(["apt-get", "download", "-q", "postfix"], cwd=_FETCHED, capture_output=True, check=False)
    for package in _FETCHED.glob("postfix_*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, _FETCHED], check=False)
