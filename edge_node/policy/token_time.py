"""The rules on the moments in a token: it must count now, and for no longer than its kind may.

Knows: the windows of domain reference 6.2 and GBZ 5.4.
Must not know: what time it is: that is handed in, or it is not while the clock is in doubt.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from edge_node.model.finding import Finding, Severity
from edge_node.model.moment import moments_of
from edge_node.model.token import ProvenToken, TokenKind
from edge_node.policy.token_case import TokenCase

_Window = tuple[datetime, datetime]
_OF_TWO_HOURS: Final = 2


def check_window(case: TokenCase) -> Iterator[Finding]:
    """A token says from when until when it counts."""
    for token in case.tokens:
        window = _window(token)
        if window is None or window[1] <= window[0]:
            yield Finding("EN-TOKEN-WINDOW", f"the {token.kind} token has no window that can be read")
        elif token.kind.is_for_one_message and _lasts(window) > timedelta(seconds=case.limits.longest_s):
            # How long it may last at most is not public: noted, and the switchboard's to judge.
            detail = f"the {token.kind} token lasts longer than tokens for one message do"
            yield Finding("EN-TOKEN-WINDOW", detail, Severity.WARN)


def check_now(case: TokenCase) -> Iterator[Finding]:
    """It counts now, and still will when it arrives (domain reference 6.6 item 5)."""
    if case.at is None:
        return
    skew, delay = timedelta(seconds=case.limits.skew_s), timedelta(seconds=case.limits.queue_delay_s)
    for token in case.tokens:
        window = _window(token, case.at)
        if window is None:
            continue
        if case.at + skew < window[0]:
            yield Finding("EN-TOKEN-NOT-YET", f"the {token.kind} token has not begun")
        elif case.at + delay >= window[1]:
            yield Finding("EN-TOKEN-EXPIRED", f"the {token.kind} token has ended")


def check_mandate_age(case: TokenCase) -> Iterator[Finding]:
    """A mandate counts for three years at most (domain reference GBZ 1.2)."""
    for token in case.of(TokenKind.MANDATE):
        window = _window(token)
        if window is not None and _lasts(window) > timedelta(seconds=case.limits.longest_mandate_s):
            yield Finding("EN-TOKEN-MANDATE-AGE", "the mandate lasts longer than one may")


def check_enrolment_age(case: TokenCase) -> Iterator[Finding]:
    """An enrolment counts for a year and a half at most, and not before its certificate did (GBZ 5.4)."""
    for token in case.of(TokenKind.ENROLMENT):
        window = _window(token)
        if window is None:
            continue
        if _lasts(window) > timedelta(seconds=case.limits.longest_enrolment_s):
            yield Finding("EN-TOKEN-ENROLMENT-AGE", "the enrolment lasts longer than one may")
        elif token.card is not None and window[0] < token.card.not_before:
            yield Finding("EN-TOKEN-ENROLMENT-AGE", "the enrolment begins before its certificate")


def _window(token: ProvenToken, at: datetime | None = None) -> _Window | None:
    """From when until when; local time of the hour that comes twice is of the hour that it is then."""
    windows = [(begins, ends) for begins in moments_of(token.not_before) for ends in moments_of(token.not_after)]
    if len(windows) < _OF_TWO_HOURS:
        return windows[0] if windows else None
    return min(windows, key=lambda one: (one[1] <= one[0], _lasts(one), abs((at or one[0]) - one[0])))


def _lasts(window: _Window) -> timedelta:
    return window[1] - window[0]
