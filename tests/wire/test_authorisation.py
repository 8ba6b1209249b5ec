"""Access tokens and addresses, from real parties over real TLS: what is believed, what is kept, what is refused."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs
from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from edge_node.errors import NotSent, Refused
from edge_node.model.fhir import Access
from edge_node.sandbox.faults import Fault
from edge_node.sandbox.fhir_exchange import FhirReply
from edge_node.wire.authorisation import AuthorisationChoices
from tests.wire.authorisation_doubles import HIS, NOW, Parties, mint, saml, says, signer

WELL_KNOWN = "/.well-known/oauth-authorization-server/as"


class Case(TestCase):
    timeout = 20

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="edge-node-")
        self.addCleanup(folder.cleanup)
        self.state_dir = Path(folder.name)
        self.parties = Parties()
        self.addCleanup(lambda: Deferred.fromCoroutine(self.parties.end()))
        self.authorisation = self.parties.authorisation(self.state_dir)

    async def token(self, timeout_s: float = 10, **tokens: str) -> str:
        return await self.authorisation.access_token(HIS, saml(**tokens), Access(), timeout_s=timeout_s)

    async def refusal(self, work: Any) -> NotSent | Refused:
        with self.assertRaises((NotSent, Refused)) as caught:
            await work
        return caught.exception

    def restarted(self, hours: float) -> None:
        self.parties.later = timedelta(hours=hours)
        self.authorisation = self.parties.authorisation(self.state_dir)


class TestAccessTokens(Case):
    async def test_come_fresh_for_each_request(self) -> None:
        """A token lives twenty seconds: one that is kept would be refused, or used for another patient."""
        first, second = await self.token(), await self.token()
        assert first != second
        assert self.parties.server.paths == [WELL_KNOWN, "/as/jwks", "/as/token", "/as/token"]

    async def test_are_for_the_patient_of_the_tokens_handed_in(self) -> None:
        """What the broker gets must be what the practitioner signed for."""
        claims = mint().read(await self.token())
        assert claims is not None
        assert claims["bsn"] == "999900006"

    async def test_are_asked_with_mandate_and_enrolment_too(self) -> None:
        """A member of staff works under a mandate; the server must see it."""
        await self.token(mandate="bWFuZGF0ZQ", enrolment="ZW5yb2w")
        sent = self.parties.server.asked[-1]
        assert b"subject_token=bWFuZGF0ZQ" in sent.body
        assert b"registration_token=ZW5yb2w" in sent.body
        assert sent.headers["content-type"] == "application/x-www-form-urlencoded"

    async def test_are_refused_for_a_token_used_before(self) -> None:
        """The local system must sign again; to try the same token for ever would help nobody."""
        tokens = saml()
        await self.authorisation.access_token(HIS, tokens, Access(), timeout_s=10)
        refusal = await self.refusal(self.authorisation.access_token(HIS, tokens, Access(), timeout_s=10))
        assert (refusal.code, refusal.detail) == ("EN-TOKEN-REFUSED", "the authorisation server says invalid_request")

    async def test_tell_nothing_of_what_a_refusal_says(self) -> None:
        """A description may hold a patient number."""
        body = json.dumps({"error": "invalid_request", "error_description": "999900006"}).encode()
        await self.token()
        self.parties.server.will(says(400, body))
        assert "999900006" not in str(await self.refusal(self.token()))

    async def test_stand_in_no_log_and_no_file(self) -> None:
        """Whoever reads the log or the disk must not be able to ask for a patient's data."""
        with capture_logs() as logs:
            token = await self.token()
        written = [path.read_text() for path in self.state_dir.iterdir()]
        assert not any(token in text or token.split(".")[2] in text for text in (*written, str(logs)))

    async def test_are_not_waited_for_longer_than_the_request_may_take(self) -> None:
        """The doctor waits: nothing was sent, and that is said in time."""
        await self.token()
        self.parties.server.will(lambda _: FhirReply(status=200, manner=Fault.NO_ANSWER))
        refusal = await self.refusal(self.token(timeout_s=0.2))
        assert refusal.code == "EN-AUTHORISATION-UNREACHABLE"

    async def test_are_not_had_from_a_server_that_is_down(self) -> None:
        """The request did not leave, so it may be sent again."""
        await self.token()
        await self.parties.server.line.cut()
        assert (await self.refusal(self.token())).code == "EN-AUTHORISATION-UNREACHABLE"


class TestStelseltoken(Case):
    async def test_says_where_the_broker_is(self) -> None:
        """Nobody types an address that the switchboard may change."""
        address = await self.authorisation.broker(HIS, "R4")
        assert (address.peer, address.host, address.port, address.base_path) == (
            "broker", "broker.edge-node.test", 443, "",
        )  # fmt: skip

    async def test_is_fetched_once_for_all_who_wait(self) -> None:
        """A waiting room that opens at once must not become a flood at the switchboard."""
        waiting = [Deferred.fromCoroutine(self.authorisation.broker(HIS, "R4")) for _ in range(5)]
        await gatherResults(waiting)
        assert len(self.parties.zim.asked) == 1

    async def test_is_used_until_its_max_age(self) -> None:
        """Addresses are cached as long as the switchboard says, and no longer."""
        await self.authorisation.broker(HIS, "R4")
        self.parties.clock.advance(14_399)
        await self.authorisation.broker(HIS, "R4")
        assert len(self.parties.zim.asked) == 1
        self.parties.clock.advance(2)
        await self.authorisation.broker(HIS, "R4")
        assert len(self.parties.zim.asked) == 2

    async def test_is_not_fresh_beyond_its_own_end(self) -> None:
        """What was signed for an hour is asked for again after that hour, however long it may be cached."""
        token = mint().stelseltoken(self.parties.addresses, exp=NOW.timestamp() + 3_600)
        body = json.dumps({"signed_metadata": token}).encode()
        self.parties.zim.will(says(200, body, cache_control="max-age=9999999999"))
        await self.authorisation.broker(HIS, "R4")
        self.parties.clock.advance(3_601)
        await self.authorisation.broker(HIS, "R4")
        assert len(self.parties.zim.asked) == 2

    async def test_that_is_old_is_better_than_none(self) -> None:
        """The stelselnode may be down for a night; requests go on, and the operator is told."""
        await self.authorisation.broker(HIS, "R4")
        self.parties.clock.advance(20_000)
        self.parties.zim.will(says(500))
        with capture_logs() as logs:
            await self.authorisation.broker(HIS, "R4")
        assert [log["event"] for log in logs] == ["authorisation.old-copy"]
        assert [finding.code for finding in self.authorisation.old_copies.values()] == [
            "EN-AUTHORISATION-UNREACHABLE"
        ]

    async def test_is_not_asked_for_at_every_request_while_it_fails(self) -> None:
        """Each of these would keep a doctor waiting for a time-out."""
        await self.authorisation.broker(HIS, "R4")
        self.parties.clock.advance(20_000)
        self.parties.zim.will(says(500))
        for _ in range(3):
            await self.authorisation.broker(HIS, "R4")
        assert len(self.parties.zim.asked) == 2
        self.parties.clock.advance(61)
        await self.authorisation.broker(HIS, "R4")
        assert (len(self.parties.zim.asked), self.authorisation.old_copies) == (3, {})

    async def test_is_not_used_for_ever(self) -> None:
        """After a week without a new one somebody must look."""
        await self.authorisation.broker(HIS, "R4")
        self.parties.clock.advance(8 * 86_400)
        self.parties.zim.will(says(500))
        assert (await self.refusal(self.authorisation.broker(HIS, "R4"))).code == "EN-AUTHORISATION-UNREACHABLE"

    async def test_of_an_earlier_run_is_used_while_fresh(self) -> None:
        """A restart must not need the stelselnode."""
        await self.authorisation.broker(HIS, "R4")
        self.restarted(hours=1)
        await self.authorisation.broker(HIS, "R4")
        assert len(self.parties.zim.asked) == 1

    async def test_of_an_earlier_run_is_used_when_no_new_one_comes(self) -> None:
        """A node that starts during an outage still knows the way."""
        await self.authorisation.broker(HIS, "R4")
        self.restarted(hours=5)
        self.parties.zim.will(says(500))
        await self.authorisation.broker(HIS, "R4")
        assert [finding.code for finding in self.authorisation.old_copies.values()] == [
            "EN-AUTHORISATION-UNREACHABLE"
        ]

    async def test_of_an_earlier_run_is_judged_anew(self) -> None:
        """The file may have been changed, or its signer's certificate may have ended."""
        await self.authorisation.broker(HIS, "R4")
        self.restarted(hours=24 * 365 * 4)
        self.parties.zim.will(says(500))
        assert (await self.refusal(self.authorisation.broker(HIS, "R4"))).code == "EN-AUTHORISATION-UNREACHABLE"

    async def test_of_an_earlier_run_is_looked_for_once(self) -> None:
        """While nobody gives one, no request waits for the disk."""
        path = self.state_dir / "stelseltoken.json"
        await self.authorisation.broker(HIS, "R4")
        good = path.read_bytes()
        path.unlink()
        self.restarted(hours=1)
        self.parties.zim.will(says(500), says(500))
        await self.refusal(self.authorisation.broker(HIS, "R4"))
        path.write_bytes(good)
        assert (await self.refusal(self.authorisation.broker(HIS, "R4"))).code == "EN-AUTHORISATION-UNREACHABLE"

    async def test_of_an_earlier_run_that_was_tampered_with_is_not_used(self) -> None:
        """Who can write a file must not be able to send requests elsewhere."""
        await self.authorisation.broker(HIS, "R4")
        path = self.state_dir / "stelseltoken.json"
        kept = json.loads(path.read_text())
        path.write_text(json.dumps({**kept, "token": kept["token"][:-8] + "AAAAAAAA"}))
        self.restarted(hours=1)
        with capture_logs() as logs:
            await self.authorisation.broker(HIS, "R4")
        assert (logs[0]["event"], len(self.parties.zim.asked)) == ("stelseltoken.not-restored", 2)

    async def test_of_somebody_else_is_not_believed(self) -> None:
        """A token signed by one of the six thousand others on the network must not redirect anything."""
        token = mint("practice").stelseltoken(self.parties.addresses)
        self.parties.zim.will(says(200, json.dumps({"signed_metadata": token}).encode()))
        assert (await self.refusal(self.authorisation.broker(HIS, "R4"))).code == "EN-AUTHORISATION-UNTRUSTED"

    async def test_that_is_not_believed_leaves_the_old_one_in_use(self) -> None:
        """Whoever breaks the new one must not stop care."""
        await self.authorisation.broker(HIS, "R4")
        self.parties.clock.advance(20_000)
        self.parties.zim.will(says(200, b'{"signed_metadata": "a.b.c"}'))
        await self.authorisation.broker(HIS, "R4")
        assert [finding.code for finding in self.authorisation.old_copies.values()] == ["EN-AUTHORISATION-UNTRUSTED"]

    async def test_may_not_name_a_stranger(self) -> None:
        """Only parties of the settings get a patient's data, whoever signs."""
        token = mint().stelseltoken(self.parties.addresses, resource_broker_za_in="https://elsewhere.test")
        self.parties.zim.will(says(200, json.dumps({"signed_metadata": token}).encode()))
        refusal = await self.refusal(self.authorisation.broker(HIS, "R4"))
        assert (refusal.code, "elsewhere.test" in refusal.detail) == ("EN-AUTHORISATION-UNTRUSTED", True)

    async def test_is_forgotten_with_other_settings(self) -> None:
        """What old anchors let in must not outlive them."""
        await self.authorisation.broker(HIS, "R4")
        self.parties.choices = AuthorisationChoices(signer=signer(organisation="Een Ander B.V."))
        assert (await self.refusal(self.authorisation.broker(HIS, "R4"))).code == "EN-AUTHORISATION-UNTRUSTED"

    async def test_is_not_needed_where_the_settings_say_it_all(self) -> None:
        """Until the names of its claims are known, a site can write the two addresses itself."""
        said = self.parties.addresses
        self.parties.choices = AuthorisationChoices(signer=signer(), issuer=said.issuer, broker=said.broker)
        await self.authorisation.broker(HIS, "STU3")
        await self.token()
        assert self.parties.zim.asked == []


class TestMetadata(Case):
    async def refused(self, **changes: object) -> NotSent | Refused:
        said = {**mint().metadata(self.parties.addresses), **changes}
        self.parties.server.will(says(200, json.dumps(said).encode()))
        return await self.refusal(self.token())

    async def test_is_cached_as_long_as_it_says(self) -> None:
        """Three requests before each one would triple the wait."""
        await self.token()
        self.parties.clock.advance(14_401)
        await self.token()
        assert self.parties.server.paths.count(WELL_KNOWN) == 2

    async def test_must_be_of_the_issuer_asked_for(self) -> None:
        """RFC 8414, 3.3: else one server could speak for another."""
        assert (await self.refused(issuer="https://authorisation.edge-node.test/other")).code == (
            "EN-AUTHORISATION-UNTRUSTED"
        )

    async def test_counts_as_it_was_signed(self) -> None:
        """An endpoint put in unsigned would get the user's tokens."""
        said = {**mint().metadata(self.parties.addresses), "token_endpoint": "https://elsewhere.test/token"}
        self.parties.server.will(says(200, json.dumps(said).encode()))
        await self.token()
        assert self.parties.server.paths[-1] == "/as/token"

    async def test_must_be_signed(self) -> None:
        """Metadata without a signature is a claim by nobody."""
        assert (await self.refused(signed_metadata=None)).code == "EN-AUTHORISATION-ANSWER"

    async def test_must_be_signed_with_the_keys_it_names(self) -> None:
        """A signature by any other key is none."""
        other = mint("switchboard", timedelta(seconds=1)).metadata(self.parties.addresses)
        refusal = await self.refused(signed_metadata=other["signed_metadata"])
        assert (refusal.code, refusal.detail) == ("EN-AUTHORISATION-UNTRUSTED", "the signature of the token is wrong")

    async def test_names_keys_of_a_known_party_only(self) -> None:
        """Keys from elsewhere would make any signature right."""
        assert (await self.refused(jwks_uri="https://elsewhere.test/jwks")).code == "EN-AUTHORISATION-UNTRUSTED"
