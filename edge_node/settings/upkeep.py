"""What keeps the machine of the node safe, as far as a site has to say where that shows.

Knows: the keys under `checks.upkeep`.
Must not know: how any of it is looked at.
"""

from datetime import date
from typing import Annotated

from annotated_types import MaxLen
from pydantic import AfterValidator

from edge_node.settings.values import AbsolutePath, Section, Text, setting


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("is no day such as 2027-12-31; write it in quotes") from None


DayText = Annotated[Text, AfterValidator(_day)]


class UpkeepSettings(Section):
    """Where it shows."""

    antimalware_file: AbsolutePath | None = setting(
        "A file that the protection against malware writes anew with its signatures, such as "
        "/var/lib/clamav/daily.cld; null: its age is not looked at.",
        None,
    )
    antimalware_command: Annotated[tuple[Text, ...], MaxLen(20)] = setting(
        "A command that ends with 0 while that protection runs, such as [/usr/bin/systemctl, is-active, "
        "clamav-daemon]. Empty, and no file: a person attests it.",
        (),
    )
    supported_until: DayText | None = setting(
        "Last day on which this release is maintained, where its maker told of another one since; null: the day that "
        "comes with the release.",
        None,
    )
    is_monitored: bool = setting(
        "Monitoring fetches the figures of this node at /metrics; the check on that tells when it does not.", False
    )
