"""testssl.sh as a scanner: fetched, run with a client certificate, its findings read.

Knows: Debian's package, the options, the ids and severities of its JSON.
Must not know: what it is pointed at, which findings are allowed.

Nothing is installed: where the machine has no testssl, Debian's package is unpacked beside.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from edge_node.wire.trust_floor import Floor
from edge_node.wire.trust_labels import group_name
from tests.tls.findings import Finding
from tests.tls.targets import Target

TOOL: Final = "testssl"
_UNREMARKABLE: Final = frozenset({"OK", "INFO", "DEBUG"})
#: Without these ids a scan was not whole, whatever it says.
_WHOLE: Final = frozenset(
    {
        "SSLv2",
        "SSLv3",
        "TLS1",
        "TLS1_1",
        "TLS1_2",
        "TLS1_3",
        "cipherlist_NULL",
        "cipherlist_aNULL",
        "cipherlist_3DES_IDEA",
    }
)
_WHOLE_SCAN: Final = _WHOLE | {"heartbleed", "ROBOT", "CRIME_TLS", "secure_client_renego", "LUCKY13", "cipher_order"}
_SCAN_S: Final = 900.0
#: Times that a scan is made anew.
_AGAIN: Final = 2

Row = Mapping[str, Any]

#: Its OpenSSL shows the client certificate wherever it connects (3.0 has no option for it), and asks for a name where
#: the scanner thinks that none is needed: a listener of two organisations refuses who asks for neither.
_OPENSSL: Final = """#!/bin/sh
[ "$1" = s_client ] || exec openssl "$@"
shift
for word; do shift; [ "$word" = -noservername ] || set -- "$@" "$word"; done
case " $* " in *" -servername "*) ;; *) set -- -servername {name} "$@" ;; esac
exec openssl s_client -cert {chain} -cert_chain {chain} -key {key} "$@"
"""
#: It wants to see a resolver on the machine even when it is told to ask none.
_NO_RESOLVER: Final = "#!/bin/sh\nexit 1\n"


def find(folder: Path, say: Callable[[str], None]) -> Path | None:
    """Return the program; fetch and unpack Debian's package where the machine has none."""
    on_machine = shutil.which("testssl") or shutil.which("testssl.sh")
    if on_machine:
        return Path(on_machine)
    unpacked = folder / "usr/bin/testssl"
    if not unpacked.exists() and shutil.which("apt-get"):
        say(f"testssl.sh is missing: unpacking Debian's package in {folder} (nothing is installed)")
        _fetch(folder)
    return unpacked if unpacked.exists() else None


def scan(program: Path, target: Target, folder: Path, *, is_whole: bool) -> list[Finding]:
    """Scan; a part of it, protocols and kinds of ciphers, is enough for a listener that fails there.

    A scan that was cut off from the listener is made anew, whole. What the last one says counts, whatever it is.
    """
    rows = _rows(program, target, folder, is_whole=is_whole)
    for _ in range(_AGAIN):
        if not any(map(is_cut_off, rows)):
            break
        rows = _rows(program, target, folder, is_whole=is_whole)
    return list(read(rows, target.floor, is_whole=is_whole))


def is_cut_off(row: Row) -> bool:
    """Say whether a look could not connect: the scanner waits so long and no longer on a busy machine."""
    return row["severity"] == "WARN" and "connect problem" in row["finding"]


def _rows(program: Path, target: Target, folder: Path, *, is_whole: bool) -> Sequence[Row]:
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "testssl.json"
    written.unlink(missing_ok=True)
    options = ["--warnings", "batch", "--nodns", "none", "--color", "0", "--quiet", "--ip", "127.0.0.1"]
    options += ["--add-ca", str(target.anchors), "--jsonfile", str(written)]
    options += [] if is_whole else ["--protocols", "--std"]
    command = ["bash", str(program), *options, f"https://{target.name}:{target.port}"]
    with (folder / "testssl.txt").open("wb") as said:
        subprocess.run(command, env=_environment(program, target, folder), stdout=said, stderr=said,
                       stdin=subprocess.DEVNULL, timeout=_SCAN_S, check=False)  # fmt: skip
    rows: Sequence[Row] = json.loads(written.read_text("utf-8")) if written.exists() else []
    return rows


def read(rows: Sequence[Row], floor: Floor, *, is_whole: bool) -> Iterator[Finding]:
    """Give what is above informational, what the profile does not offer, and what was not looked at."""
    for row in rows:
        if row["severity"] not in _UNREMARKABLE:
            yield Finding(TOOL, row["id"], row["severity"], row["finding"])
        yield from _beyond(row, floor)
    missing = (_WHOLE_SCAN if is_whole else _WHOLE) - {row["id"] for row in rows}
    if missing:
        yield Finding(TOOL, "scan", "FATAL", f"not whole, without {' '.join(sorted(missing))}")


def _beyond(row: Row, floor: Floor) -> Iterator[Finding]:
    """Give ciphers and groups that are not of the profile, however the scanner calls them."""
    offered: set[str] = set()
    if re.fullmatch(r"cipher_x[0-9a-f]+", row["id"]):
        offered = {row["finding"].split()[1]} - set(floor.suites)
    elif row["id"].endswith("ECDHE_curves"):
        offered = {group_name(name) for name in row["finding"].split()} - set(floor.groups)
    if offered:
        yield Finding(TOOL, row["id"], "PROFILE", f"not of the profile: {' '.join(sorted(offered))}")


def _environment(program: Path, target: Target, folder: Path) -> dict[str, str]:
    own = folder / "bin"
    own.mkdir(exist_ok=True)
    _script(own / "openssl-with-certificate", _OPENSSL.format(chain=target.chain, key=target.key, name=target.name))
    path = os.environ["PATH"]
    if not any(shutil.which(name) for name in ("dig", "host", "drill", "nslookup")):
        _script(own / "host", _NO_RESOLVER)
        path = f"{own}:{path}"
    data = program.parent.parent.parent / "etc/testssl"
    return {
        **{name: value for name, value in os.environ.items() if name != "OPENSSL_CONF"},
        "PATH": path,
        "OPENSSL": str(own / "openssl-with-certificate"),
        **({"TESTSSL_INSTALL_DIR": str(data)} if data.exists() else {}),
    }


def _script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
    subprocess.run(["apt-get", "download", "-q", "testssl.sh"], cwd=folder, capture_output=True, check=False)
    for package in folder.glob("testssl.sh_*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder], check=False)
