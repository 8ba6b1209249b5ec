"""A node gets its revocation lists from a mirror of the network, and judges by them."""

from pathlib import Path

from twisted.internet.defer import ensureDeferred

from tests.stories.caller import seen
from tests.stories.certificates import Stranger, pki
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_query
from tests.wire.source_double import Heard, Source, answer


class AtAMirror(Story):
    """No list lies on this machine; all of them are at the mirror."""

    def furnish(self) -> None:
        self.mirror = Source(self._list).up()
        self.addCleanup(lambda: ensureDeferred(self.mirror.down()))
        address = f"http://127.0.0.1:{self.mirror.port}"
        self.write_settings(
            {"revocation": {"crl_files": [], "mirror": address, "fetch": {"from_certificates": True}}}
        )

    def _list(self, heard: Heard) -> bytes:
        name = heard.target.removeprefix("/crl.edge-node.test/")
        found = Path(pki().out / "crl" / name)
        return answer(found.read_bytes(), etag='"1"') if found.is_file() else answer(status="404 Not Found")

    def _fetched(self) -> set[str]:
        return {heard.target.rpartition("/")[2] for heard in self.mirror.heard}

    async def _comes(self, name: str) -> None:
        """Wait until that list counts, and those of the CAs above it: what is fetched is not taken yet."""

        async def look() -> list[str]:
            assert self.node is not None
            return [kept.issuer.lower().replace(" ", "-") for kept in self.node.in_force.revoking.lists.kept()]

        wanted = (name.removesuffix(".crl"), "private-root-ca---g1", "private-services-ca---g1")
        await self.eventually(look, lambda kept: all(any(one in issuer for issuer in kept) for one in wanted))


class TestAMirror(AtAMirror):
    """It is there from the start."""

    async def test_is_asked_for_the_lists_above_our_own_certificate(self) -> None:
        """Before anybody knocks."""
        await self._comes("uzi-register-private-server-ca-g1.crl")
        assert "private-root-ca-g1.crl" in self._fetched()

    async def test_is_asked_for_the_lists_above_the_switchboard_before_that_knocks(self) -> None:
        """Its first question is a patient's too: the node calls it first, to see who is above it."""
        await self._comes("private-organisation-server-ca-g1.crl")
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive

    async def test_costs_no_question_to_a_switchboard_never_seen(self) -> None:
        """Not a byte has left yet, and the lists are there in a moment."""
        assert seen(await self.send(a_query())).is_positive
        assert len(self.switch.heard) == 1

    async def test_keeps_out_who_is_on_its_list(self) -> None:
        """A certificate that was stolen is good in everything else."""
        refused = await self.outside(certificate="bad/revoked").wire()
        await refused.until(None)
        await self._comes("private-organisation-server-ca-g1.crl")
        again = await self.outside(certificate="bad/revoked").wire()
        assert await again.until(None) == b""
        assert self.logged("tls.refused")[-1]["code"] == "EN-TLS-REVOKED"

    async def test_that_dies_leaves_what_was_fetched(self) -> None:
        """Also over a restart: the lists are on the disk."""
        await (await self.outside().wire()).until(None)
        await self._comes("private-organisation-server-ca-g1.crl")
        await self.stop()
        self.mirror.says = lambda heard: answer(status="502 Bad Gateway")
        self.start()
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive

    async def test_is_shown_in_the_status_when_it_fails(self) -> None:
        """With its address and since when, so that a person knows whom to call."""
        self.mirror.says = lambda heard: answer(status="502 Bad Gateway")
        await self.stop()
        self.start()
        await self.quiet()
        told = [line for line in self.logged("revocation.source") if not line["is_up"]]
        assert f"http://127.0.0.1:{self.mirror.port}/" in told[0]["source"]


class TestASwitchboardThatCannotBeCalled(AtAMirror):
    """Somebody else answers in its place."""

    def furnish(self) -> None:
        super().furnish()
        self.switch.use(Stranger())

    async def test_is_let_in_once_its_list_was_fetched(self) -> None:
        """Its first knock fetches it; from then on it is served."""
        refused = await self.outside().wire()
        await refused.until(None)
        assert "EN-TLS-UNCHECKED" in {line["code"] for line in self.logged("tls.refused")}
        await self._comes("private-organisation-server-ca-g1.crl")
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive
