"""How each thing around a running node is broken from outside, and how it is mended."""

import os
import shutil
import signal
import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI
from edge_node.sandbox.pki_authority import Profile
from edge_node.sandbox.pki_lists import authorities, bring_out
from tests.faults.gbz_site import ELSEWHERE, LSP, OWN, SECOND, Site
from tests.faults.machine import run

_MB = 1024 * 1024
_KEY = "pki/practice/key.pem"


def clock_off(site: Site) -> None:
    site.clock.write_text("3", encoding="ascii")


def clock_right(site: Site) -> None:
    site.clock.write_text("0", encoding="ascii")


def clock_set_by_hand(site: Site) -> None:
    site.times.ahead_s = 1.2
    site.clock.write_text("1.2", encoding="ascii")


def clock_set_back(site: Site) -> None:
    site.times.ahead_s = 0.0
    site.clock.write_text("0", encoding="ascii")


def lists_end(site: Site) -> None:
    bring_out(site.pki, datetime.now(UTC), lasts=timedelta(seconds=1))


def lists_come(site: Site) -> None:
    bring_out(site.pki, datetime.now(UTC))


def own_revoked(site: Site) -> None:
    shutil.copytree(site.pki.out / "crl", site.folder / "crl.before")
    own = x509.load_pem_x509_certificate(site.pki.files("practice").chain.read_bytes())
    bring_out(site.pki, datetime.now(UTC), [own])


def own_not_revoked(site: Site) -> None:
    """As if it had been on the list by mistake."""
    shutil.copytree(site.folder / "crl.before", site.pki.out / "crl", dirs_exist_ok=True)
    shutil.rmtree(site.folder / "crl.before")
    time.sleep(1)  # a list of the same second is no newer one
    bring_out(site.pki, datetime.now(UTC))


def certificate_ends_soon(site: Site) -> None:
    files = site.pki.files("practice")
    site.kept["chain"] = files.chain.read_bytes()
    own = x509.load_pem_x509_certificate(site.kept["chain"])
    issuer = next(each for each in authorities(site.pki) if each.certificate.subject == own.issuer)
    now = datetime.now(UTC)
    profile = Profile(
        organisation=PRACTICE[0],
        fqdn=PRACTICE[1],
        not_before=now - timedelta(hours=1),
        not_after=now + timedelta(days=20),
        uzi=PRACTICE_UZI,
    )
    key = load_pem_private_key(files.key.read_bytes(), None)
    issued = issuer.issue(profile, key)  # type: ignore[arg-type]
    files.chain.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in issued.chain))
    site.reload()


def certificate_renewed(site: Site) -> None:
    site.pki.files("practice").chain.write_bytes(site.kept.pop("chain"))
    site.reload()


def key_readable(site: Site) -> None:
    (site.folder / _KEY).chmod(0o644)


def key_shut(site: Site) -> None:
    (site.folder / _KEY).chmod(0o600)


def key_in_backups(site: Site) -> None:
    shutil.copy(site.folder / _KEY, site.folder / "backups" / "old-key.pem")


def key_out_of_backups(site: Site) -> None:
    (site.folder / "backups" / "old-key.pem").unlink()


def disk_nearly_full(site: Site) -> None:
    state = site.folder / "state"
    room = os.statvfs(state)
    free = room.f_bavail * room.f_frsize - room.f_blocks * room.f_frsize // 25
    with (state / "other.log").open("wb") as other:
        for _ in range(free // _MB):
            other.write(b"x" * _MB)


def disk_with_room(site: Site) -> None:
    (site.folder / "state" / "other.log").unlink()


def store_readable(site: Site) -> None:
    (site.folder / "state" / "store.db").chmod(0o644)


def store_shut(site: Site) -> None:
    (site.folder / "state" / "store.db").chmod(0o600)


def way_over_internet(site: Site) -> None:
    run("ip", "route", "add", f"{LSP}/32", "dev", "inet0", "src", ELSEWHERE)


def way_over_care_network(site: Site) -> None:
    run("ip", "route", "del", f"{LSP}/32", "dev", "inet0")


def interface_down(site: Site) -> None:
    run("ip", "link", "set", "gzn0", "down")
    asked_here(site)


def interface_up(site: Site) -> None:
    run("ip", "link", "set", "gzn0", "up")


def switchboard_gone(site: Site) -> None:
    site.stage.ask("switchboard", "line", cut=True)
    asked_here(site)


def switchboard_back(site: Site) -> None:
    site.stage.ask("switchboard", "line", cut=False)


def switchboard_expired(site: Site) -> None:
    site.stage.ask("switchboard", "line", certificate="expired")
    asked_here(site)


def switchboard_good(site: Site) -> None:
    site.stage.ask("switchboard", "line", certificate="good")


def names_gone(site: Site) -> None:
    site.names.is_silent = True


def names_back(site: Site) -> None:
    site.names.is_silent = False


def own_name_astray(site: Site) -> None:
    site.names.known[PRACTICE[1]] = "10.99.0.77"


def own_name_right(site: Site) -> None:
    site.names.known[PRACTICE[1]] = OWN


def firewall_open(site: Site) -> None:
    run("iptables", "-P", "INPUT", "ACCEPT")


def firewall_shut(site: Site) -> None:
    run("iptables", "-P", "INPUT", "DROP")


def forwarding_on(site: Site) -> None:
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")


def forwarding_off(site: Site) -> None:
    Path("/proc/sys/net/ipv4/ip_forward").write_text("0", encoding="ascii")


def second_link_gone(site: Site) -> None:
    run("ip", "addr", "del", f"{SECOND}/24", "dev", "gzn1")


def second_link_back(site: Site) -> None:
    run("ip", "addr", "add", f"{SECOND}/24", "dev", "gzn1")


def settings_changed(site: Site) -> None:
    site.write(lambda all_: all_["alerts"].update(help_phone="020 7654321"))


def test_site_called_production(site: Site) -> None:
    site.write(lambda all_: all_["node"].update(environment="production"))
    site.reload()


def settings_put_back(site: Site) -> None:
    site.write_back()


def backup_old(site: Site) -> None:
    _in_store(site, "UPDATE backups SET at = at - 172800 WHERE kind = 'backup'")


def backup_made(site: Site) -> None:
    done = site.command("backup")
    assert done.returncode == 0, done.stderr


def recovery_key_gone(site: Site) -> None:
    (site.folder / "recovery.pub").rename(site.folder / "recovery.pub.away")


def recovery_key_back(site: Site) -> None:
    (site.folder / "recovery.pub.away").rename(site.folder / "recovery.pub")


def malware_signatures_old(site: Site) -> None:
    at = time.time() - 5 * 86_400
    os.utime(site.folder / "signatures.cld", (at, at))


def malware_signatures_new(site: Site) -> None:
    os.utime(site.folder / "signatures.cld")


def local_system_gone(site: Site) -> None:
    site.stage.ask("ais", "line", cut=True)
    asked_by_another(site)


def asked_here(site: Site) -> None:
    """Somebody asks something; on a connection that is dead that takes as long as an answer may."""
    threading.Thread(target=site.query, daemon=True).start()


def asked_by_another(site: Site) -> None:
    """Others ask the pharmacy, at the same time, for what it dispensed; nobody waits for what comes of it."""
    for _ in range(3):
        asked = {"kind": "dispense-query", "patient": 1, "give_up_after_s": 15}
        threading.Thread(target=site.stage.ask, args=("his", "one"), kwargs=asked, daemon=True).start()


def local_system_hangs(site: Site) -> None:
    site.stage.program("ais").process.send_signal(signal.SIGSTOP)
    asked_by_another(site)


def local_system_goes_on(site: Site) -> None:
    site.stage.program("ais").process.send_signal(signal.SIGCONT)


def local_system_back(site: Site) -> None:
    site.stage.ask("ais", "line", cut=False)


def log_bent(site: Site) -> None:
    _in_store(site, "UPDATE log_records SET record = replace(record, 'event.result', 'event.resulT') WHERE seq = 2")


def log_right(site: Site) -> None:
    """A person has seen it, and the line is as it was."""
    _in_store(site, "UPDATE log_records SET record = replace(record, 'event.resulT', 'event.result') WHERE seq = 2")
    done = site.command("log", "seen", "--why", "a trial")
    assert done.returncode == 0, done.stderr


def _in_store(site: Site, statement: str) -> None:
    connection = sqlite3.connect(site.folder / "state" / "store.db", timeout=10)
    with connection:
        connection.execute(statement)
    connection.close()
