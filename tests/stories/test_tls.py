"""Who is not the switchboard is turned away in the handshake: not a byte of what it says is read."""

from tests.stories import certificates
from tests.stories.caller import Caller, Wire, code_of, seen
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, an_index_update


class TestCaller(Story):
    async def _knocks(self, certificate: str | None, identity: str = "practice") -> Wire:
        wire = await self.outside(identity, certificate).wire()
        wire.say(b"POST /Ping HTTP/1.1\r\nHost: node\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n\r\n")
        await wire.until(None)
        return wire

    async def _is_turned_away(self, certificate: str | None, code: str) -> None:
        wire = await self._knocks(certificate)
        assert wire.heard == b""
        assert "alert" in str(wire.error), wire.error
        assert self.logged("tls.refused")[-1]["code"] == code
        assert self.logged("message.handled") == []

    async def test_with_an_expired_certificate(self) -> None:
        """A certificate that ended may be in anybody's hands."""
        await self._is_turned_away("bad/expired", "EN-TLS-EXPIRED")

    async def test_with_a_certificate_of_another_ca(self) -> None:
        """The same names, made by somebody else."""
        await self._is_turned_away("bad/other-ca", "EN-TLS-CHAIN")

    async def test_with_a_certificate_for_another_name(self) -> None:
        """Another party of the same network is not the switchboard."""
        await self._is_turned_away("bad/other-name", "EN-TLS-NAME")

    async def test_with_a_certificate_of_another_issuer(self) -> None:
        """A care provider's certificate is of the same root, and still not the switchboard's."""
        await self._is_turned_away("bad/other-issuer", "EN-TLS-ISSUER")

    async def test_with_a_certificate_for_servers_only(self) -> None:
        """Each direction has its own purpose."""
        await self._is_turned_away("bad/no-client-auth", "EN-TLS-PURPOSE")

    async def test_without_a_certificate(self) -> None:
        """Anybody on the care network can open a connection."""
        wire = await self._knocks(None)
        assert wire.heard == b""
        assert "alert" in str(wire.error)
        assert self.logged("message.handled") == []

    async def test_without_extended_master_secret(self) -> None:
        """OpenSSL agrees to it, so this ends the connection after the handshake; still no byte of it is read."""
        tls = certificates.ClientTls(certificates.NAMES["practice"], "switchboard", certificates.pki().anchors)
        tls.be_from_before_rfc_7627()
        wire = await Caller.at(self.addresses["switchboard"], tls).wire()
        wire.say(b"POST /Ping HTTP/1.1\r\nHost: node\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n\r\n")
        assert await wire.until(None) == b""
        assert self.logged("tls.refused")[-1]["code"] == "EN-TLS-EMS"
        assert self.logged("message.handled") == []

    async def test_again_and_again_leaves_few_lines_in_the_log(self) -> None:
        """A scanner must not fill the disk on which the messages are kept; how often it came is told all the same."""
        for _ in range(4):
            await self._knocks("bad/other-ca")
        await self.stop()
        lines = self.logged("tls.refused")
        assert [(line["count"], line["peer"]) for line in lines] == [(1, "127.0.0.1"), (3, "127.0.0.1")]

    async def test_good_one_after_all_these_is_served(self) -> None:
        """Strangers at the door do not shut it."""
        await self._knocks("bad/other-ca")
        await self._knocks(None)
        assert seen(await self.call(a_query(ELSEWHERE, HIS))).is_positive


class TestCalled(Story):
    """The one who answers at the switchboard's address shows another certificate."""

    async def _answers_as(self, certificate: str) -> None:
        await self.switch.down()
        self.switch.use(certificates.ServerTls(certificate))
        self.switch.up()

    async def _gets_no_question(self, certificate: str, code: str) -> None:
        """The asker is told what is wrong with it: "the handshake failed" sends people to the wrong cause."""
        await self._answers_as(certificate)
        told = await self.send(a_query())
        assert (told.status, code_of(told), self.switch.heard) == (500, code, [])

    async def test_with_an_expired_certificate_gets_no_question(self) -> None:
        """A certificate that ended may be in anybody's hands."""
        await self._gets_no_question("bad/expired", "EN-TLS-EXPIRED")

    async def test_with_a_certificate_of_another_ca_gets_no_question(self) -> None:
        """A false switchboard would learn who is in care where."""
        await self._gets_no_question("bad/other-ca", "EN-TLS-CHAIN")

    async def test_with_a_certificate_for_another_name_gets_no_question(self) -> None:
        """Another party of the network that took over the address is not the switchboard."""
        await self._gets_no_question("bad/other-name", "EN-TLS-NAME")

    async def test_with_a_certificate_for_clients_only_gets_no_question(self) -> None:
        """Each direction has its own purpose."""
        await self._gets_no_question("bad/no-server-auth", "EN-TLS-PURPOSE")

    async def test_gets_no_push_that_may_not_be_kept_and_its_sender_hears_not_sent(self) -> None:
        """The message is right and nothing was sent: its sender may send it again when the line is well."""
        await self._answers_as("bad/expired")
        told = await self.send(an_index_update())
        assert (told.status, set(seen(told).codes)) == (200, {"RTEDEST"})
        assert (told.headers["edge-node-error"], self.switch.heard) == ("EN-TLS-EXPIRED", [])

    async def test_gets_no_push_and_the_message_waits(self) -> None:
        """Not a byte leaves; the message goes when the right one is back."""
        await self._answers_as("bad/other-ca")
        told = await self.send(a_prescription())
        assert told.headers["edge-node-state"] == "kept"
        assert self.switch.heard == []
        await self._answers_as("switchboard")
        await self.comes_to("DELIVERED", told)
