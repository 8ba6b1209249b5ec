"""Connections that are opened to be in the way, at a running node over real sockets."""

from collections.abc import Callable
from typing import ClassVar

from twisted.internet.defer import gatherResults

from tests.hostile.test_framing import statuses_of
from tests.stories.caller import Caller, Wire, seen
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, deferred


class Crowded(Story):
    """A node with few places, and little patience."""

    places: ClassVar = {"connections": 8, "connections_per_peer": 4, "header_time_s": 0.5, "linger_s": 0.2}
    given: ClassVar = {"local": {"limits": {**places}}, "switchboard": {"listen": {"limits": {**places}}}}

    async def crowd(self, call: Callable[[], Caller], number: int) -> list[Wire]:
        """Connect so many times and say nothing."""
        return list(await gatherResults([deferred(call().wire()) for _ in range(number)]))

    def here(self) -> Caller:
        """One from this machine."""
        return Caller.at(self.addresses["local"])

    async def serves(self) -> None:
        """The next message passes, in both directions."""
        assert seen(await self.send(a_prescription())).is_positive
        assert seen(await self.call(a_prescription(ELSEWHERE, HIS))).is_positive


class TestPlaces(Crowded):
    async def test_over_those_of_one_address_are_refused_in_words(self) -> None:
        """The maintainer of the program that forgets its connections sees why it is turned away."""
        await self.crowd(self.here, 4)
        (wire,) = await self.crowd(self.here, 1)
        assert statuses_of(await wire.until(None)) == (503,)

    async def test_over_those_of_one_address_get_no_handshake(self) -> None:
        """Cryptography is what a flood would cost most."""
        await self.crowd(self.outside, 4)
        (wire,) = await self.crowd(self.outside, 1)
        assert await wire.until(None) == b""
        assert self.logged("http.refused")[-1]["code"] == "EN-BUSY"

    async def test_of_one_listener_are_not_those_of_the_other(self) -> None:
        """A crowd at the practice's side does not shut out the switchboard."""
        await self.crowd(self.here, 4)
        assert seen(await self.call(a_prescription(ELSEWHERE, HIS))).is_positive

    async def test_are_given_back_by_those_who_leave(self) -> None:
        """A program that was started again finds its places free."""
        for wire in [*await self.crowd(self.here, 4), *await self.crowd(self.outside, 4)]:
            wire.close()
        await self.serves()


class TestSilence(Crowded):
    async def test_of_a_caller_ends_its_connection(self) -> None:
        """Places held without a word come free by themselves."""
        for wire in [*await self.crowd(self.here, 4), *await self.crowd(self.outside, 4)]:
            assert await wire.until(None) == b""
        await self.serves()

    async def test_before_a_handshake_ends_the_connection(self) -> None:
        """The port of the switchboard is open to the whole network."""
        wires = await self.crowd(lambda: Caller.at(self.addresses["switchboard"]), 4)
        assert [await wire.until(None) for wire in wires] == [b""] * 4
        await self.serves()

    async def test_within_a_head_ends_the_connection(self) -> None:
        """Each byte must not buy more time."""
        wires = [*await self.crowd(self.here, 4), *await self.crowd(self.outside, 4)]
        for wire in wires:
            wire.say(b"POST /Ping HTTP/1.1\r\nHost: n")
        assert {statuses_of(await wire.until(None)) for wire in wires} == {(408,)}
        await self.serves()
