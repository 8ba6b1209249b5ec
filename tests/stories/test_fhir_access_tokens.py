"""The access token that a request of the broker brings: proven where the keys are there, else never in the way."""

from edge_node.sandbox.mint import Grant
from tests.stories.caller import Told
from tests.stories.fhir_moves import a_search
from tests.stories.fhir_story import FhirStory, mint, outcome_of
from tests.stories.moves import ANNA


class TestATokenThatComesIn(FhirStory):
    def _token(self, issuer: str | None = None) -> str:
        grant = Grant(patient=ANNA.bsn, application="80000003", scope="search")
        return mint().access_token(issuer or self.named.issuer, grant)

    async def _brings(self, token: str) -> Told:
        return await self.calls(a_search(), authorization=f"Bearer {token}")

    async def test_of_the_authorisation_server_passes_with_its_request(self) -> None:
        """The local system gets what the broker sent, and may read the token itself."""
        token = self._token()
        told = await self._brings(token)
        assert told.status == 200, told.body
        assert self.systems["his"].heard[-1].headers["authorization"] == f"Bearer {token}"

    async def test_that_was_forged_is_refused_with_its_code(self) -> None:
        """Nothing of a patient is asked of the local system for it."""
        head, claims, signature = self._token().split(".")
        flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
        told = await self._brings(f"{head}.{claims}.{flipped}")
        assert (told.status, outcome_of(told)["code"]) == (401, "EN-ACCESS-TOKEN")
        assert told.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert self.systems["his"].heard == []

    async def test_of_a_server_that_is_down_passes_and_is_counted(self) -> None:
        """The switchboard has proven itself by TLS; a doctor waits for the answer."""
        await self.server.down()
        told = await self._brings(self._token())
        assert told.status == 200, told.body
        assert self.logged("access-tokens.unproven")
        metrics = (await self.management("/metrics")).body.decode()
        assert [line for line in metrics.splitlines() if "EN-ACCESS-UNKNOWN" in line and not line.startswith("#")]

    async def test_of_another_issuer_is_refused(self) -> None:
        """The stelseltoken names one; any other name would let a token pass that nobody proved."""
        assert (await self._brings(self._token("https://elsewhere.test"))).status == 401

    async def test_is_in_no_log(self) -> None:
        """It opens a record for as long as it lives."""
        token = self._token()
        await self._brings(token)
        assert token.split(".")[2] not in self.tape.getvalue()
