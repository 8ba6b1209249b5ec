"""How the node learns which certificates were revoked, and what it does while it cannot tell.

Knows: the keys under `revocation`.
Must not know: what a list is, how one is fetched.
"""

from typing import Annotated

from annotated_types import Ge, Le

from edge_node.settings.revocation_sources import FetchSettings, HttpAddress, OcspSettings, ProxyAddress
from edge_node.settings.values import AbsolutePath, Bytes, Seconds, Section, Text, setting

DAY_S = 86_400.0

#: Zero is a choice here: nobody is trusted past the end of a list.
GraceSeconds = Annotated[float, Ge(0), Le(7 * DAY_S)]


class RevocationSettings(Section):
    """Revocation of certificates. It is always judged; what was revoked has no grace."""

    crl_files: tuple[AbsolutePath, ...] = setting(
        "Files with revocation lists, or folders of such files, that somebody else keeps up to date; DER or PEM.", ()
    )
    sources: dict[Text, HttpAddress] = setting(
        "Where the list of a CA is, by its common name, instead of the address in certificates.", {}
    )
    mirror: HttpAddress | None = setting(
        "A mirror of the network, asked first: http://HOST/PATH of a certificate is looked for at MIRROR/HOST/PATH.",
        None,
    )
    proxy: ProxyAddress | None = setting(
        "HTTP proxy for lists and OCSP, without a password; the mirror is reached without it.", None
    )
    fetch: FetchSettings = setting("When lists are fetched.", FetchSettings())
    ocsp: OcspSettings = setting("Answers about single certificates.", OcspSettings())
    crl_files_every_s: Seconds = setting("Seconds after which those files are looked at again.", 60.0)
    unreachable_grace_s: GraceSeconds = setting(
        "Seconds past nextUpdate for which the configured zim is still trusted when its source cannot be reached.",
        DAY_S,
    )
    peer_grace_s: GraceSeconds = setting("The same for every other peer.", 0.0)
    own_grace_s: GraceSeconds = setting(
        "Seconds past nextUpdate until it is a finding that nobody can tell whether a certificate of this site was "
        "revoked; it stops nothing.",
        DAY_S,
    )
    crl_warn_age_s: Seconds = setting(
        "Seconds after which a list is called old; the registers bring out a new one each hour.", 4 * 3600.0
    )
    crl_max_bytes: Bytes = setting("Longest list that is taken, in bytes.", 20 * 1024 * 1024)
    clock_tolerance_s: Seconds = setting(
        "Seconds that the clock of a CA may be ahead of that of this machine.", 300.0
    )
