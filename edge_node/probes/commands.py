"""What a command of the machine says.

Knows: that a command may hang, be missing, be forbidden, or talk without end.
Must not know: any command.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePath
from threading import Event, Timer
from typing import Final

from edge_node.model.check import Unseen
from edge_node.model.notice import Words

_MAX_BYTES: Final = 4 * 1024 * 1024
_MISSING: Final = Words(
    nl="Het programma {} is er niet, of mag niet worden gebruikt.",
    en="The program {} is not there, or may not be used.",
)
_HUNG: Final = Words(nl="Het programma {} antwoordde niet op tijd.", en="The program {} did not answer in time.")
_FAILED: Final = Words(nl="Het programma {} eindigde met fout {}.", en="The program {} ended with error {}.")
_GARBAGE: Final = Words(nl="Het antwoord van {} is niet te lezen.", en="The answer of {} cannot be read.")


class Ended(Unseen):
    """A command ended with an error: of some commands that is what they have to tell."""


def said(command: Sequence[str], limit_s: float) -> str:
    """Return what it writes. Raises `Unseen`; a command that hangs or talks without end is killed."""
    name = PurePath(command[0]).name
    try:
        running = subprocess.Popen(  # noqa: S603  the commands are ours; no setting holds one
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except OSError as error:
        raise unseen(_MISSING, name) from error
    told, is_late = _told(running, limit_s)
    if is_late:
        raise unseen(_HUNG, name)
    if len(told) > _MAX_BYTES:
        raise garbage(name)
    if running.returncode:
        raise Ended(unseen(_FAILED, name, str(running.returncode)).reason)
    return told.decode("utf-8", "replace")


def garbage(name: str) -> Unseen:
    """Return what is raised where the answer of a command makes no sense."""
    return unseen(_GARBAGE, name)


def unseen(words: Words, *names: str) -> Unseen:
    """Return the reason with names in it."""
    return Unseen(Words(nl=words.nl.format(*names), en=words.en.format(*names)))


def _told(running: "subprocess.Popen[bytes]", limit_s: float) -> tuple[bytes, bool]:
    is_late = Event()

    def end() -> None:
        is_late.set()
        _kill(running)

    timer = Timer(limit_s, end)
    timer.daemon = True
    timer.start()
    assert running.stdout is not None
    with running.stdout:
        told = running.stdout.read(_MAX_BYTES + 1)
    if len(told) > _MAX_BYTES:
        _kill(running)
    running.wait()
    timer.cancel()
    return told, is_late.is_set()


def _kill(running: "subprocess.Popen[bytes]") -> None:
    """It, and all that it began."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
