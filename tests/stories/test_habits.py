"""The habits of the HTTP clients of local systems: all of them work, and the message goes on as it was sent."""

from collections.abc import Sequence

from tests.stories.caller import Wire
from tests.stories.story import Story, a_prescription

BOM = b"\xef\xbb\xbf"


class TestHabits(Story):
    async def posts(
        self, *headers: bytes, host: bytes = b"node", steps: Sequence[bytes] = (), bom: bytes = b""
    ) -> None:
        """Send a push with these headers; see that it arrives, and is answered as such."""
        sample = a_prescription()
        body = bom + sample.body
        wire = await self.local().wire()
        wire.say(self._head(host, *(headers or (b"Content-Type: text/xml; charset=utf-8",)), steps=steps, body=body))
        await self._body(wire, body, steps)
        answer = await wire.until(b":Envelope>")
        wire.close()
        assert b"HTTP/1.1 200 OK" in answer
        assert [turn.body for turn in self.switch.heard] == [body]

    def _head(self, host: bytes, *headers: bytes, steps: Sequence[bytes], body: bytes) -> bytes:
        secret = (self.folder / "his.secret").read_bytes()
        length = () if b"chunked" in b"".join(headers) else (b"Content-Length: %d" % len(body),)
        lines = (
            b"POST /VoorschriftVersturen HTTP/1.1",
            b"Host: " + host,
            b"Authorization: Bearer " + secret,
            *([] if any(b"soapaction" in line.lower() for line in headers) else [self._action(b'"')]),
            *length,
            *headers,
        )
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _action(self, quote: bytes) -> bytes:
        return b"SOAPAction: " + quote + b"urn:hl7-org:v3/VoorschriftVersturen_Versturen" + quote

    async def _body(self, wire: Wire, body: bytes, steps: Sequence[bytes]) -> None:
        if b"wait" in steps:
            assert await wire.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        if b"chunks" in steps:
            pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        wire.say(body)

    async def test_asks_before_it_sends_its_body(self) -> None:
        """.NET Framework does so with every POST, and waits."""
        await self.posts(b"Content-Type: text/xml", b"Expect: 100-continue", steps=[b"wait"])

    async def test_asks_and_does_not_wait(self) -> None:
        """It gives up waiting after a third of a second."""
        await self.posts(b"Content-Type: text/xml", b"Expect: 100-continue")

    async def test_sends_in_chunks(self) -> None:
        """WCF does not count what it writes."""
        await self.posts(b"Content-Type: text/xml", b"Transfer-Encoding: chunked", steps=[b"chunks"])

    async def test_asks_and_sends_in_chunks(self) -> None:
        """Both at once, as WCF with large messages."""
        headers = (b"Content-Type: text/xml", b"Transfer-Encoding: chunked", b"Expect: 100-Continue")
        await self.posts(*headers, steps=[b"wait", b"chunks"])

    async def test_puts_the_charset_in_quotes(self) -> None:
        """Allowed, and done."""
        await self.posts(b'Content-Type: text/xml; charset="UTF-8"')

    async def test_ends_the_media_type_with_a_semicolon(self) -> None:
        """Not quite allowed, and done."""
        await self.posts(b"content-type: TEXT/XML;charset=utf-8;")

    async def test_begins_with_a_byte_order_mark(self) -> None:
        """.NET writes one wherever it writes UTF-8."""
        await self.posts(bom=BOM)

    async def test_calls_the_node_by_its_own_name_for_it(self) -> None:
        """What stands in the hosts file of a practice is no affair of ours."""
        await self.posts(host=b"PRAKTIJK_SERVER.local:8080")

    async def test_leaves_the_quotes_of_the_soap_action_away(self) -> None:
        """Some old toolkits do."""
        await self.posts(b"Content-Type: text/xml", self._action(b""))

    async def test_adds_headers_of_its_own(self) -> None:
        """None of them goes to the switchboard."""
        await self.posts(b"Content-Type: text/xml", b"VsDebuggerCausalityData: uIDPo", b"Accept-Encoding: gzip")
        passed_on = set(self.switch.heard[0].headers)
        assert {"vsdebuggercausalitydata", "accept-encoding", "authorization"} & passed_on == set()
