"""The certificate that signs tokens, with a key that was made on the node."""

from pathlib import Path

import yaml
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.sandbox.pki_signing import sign_request
from tests.stories import certificates, moves
from tests.stories.caller import code_of
from tests.stories.signing import SigningStory, a_sample, for_the_node
from tests.stories.test_renewing import Renewal
from tests.stories.test_server_signed import parts, proven_by_xmlsec


class TestAKeyMadeHere(Renewal, SigningStory):
    signer = None
    kind = "RSA-4096"

    async def test_signs_after_a_reload(self) -> None:
        """What speaks in the practice's name need never have been elsewhere, and nobody restarts a node for it."""
        given = sign_request(certificates.pki(), (await self.request()).public_bytes(Encoding.PEM), moves.now())
        self._name(given, self.folder / "signing.pem")
        await self.reload()
        query = for_the_node(a_sample())
        await self.send(query)
        proven_by_xmlsec(parts(self.switch.heard[-1].body, query.body), given)
        assert await self.verb("cert.requests") == []

    async def test_signs_nothing_before(self) -> None:
        """A request that waits is no certificate."""
        await self.request()
        assert code_of(await self.send(for_the_node(a_sample()))) == "EN-TOKEN-MISSING"

    def _name(self, given: bytes, path: Path) -> None:
        """Do as `cert csr --for-tokens` says."""
        path.write_bytes(given)
        settings = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        practice = settings["identities"][0]
        practice["token_signing"] = {"certificate": str(path), "key": "sealed:practice.1"}
        practice["applications"][0]["server_signed"] = list(self.signed)
        self.paths[0].write_text(yaml.safe_dump(settings), encoding="utf-8")
