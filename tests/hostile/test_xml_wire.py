"""Hostile XML at a running node: what is refused reaches nobody, is kept nowhere and comes back to nobody."""

from tests.hostile import xml_bytes, xml_structure, xml_values
from tests.hostile.test_xml import FAMILIES, REFUSED
from tests.hostile.xml_case import BSN, CANARY, Case, Family, marked, report
from tests.stories.caller import code_of
from tests.stories.moves import ANNA, ELSEWHERE
from tests.stories.site import HIS, without_cards
from tests.stories.story import Story

BY_READER = {case.code for case in REFUSED}
#: Nothing of these may be in any answer or in the log.
SECRET = (CANARY, BSN.encode(), b"999911120")
#: Nor of these in an answer that says no.
HOSTILE = (*SECRET, b"attacker.example", b"etc/passwd", b"jndi", b"DROP TABLE", b"Set-Cookie", b"forged")


class Hostile(Story):
    """A node, and all cases of a family sent to it one after the other by a local system."""

    timeout = 120

    def furnish(self) -> None:
        """Judge no signatures: what the readers let pass must be harmless by itself, also where nobody signed it."""
        without_cards(self.paths[0])

    async def hold(self, family: Family) -> None:
        """Send every case; see that only what is harmless went on, as it was sent, and that nothing came back."""
        passed = [body for case in family.cases if (body := await self._send(case)) is not None]
        assert [turn.body for turn in self.switch.heard] == passed
        assert len(await self.kept_messages()) == len(passed)
        log = self.tape.getvalue().encode()
        assert [word for word in SECRET if word in log] == []
        assert len(self.log) == log.count(b"\n")

    async def _send(self, case: Case) -> bytes | None:
        sample = report()
        body = case.spoil(marked(sample))
        told = await self.send(sample, body=body, headers=dict(case.headers), soap_action=case.soap_action)
        assert code_of(told) == (case.code or ""), f"{case}: {code_of(told)}"
        assert [word for word in (HOSTILE if case.code else SECRET) if word in told.body] == [], case
        return body if case.code is None else None


class TestBytes(Hostile):
    async def test_doctype(self) -> None:
        """With a DOCTYPE a sender makes the reader open files, or run out of memory."""
        await self.hold(xml_bytes.DOCTYPE)

    async def test_entities(self) -> None:
        """One short message that grows to gigabytes once it is read."""
        await self.hold(xml_bytes.ENTITY)

    async def test_processing_instructions(self) -> None:
        """Words to a program that somebody may run one day."""
        await self.hold(xml_bytes.INSTRUCTION)

    async def test_charsets(self) -> None:
        """Bytes that are one message here and another one there."""
        await self.hold(xml_bytes.CHARSET)

    async def test_broken_utf8(self) -> None:
        """Forbidden characters in a dress that some readers take off."""
        await self.hold(xml_bytes.UTF8)

    async def test_control_characters(self) -> None:
        """What ends a string in C, or moves the cursor of whoever reads the log."""
        await self.hold(xml_bytes.CONTROL)

    async def test_packed_bodies(self) -> None:
        """A kilobyte on the line, a gigabyte in memory."""
        await self.hold(xml_bytes.PACKED)

    async def test_mtom(self) -> None:
        """A message whose parts are elsewhere was not judged."""
        await self.hold(xml_bytes.MTOM)

    async def test_endings(self) -> None:
        """What stands behind a message belongs to nobody, or to the next one."""
        await self.hold(xml_bytes.ENDING)


class TestStructure(Hostile):
    async def test_depth(self) -> None:
        """Nesting without end breaks a reader that calls itself."""
        await self.hold(xml_structure.DEPTH)

    async def test_attributes(self) -> None:
        """A tag that takes a minute to compare with itself."""
        await self.hold(xml_structure.ATTRIBUTES)

    async def test_namespaces(self) -> None:
        """The same with declarations, which each element under them inherits."""
        await self.hold(xml_structure.NAMESPACES)

    async def test_namespace_tricks(self) -> None:
        """An element that looks like a field to whoever forgets the namespace."""
        await self.hold(xml_structure.PREFIXES)

    async def test_names(self) -> None:
        """Parsers keep every name they ever saw."""
        await self.hold(xml_structure.NAMES)

    async def test_envelopes(self) -> None:
        """Two messages in one: one is judged, the other is carried out."""
        await self.hold(xml_structure.BODIES)

    async def test_must_understand(self) -> None:
        """A sender that relies on something the node does not do must hear so."""
        await self.hold(xml_structure.MUST)

    async def test_ids_given_twice(self) -> None:
        """One of the two was signed."""
        await self.hold(xml_structure.IDS)

    async def test_signature_wrapping(self) -> None:
        """A genuine token, moved to where it vouches for something else."""
        await self.hold(xml_structure.WRAPPING)


class TestValues(Hostile):
    async def test_split_values(self) -> None:
        """Half a number for one reader, the whole for another."""
        await self.hold(xml_values.SPLIT)

    async def test_fields(self) -> None:
        """Two receivers: one is checked, one is served."""
        await self.hold(xml_values.FIELDS)

    async def test_attention_lines(self) -> None:
        """A number under another line's keyword."""
        await self.hold(xml_values.LINES)

    async def test_types(self) -> None:
        """A value that says of itself that it is none."""
        await self.hold(xml_values.TYPES)

    async def test_external_references(self) -> None:
        """A message must not make anybody fetch anything."""
        await self.hold(xml_values.EXTERNAL)

    async def test_names_that_disagree(self) -> None:
        """Element, interactionId and SOAPAction each choose a rule: they must choose the same."""
        await self.hold(xml_values.CONFUSION)

    async def test_capitals(self) -> None:
        """XML knows capitals, some databases behind it do not."""
        await self.hold(xml_values.CASE)

    async def test_spaces(self) -> None:
        """An id with a space at its end is another id, unless somebody trims it."""
        await self.hold(xml_values.SPACES)

    async def test_letters(self) -> None:
        """A receiver that looks like ours."""
        await self.hold(xml_values.LETTERS)

    async def test_injection(self) -> None:
        """An id stands in headers, logs, file names and queries."""
        await self.hold(xml_values.INJECTION)


class TestIn(Story):
    timeout = 60

    async def test_one_of_each_family_from_the_switchboard(self) -> None:
        """The care network is no more trusted with bytes than a local system."""
        cases = [next(case for case in family.cases if case.code in BY_READER) for family in FAMILIES]
        assert [await self._call(case) for case in cases] == [case.code for case in cases]
        assert (self.systems["his"].heard, await self.kept_messages()) == ([], [])

    async def _call(self, case: Case) -> str:
        sample = ELSEWHERE.request("locum-report", receiver=HIS, patient=ANNA)
        body = case.spoil(marked(sample))
        told = await self.call(sample, body=body, headers=dict(case.headers), soap_action=case.soap_action)
        assert [word for word in HOSTILE if word in told.body] == [], case
        return code_of(told)
