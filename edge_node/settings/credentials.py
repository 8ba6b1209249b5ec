"""The credentials of all local systems, read from the files that the settings name.

Knows: which setting names which kind of secret, and that user names stand for numbers.
Must not know: how a caller is judged.
"""

import pwd
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.model.credential import LocalCredentials, SecretHash
from edge_node.settings import secrets
from edge_node.settings.local import LocalSystem
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.settings.values import file_path, not_found

MAX_SECRET_BYTES: Final = 4096
Read = Callable[[str], SecretHash]


@dataclass(slots=True)
class _Gathering:
    credentials: Path | None
    salt: Callable[[int], bytes]
    wrong: list[tuple[Steps, str]] = field(default_factory=list)

    def secret(self, steps: Steps, reference: str, read: Read) -> SecretHash | None:
        """Read one secret, or note what is wrong with its file; the content is never told."""
        try:
            with file_path(reference, self.credentials).open("rb") as file:
                return read(file.read(MAX_SECRET_BYTES).decode())
        except UnicodeDecodeError:
            self.wrong.append((steps, "its file is not UTF-8"))
        except FileNotFoundError as error:
            self.wrong.append((steps, not_found(error)))
        except OSError as error:
            self.wrong.append((steps, f"its file cannot be read: {error.strerror or error}"))
        except ValueError as error:
            self.wrong.append((steps, f"its file {error}"))
        return None

    def uid(self, steps: Steps, user: str) -> int | None:
        try:
            return pwd.getpwnam(user).pw_uid
        except KeyError:
            self.wrong.append((steps, "this machine has no such user"))
            return None


def gather(
    settings: Settings, credentials: Path | None, salt: Callable[[int], bytes]
) -> tuple[tuple[LocalCredentials, ...], tuple[tuple[Steps, str], ...]]:
    """Return the credentials that could be read, and what is wrong with the others."""
    gathering = _Gathering(credentials, salt)
    found = tuple(
        _system(gathering, ("local", "systems", i), system) for i, system in enumerate(settings.local.systems)
    )
    wrong = [*gathering.wrong, *_shared(found)]
    return found, tuple(wrong)


def _system(gathering: _Gathering, steps: Steps, system: LocalSystem) -> LocalCredentials:
    def read(key: str, references: tuple[str, ...], how: Read) -> tuple[SecretHash, ...]:
        hashes = (gathering.secret((*steps, key, i), item, how) for i, item in enumerate(references))
        return tuple(it for it in hashes if it is not None)

    password = None
    if system.basic is not None:
        place = (*steps, "basic", "password_file")
        password = gathering.secret(
            place, system.basic.password_file, lambda text: secrets.read_password(text, gathering.salt)
        )
    uids = [gathering.uid((*steps, "unix_users", i), user) for i, user in enumerate(system.unix_users)]
    return LocalCredentials(
        system=system.name,
        fingerprints=frozenset(system.certificate_fingerprints),
        subjects=frozenset(system.certificate_subjects),
        uids=frozenset(system.unix_uids) | {uid for uid in uids if uid is not None},
        bearer=read("bearer_token_files", system.bearer_token_files, secrets.read_token),
        basic_user=system.basic.user if system.basic else None,
        basic_password=password,
        address_keys=read("address_key_files", system.address_key_files, secrets.read_address_key),
    )


def _shared(found: tuple[LocalCredentials, ...]) -> list[tuple[Steps, str]]:
    """A secret or user that two systems share proves nothing about which of them calls."""
    wrong: list[tuple[Steps, str]] = []
    seen: dict[object, str] = {}
    for i, system in enumerate(found):
        for kind in (system.bearer, system.address_keys, system.uids):
            for proof in kind:
                if seen.setdefault(proof, system.system) != system.system:
                    wrong.append((("local", "systems", i), f"shares a credential with {seen[proof]}"))
    return wrong
