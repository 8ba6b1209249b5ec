"""When people are told that something does not work, still does not work, or works again.

Knows: that a trouble must last before it is told and be gone before it is over, who is told first, what can wait.
Must not know: how a trouble is found, in which words and by which way it is told, what time it is.

Each trouble is told once. One that comes and goes stays one trouble: each return doubles the time it must be gone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from edge_node.model.alert import Alert, AlertRules, Circle, Episode, Memory, Occasion, Quiet, Seen, Settled
from edge_node.model.sentence import Outage, Saying, Sentence

_DUTCH_TIME: Final = ZoneInfo("Europe/Amsterdam")
_MOST_DOUBLINGS: Final = 16
#: While one of these lasts, mails that need the store are not made: they are told here as well.
_STORE_IS_STUCK: Final = frozenset({Saying.NODE_DOWN, Saying.DISK_FULL})

Told = tuple[Occasion, Circle]


def see(episodes: tuple[Episode, ...], seen: Seen, at: datetime) -> tuple[Episode, ...]:
    """Return the troubles after a look: new ones, those that go on, those that are gone for now."""
    before = {one.sentence.key: one for one in episodes}
    now = {one.key: _goes_on(before.get(one.key), one, at) for one in seen.sentences}
    return (*now.values(), *(_is_gone(one, seen, at) for key, one in before.items() if key not in now))


def tell(memory: Memory, settled: Mapping[str, Settled | None], at: datetime, rules: AlertRules) -> Memory:
    """Return what is remembered once all that is due was told; `settled` is of the troubles that are gone, by key."""
    episodes: list[Episode] = []
    alerts: list[Alert] = []
    is_stuck = any(one.sentence.saying in _STORE_IS_STUCK and one.gone_at is None for one in memory.episodes)
    for one in memory.episodes:
        after, told = _judged(one, settled.get(one.sentence.key), at, rules)
        episodes += [] if after is None else [after]
        for occasion, circle in told:
            said = _said(occasion, after or one, settled.get(one.sentence.key), at)
            seq = memory.last_seq + len(alerts) + 1
            elsewhere = one.sentence.is_told_elsewhere and not is_stuck
            alerts.append(
                Alert(
                    seq=seq,
                    at=at,
                    occasion=occasion,
                    circle=circle,
                    sentence=said,
                    times=one.times,
                    is_told_elsewhere=elsewhere,
                )
            )
    return replace(
        memory,
        episodes=tuple(episodes),
        alerts=(*memory.alerts, *alerts),
        last_seq=memory.last_seq + len(alerts),
        outage=_outage(memory, tuple(episodes), settled, at, rules),
    )


def daily(memory: Memory, headline: Sentence | None, at: datetime, rules: AlertRules) -> Memory:
    """Return the same with the daily mail, when its time has come."""
    today, minute = _day_and_minute(at)
    if rules.daily_min is None or minute < rules.daily_min or memory.daily_on == today or headline is None:
        return memory
    after = replace(memory, daily_on=today)
    if not memory.daily_on:  # the first day begins with the next mail
        return after
    seq = memory.last_seq + 1
    told = Alert(seq=seq, at=at, occasion=Occasion.DAILY, circle=Circle.PRACTICE, sentence=headline)
    return replace(after, alerts=(*memory.alerts, told), last_seq=seq)


def is_quiet(quiet: Quiet | None, at: datetime) -> bool:
    """Whether it is an hour in which what can wait does."""
    if quiet is None:
        return False
    _, minute = _day_and_minute(at)
    if quiet.from_min <= quiet.until_min:
        return quiet.from_min <= minute < quiet.until_min
    return minute >= quiet.from_min or minute < quiet.until_min


def is_real(episode: Episode, rules: AlertRules) -> bool:
    """Whether it lasted, so that its end is worth a word."""
    if episode.begun_at is not None:
        return True
    return episode.gone_at is not None and _s(_begin(episode), episode.gone_at) >= rules.settle_s


# One look


def _goes_on(before: Episode | None, sentence: Sentence, at: datetime) -> Episode:
    if before is None or before.ended_at is not None:
        times = 1 if before is None else before.times + 1
        since = sentence.since or at
        return Episode(sentence=replace(sentence, since=since), seen_at=at, as_at=at, times=times)
    first = before.sentence.since or at
    since = first if sentence.since is None else min(first, sentence.since)
    if sentence.saying is Saying.UNPROVEN:  # the moment is that of the last proof
        since = sentence.since or first
    is_back = before.gone_at is not None
    return replace(
        before,
        sentence=replace(sentence, since=since),
        as_at=before.as_at if sentence.saying is before.sentence.saying else at,
        gone_at=None,
        is_unsure=False,
        times=before.times + is_back,
    )


def _is_gone(episode: Episode, seen: Seen, at: datetime) -> Episode:
    if seen.unsure & {episode.sentence.key, episode.sentence.group}:
        return replace(episode, is_unsure=True)
    return replace(episode, is_unsure=False, gone_at=episode.gone_at or at)


# What is due


def _judged(
    episode: Episode, settled: Settled | None, at: datetime, rules: AlertRules
) -> tuple[Episode | None, tuple[Told, ...]]:
    if episode.is_unsure:  # nobody is told what may not be so
        return episode, ()
    if episode.ended_at is not None:
        return (None if _s(episode.ended_at, at) >= rules.steady_most_s else episode), ()
    if episode.gone_at is not None:
        return _ending(episode, settled, at, rules)
    after, told = episode, list(_due(episode, at, rules))
    for occasion, circle in told:
        after = _noted(after, occasion, circle, at)
    return after, tuple(told)


def _ending(
    episode: Episode, settled: Settled | None, at: datetime, rules: AlertRules
) -> tuple[Episode | None, tuple[Told, ...]]:
    assert episode.gone_at is not None
    gone_s, hold_s = _s(episode.gone_at, at), _hold_s(episode, rules)
    is_draining = settled is not None and settled.waiting > 0 and gone_s < hold_s + rules.drain_s
    waits = episode.sentence.can_wait and is_quiet(rules.quiet, at)
    if gone_s < hold_s or is_draining or waits:
        return episode, ()
    if episode.begun_at is None:
        # It never lasted. What comes and goes so quickly is remembered as long as it would be told of.
        return None, ()
    told: list[Told] = [(Occasion.OVER, Circle.PRACTICE)]
    told += [(Occasion.OVER, Circle.NETWORK)] if episode.network_at is not None else []
    return replace(episode, ended_at=at), tuple(told)


def _due(episode: Episode, at: datetime, rules: AlertRules) -> Iterator[Told]:
    sentence, quiet = episode.sentence, is_quiet(rules.quiet, at)
    if sentence.can_wait and quiet:
        return
    if episode.begun_at is None or episode.told_at is None:
        if _s(_begin(episode), at) >= rules.settle_s:
            yield Occasion.BEGAN, Circle.PRACTICE
            if rules.network_after_s <= 0 and sentence.is_of_the_network:
                yield Occasion.BEGAN, Circle.NETWORK
        return
    if episode.told_as != sentence.saying and _s(episode.as_at, at) >= rules.settle_s:
        yield Occasion.BEGAN, Circle.PRACTICE
    elif not quiet and _s(episode.told_at, at) >= _remind_s(sentence, rules):
        yield Occasion.STILL, Circle.PRACTICE
    if sentence.is_of_the_network:
        yield from _due_to_the_network(episode, at, rules)


def _due_to_the_network(episode: Episode, at: datetime, rules: AlertRules) -> Iterator[Told]:
    if episode.network_at is None:
        if _s(episode.begun_at or at, at) >= rules.network_after_s:
            yield Occasion.BEGAN, Circle.NETWORK
    elif not is_quiet(rules.quiet, at) and _s(episode.network_at, at) >= rules.remind_s:
        yield Occasion.STILL, Circle.NETWORK


def _noted(episode: Episode, occasion: Occasion, circle: Circle, at: datetime) -> Episode:
    if circle is Circle.NETWORK:
        return replace(episode, network_at=at)
    told_as = episode.sentence.saying.value if occasion is Occasion.BEGAN else episode.told_as
    return replace(episode, told_as=told_as, told_at=at, begun_at=episode.begun_at or at)


def _said(occasion: Occasion, episode: Episode, settled: Settled | None, at: datetime) -> Sentence:
    if occasion is not Occasion.OVER or not episode.sentence.is_breakdown:
        return episode.sentence
    return _over(_ended(episode, settled), at, episode.sentence)


def _over(outage: Outage, at: datetime, of: Sentence) -> Sentence:
    return Sentence(
        saying=Saying.OVER,
        said_at=at,
        about=of.key,
        since=outage.since,
        until=outage.until,
        messages=outage.delivered,
        left=outage.left,
        help_line=of.help_line,
        whose=of.side,
    )


def _outage(
    memory: Memory,
    episodes: tuple[Episode, ...],
    settled: Mapping[str, Settled | None],
    at: datetime,
    rules: AlertRules,
) -> Outage | None:
    """The breakdown that ended last, while it is fresh and no other one lasts."""
    if any(one.gone_at is None and one.sentence.is_breakdown for one in episodes):
        return None
    gone = [
        _ended(one, settled.get(one.sentence.key))
        for one in episodes
        if one.gone_at is not None and one.ended_at is None and one.sentence.is_breakdown and is_real(one, rules)
    ]
    last = max(gone, key=lambda one: one.until, default=memory.outage)
    return None if last is None or _s(last.until, at) >= rules.outage_shown_s else last


def _ended(episode: Episode, settled: Settled | None) -> Outage:
    since, until = episode.sentence.since or episode.seen_at, episode.gone_at or episode.seen_at
    return Outage(
        saying=episode.sentence.saying,
        since=since,
        until=until,
        delivered=None if settled is None else settled.delivered,
        left=0 if settled is None else settled.failed + settled.waiting,
    )


def _begin(episode: Episode) -> datetime:
    """From when on work stood still: it may have failed for a while before it counted as down."""
    since = episode.sentence.since
    if since is None or not episode.sentence.is_breakdown:
        return episode.seen_at
    return min(since, episode.seen_at)


def _hold_s(episode: Episode, rules: AlertRules) -> float:
    doubled = rules.steady_s * float(2 ** min(episode.times - 1, _MOST_DOUBLINGS))
    return max(rules.steady_s, min(doubled, rules.steady_most_s))


def _remind_s(sentence: Sentence, rules: AlertRules) -> float:
    return rules.remind_s if sentence.can_wait else rules.remind_urgent_s


def _s(begin: datetime, end: datetime) -> float:
    """Seconds between; a clock set back makes them none, never negative."""
    return max(0.0, (end - begin).total_seconds())


def _day_and_minute(at: datetime) -> tuple[str, int]:
    local = at.astimezone(_DUTCH_TIME)
    return f"{local:%Y-%m-%d}", local.hour * 60 + local.minute
