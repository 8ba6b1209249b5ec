"""A sealed file is whole, or is refused by name."""

import io
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge_node.errors import EdgeNodeError
from edge_node.store import backup_file
from edge_node.store.backup_file import CHUNK_BYTES, Header, Opening, Sealing
from edge_node.store.recovery import RecoveryPrivate

SAFE, OTHER = RecoveryPrivate(X25519PrivateKey.generate()), RecoveryPrivate(X25519PrivateKey.generate())
KEY = bytes(range(32))
STORE = bytes(7) * CHUNK_BYTES  # seven chunks, to the byte


def header(**other: object) -> Header:
    plain = {
        "id": "00" * 8,
        "site": "huisartsenpost",
        "made_at": "2026-11-22T03:00:00Z",
        "parts": (("note", 4), ("store.db", len(STORE) - 4)),
        "locks": backup_file.locked(KEY, [SAFE.public], "00" * 8),
    }
    return Header(**{**plain, **other})  # type: ignore[arg-type]


def sealed(head: Header | None = None, data: bytes = STORE, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    sealing = Sealing(out, head or header(), key)
    sealing.write(data[:1000])
    sealing.write(data[1000:])
    sealing.finish()
    return out.getvalue()


WHOLE = sealed()
START = len(WHOLE) - backup_file.sealed_bytes(len(STORE))
CHUNK = CHUNK_BYTES + 16


def read(file: bytes, private: RecoveryPrivate = SAFE) -> bytes:
    opening = Opening(io.BytesIO(file))
    return b"".join(opening.plain(opening.unlock(private)))


def refused(file: bytes, private: RecoveryPrivate = SAFE) -> str:
    with pytest.raises(EdgeNodeError) as error:
        read(file, private)
    return error.value.code


class TestWhole:
    @pytest.mark.parametrize("nbytes", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
    def test_opens_to_what_was_sealed(self, nbytes: int) -> None:
        """Of whatever length: the last chunk may be full."""
        data = b"x" * nbytes
        assert read(sealed(header(parts=(("store.db", nbytes),)), data)) == data

    def test_gives_its_parts_by_name(self) -> None:
        """Where one ends and the next begins is in the header, which is bound to every chunk."""
        opening = Opening(io.BytesIO(WHOLE))
        parts = backup_file.split(opening.header, opening.plain(KEY))
        assert {name: len(b"".join(pieces)) for name, pieces in parts} == {"note": 4, "store.db": len(STORE) - 4}

    def test_opens_with_each_of_its_keys(self) -> None:
        """One may lie in the safe of the practice and one with its supplier."""
        both = sealed(header(locks=backup_file.locked(KEY, [SAFE.public, OTHER.public], "00" * 8)))
        assert read(both, OTHER) == read(both, SAFE) == STORE

    def test_says_without_a_key_whose_it_is(self) -> None:
        """Who holds a file must be able to see of which node it is, when it was made and which key opens it."""
        seen = Opening(io.BytesIO(WHOLE)).header
        assert (seen.site, seen.made_at, seen.keys) == ("huisartsenpost", "2026-11-22T03:00:00Z", (SAFE.id,))

    def test_shows_nothing_of_what_is_in_it(self) -> None:
        """It lies on a disk of somebody else."""
        secret = b"999911120" * 100
        assert b"999911120" not in sealed(header(parts=(("store.db", 900),)), secret)

    def test_must_be_as_long_as_its_header_says(self) -> None:
        """The length of each part is written before the part is."""
        with pytest.raises(ValueError, match="parts"):
            sealed(header(), STORE[:-1])


class TestWrongKey:
    def test_is_named(self) -> None:
        """The person with the wrong envelope from the safe must be told which one to fetch."""
        with pytest.raises(EdgeNodeError, match="EN-RECOVERY-KEY") as error:
            read(WHOLE, OTHER)
        assert SAFE.id in error.value.detail
        assert OTHER.id in error.value.detail


class TestTruncated:
    @pytest.mark.parametrize(
        "length", [START + 6 * CHUNK, START + 6 * CHUNK + 5, START + 1, START, START - 1, 20, len(WHOLE) - 1]
    )
    def test_anywhere_is_named(self, length: int) -> None:
        """A copy that broke off, also exactly between two chunks, must not be taken for the whole."""
        assert refused(WHOLE[:length]) == "EN-BACKUP-TRUNCATED"


class TestTampered:
    @pytest.mark.parametrize("place", [START, START + 3 * CHUNK + 17, len(WHOLE) - 1])
    def test_with_one_bit_is_named(self, place: int) -> None:
        """A disk that rots, or somebody who would rather have another store restored."""
        assert refused(WHOLE[:place] + bytes([WHOLE[place] ^ 1]) + WHOLE[place + 1 :]) == "EN-BACKUP-TAMPERED"

    def test_by_changing_two_chunks_about_is_named(self) -> None:
        """Each chunk is bound to its place."""
        one, two = START + CHUNK, START + 2 * CHUNK
        swapped = WHOLE[:one] + WHOLE[two : two + CHUNK] + WHOLE[one:two] + WHOLE[two + CHUNK :]
        assert refused(swapped) == "EN-BACKUP-TAMPERED"

    def test_by_adding_is_named(self) -> None:
        """Nothing behind the last chunk is overlooked."""
        assert refused(WHOLE + b"more") == "EN-BACKUP-TAMPERED"

    @pytest.mark.parametrize(("old", "new"), [(b"huisartsenpost", b"apotheekpostje"), (b"03:00", b"04:00")])
    def test_in_its_header_is_named(self, old: bytes, new: bytes) -> None:
        """The store of one site must not be passed off as that of another, nor an old one as a new one."""
        assert refused(WHOLE.replace(old, new, 1)) == "EN-BACKUP-TAMPERED"

    def test_with_another_lock_is_named(self) -> None:
        """A lock from another file opens another key."""
        elsewhere = sealed(header(locks=backup_file.locked(KEY, [SAFE.public], "11" * 8)))
        assert refused(elsewhere) == "EN-BACKUP-TAMPERED"

    def test_with_a_shorter_end_in_the_header_is_named(self) -> None:
        """Leaving out the last chunk and saying so in the header is still seen."""
        other = sealed(header(parts=(("note", 4), ("store.db", len(STORE) - 4 - CHUNK_BYTES))), STORE[:-CHUNK_BYTES])
        start = len(other) - backup_file.sealed_bytes(len(STORE) - CHUNK_BYTES)
        forged = other[:start] + WHOLE[START : START + 6 * CHUNK]
        assert refused(forged) == "EN-BACKUP-TAMPERED"


class TestAnotherFile:
    @pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(100)])
    def test_is_not_taken_for_one(self, content: bytes) -> None:
        """Somebody names the store itself, or an empty file."""
        assert refused(content) == "EN-BACKUP-UNREADABLE"

    def test_of_a_form_to_come_is_named(self) -> None:
        """A later release may write another form; this one must not guess."""
        assert refused(WHOLE.replace(b'"form": 1', b'"form": 2', 1)) == "EN-BACKUP-UNREADABLE"

    @pytest.mark.parametrize("told", [b"[]", b"{}", b'{"form": 1, "parts": 7}', b"\xff", b'{"form": 1, "id": 1}'])
    def test_with_a_header_that_says_nothing_is_named(self, told: bytes) -> None:
        """Whatever is in it, it ends with a code and not with a trace."""
        file = b"EDGE-NODE-BACKUP\n" + len(told).to_bytes(4, "big") + told
        assert refused(file) == "EN-BACKUP-TAMPERED"

    def test_with_an_endless_header_is_not_read(self, tmp_path: Path) -> None:
        """Four gigabytes of header are not taken into memory."""
        assert refused(b"EDGE-NODE-BACKUP\n" + b"\xff" * 4 + bytes(100)) == "EN-BACKUP-TRUNCATED"
