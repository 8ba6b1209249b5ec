"""Who is told by the node that is scanned: a mail server, a monitor, the machine's log, the service manager.

Knows: how each is listened to.
Must not know: what is told.
"""

import socket
from pathlib import Path
from typing import Any

import trustme

from tests import mail_server
from tests.stories.far_end import FarEnd, Turn

_CA = trustme.CA(key_type=trustme.KeyType.RSA)


def _takes(turn: Turn) -> None:
    turn.answer(b"", 204)


class Ears:
    """All of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.mail = mail_server.MailServer(mail_server.ServerTls(_CA, "localhost"))
        self.hook = FarEnd(_takes)
        self._sockets = {name: _bound(folder / f"{name}.socket") for name in ("syslog", "notify")}
        self._heard: dict[str, list[bytes]] = {name: [] for name in self._sockets}
        (folder / "mail.pem").write_bytes(_CA.cert_pem.bytes())
        secret = folder / "hook.secret"
        secret.touch(mode=0o600)
        secret.write_text("the secret between node and monitor", encoding="utf-8")

    def up(self) -> None:
        """Listen."""
        self.mail.up()
        self.hook.up()

    async def down(self) -> None:
        """Listen no more."""
        await self.mail.down()
        await self.hook.down()

    def listen(self) -> None:
        """Take what came to the sockets, which hold little."""
        for name, ear in self._sockets.items():
            while True:
                try:
                    self._heard[name].append(ear.recv(65_536))
                except BlockingIOError:
                    break

    def told(self) -> dict[str, bytes]:
        """All that was told, by the way it came."""
        self.listen()
        mails = b"\n".join(f"to {to}\n".encode() + mail.as_bytes() for to, mail in self.mail.mails)
        return {
            "mail": mails + b"\n" + b"\n".join(_text(mail) for _, mail in self.mail.mails),
            "webhook": b"\n".join(repr(turn.headers).encode() + turn.body for turn in self.hook.heard),
            "syslog": b"\n".join(self._heard["syslog"]),
            "service manager": b"\n".join(self._heard["notify"]),
        }

    def environment(self) -> dict[str, str]:
        """What the node is started with."""
        return {"NOTIFY_SOCKET": str(self._folder / "notify.socket")}

    def alerts(self) -> dict[str, Any]:
        """The settings that have it tell them, soon."""
        return {
            "help_name": "Servicedesk De Linde",
            "help_phone": "020 1234567",
            "settle_s": 0.3,
            "steady_s": 0.3,
            "network_after_s": 1.0,
            "late_acute_s": 1.0,
            "late_s": 2.0,
            "quiet_hours": None,
            "retry": {"first_pause_s": 0.1, "longest_pause_s": 0.1},
            "webhook": self.webhook(),
            "syslog": {"socket": str(self._folder / "syslog.socket")},
            "mail": {
                "host": "localhost",
                "port": self.mail.port,
                "anchors": str(self._folder / "mail.pem"),
                "sender": "node@example.org",
                "to": ["praktijk@example.org"],
                "network_to": ["netwerk@example.org"],
                "daily_at": None,
                "urgent_s": 0.5,
                "summary_s": 1.0,
            },
        }

    def webhook(self) -> dict[str, Any]:
        """A monitor, or a local system that is called."""
        return {
            "url": f"http://127.0.0.1:{self.hook.port}/alerts",
            "secret_files": [str(self._folder / "hook.secret")],
        }

    def close(self) -> None:
        """Let the sockets go."""
        for ear in self._sockets.values():
            ear.close()


def _bound(path: Path) -> socket.socket:
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    ear.bind(str(path))
    return ear


def _text(mail: Any) -> bytes:
    """What a person reads of it, whatever it was encoded with."""
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    return "\n".join(part for part in parts if isinstance(part, str)).encode()
