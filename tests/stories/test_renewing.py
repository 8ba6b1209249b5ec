"""A certificate is renewed on the machine, while messages go on both ways."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from twisted.internet.threads import deferToThread

from edge_node.errors import EdgeNodeError, SettingsInvalid
from edge_node.sandbox.pki_signing import sign_request
from edge_node.status import control_client
from tests.stories import certificates
from tests.stories.certificates import pki
from tests.stories.steady import LEAST_PER_S, Steady
from tests.stories.story import Story, a_query

WHY = "it ends soon"


class Renewal(Story):
    """A site whose practice gets another certificate."""

    kind = "P-256"  # of its key

    async def verb(self, name: str, **fields: Any) -> Any:
        """Have the daemon do something, as the command does."""
        request = {"verb": name, **fields}
        return await deferToThread(control_client.ask, self.folder / "control.sock", request)

    async def request(self) -> x509.CertificateSigningRequest:
        """Ask for a certificate."""
        made = await self.verb("cert.request", identity="practice", kind=self.kind, why=WHY)
        return x509.load_pem_x509_csr(made["pem"].encode())

    async def issued(self, **how: Any) -> list[str]:
        """What the register gives for a new request, with its chain."""
        request = await self.request()
        pem = sign_request(pki(), request.public_bytes(Encoding.PEM), datetime.now(UTC), **how)
        return _sent(pem)

    async def install(self, certificates: list[str], **how: Any) -> dict[str, Any]:
        """Put it in use."""
        fields = {"identity": "practice", "certificates": certificates, "why": WHY, **how}
        done: dict[str, Any] = await self.verb("cert.install", **fields)
        return done

    async def shown_out(self) -> int:
        """The serial of what the practice shows the switchboard now, on a connection of its own."""
        await self.switch.hang_up()
        await self.send(a_query())
        peer = self.switch.heard[-1].peer
        assert peer is not None
        return peer.serial_number

    async def shown_in(self) -> int:
        """The serial of what it shows who calls it."""
        wire = await self.outside().wire()
        serial = wire._wire.getHandle().get_peer_certificate(as_cryptography=True).serial_number
        wire.close()
        return int(serial)


def _sent(pem: bytes) -> list[str]:
    chain = x509.load_pem_x509_certificates(pem)
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]


def serial_of(certificates: list[str]) -> int:
    return x509.load_der_x509_certificate(base64.b64decode(certificates[0])).serial_number


class TestUnderLoad(Renewal):
    timeout = 60

    async def test_not_one_request_fails_while_another_certificate_is_put_in_use(self) -> None:
        """A practice renews in office hours, when somebody is there to look; nobody may notice."""
        given = await self.issued()
        steady = Steady(self)
        await steady.begin(1.0)
        done = await self.install(given)
        await steady.go_on(1.0)
        assert await steady.is_old_one_served()
        tally = await steady.end()
        assert (done["result"], tally.failed) == ("in use", [])
        assert tally.due_per_s >= LEAST_PER_S
        assert tally.sent == tally.due
        assert await self.shown_out() == await self.shown_in() == serial_of(given)

    async def test_not_one_request_fails_while_a_broken_file_is_refused(self) -> None:
        """Somebody copies half a file over the certificate and reloads."""
        broken = self.folder / "broken.pem"
        broken.write_bytes(pki().files("practice").chain.read_bytes()[:1000])
        self.rewrite((str(pki().files("practice").chain), str(broken)))
        steady = Steady(self)
        await steady.begin(1.0)
        with self.assertRaises(SettingsInvalid):
            await self.reload()
        await steady.go_on(1.0)
        assert await steady.is_old_one_served()
        tally = await steady.end()
        assert tally.failed == []
        assert tally.due_per_s >= LEAST_PER_S
        assert tally.sent == tally.due


class TestInUse(Renewal):
    async def test_it_is_shown_both_ways_and_after_a_restart(self) -> None:
        """The settings still name the old one; what was installed goes before it."""
        given = await self.issued()
        await self.install(given)
        assert await self.shown_out() == await self.shown_in() == serial_of(given)
        await self.restart()
        assert await self.shown_out() == await self.shown_in() == serial_of(given)

    async def test_its_key_is_nowhere_in_the_clear(self) -> None:
        """Who takes the disk out of the machine must not be able to pass for the practice."""
        await self.install(await self.issued())
        state = self.folder / "state"
        files = [path for path in state.rglob("*") if path.is_file()]
        assert [path.name for path in files if b"PRIVATE KEY" in path.read_bytes()] == []
        assert (state / "identities" / "practice" / "1.key.sealed").stat().st_mode & 0o777 == 0o400

    async def test_the_one_before_it_comes_back_on_demand(self) -> None:
        """Something is wrong with the new one after all, and the practice must go on now."""
        old = await self.shown_out()
        await self.install(await self.issued())
        done = await self.verb("cert.back", identity="practice", why="the register made a mistake")
        assert (done["result"], await self.shown_out(), await self.shown_in()) == ("in use", old, old)

    async def test_its_key_follows_the_key_of_the_store(self) -> None:
        """The yearly change of a key must not take the certificate with it."""
        given = await self.issued()
        await self.install(given)
        await self.verb("store.rotate-key", why="yearly")
        await self.restart()
        assert await self.shown_out() == serial_of(given)

    async def test_who_and_why_are_in_the_access_log(self) -> None:
        """An auditor asks who changed how the practice is known."""
        await self.install(await self.issued())
        assert [line["verb"] for line in self.logged("control.change")] == ["cert.request", "cert.install"]


class TestNotInUse(Renewal):
    async def refused(self, given: list[str], **how: Any) -> list[str]:
        before = await self.shown_out()
        done = await self.install(given, **how)
        assert (done["result"], await self.shown_out(), await self.shown_in()) == ("unfit", before, before)
        return sorted(one["code"] for one in done["wrong"])

    async def test_of_another_organisation(self) -> None:
        """Two requests were mixed up; everything that is wrong is told at once."""
        files = pki().files("pharmacy")
        key = files.key.read_text()
        codes = await self.refused(_sent(files.chain.read_bytes()), key=key)
        assert codes == ["EN-TLS-NAME", "EN-TLS-ORGANISATION", "EN-TLS-URA"]

    async def test_without_its_key(self) -> None:
        """The request was made on another machine."""
        given = await self.issued()
        await self.verb("cert.request", identity="practice", kind="P-256", replace=True, why="again")
        assert await self.refused(given) == ["EN-CERT-NO-KEY"]

    async def test_that_has_ended(self) -> None:
        """An old mail was opened."""
        given = await self.issued(begins=datetime.now(UTC) - timedelta(days=20), days=10)
        assert await self.refused(given) == ["EN-TLS-EXPIRED"]

    async def test_while_a_request_waits_no_other_is_made(self) -> None:
        """A certificate that is on its way would fit no key any more."""
        await self.request()
        with self.assertRaises(EdgeNodeError) as caught:
            await self.request()
        assert caught.exception.code == "EN-CERT-WAITING"
        assert len(await self.verb("cert.requests")) == 1

    async def test_that_the_switchboard_refuses(self) -> None:
        """In TLS 1.3 its refusal comes after our handshake is done; nothing is shown that it does not take."""
        given = await self.issued()
        before = await self.shown_out()
        await self.switch.down()
        self.switch.use(certificates.Unwilling())
        self.switch.up()
        done = await self.install(given)
        assert (done["result"], done["tried"][0]["outcome"]) == ("refused", "refused")
        assert done["tried"][0]["steps"][-1]["code"] == "EN-CERT-NOT-TAKEN"
        assert await self.shown_in() == before


class TestWaiting(Renewal):
    async def test_while_the_switchboard_cannot_be_reached(self) -> None:
        """It is tried again by itself, and shown once it was taken."""
        given = await self.issued()
        await self.switch.down()
        done = await self.install(given)
        assert (done["result"], [one["outcome"] for one in done["tried"]]) == ("waiting", ["unknown"])
        self.switch.up()
        await self.tend()
        assert await self.shown_out() == await self.shown_in() == serial_of(given)

    async def test_is_shown_at_once_where_a_person_says_so(self) -> None:
        """The old one ends tonight, and so does the work on the line."""
        given = await self.issued()
        await self.switch.down()
        done = await self.install(given, untested=True)
        self.switch.up()
        assert (done["result"], done["tried"], await self.shown_in()) == ("in use", [], serial_of(given))

    async def test_for_its_first_day(self) -> None:
        """The register gives one that begins when the old one ends."""
        before = await self.shown_out()
        given = await self.issued(begins=datetime.now(UTC) + timedelta(days=2))
        done = await self.install(given)
        await self.tend()
        assert (done["result"], [one["code"] for one in done["notes"]]) == ("waiting", ["EN-TLS-NOT-YET"])
        assert await self.shown_out() == before

    async def test_for_the_moment_a_person_chose(self) -> None:
        """Tried now, while somebody looks; shown tonight, when nobody works."""
        before = await self.shown_out()
        given = await self.issued()
        done = await self.install(given, at=(datetime.now(UTC) + timedelta(minutes=30)).isoformat())
        await self.tend()
        assert (done["result"], done["tried"][0]["outcome"]) == ("waiting", "taken")
        assert await self.shown_out() == before
        self.hour_later()
        await self.tend()
        assert await self.shown_out() == serial_of(given)

    async def test_that_has_its_key_survives_a_restart(self) -> None:
        """A machine restarts in the days between a request and its certificate."""
        given = await self.issued()
        await self.restart()
        await self.install(given)
        assert await self.shown_out() == serial_of(given)

    def hour_later(self) -> None:
        """What renews sees the clock an hour on."""
        assert self.node is not None
        renewing = self.node.services.renewing
        around = renewing._bench.parts.surroundings
        later = replace(around, now=lambda: datetime.now(UTC) + timedelta(hours=1))
        renewing._bench.parts = replace(renewing._bench.parts, surroundings=later)

    async def tend(self) -> None:
        """What the node does each five minutes."""
        assert self.node is not None
        await self.node.services.renewing.tend()


class TestTried(Renewal):
    async def test_stage_by_stage_and_without_a_change(self) -> None:
        """Before a change of the line a person sees whether TLS works, and where it ends when it does not."""
        (trial,) = await self.verb("cert.test", identity="practice")
        steps = [step["stage"] for step in trial["tried"][0]["steps"]]
        assert steps == ["name", "connection", "handshake", "peer", "answer"]
        assert (trial["standing"], trial["tried"][0]["outcome"]) == ("in use", "taken")
        assert self.switch.heard == []

    async def test_tells_where_it_ends(self) -> None:
        """A firewall, or the certificate: another help desk."""
        await self.switch.down()
        (trial,) = await self.verb("cert.test", identity="practice")
        last = trial["tried"][0]["steps"][-1]
        assert (last["stage"], last["code"], trial["tried"][0]["outcome"]) == (
            "connection",
            "EN-CERT-UNTESTED",
            "unknown",
        )
