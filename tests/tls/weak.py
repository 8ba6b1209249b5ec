"""A listener that does all a scanner must find: TLS 1.0 and 1.1, RSA key exchange, CBC.

Knows: how Python's own TLS is talked into it.
Must not know: who scans.
"""

import json
import ssl
import sys
import warnings
from socketserver import BaseRequestHandler, ThreadingTCPServer


def context(chain: str, key: str) -> ssl.SSLContext:
    """All that this machine's OpenSSL can still be made to do."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = ssl.TLSVersion.TLSv1
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(chain, key)
    return made


class Listener(ThreadingTCPServer):
    """Answers anything with nothing."""

    daemon_threads = True
    request_queue_size = 64
    tls: ssl.SSLContext

    def handle_error(self, request: object, client_address: object) -> None:
        """A scanner breaks off most of what it begins."""


class Nothing(BaseRequestHandler):
    """One connection."""

    server: Listener

    def handle(self) -> None:
        self.request.settimeout(5)
        with self.server.tls.wrap_socket(self.request, server_side=True) as connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


if __name__ == "__main__":
    with Listener(("127.0.0.1", 0), Nothing) as listener:
        listener.tls = context(*sys.argv[1:3])
        print(json.dumps({"event": "ready", "port": listener.server_address[1]}), flush=True)
        listener.serve_forever()
