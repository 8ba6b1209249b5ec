"""Who was revoked says nothing more and is told nothing more, from that moment on; nobody else notices."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from twisted.internet.defer import Deferred

from edge_node.sandbox.pki import SWITCHBOARD, Pki
from edge_node.sandbox.pki_authority import Authority, Profile, ec_key
from edge_node.sandbox.pki_lists import bring_out
from edge_node.status.document import of_snapshot
from tests.stories import certificates, moves
from tests.stories.caller import Wire, code_of, seen
from tests.stories.far_end import Turn
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, deferred

ISSUER = "private-organisation-server-ca-g1"
REQUEST = b"POST /Ping HTTP/1.1\r\nHost: node\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n"


class Register(Story):
    """A story whose register brings out lists when it is told to; the node looks for them often."""

    def furnish(self) -> None:
        made = certificates.pki()
        self.register = Pki(out=self.folder / "register")
        for folder in ("ca", "crl"):
            shutil.copytree(made.out / folder, self.register.out / folder)
        self.lists = self.register.out / "crl"
        self.write_settings({"revocation": {"crl_files": [str(self.lists)], "crl_files_every_s": 0.05}})

    def revoke(self, *names: str) -> None:
        """Put certificates on the list of this moment."""
        found = [certificates.pki().files(name).chain.read_bytes() for name in names]
        bring_out(self.register, datetime.now(UTC), [x509.load_pem_x509_certificate(one) for one in found])

    def second(self) -> str:
        """Give the switchboard another certificate, as good as its first; return where it is."""
        folder = self.register.out / "ca" / ISSUER
        chain = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())
        key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        authority = Authority(certificate=chain[0], key=key, above=tuple(chain[1:]), slug=ISSUER)
        now = datetime.now(UTC)
        profile = Profile(
            organisation=SWITCHBOARD[0],
            fqdn=SWITCHBOARD[1],
            not_before=chain[0].not_valid_before_utc,
            not_after=now.replace(year=now.year + 1, day=1),
        )
        issued = authority.issue(profile, ec_key())
        return str(_written(self.folder / "second", issued.chain, issued.key))

    async def parts(self, kind: str) -> list[dict[str, Any]]:
        """What the status says of that kind."""
        return [part for part in (await self.status())["parts"] if part["kind"] == kind]

    async def status(self) -> dict[str, Any]:
        """What `edge-node status --json` says."""
        assert self.node is not None
        return of_snapshot(await self.node.overseeing.look())


def _written(folder: Path, chain: tuple[x509.Certificate, ...], key: Any) -> Path:
    folder.mkdir()
    (folder / "chain.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


class TestRevokedCaller(Register):
    async def test_is_broken_off_in_the_middle_of_a_request(self) -> None:
        """A stolen key that is found out must not go on for as long as a connection lasts."""
        wire: Wire = await self.outside(certificate=self.second()).wire()
        wire.say(REQUEST + b"half of it")
        await self.quiet()
        self.revoke(str(self.folder / "second"))
        await wire.until(None)
        assert wire.heard == b""
        assert self.logged("http.peer-refused")[-1]["code"] == "EN-TLS-REVOKED"

    async def test_ends_no_request_of_another(self) -> None:
        """Only who was revoked is broken off; the question of a colleague gets its answer."""
        held: Deferred[Turn] = Deferred()
        self.systems["his"].will(held.callback)
        asked = deferred(self.call(a_query(ELSEWHERE, HIS)))
        turn = await held
        wire = await self.outside(certificate=self.second()).wire()
        await self.quiet()
        self.revoke(str(self.folder / "second"))
        await wire.until(None)
        moves.usual(turn)
        assert seen(await asked).is_positive

    async def test_is_not_let_in_again(self) -> None:
        """The handshake says no before a byte is read."""
        second = self.second()
        self.revoke(second)
        await self.eventually(self._logged_lists, bool)
        wire = await self.outside(certificate=second).wire()
        wire.say(REQUEST)
        await wire.until(None)
        assert (wire.heard, self.logged("tls.refused")[-1]["code"]) == (b"", "EN-TLS-REVOKED")

    async def _logged_lists(self) -> bool:
        lists = (await self.status())["revocation"]["lists"]
        return any(one["age_s"] < 60 for one in lists)


class TestRevokedSwitchboard(Register):
    async def test_gets_nothing_more_and_messages_wait(self) -> None:
        """Not a byte goes to a key that somebody else may have; what may be kept is kept."""
        await self.send(a_query())
        self.revoke("switchboard")
        await self.eventually(self._code, lambda code: code == "EN-TLS-REVOKED")
        heard = len(self.switch.heard)
        told = await self.send(a_prescription())
        assert (told.headers["edge-node-state"], len(self.switch.heard)) == ("kept", heard)
        await self.switch.down()
        self.switch.use(certificates.ServerTls(self.second()))
        self.switch.up()
        await self.comes_to("DELIVERED", told)

    async def test_is_in_the_status(self) -> None:
        """Whoever looks sees which certificate, and by whose word."""
        await self.send(a_query())
        self.revoke("switchboard")
        await self.eventually(self._code, lambda code: code == "EN-TLS-REVOKED")
        found = [part for part in await self.parts("revocation") if part["code"] == "EN-TLS-REVOKED"]
        assert [part["name"] for part in found] == ["zim"]

    async def _code(self) -> str:
        return code_of(await self.send(a_query()))


class TestOwnCertificateRevoked(Register):
    async def test_is_told_at_once(self) -> None:
        """Nobody takes it any more; a new one takes days to come."""
        self.revoke("practice")
        await self.eventually(self._findings, lambda found: "EN-CERTIFICATE-REVOKED" in found)
        assert [part["name"] for part in await self.parts("certificate") if part["health"] == "down"] == ["practice"]

    async def _findings(self) -> list[str]:
        return [line["code"] for line in self.logged("revocation.finding")]


class TestListThatIsMissing(Register):
    def furnish(self) -> None:
        super().furnish()
        self.kept_back = (self.lists / f"{ISSUER}.crl").rename(self.folder / "kept-back.crl")

    async def test_keeps_its_peers_out_by_name(self) -> None:
        """Whoever is called must know which list, and where it should be."""
        told = await self.send(a_query())
        assert (told.status, code_of(told), self.switch.heard) == (500, "EN-TLS-UNCHECKED", [])
        (line,) = self.logged("tls.refused")
        assert f"http://crl.edge-node.test/{ISSUER}.crl" in line["detail"]

    async def test_lets_them_in_when_it_comes(self) -> None:
        """Nobody has to restart anything."""
        assert code_of(await self.send(a_query())) == "EN-TLS-UNCHECKED"
        self.kept_back.rename(self.lists / f"{ISSUER}.crl")
        await self.eventually(lambda: self.send(a_query()), lambda told: told.status == 200)

    async def test_is_told_once(self) -> None:
        """An alert a minute is read by nobody."""
        for _ in range(3):
            await self.send(a_query())
        await self.quiet()
        found = [line for line in self.logged("revocation.finding") if line["code"] == "EN-REVOCATION-UNKNOWN"]
        assert len({line["of"] for line in found}) == len(found)


class TestListThatIsBroken(Register):
    async def test_leaves_the_old_one(self) -> None:
        """Half a copy of a file must not close a hospital."""
        path = self.lists / f"{ISSUER}.crl"
        path.write_bytes(path.read_bytes()[:-20])
        await self.eventually(self._is_told, bool)
        assert seen(await self.send(a_query())).is_positive
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive

    async def _is_told(self) -> bool:
        return [line["is_up"] for line in self.logged("revocation.source")] == [False]


class TestRestart(Register):
    async def test_with_every_source_gone_changes_nothing(self) -> None:
        """The lists of before are on disk, and count until they end."""
        await self.send(a_query())
        await self.stop()
        shutil.rmtree(self.lists)
        self.start()
        assert seen(await self.send(a_query())).is_positive
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive
