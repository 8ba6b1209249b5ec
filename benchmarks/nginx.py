"""The other program: nginx as mutual TLS proxy, set as the node is.

Knows: where nginx is or is fetched from, and its settings.
Must not know: what is measured.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.programs import REPOSITORY, NotStarted, Program, start
from edge_node.sandbox.pki import SWITCHBOARD, Pki

_FETCHED: Final = REPOSITORY / "build" / "bench" / "nginx"
_PLACES: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:{_FETCHED / 'usr/sbin'}"
_START_S: Final = 10.0

# One worker, because the node is one process. Buffers hold a whole message, so that nginx never writes one to disk:
# its default for a request is 16 kB. It logs each request, as the node does.
_SETTINGS: Final = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {folder}/nginx-access.log;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  client_body_buffer_size 256k;
  proxy_buffers 16 16k;
  proxy_buffer_size 16k;
  keepalive_requests 1000000;
  upstream switchboard {{
    server 127.0.0.1:{far_port};
    keepalive 16;
    keepalive_requests 1000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass https://switchboard;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_ssl_protocols TLSv1.2 TLSv1.3;
      proxy_ssl_certificate {chain};
      proxy_ssl_certificate_key {key};
      proxy_ssl_trusted_certificate {anchors};
      proxy_ssl_verify on;
      proxy_ssl_verify_depth 5;
      proxy_ssl_server_name on;
      proxy_ssl_name {name};
    }}
  }}
}}
"""


def find_nginx(say: Callable[[str], None]) -> str | None:
    """Return where nginx is. Missing: fetch Debian's package and unpack it beside, without installing a service."""
    found = shutil.which("nginx", path=_PLACES)
    if found is None and shutil.which("apt-get"):
        say(f"nginx is missing: unpacking Debian's package in {_FETCHED} (nothing is installed)")
        _fetch()
        found = shutil.which("nginx", path=_PLACES)
    return found


def start_nginx(program: str, folder: Path, pki: Pki, ports: tuple[int, int]) -> Program:
    """Start nginx on the first port, in front of the second."""
    files = pki.files("practice")
    settings = folder / "nginx.conf"
    settings.write_text(
        _SETTINGS.format(
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            port=ports[0],
            far_port=ports[1],
            chain=files.chain,
            key=files.key,
            anchors=pki.anchors,
            name=SWITCHBOARD[1],
        ),
        encoding="utf-8",
    )
    log = folder / "nginx.log"
    started = start([program, "-e", str(log), "-c", str(settings)], log, says_ready=False)
    _wait_open(ports[0], started)
    return started


def version(program: str) -> str:
    """What it says of itself, with the OpenSSL it runs on."""
    told = subprocess.run([program, "-V"], capture_output=True, text=True, check=True).stderr.splitlines()
    return ", ".join(line for line in told if "version" in line or "OpenSSL" in line)


def _fetch() -> None:
    _FETCHED.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
    subprocess.run(["apt-get", "download", "-q", "nginx"], cwd=_FETCHED, capture_output=True, check=False)
    for package in _FETCHED.glob("nginx_*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, _FETCHED], check=False)


def _wait_open(port: int, program: Program) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and program.process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise NotStarted(program.log.read_text(encoding="utf-8", errors="replace")[-2000:])
