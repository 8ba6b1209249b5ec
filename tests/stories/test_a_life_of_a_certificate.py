"""A hundred and fifty days of a practice: its certificate, the CAs above it, the lists and the anchors around it.

Each step goes on where the one before it ended; messages go both ways in all of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import trustme
import yaml
from cryptography.hazmat.primitives.serialization import Encoding
from twisted.internet.defer import ensureDeferred

from edge_node.model.anchors import Phase
from edge_node.sandbox.pki import ORGANISATION_ISSUER, PRACTICE, ROOT, SWITCHBOARD, make_pki
from edge_node.sandbox.pki_authority import Profile, ec_key, root
from edge_node.sandbox.pki_signing import load_authority, signed_by
from edge_node.status.document import of_snapshot
from tests import mail_server
from tests.stories import generation
from tests.stories.caller import Caller, Wire, seen
from tests.stories.certificates import NAMES, pki
from tests.stories.generation import make_generation
from tests.stories.life import BIRTH, Far, Hurried, LifeClock, Outside, Registers, quiet, reactor, works
from tests.stories.site import AIS, HIS
from tests.stories.story import a_prescription, a_query
from tests.stories.test_renewing import Renewal, _sent, serial_of

ELSEWHERE = "80000003"
STEPS = (90, 60, 30, 14, 7, 3, 1)
MAIL = trustme.CA()
_MOST = timedelta(hours=12)


class Life(Renewal):
    """The practice and a pharmacy, their switchboard, their registers."""

    timeout = 600
    site_systems: ClassVar = {"his": (HIS, "practice"), "ais": (AIS, "pharmacy")}

    async def setUp(self) -> None:
        self.timers = Hurried(reactor)
        self.clock = LifeClock(self.timers)
        self.timers.begin()
        self.addCleanup(self.timers.end)
        self.out: list[str] = []  # ids of messages that the node said yes to
        self.inward: list[str] = []
        await super().setUp()

    def machine(self) -> Any:
        return replace(super().machine(), reactor=self.timers)

    def furnish(self) -> None:
        self.pki = make_pki(self.folder / "pki", now=BIRTH, bad=False)
        (self.folder / "next").mkdir()
        self.next = make_generation(self.folder / "next", BIRTH)
        self.registers = Registers(self.pki, self.next)
        self.registers.up()
        self.addCleanup(lambda: ensureDeferred(self.registers.down()))
        self.post = mail_server.MailServer(mail_server.ServerTls(MAIL, "localhost"))
        self.post.up()
        self.addCleanup(lambda: ensureDeferred(self.post.down()))
        self.anchors = self.folder / "anchors.pem"
        self.anchors.write_bytes(self.pki.anchors.read_bytes())
        self.far = Far(self.pki.out / "cards", self.clock.moment)
        for end in (self.switch, *self.systems.values()):
            end.usual = self.far.says
        self.shows(self.pki.out / "switchboard")
        (self.folder / "mail.pem").write_bytes(MAIL.cert_pem.bytes())
        self.rewrite((str(pki().anchors), str(self.anchors)), (str(pki().out), str(self.pki.out)))
        self.change_site(self._furnish_site)

    def _furnish_site(self, settings: Any) -> None:
        settings["revocation"] = {
            "sources": self.registers.sources,
            # Only what the story breaks is to fail, however busy the machine is that tells it.
            "fetch": {"from_certificates": False, "connect_s": 120.0, "idle_s": 120.0},
            "crl_warn_age_s": 2 * _MOST.total_seconds(),  # in a move nobody fetches
            "ocsp": {"use": "lists-only"},
        }
        # The machine that tells the story is looked at now and then only: that takes longer than all else in it.
        week_s = timedelta(days=7).total_seconds()
        settings["checks"] = {"every_s": week_s, "seldom_s": week_s, "ping_every_s": week_s}
        settings["alerts"] = {
            "mail": {
                "host": "localhost",
                "port": self.post.port,
                "anchors": str(self.folder / "mail.pem"),
                "sender": "edge-node@example.org",
                "to": ["beheer@example.org"],
            }
        }

    def change_site(self, change: Any) -> None:
        """Change the settings, as a person does."""
        settings = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        change(settings)
        self.paths[0].write_text(yaml.safe_dump(settings), encoding="utf-8")

    # The switchboard

    def shows(self, folder: Path) -> None:
        """Have the switchboard answer and call with another certificate."""
        self.folder_of_switch = folder
        self.switch.use(self._outside(folder))

    def _outside(self, folder: Path, host: str = "") -> Outside:
        return Outside(folder, (self.pki.anchors, self.next.anchors), self.clock.moment, host)

    def outside(self, identity: str = "practice", certificate: str | None = None) -> Caller:
        folder = self.folder_of_switch if certificate is None else self.folder / "next" / certificate
        return Caller.at(self.addresses["switchboard"], self._outside(folder, NAMES[identity]))

    # Time

    async def later(self, **by: float) -> None:
        """Be later; registers bring out their lists, and nothing is under way when it is over."""
        end = self.clock.moment() + timedelta(**by)
        while (left := end - self.clock.moment()) > timedelta(seconds=1):
            step = min(left, _MOST)
            self.registers.bring_out(self.clock.moment() + step - timedelta(minutes=1))
            self.timers.move(step)
            await quiet(self.timers, self._is_busy)

    def _is_busy(self) -> bool:
        threads = works(self._pool) or works(reactor.getThreadPool())
        return threads or self.registers.is_asked or bool(self.post._open)

    async def day(self, number: float) -> None:
        """Let it be that day of the life, at noon."""
        await self.later(seconds=(BIRTH + timedelta(days=number, hours=4) - self.clock.moment()).total_seconds())

    # What is asked of it

    @property
    def mailed(self) -> list[str]:
        """What people were mailed, in its order."""
        return [str(mail["Subject"]).strip() for _, mail in self.post.mails]

    def told_twice(self) -> list[str]:
        """Alerts of what the mails on certificates tell; in the mail of the day it may stand as well."""
        own = ("[TEST] Certificaat ", "[TEST] Dagbericht: ")
        read = zip(self.mailed, (mail.get_content() for _, mail in self.post.mails), strict=True)
        alerts = [text for subject, text in read if not subject.startswith(own)]
        assert alerts  # a box of which nobody makes a backup has some, which are reminded of
        return [text for text in alerts if "certificaat" in text]

    async def all_goes_on(self) -> None:
        """Ask and send, both ways; the answer is yes every time."""
        ours, theirs = self.far.maker_of(HIS), self.far.maker_of(ELSEWHERE)
        push_out, push_in = a_prescription(ours), a_prescription(theirs, HIS)
        told = [
            await self.send(a_query(ours)),
            await self.send(push_out),
            await self.call(a_query(theirs, HIS)),
            await self.call(push_in),
        ]
        assert [seen(one).is_positive for one in told] == [True] * 4, self.log[-5:]
        await self.eventually(self.kept_messages, lambda rows: {row.state for row in rows} <= {"DELIVERED"})
        self.out.append(push_out.id.extension)
        self.inward.append(push_in.id.extension)

    async def is_shown(self) -> int:
        """The serial number of what the practice shows the switchboard, in both directions the same."""
        await self.switch.hang_up()
        assert seen(await self.send(a_query(self.far.maker_of(HIS)))).is_positive
        peer = self.switch.heard[-1].peer
        assert peer is not None
        assert peer.serial_number == await self.shown_in()
        return int(peer.serial_number)

    async def status(self) -> dict[tuple[str, str], str]:
        """The codes of the parts that are not well."""
        assert self.node is not None
        parts = of_snapshot(await self.node.overseeing.look())["parts"]
        return {(part["kind"], part["name"]): part["code"] for part in parts if part.get("code")}

    async def signed(self, identity: str, authority: Any, days: int) -> Sequence[str]:
        """Ask for a certificate, as `cert csr` does, and have that CA sign it."""
        made = await self.verb("cert.request", identity=identity, kind="P-256", why="time for it")
        return _sent(signed_by(authority, made["pem"].encode(), self.clock.moment(), days=days))

    async def put_in_use(self, identity: str, given: Sequence[str]) -> None:
        """Do as `cert install` does, which tries it with the switchboard first."""
        done = await self.install(list(given), identity=identity)
        assert (done["result"], [one["outcome"] for one in done["tried"]]) == ("in use", ["taken"]), done["tried"]

    async def push_anchors(self, anchors: bytes) -> None:
        """Put a list in the place of the one that is there."""
        self.anchors.write_bytes(anchors)
        await self.reload()
        await quiet(self.timers, self._is_busy)


class TestALife(Life):
    async def test_in_which_nothing_is_lost_and_nobody_is_turned_away(self) -> None:
        """What a practice goes through in years: what is to be refused is, and each thing is told once."""
        await self.a_certificate_is_issued()
        await self.its_days_are_counted()
        await self.it_is_renewed()
        await self.the_generation_changes()
        await self.wrong_anchors_are_pushed()
        await self.a_source_dies_for_a_day()
        await self.a_peer_is_revoked()
        await self.a_peer_ends()
        await self.all_has_arrived()

    async def a_certificate_is_issued(self) -> None:
        """Its key is made here; it is tried before it is shown."""
        await self.later(hours=1)
        given = await self.signed("practice", load_authority(self.pki.out), days=95)
        await self.put_in_use("practice", given)
        assert await self.is_shown() == serial_of(list(given))
        await self.all_goes_on()
        self.first = serial_of(list(given))

    async def its_days_are_counted(self) -> None:
        """Each step once in the log and once by mail, however often the node restarts."""
        for left in STEPS:
            await self.day(95 - left)
            await self.all_goes_on()
            await self.restart()
            await self.later(hours=1)
        told = [line["step"] for line in self.logged("certificate.ends")]
        assert told == list(STEPS)
        ends = [f"[TEST] Certificaat eindigt over {n} dag(en): {PRACTICE[0]}" for n in STEPS]
        assert [subject for subject in self.mailed if subject.startswith("[TEST] Certificaat ")] == ends
        assert self.told_twice() == []
        assert (await self.status())["certificate", "practice"] == "EN-CERTIFICATE-ENDING"

    async def it_is_renewed(self) -> None:
        """On its last day; the day after it nobody notices that it ended."""
        given = await self.signed("practice", load_authority(self.pki.out), days=400)
        await self.put_in_use("practice", given)
        await self.all_goes_on()
        await self.day(96)  # the old one has ended
        assert await self.is_shown() == serial_of(list(given)) != self.first
        await self.all_goes_on()
        assert ("certificate", "practice") not in await self.status()
        assert [line["step"] for line in self.logged("certificate.ends")] == list(STEPS)

    async def the_generation_changes(self) -> None:
        """Anchors are added, the switchboard goes over, we follow, the old anchors go."""
        old, new = self.pki.anchors.read_bytes(), self.next.anchors.read_bytes()
        self.change_site(
            lambda settings: settings["switchboard"]["peers"][0].update(
                issuers=[ORGANISATION_ISSUER, generation.ORGANISATION_ISSUER]
            )
        )
        await self.day(100)
        await self.push_anchors(old + new)
        await self.all_goes_on()
        await self.day(103)
        self.shows(self.next.chain("switchboard").parent)
        await self.switch.hang_up()
        await self.all_goes_on()
        for identity in ("practice", "pharmacy"):
            given = await self.signed(identity, self.next.uzi, days=400)
            await self.put_in_use(identity, given)
            await self.all_goes_on()
        await self.day(106)
        await self.push_anchors(new)
        await self.later(hours=1)
        await self.all_goes_on()
        ((removed,),) = [line["removed"] for line in self.logged("anchors.proven")]
        assert removed.startswith(f"{ROOT} (SHA-256 ")
        assert self.changes == []

    async def wrong_anchors_are_pushed(self) -> None:
        """It stops nobody, for days and over a restart; it is told once, and shown until the right ones come."""
        wrong = root("Another Root CA", "another", ec_key(), BIRTH).certificate.public_bytes(Encoding.PEM)
        await self.day(110)
        await self.push_anchors(wrong)
        await self.all_goes_on()
        await self.day(112)
        await self.all_goes_on()
        assert self.changes == [Phase.REFUSED]
        assert len(self.logged("anchors.refused")) == 1
        assert "EN-ANCHORS-REFUSED" in (await self.status()).values()
        await self.restart()
        await self.all_goes_on()
        await self.push_anchors(self.next.anchors.read_bytes())
        await self.all_goes_on()
        assert self.changes == []
        assert "EN-ANCHORS-REFUSED" not in (await self.status()).values()

    async def a_source_dies_for_a_day(self) -> None:
        """Its lists last half a day; the switchboard is trusted on, which is told once, and that it is over too."""
        await self.day(115)
        self.registers.next_lasts = timedelta(hours=12)
        await self.later(hours=6)
        self.registers.is_dead = True
        for _ in range(4):
            await self.later(hours=6)
            await self.all_goes_on()
        assert "EN-REVOCATION-GRACE" in (await self.status()).values()
        self.registers.is_dead = False
        await self.later(hours=3)
        await self.all_goes_on()
        assert "EN-REVOCATION-GRACE" not in (await self.status()).values()
        self.registers.next_lasts = timedelta(hours=48)
        told = Counter((line["source"], line["is_up"]) for line in self.logged("revocation.source"))
        assert told == Counter((at, is_up) for at in self.registers.sources.values() for is_up in (False, True))
        assert sum("Geen intrekkingslijst van: " in subject for subject in self.mailed) == 1
        borne = [
            line["detail"] for line in self.logged("revocation.finding") if line["code"] == "EN-REVOCATION-GRACE"
        ]
        assert len(borne) == len(set(borne)) == 3  # each list above the switchboard

    async def a_peer_is_revoked(self) -> None:
        """While it is connected: it is broken off, and not let in again."""
        await self.day(120)
        stolen = self.next.issue("stolen", self._of_switch(days=300))
        wire: Wire = await self.outside(certificate="stolen").wire()
        await self.all_goes_on()
        self.next.organisation.revoke(stolen, self.clock.moment())
        await self.later(hours=3)
        assert await wire.until(None) == b""
        again = await self.outside(certificate="stolen").wire()
        assert await again.until(None) == b""
        assert self.logged("tls.refused")[-1]["code"] == "EN-TLS-REVOKED"
        await self.all_goes_on()

    async def a_peer_ends(self) -> None:
        """A certificate that was good on Monday is refused on Thursday."""
        self.next.issue("ending", self._of_switch(days=2))
        first = await self.outside(certificate="ending").wire()
        assert not first.is_over
        first.close()
        await self.later(days=3)
        wire = await self.outside(certificate="ending").wire()
        assert await wire.until(None) == b""
        assert self.logged("tls.refused")[-1]["code"] == "EN-TLS-EXPIRED"
        await self.all_goes_on()

    async def all_has_arrived(self) -> None:
        """Every push, once."""
        assert len(self.out) == len(self.inward) > 20
        heard = Counter(turn.seen.id.extension for turn in self.switch.heard)
        assert {id_: heard[id_] for id_ in self.out} == dict.fromkeys(self.out, 1)
        heard = Counter(turn.seen.id.extension for turn in self.systems["his"].heard)
        assert {id_: heard[id_] for id_ in self.inward} == dict.fromkeys(self.inward, 1)

    def _of_switch(self, days: int) -> Profile:
        now = self.clock.moment()
        return Profile(
            organisation=SWITCHBOARD[0],
            fqdn=SWITCHBOARD[1],
            not_before=now - timedelta(hours=1),
            not_after=now + timedelta(days=days),
        )

    @property
    def changes(self) -> list[Phase]:
        assert self.node is not None
        return [change.phase for change in self.node.in_force.anchoring.changes]
