"""Other people's HTTP clients at both listeners of a running node: a query and a push each.

Knows: how each client is called, and what it prints.
Must not know: how a client does it.
"""

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from twisted.internet.utils import getProcessOutputAndValue

from edge_node.sandbox.reading import read
from edge_node.sandbox.samples.making import Sample
from tests.stories import certificates
from tests.stories.moves import AT_PRACTICE, ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription

HERE = Path(__file__).parent
WSDL = HERE.parents[1] / "docs" / "how-to" / "examples" / "messages.wsdl"
HOST = certificates.NAMES["practice"]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not on this machine")


def has_soap() -> bool:
    """Whether Node.js finds its package soap: installed for the machine, or below NODE_PATH."""
    node = shutil.which("node")
    return (
        node is not None
        and subprocess.run([node, "-e", "require('soap')"], check=False, capture_output=True).returncode == 0
    )


class Clients(Story):
    """A node, and what a client of another maker needs to call it."""

    timeout = 120

    async def both_sides(self, *command: str) -> None:
        """Let it send a ping and a prescription from the local system, and as the switchboard."""
        outgoing = (AT_PRACTICE.request("ping", receiver="1", patient=None), a_prescription())
        incoming = (ELSEWHERE.request("ping", receiver=HIS, patient=None), a_prescription(ELSEWHERE, HIS))
        token = (self.folder / "his.secret").read_text(encoding="utf-8")
        local, switchboard = (self.addresses[name].rpartition(":")[2] for name in ("local", "switchboard"))
        await self._passes([*command, token, "-"], f"http://127.0.0.1:{local}", outgoing)
        await self._passes([*command, "-", self._credentials()], f"https://{HOST}:{switchboard}", incoming)
        await self.switch.has_heard(2)
        await self.systems["his"].has_heard(2)

    async def _passes(self, command: Sequence[str], base: str, samples: Sequence[Sample]) -> None:
        words = [*command]
        if command[1].endswith(("zeep.py", "soap.cjs")):
            words.append(str(WSDL))
        for sample in samples:
            service = sample.kind.service
            words += [f"{base}/{service}", f"urn:hl7-org:v3/{service}_{sample.kind.operation}", self._file(sample)]
        told = [line.split(" ") for line in (await self._prints(words)).split("\n")[:-1]]
        assert [status for status, _ in told] == ["200", "200"]
        codes = [read(base64.b64decode(body)).type_code for _, body in told]
        assert codes == ["AA", "CA"]

    async def _prints(self, words: Sequence[str]) -> str:
        env = {"PATH": "/usr/bin:/bin", "NODE_PATH": os.environ.get("NODE_PATH", "")}
        out, said, code = await getProcessOutputAndValue(words[0], words[1:], env=env)
        assert code == 0, said.decode()[-2000:]
        return str(out.decode())

    def _file(self, sample: Sample) -> str:
        path = self.folder / f"{sample.id.extension}.xml"
        path.write_bytes(sample.body)
        return str(path)

    def _credentials(self) -> str:
        """Those of the switchboard, in one folder."""
        folder = self.folder / "client"
        folder.mkdir()
        files = certificates.pki().files("switchboard")
        for name, source in {
            "chain.pem": files.chain,
            "key.pem": files.key,
            "anchors.pem": certificates.pki().anchors,
        }.items():
            shutil.copy(source, folder / name)
        return str(folder)

    def hosts(self) -> str:
        """A file that says that the practice is this machine."""
        path = self.folder / "hosts"
        path.write_text(f"127.0.0.1 {HOST}\n", encoding="utf-8")
        return str(path)


class TestZeep(Clients):
    async def test_is_understood_on_both_sides(self) -> None:
        """The usual SOAP library of Python, with its own TLS and HTTP."""
        await self.both_sides(sys.executable, str(HERE / "post_with_zeep.py"))


@needs("java")
class TestJava(Clients):
    async def test_is_understood_on_both_sides(self) -> None:
        """Many local systems and care networks are written in it; with TLS it offers HTTP/2 and gets HTTP/1.1."""
        java = [shutil.which("java") or "", f"-Djdk.net.hosts.file={self.hosts()}"]
        await self.both_sides(*java, str(HERE / "Post.java"))


@needs("node")
class TestNode(Clients):
    async def test_is_understood_on_both_sides(self) -> None:
        """It sends in chunks."""
        await self.both_sides(shutil.which("node") or "", str(HERE / "post.mjs"))


@pytest.mark.skipif(not has_soap(), reason="the package soap of Node.js is not on this machine")
class TestSoapOfNode(Clients):
    async def test_is_understood_on_both_sides(self) -> None:
        """It writes envelopes with prefixes and names of its own."""
        await self.both_sides(shutil.which("node") or "", str(HERE / "post_with_soap.cjs"))


@needs("curl")
class TestCurl(Clients):
    async def test_is_understood_on_both_sides(self) -> None:
        """What a developer tries first."""
        await self.both_sides("/bin/sh", str(HERE / "post_with_curl.sh"))
