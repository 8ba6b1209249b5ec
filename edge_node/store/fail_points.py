"""Every place in the store where tests end the process.

Knows: their names, and between which two things each of them is.
Must not know: who ends the process, or how.
"""

from typing import Final

#: Of a store that serves: any traffic comes by these.
SERVING: Final = {
    "inserted": "a new message is in its tables, its memory and its line of the access log are not",
    "stepped": "a row is changed and its lane is in order, its history is not written",
    "before-commit": "all parts of a commit are written, nothing is durable",
    "after-commit": "the commit is durable, nobody was told",
}
#: Of what happens now and then.
NOW_AND_THEN: Final = {
    "set-aside": "a message that cannot be read is noted and copied, its row is in its place yet",
    "reserve-given-back": "the file of the reserve is empty, its pages are not given up",
    "log-written": "the file of a segment is written beside its place",
    "log-placed": "the file is in its place, the store does not know of it",
    "log-filed": "the store is about to know of the file",
    "log-clearing": "some rows that are in a file are gone from the store",
    "copying": "a backup is partly copied",
    "copied": "a backup is copied, not sealed",
    "sealed": "a backup is sealed, not looked through",
    "verified": "a backup is good, not under its name",
    "placed": "a backup is under its name, older ones are there yet",
    "restore-unpacking": "a part of the backup was unpacked beside the place of the store",
    "restore-ready": "a restored store is made, nothing is in its place",
    "restore-placing": "the old store is about to be moved aside",
    "restore-aside": "the old store is moved aside, the new one is not there",
    "restore-keys": "the keys are placed, the store is not",
    "restore-placed": "the restored store is in its place",
    "repair-ready": "a repaired store is made beside the damaged one",
    "repair-placing": "the damaged store is about to be moved aside",
    "repair-aside": "the damaged store is moved aside, its log may not be, the repaired one is not there",
    "repair-placed": "the repaired store is in its place",
    "rotate-written": "new keys are written beside the old ones",
    "rotate-files": "the sealed files open with the new key too",
    "rotate-announced": "the store knows of the new keys, they are not in their place",
    "rotate-placed": "the new keys are in their place",
    "rehash-written": "a new key of the hashes is written beside the old one",
    "rehash-step": "some of the hashes are rewritten",
    "rehash-ended": "all hashes are rewritten, the old key is in its place",
    "rehash-placed": "the new key of the hashes is in its place",
}
ALL: Final = {**SERVING, **NOW_AND_THEN}
