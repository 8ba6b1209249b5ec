"""A real node in a site of its own, with a care network, that faults are made in from outside."""

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge_node.sandbox.pki import AUTHORISATION_SERVER, BROKER, PHARMACY, PRACTICE, SWITCHBOARD, Pki
from edge_node.sandbox.stage import Stage
from edge_node.status import control_client
from tests.faults.gbz_doubles import MailHouse, Monitor, NameServer
from tests.faults.gbz_node import OFF
from tests.faults.machine import needs, needs_root, run, tmpfs
from tests.faults.test_node_lives import own_network
from tests.probes.ntp_server import NtpServer

HELP = "Servicedesk De Linde (020 1234567)"
#: The care network of the site, and the way around it.
OWN, LSP, ELSEWHERE, SECOND = "10.99.0.1", "10.99.0.9", "203.0.113.5", "10.98.0.1"
_LSP_NAMES = tuple(each[1] for each in (SWITCHBOARD, BROKER, AUTHORISATION_SERVER))
BOUND_S = 60.0
_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_MOUNTS, _PRIVATE, _BIND, _DETACH = 0x00020000, (1 << 18) | (1 << 14), 4096, 2
#: What the machine that runs the tests is like; each is waived by name, as a person in charge of a site would.
OF_THE_MACHINE = (
    "clock-sync-age", "disk-encryption", "hardening-baseline", "patch-age", "throughput-selftest",
    "node-version-supported",
)  # fmt: skip
#: As strict as the table of checks says that a scheme may be, where the product itself only warns.
STRICT = {
    "clock-offset": ["BLOCK_OUT"],
    "crl-freshness": ["BLOCK_OUT", "BLOCK_IN"],
    "disk-space": ["BLOCK_IN"],
    "key-permissions": ["BLOCK_OUT"],
    "route-via-gzn": ["BLOCK_OUT"],
}
#: As often as a site with nothing else set looks, and tells. What else is set, both have.
DEFAULT_PACE: dict[str, Any] = {"checks": {"window_s": 45.0}, "alerts": {}, "switchboard": {}}
QUICK_PACE: dict[str, Any] = {
    "checks": {"every_s": 2.0, "ping_every_s": 10.0, "window_s": 20.0},
    "alerts": {},
    "switchboard": {"tick_interval_s": 2.0, "link_breaker": {"probe_s": 1.0}},
}


@dataclass(slots=True, kw_only=True)
class Site:
    """The node, those around it, and what can be asked of it."""

    stage: Stage
    clock: Path
    names: NameServer
    times: NtpServer
    monitor: Monitor
    mails: MailHouse
    kept: dict[str, Any] = field(default_factory=dict)  # what a fault puts aside, to be put back

    @property
    def folder(self) -> Path:
        """Where all of it is."""
        return self.stage.folder

    @property
    def pki(self) -> Pki:
        """The certificates."""
        return Pki(out=self.folder / "pki")

    def ask(self, verb: str, **fields: Any) -> Any:
        """Ask at the control socket, as the commands do."""
        return control_client.ask(self.folder / "control.sock", {"verb": verb, **fields})

    def check(self, name: str) -> dict[str, Any]:
        """What stands of one check."""
        found: dict[str, Any] = self.ask("gbz.show", check=name)
        return found

    def sentence(self, language: str = "nl") -> str:
        """The first line, as it is in the status."""
        return str(self.ask("status")["sentence"][language])

    def first_line(self, language: str) -> str:
        """What a person reads who asks for the status on the command line."""
        return self.command("status", "--lang", language).stdout.splitlines()[0]

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside the node."""
        where = ["--socket", str(self.folder / "control.sock")]
        return subprocess.run(
            [sys.executable, "-m", "edge_node.cli.main", *words, *where],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def query(self) -> str:
        """A person asks another care provider something; say what came of it."""
        told = self.stage.ask(
            "his", "one", kind="summary-query", receiver="80000004", patient=1, data="460320", give_up_after_s=10
        )
        return str(told["outcome"])

    def push(self, patient: int = 1) -> str:
        """A letter is handed in; say what came of it."""
        told = self.stage.ask(
            "his", "one", kind="locum-report", receiver="80000002", patient=patient, give_up_after_s=2
        )
        return str(told["outcome"])

    def settings(self) -> dict[str, Any]:
        """The settings as they lie there."""
        found: dict[str, Any] = yaml.safe_load((self.folder / "site.yaml").read_text(encoding="utf-8"))
        return found

    def write(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the settings on the disk, and nothing else."""
        path = self.folder / "site.yaml"
        self.kept.setdefault("settings", path.read_bytes())
        settings = self.settings()
        change(settings)
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def write_back(self) -> None:
        """Have the settings as they were."""
        (self.folder / "site.yaml").write_bytes(self.kept.pop("settings"))

    def reload(self) -> None:
        """Have the node take its files up."""
        self.stage.node.process.send_signal(signal.SIGHUP)

    def waive_what_the_machine_is(self) -> None:
        """What nobody can mend in a container is accepted by somebody, until next month."""
        for check in OF_THE_MACHINE:
            until = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 20 * 86_400))
            self.ask("gbz.waive", check=check, owner="B. Beheerder", why="this machine runs tests", until=until)

    def register_a_patient(self) -> None:
        """The pharmacy tells the index that it has data of a patient: others may ask for them."""
        self.stage.ask("ais", "one", kind="index-registration", patient=1, data="272353")

    def is_calm(self) -> bool:
        """Whether the first line says that nobody need do anything."""
        return self.sentence().startswith(("Alles werkt: ", "De storing van "))


@contextmanager
def site(folder: Path, pace: dict[str, Any]) -> Iterator[Site]:
    """Start one. Skips where this machine cannot have a network and mounts of its own."""
    needs_root()
    needs("ip", "iptables", "ip6tables")
    clock = folder / "clock"
    clock.write_text("0", encoding="ascii")
    with ExitStack() as around:
        around.enter_context(_own_mounts(folder))
        around.enter_context(own_network())
        try:
            _lay_network()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"cannot be made here: {' '.join(error.cmd)}")
        names = NameServer(OWN, {PRACTICE[1]: OWN, PHARMACY[1]: OWN, **dict.fromkeys(_LSP_NAMES, LSP)})
        doubles = [around.enter_context(each) for each in (names, NtpServer(), Monitor(), MailHouse())]
        around.enter_context(tmpfs(folder / "state", 200))
        parts: dict[str, Any] = dict(zip(("names", "times", "monitor", "mails"), doubles, strict=True))
        furnish = _Furnishing(folder=folder, pace=pace, **parts)
        stage = around.enter_context(
            Stage(
                folder=folder,
                node_module="tests.faults.gbz_node",
                node_environment={OFF: str(clock)},
                furnish=furnish,
            )
        )
        stage.start()
        yield Site(stage=stage, clock=clock, **parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Furnishing:
    """Makes a site of a demo."""

    folder: Path
    pace: dict[str, Any]
    names: NameServer
    times: NtpServer
    monitor: Monitor
    mails: MailHouse

    def __call__(self, path: Path) -> None:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["network"] = self._network()
        switchboard = settings["switchboard"]
        inbound = switchboard["listen"]["port"]
        switchboard["listen"]["host"] = OWN
        del switchboard["tick_interval_s"], switchboard["link_breaker"]  # of the demo
        switchboard.update(self.pace["switchboard"])
        for peer in switchboard["peers"]:
            (peer["host"],) = peer["server_names"]
        # What a test cannot wait for: a day of messages, an hour of good news, quiet nights.
        settings["checks"] = {**self.pace["checks"], "upkeep": self._upkeep()}
        settings["checks"]["actions"] = STRICT
        settings["alerts"] = {**self.pace["alerts"], **self._alerts()}
        settings["revocation"]["crl_files_every_s"] = 5.0
        settings["store"]["recovery_keys"] = [str(self._recovery_key())]
        settings["store"]["backup"] = {"folder": str(self._folder("backups")), "jitter_s": 0.0}
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        nat = ("iptables", "-t", "nat", "-A", "OUTPUT", "-p", "tcp")
        # What leaves the second link by its own interface comes to the same place.
        run(*nat, "-d", LSP, "-j", "REDIRECT")
        run(*nat, "-d", "127.0.0.1", "--dport", str(inbound), "-j", "DNAT", "--to-destination", OWN)

    def _network(self) -> dict[str, Any]:
        return {
            "prefixes": ["10.99.0.0/24"],
            "interface": "gzn0",
            "name_servers": [OWN],
            "links": [{"name": "first", "address": OWN}, {"name": "second", "address": SECOND}],
            "time_servers": [f"127.0.0.1:{self.times.port}"],
        }

    def _alerts(self) -> dict[str, Any]:
        secret = self.folder / "hook.secret"
        secret.touch(mode=0o600)
        secret.write_text("the secret between node and monitor", encoding="utf-8")
        return {
            "help_name": "Servicedesk De Linde",
            "help_phone": "020 1234567",
            "settle_s": 1.0,
            "steady_s": 1.0,
            "steady_most_s": 1.0,
            "over_shown_s": 1.0,
            "quiet_hours": None,
            "retry": {"first_pause_s": 0.5, "longest_pause_s": 1.0},
            "webhook": {"url": f"http://127.0.0.1:{self.monitor.port}/alerts", "secret_files": [str(secret)]},
            "mail": {
                "host": "127.0.0.1", "port": self.mails.port, "tls": "none", "sender": "node@example.org",
                "to": ["praktijk@example.org"], "daily_at": None, "urgent_s": 0.1, "summary_s": 0.1,
            },
        }  # fmt: skip

    def _upkeep(self) -> dict[str, Any]:
        signatures = self.folder / "signatures.cld"
        signatures.touch()
        return {"antimalware_file": str(signatures)}

    def _recovery_key(self) -> Path:
        public = self.folder / "recovery.pub"
        made = [sys.executable, "-m", "edge_node.cli.main", "recovery-key", "make"]
        run(*made, "--private", str(self.folder / "recovery.key"), "--public", str(public))
        return public

    def _folder(self, name: str) -> Path:
        made = self.folder / name
        made.mkdir(mode=0o700)
        return made


def _lay_network() -> None:
    """The care network at one interface, the internet at another; this machine keeps strangers out."""
    for name, address in (("gzn0", OWN), ("inet0", ELSEWHERE), ("gzn1", SECOND)):
        run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}-far")
        run("ip", "addr", "add", f"{address}/24", "dev", name)
        for end in (name, f"{name}-far"):
            run("ip", "link", "set", end, "up")
    run("iptables", "-t", "nat", "-S")  # the site needs it
    for program in ("iptables", "ip6tables"):
        run(program, "-A", "INPUT", "-i", "lo", "-j", "ACCEPT")
        run(program, "-P", "INPUT", "DROP")


@contextmanager
def _own_mounts(folder: Path) -> Iterator[None]:
    """Ask our own name server, without harm to others."""
    if _LIBC.unshare(_NEW_MOUNTS):
        pytest.skip("cannot be made here: no mounts of its own")
    _LIBC.mount(b"none", b"/", None, _PRIVATE, None)
    resolvers = folder / "resolv.conf"
    resolvers.write_text(f"nameserver {OWN}\noptions timeout:1 attempts:1\n", encoding="ascii")
    run("mount", "--bind", str(resolvers), "/etc/resolv.conf")
    try:
        yield
    finally:
        run("umount", "-l", "/etc/resolv.conf")


def pattern(template: str) -> re.Pattern[str]:
    """What a sentence must be, whatever its moments and numbers are."""
    text = re.escape(template.replace("{help}", HELP))
    for name, form in (("since", r"(?:\d+ \w+ )?\d\d:\d\d"), ("n", r"\d+"), ("day", r"\d+ \w+(?: \d{4})?")):
        text = text.replace(re.escape(f"{{{name}}}"), form)
    return re.compile(text)


def shown(value: object) -> str:
    """As it is printed in the table."""
    return json.dumps(value) if not isinstance(value, str) else value


def pace() -> dict[str, Any]:
    """How often the node looks, as who runs this chose."""
    return DEFAULT_PACE if os.environ.get("EDGE_NODE_GBZ_PACE") == "default" else QUICK_PACE
