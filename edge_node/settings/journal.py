"""How the access log is kept.

Knows: the keys under `journal`.
Must not know: how the log is chained, what is done with what is found in it.
"""

from typing import Annotated, Literal

from annotated_types import Ge, Le

from edge_node.settings.values import Seconds, Section, setting


class JournalSettings(Section):
    """The access log."""

    retention_years: Annotated[int, Ge(5), Le(100)] = setting(
        "Years the access log is kept; at least 5. Only whole segments go, and each that goes is recorded.",
        5,
        origin="domain reference GBZ 6.3",
    )
    segment_records: Annotated[int, Ge(1000), Le(1_000_000)] = setting(
        "Records after which a segment of the log becomes a file of its own.", 20_000
    )
    segment_days: Annotated[int, Ge(1), Le(366)] = setting("Days after which it does so with fewer.", 31)
    head_records: Annotated[int, Ge(1), Le(10_000)] = setting(
        "Records after which the node signs where its log is; what was rewritten is located that closely.", 64
    )
    head_interval_s: Seconds = setting(
        "Seconds after which it does so with fewer, when there is something new.", 60.0
    )
    proof_interval_s: Annotated[float, Ge(60)] = setting(
        "Seconds between two looks at the whole log, whether it is what was signed.", 86_400.0
    )
    look_interval_s: Annotated[float, Ge(10)] = setting(
        "Seconds between two looks at the newest records, those that are in no file yet.", 300.0
    )
    when_bent: Literal["go_on", "stop_intake"] = setting(
        "What is done when the log was changed behind the node's back: it is sealed off and told in any case; "
        "stop_intake takes no query and no push until a person has seen it.",
        "go_on",
    )
