"""Identifiers that check themselves."""

import pytest

from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, InvalidIdentifier, MessageId, Oid, Ura


class TestBsn:
    @pytest.mark.parametrize("number", ["999911120", "123456782", "111222333", "900186021"])
    def test_takes_nine_digits_that_pass_the_eleven_test(self, number: str) -> None:
        """The test numbers of the domain reference are good ones."""
        assert Bsn(number).value == number

    @pytest.mark.parametrize(
        "number",
        ["123456789", "000000000", "99991112", "9999111200", "99991112O", "", " 999911120", "９９９９１１１２０"],
    )
    def test_refuses_every_other(self, number: str) -> None:
        """A mistyped number must never reach another patient's record."""
        with pytest.raises(InvalidIdentifier):
            Bsn(number)

    def test_never_shows_its_number(self) -> None:
        """A patient number in a log is a data breach."""
        bsn = Bsn("999911120")
        assert "999911120" not in f"{bsn} {bsn!r} {[bsn]}"

    def test_keeps_the_number_out_of_its_error(self) -> None:
        """A wrong number may still be somebody's."""
        with pytest.raises(InvalidIdentifier) as raised:
            Bsn("123456789")
        assert "123456789" not in str(raised.value)


class TestOthers:
    @pytest.mark.parametrize("value", ["1", "900001", "01234567", "1234567890123456"])
    def test_takes_application_ids(self, value: str) -> None:
        """The switchboard itself is 1."""
        assert str(ApplicationId(value)) == value

    @pytest.mark.parametrize("value", ["", "0", "00", "1a", "1.2", "-1", "12345678901234567"])
    def test_refuses_what_is_no_application_id(self, value: str) -> None:
        """Whatever is no number is the id of nobody."""
        with pytest.raises(InvalidIdentifier):
            ApplicationId(value)

    def test_takes_a_leading_zero_for_a_part_of_the_id(self) -> None:
        """Published messages have them; 01 must never pass for the switchboard."""
        assert ApplicationId("01") != ApplicationId("1")

    @pytest.mark.parametrize("value", ["1234567", "123456789", "1234567x"])
    def test_refuses_a_ura_that_has_not_eight_digits(self, value: str) -> None:
        """An organisation is only recognised by the whole number."""
        with pytest.raises(InvalidIdentifier):
            Ura(value)

    @pytest.mark.parametrize("value", ["", "2", "3.1", "2..1", "2.01", "2.1."])
    def test_refuses_what_is_no_oid(self, value: str) -> None:
        """A root that is no OID cannot be unique."""
        with pytest.raises(InvalidIdentifier):
            Oid(value)

    @pytest.mark.parametrize(("root", "extension"), [("x", "1"), ("2.16", ""), ("2.16", "a\n"), ("2.16", "x" * 129)])
    def test_refuses_half_a_message_id(self, root: str, extension: str) -> None:
        """Both halves are needed to recognise a duplicate."""
        with pytest.raises(InvalidIdentifier):
            MessageId(root, extension)

    @pytest.mark.parametrize(
        "value",
        [
            "QUPC_IN990001NL",
            "MCCI_IN200101",
            "REPC_IN004410UV01",
            "REPC_IN002120NL_JGZ",
            "search:Patient:1.0:request",
        ],
    )
    def test_takes_interaction_ids_of_the_table(self, value: str) -> None:
        """HL7v3 and FHIR names stand in one table."""
        assert str(InteractionId(value)) == value

    @pytest.mark.parametrize("value", ["", "QUPC", "qupc_in990001nl", "QUPC_IN990001NL<", "MCCI_IN010000UK13"])
    def test_refuses_what_cannot_be_an_interaction(self, value: str) -> None:
        """Foreign names end in the log: they must be of a harmless form."""
        with pytest.raises(InvalidIdentifier):
            InteractionId(value)


class TestShown:
    def test_leaves_out_a_patient_number_used_as_message_id(self) -> None:
        """Some systems do, and an id stands in every log line."""
        message_id = MessageId("2.16.840.1.113883", "999911120")
        assert "999911120" not in message_id.shown + repr(message_id)

    @pytest.mark.parametrize("extension", ["123456789", "20261121120000-1", "9999111201"])
    def test_keeps_every_other_id(self, extension: str) -> None:
        """Without ids nobody can find a message back."""
        assert extension in MessageId("2.16", extension).shown
