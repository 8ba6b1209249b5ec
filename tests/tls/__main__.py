"""`./run tls`: two scanners at the listener of a node in each profile, and at a weak one that they must find.

Knows: who is scanned with what, how the results are told, the exit code.
Must not know: how a scanner works, or what it may find.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from edge_node.wire.trust_floor import Profile
from tests.tls import sslyze, targets, testssl
from tests.tls.findings import Finding, allowances, judged

_BUILD: Final = Path(__file__).resolve().parents[2] / "build" / "tls"
#: Of each scanner: ids without which it did not see the weak listener for what it is.
_MUST_FIND: Final = {
    testssl.TOOL: {"TLS1", "TLS1_1", "cipherlist_AVERAGE"},
    sslyze.TOOL: {"tls_1_0_cipher_suites", "tls_1_1_cipher_suites", "tls_1_2_cipher_suites", "elliptic_curves"},
}


def main() -> int:
    """Scan one after the other; return the exit code. A listener slowed down by another scan looks broken."""
    asked = _arguments()
    program = testssl.find(_BUILD / "debian", _say)
    if program is None or not asked.sslyze.exists():
        _say("a scanner is missing: Debian's package testssl.sh is needed, and sslyze as ./run tls installs it")
        return 1
    with tempfile.TemporaryDirectory(prefix="edge-node-tls-") as made:
        folder, scanners = Path(made), (program, asked.sslyze)
        is_good = _is_caught(_scan_weak(folder / "weak", scanners))
        for profile in map(Profile, asked.profiles):
            is_good &= _is_allowed(profile, _scan_node(folder / profile, profile, scanners))
    _say(f"what the scanners wrote is in {_BUILD}")
    return 0 if is_good else 1


def _scan_node(folder: Path, profile: Profile, scanners: tuple[Path, Path]) -> list[Finding]:
    with targets.node(folder, profile) as target:
        return _scan(target, _BUILD / profile, scanners, is_whole=True)


def _scan_weak(folder: Path, scanners: tuple[Path, Path]) -> list[Finding]:
    with targets.weak(folder) as target:
        return _scan(target, _BUILD / "weak", scanners, is_whole=False)


def _scan(target: targets.Target, into: Path, scanners: tuple[Path, Path], *, is_whole: bool) -> list[Finding]:
    shutil.rmtree(into, ignore_errors=True)
    found = sslyze.scan(scanners[1], target, into)
    return found + testssl.scan(scanners[0], target, into, is_whole=is_whole)


def _is_caught(findings: Iterable[Finding]) -> bool:
    """Say whether each scanner saw the weak listener for what it is: otherwise its silence means nothing."""
    ids = {(one.tool, one.id) for one in findings}
    missed = [
        f"{tool} {id_}" for tool, wanted in _MUST_FIND.items() for id_ in sorted(wanted) if (tool, id_) not in ids
    ]
    print(f"weak listener: {len(ids)} findings; {'NOT CAUGHT: ' + ', '.join(missed) if missed else 'caught'}")
    return not missed


def _is_allowed(profile: Profile, findings: Iterable[Finding]) -> bool:
    pairs = list(judged(findings, allowances()))
    wrong = [finding for finding, allowance in pairs if allowance is None]
    print(f"{profile}: {len(pairs)} findings above informational, {len(wrong)} not allowed")
    for finding, allowance in pairs:
        print(f"  {finding}" + (f"\n    allowed: {allowance.reason}" if allowance else "\n    NOT ALLOWED"))
    return not wrong


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run tls", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sslyze", type=Path, required=True, help="where that program is")
    names = [profile.value for profile in Profile]
    parser.add_argument("profiles", nargs="*", default=names, metavar="PROFILE", help=f"of {', '.join(names)}")
    return parser.parse_args()


def _say(text: str) -> None:
    print(f"tls: {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
