"""Secrets of local systems as they lie in files."""

import hashlib

import pytest

from edge_node.settings import secrets

SECRET = "q" * 43


def zeros(count: int) -> bytes:
    """Return as many bytes as asked, always the same."""
    return bytes(count)


class TestMakeSecret:
    def test_can_stand_in_an_address(self) -> None:
        """A key is typed once into a local system's address field; nothing in it needs escaping."""
        made = secrets.make_secret(lambda count: b"\xff" * count)
        assert made == "_" * 42 + "8"
        assert secrets.hash_secret(made) == "sha256:" + hashlib.sha256(made.encode()).hexdigest()


class TestReadToken:
    @pytest.mark.parametrize("text", [SECRET, SECRET + "\n", secrets.hash_secret(SECRET) + "\n"])
    def test_takes_the_token_or_its_hash(self, text: str) -> None:
        """The hash is enough for the node; the token then lies only where it is used."""
        assert secrets.read_token(text).digest == hashlib.sha256(SECRET.encode()).digest()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "is empty"),
            ("short", "at least 22"),
            ("two\nlines", "one line"),
            ("sha256:abc", "broken hash"),
            (secrets.hash_password("a long password", bytes(16)), "made at random"),
            ("word with spaces in it, long enough", "at least 22"),
        ],
    )
    def test_refuses_a_weak_or_broken_one(self, text: str, reason: str) -> None:
        """A token is compared by a fast hash, so it must not be one that can be guessed; nor is it repeated."""
        with pytest.raises(ValueError, match=reason) as caught:
            secrets.read_token(text)
        assert text not in str(caught.value) or not text


class TestReadAddressKey:
    def test_takes_only_the_hash(self) -> None:
        """The key itself is never on the node's disk."""
        assert secrets.read_address_key(secrets.hash_secret(SECRET)).scheme == "sha256"
        with pytest.raises(ValueError, match="never the key"):
            secrets.read_address_key(SECRET)


class TestReadPassword:
    def test_hashes_a_password_slowly(self) -> None:
        """People choose passwords; a memory dump must not give them away cheaply."""
        read = secrets.read_password("correct horse\n", zeros)
        assert read.scheme == "scrypt"
        assert read == secrets.read_hash(secrets.hash_password("correct horse", bytes(16)))

    @pytest.mark.parametrize(
        "line", ["scrypt:1024:8:1:" + "00" * 16, "scrypt:16385:8:1:" + "00" * 16, "scrypt:65536:8:1:" + "00" * 16]
    )
    def test_refuses_a_cost_too_low_odd_or_too_high(self, line: str) -> None:
        """One would be cheap to break, the others fail at every call."""
        with pytest.raises(ValueError, match="cost"):
            secrets.read_password(f"{line}:{'00' * 32}", zeros)

    def test_does_not_show_what_it_holds(self) -> None:
        """A hash in a log would be tried at leisure."""
        assert "digest" not in repr(secrets.read_password("correct horse", zeros))
