"""A local system proves who it is, in one of five ways, before a word of what it sends is read."""

import base64
import hashlib
import json
import os
import secrets
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificates

from edge_node.sandbox.samples.making import Sample
from tests.stories import certificates
from tests.stories.caller import Caller, Told, code_of, seen
from tests.stories.moves import AT_PHARMACY
from tests.stories.story import Story, a_query


def _post(caller: Caller, sample: Sample, prefix: str = "") -> Any:
    service = sample.kind.service.removesuffix("Batch")
    return caller.post(
        f"{prefix}/{service}", sample.body, {"soapaction": f'"urn:hl7-org:v3/{service}_QueryResponse"'}
    )


class TestStranger(Story):
    async def _is_refused(self, caller: Caller, status: int, code: str, prefix: str = "") -> Told:
        told = await _post(caller, a_query(), prefix)
        assert (told.status, code_of(told), self.switch.heard) == (status, code, [])
        return told

    async def test_without_a_credential(self) -> None:
        """Any program on the practice's computer can reach the address."""
        told = await self._is_refused(Caller.at(self.addresses["local"]), 401, "EN-UNAUTHENTICATED")
        assert "Bearer" in told.headers["www-authenticate"]

    async def test_with_a_wrong_bearer_token(self) -> None:
        """A guess."""
        caller = Caller.at(self.addresses["local"], headers={"authorization": "Bearer " + "x" * 43})
        await self._is_refused(caller, 401, "EN-UNAUTHENTICATED")

    async def test_with_a_wrong_key_in_the_address(self) -> None:
        """The key is in no answer and in no log."""
        caller = Caller.at(self.addresses["local"])
        told = await self._is_refused(caller, 401, "EN-UNAUTHENTICATED", prefix="/k/not-the-key-of-anybody")
        assert b"not-the-key" not in told.body
        assert "not-the-key" not in self.tape.getvalue()

    async def test_with_anothers_credential(self) -> None:
        """The pharmacy's system cannot use the practice's name."""
        told = await self.send(a_query(), "ais")
        assert (told.status, code_of(told)) == (500, "EN-SENDER-FOREIGN")

    async def test_at_the_local_api(self) -> None:
        """What became of messages is as private as the messages."""
        told = await Caller.at(self.addresses["local"]).get("/v1/messages/" + "0" * 32)
        said = told.status, told.headers["content-type"], json.loads(told.body)["code"]
        assert said == (401, "application/problem+json", "EN-UNAUTHENTICATED")
        assert (told.headers["edge-node-error"], "Bearer" in told.headers["www-authenticate"]) == (said[2], True)

    async def test_body_of_a_stranger_is_not_read(self) -> None:
        """Nobody without a credential can fill the memory."""
        wire = await Caller.at(self.addresses["local"]).wire()
        head = b"POST /Ping HTTP/1.1\r\nHost: n\r\nContent-Type: text/xml\r\nExpect: 100-continue\r\n"
        wire.say(head + b"Content-Length: 5000000\r\n\r\n")
        answer = await wire.until(b":Envelope>")
        wire.close()
        assert answer.startswith(b"HTTP/1.1 401 ")


class TestFiveForms(Story):
    async def setUp(self) -> None:
        await super().setUp()
        self.key = secrets.token_urlsafe(32)
        self._secret("key", "sha256:" + hashlib.sha256(self.key.encode()).hexdigest())
        self._secret("password", "een lang wachtwoord van de praktijk")
        (certificate, *_) = load_pem_x509_certificates(certificates.pki().files("local/his").chain.read_bytes())
        listener = certificates.pki().files("local/local-listener")
        his = {
            "name": "his",
            "bearer_token_files": [str(self.folder / "his.secret")],
            "basic": {"user": "praktijk", "password_file": str(self.folder / "password.secret")},
            "address_key_files": [str(self.folder / "key.secret")],
            "unix_uids": [os.getuid()],
            "certificate_fingerprints": [certificate.fingerprint(SHA256()).hex()],
        }
        others = [{"name": n, "bearer_token_files": [str(self.folder / f"{n}.secret")]} for n in ("portal", "ais")]
        tls = {
            "certificate": str(listener.chain),
            "key": str(listener.key),
            "client_anchors": str(certificates.pki().local_anchors),
        }
        self.listeners = {
            "plain": {"host": "127.0.0.1", "port": 0},
            "unix": {"unix_path": str(self.folder / "node.sock")},
            "tls": {"host": "127.0.0.1", "port": 0, "tls": tls},
        }
        self.systems_written = [his, *others]

    def _secret(self, name: str, text: str) -> None:
        path = self.folder / f"{name}.secret"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    async def _listens(self, name: str) -> str:
        """Start the node again with that listener; return where it is."""
        others = [listener for other, listener in self.listeners.items() if other != name]
        self.write_settings(
            {"local": {"listeners": [self.listeners[name], *others], "systems": self.systems_written}}
        )
        await self.restart()
        return self.addresses["local"]

    async def _is_served(self, caller: Caller, prefix: str = "") -> None:
        told = await _post(caller, a_query(), prefix)
        assert (told.status, seen(told).is_positive) == (200, True)
        assert code_of(await _post(caller, a_query(AT_PHARMACY), prefix)) == "EN-SENDER-FOREIGN"

    async def test_bearer(self) -> None:
        """A token in a header."""
        await self._listens("plain")
        await self._is_served(self.local())

    async def test_basic(self) -> None:
        """User and password, for a system that knows nothing else."""
        given = base64.b64encode(b"praktijk:een lang wachtwoord van de praktijk").decode()
        await self._is_served(Caller.at(await self._listens("plain"), headers={"authorization": f"Basic {given}"}))

    async def test_key_in_the_address(self) -> None:
        """For a system in which only the address can be changed; the switchboard never sees the key."""
        await self._is_served(Caller.at(await self._listens("plain")), f"/k/{self.key}")
        assert self.switch.heard[0].path == "/ProfessioneleSamenvattingQuery"
        assert self.key not in self.tape.getvalue()

    async def test_unix_socket(self) -> None:
        """The kernel says which user calls: there is no secret to steal."""
        await self._is_served(Caller.at(await self._listens("unix")))

    async def test_client_certificate(self) -> None:
        """For a local system on another machine."""
        where = await self._listens("tls")
        tls = certificates.ClientTls("localhost", "local/his", certificates.pki().local_anchors)
        await self._is_served(Caller.at(where, tls))

    async def test_client_certificate_of_another_system_proves_nothing(self) -> None:
        """The same authority issued it, to somebody else."""
        where = await self._listens("tls")
        tls = certificates.ClientTls("localhost", "local/ais", certificates.pki().local_anchors)
        told = await _post(Caller.at(where, tls), a_query())
        assert (told.status, self.switch.heard) == (401, [])
