"""curl as a FHIR client at both listeners of a running node: a search and a new resource each."""

import shutil
from typing import Final

from twisted.internet.utils import getProcessOutputAndValue

from tests.clients.test_clients import needs
from tests.stories import certificates
from tests.stories.fhir_moves import JSON, a_search, a_task, a_transaction_token, an_aorta_id, written
from tests.stories.fhir_story import TOKEN, FhirStory

HOST: Final = certificates.NAMES["practice"]


@needs("curl")
class TestCurl(FhirStory):
    timeout = 60

    async def test_is_understood_by_the_local_mirror(self) -> None:
        """What a developer tries first."""
        base = f"http://127.0.0.1:{self._port('local')}/k/{self.keys['his']}"
        assert await self._told(base + a_search(), *self._signed()) == "200 1.1"
        assert await self._told(f"{base}/fhir/R4/Task", *self._signed(), *self._task()) == "201 1.1"
        assert [turn.method for turn in self.broker.heard] == ["GET", "POST"]

    async def test_is_understood_by_the_listener_of_the_switchboard(self) -> None:
        """With TLS it offers HTTP/2, and gets HTTP/1.1."""
        base = f"https://{HOST}:{self._port('switchboard')}"
        assert await self._told(base + a_search(), *self._as_broker()) == "200 1.1"
        chunked = ("-H", "Transfer-Encoding: chunked")
        assert await self._told(f"{base}/fhir/R4/Task", *self._as_broker(), *chunked, *self._task()) == "201 1.1"
        assert [turn.method for turn in self.systems["his"].heard] == ["GET", "POST"]

    async def _told(self, url: str, *words: str) -> str:
        """Status and version of HTTP."""
        command = ["-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code} %{http_version}", *words, url]
        out, said, code = await getProcessOutputAndValue(
            shutil.which("curl") or "", command, env={"PATH": "/usr/bin:/bin"}
        )
        assert code == 0, said.decode()[-2000:]
        return str(out.decode())

    def _port(self, listener: str) -> str:
        return self.addresses[listener].rpartition(":")[2]

    def _signed(self) -> tuple[str, ...]:
        return ("-H", f"{TOKEN}: {a_transaction_token()}", "-H", "Expect: 100-continue")

    def _task(self) -> tuple[str, ...]:
        path = self.folder / "task.json"
        path.write_bytes(written(a_task()))
        return ("-H", f"Content-Type: {JSON}", "--data-binary", f"@{path}")

    def _as_broker(self) -> tuple[str, ...]:
        files = certificates.pki().files("broker")
        tls = ("--cacert", str(certificates.pki().anchors), "--cert", str(files.chain), "--key", str(files.key))
        headers = ("-H", f"AORTA-ID: {an_aorta_id()}", "-H", f"Authorization: {self.granted()}")
        return ("--connect-to", "::127.0.0.1:", *tls, *headers)
