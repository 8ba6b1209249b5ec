"""A time server on loopback, whose clock stands as the test wants it."""

import socket
import struct
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

_EPOCH: Final = 2_208_988_800
_HEADER: Final = struct.Struct("!BBbb11I")


@dataclass
class NtpServer:
    """Answers in a thread of its own, until the block ends."""

    ahead_s: float = 0.0
    stratum: int = 2
    leap: int = 0
    dispersion_s: float = 0.001
    says: bytes | None = None  # in the place of an answer
    is_silent: bool = False

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while (asked := self._socket.recvfrom(256))[0] != b"end":
            if not self.is_silent:
                self._socket.sendto(self._answer(asked[0]) if self.says is None else self.says, asked[1])

    def _answer(self, asked: bytes) -> bytes:
        origin = struct.unpack("!2I", asked[40:48])
        now = time.time() + self.ahead_s + _EPOCH
        stamp = int(now), int(now % 1 * 2**32)
        head = (self.leap << 6 | 4 << 3 | 4, self.stratum, 6, -20, 0, int(self.dispersion_s * 2**16), 0)
        return _HEADER.pack(*head, *stamp, *origin, *stamp, *stamp)
