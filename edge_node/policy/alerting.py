"""When people are told that something does not work, still does not work, or works again.

Knows: that a trouble must last before it is told and be gone before it is over, who is told first, what can wait.
Must not know: how a trouble is found, in which words and by which way it is told, what time it is.

Each trouble is told once. One that comes and goes stays one trouble: each return doubles the time it must be gone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from edge_node.model.alert import Alert, AlertRules, Circle, Episode, Memory, Occasion, Seen, Settled
from edge_node.model.sentence import Outage, Saying, Sentence
from edge_node.policy.quiet import day_and_minute, is_quiet
from edge_node.policy.reminding import Judged, Now, Told, noted, reminded, s_between

_MOST_DOUBLINGS: Final = 16
#: While one of these lasts, mails that need the store are not made: they are told here as well.
_STORE_IS_STUCK: Final = frozenset({Saying.NODE_DOWN, Saying.DISK_FULL})


def see(episodes: tuple[Episode, ...], seen: Seen, at: datetime) -> tuple[Episode, ...]:
    """Return the troubles after a look: new ones, those that go on, those that are gone for now."""
    before = {one.sentence.key: _not_after(one, at) for one in episodes}
    now = {one.key: _goes_on(before.get(one.key), one, at) for one in seen.sentences}
    return (*now.values(), *(_is_gone(one, seen, at) for key, one in before.items() if key not in now))


def tell(memory: Memory, settled: Mapping[str, Settled | None], at: datetime, rules: AlertRules) -> Memory:
    """Return what is remembered once all that is due was told; `settled` is of the troubles that are gone, by key."""
    now = Now(at=at, rules=rules, is_quiet=is_quiet(rules.quiet, at), is_daily=_is_daily(memory, at, rules))
    is_stuck = any(one.sentence.saying in _STORE_IS_STUCK and one.gone_at is None for one in memory.episodes)
    judged = reminded([_judged(one, settled.get(one.sentence.key), now) for one in memory.episodes], now)
    alerts: list[Alert] = []
    for after, told in judged:
        for occasion, circle in told:
            alert = _alert(after, occasion, circle, settled, at)
            elsewhere = after.sentence.is_told_elsewhere and not is_stuck
            seq = memory.last_seq + len(alerts) + 1
            alerts.append(replace(alert, seq=seq, is_told_elsewhere=elsewhere))
    episodes = tuple(one for one, _ in judged if not _is_forgotten(one, now))
    return replace(
        memory,
        episodes=episodes,
        alerts=(*memory.alerts, *alerts),
        last_seq=memory.last_seq + len(alerts),
        outage=_outage(memory, episodes, settled, at, rules),
    )


def daily(memory: Memory, headline: Sentence | None, at: datetime, rules: AlertRules) -> Memory:
    """Return the same with the daily mail, when its time has come."""
    if headline is None or not _is_morning(memory, at, rules):
        return memory
    after = replace(memory, daily_on=day_and_minute(at)[0])
    if not memory.daily_on:  # the first day begins with the next mail
        return after
    seq = memory.last_seq + 1
    told = Alert(seq=seq, at=at, occasion=Occasion.DAILY, circle=Circle.PRACTICE, sentence=headline)
    return replace(after, alerts=(*memory.alerts, told), last_seq=seq)


def _is_morning(memory: Memory, at: datetime, rules: AlertRules) -> bool:
    today, minute = day_and_minute(at)
    return rules.daily_min is not None and minute >= rules.daily_min and memory.daily_on != today


def _is_daily(memory: Memory, at: datetime, rules: AlertRules) -> bool:
    """Whether the daily mail goes now. On the first day of a node none does."""
    return bool(memory.daily_on) and _is_morning(memory, at, rules)


def _alert(
    episode: Episode, occasion: Occasion, circle: Circle, settled: Mapping[str, Settled | None], at: datetime
) -> Alert:
    return Alert(
        seq=0,
        at=at,
        occasion=occasion,
        circle=circle,
        sentence=_said(occasion, episode, settled.get(episode.sentence.key), at),
        times=episode.times,
        is_again=episode.is_again,
    )


def is_real(episode: Episode, rules: AlertRules) -> bool:
    """Whether it lasted, so that its end is worth a word."""
    if episode.begun_at is not None:
        return True
    return episode.gone_at is not None and s_between(_begin(episode), episode.gone_at) >= rules.settle_s


# One look


def _goes_on(before: Episode | None, sentence: Sentence, at: datetime) -> Episode:
    if before is None or before.ended_at is not None:
        times = 1 if before is None else before.times + 1
        since = sentence.since or at
        is_again = before is not None
        return Episode(sentence=replace(sentence, since=since), seen_at=at, as_at=at, times=times, is_again=is_again)
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


def _not_after(episode: Episode, at: datetime) -> Episode:
    """A clock that was ahead for a while left moments that have yet to come: they would hold everything up."""
    return replace(
        episode,
        seen_at=min(episode.seen_at, at),
        as_at=min(episode.as_at, at),
        begun_at=_earlier(episode.begun_at, at),
        told_at=_earlier(episode.told_at, at),
        network_at=_earlier(episode.network_at, at),
        gone_at=_earlier(episode.gone_at, at),
        ended_at=_earlier(episode.ended_at, at),
    )


def _earlier(moment: datetime | None, at: datetime) -> datetime | None:
    return None if moment is None else min(moment, at)


def _is_gone(episode: Episode, seen: Seen, at: datetime) -> Episode:
    if seen.unsure & {episode.sentence.key, episode.sentence.group}:
        return replace(episode, is_unsure=True)
    return replace(episode, is_unsure=False, gone_at=episode.gone_at or at)


# What is due


def _judged(episode: Episode, settled: Settled | None, now: Now) -> Judged:
    if episode.is_unsure or episode.ended_at is not None:  # nobody is told what may not be so
        return _calmed(episode, now), ()
    if episode.gone_at is not None:
        return _ending(episode, settled, now)
    told = tuple(_due(episode, now))
    return noted(episode, told, now.at), told


def _calmed(episode: Episode, now: Now) -> Episode:
    """What was over for long counts anew when it comes again."""
    is_long = episode.ended_at is not None and s_between(episode.ended_at, now.at) >= now.rules.steady_most_s
    return replace(episode, times=0) if is_long else episode


def _is_forgotten(episode: Episode, now: Now) -> bool:
    if episode.ended_at is not None:
        return s_between(episode.ended_at, now.at) >= max(now.rules.return_s, now.rules.steady_most_s)
    # It never lasted. What comes and goes so quickly is remembered as long as it would be told of.
    is_held = episode.gone_at is None or s_between(episode.gone_at, now.at) < _hold_s(episode, now.rules)
    return episode.begun_at is None and not is_held and not episode.is_unsure


def _ending(episode: Episode, settled: Settled | None, now: Now) -> Judged:
    assert episode.gone_at is not None
    gone_s, hold_s = s_between(episode.gone_at, now.at), _hold_s(episode, now.rules)
    is_draining = settled is not None and settled.waiting > 0 and gone_s < hold_s + now.rules.drain_s
    waits = episode.sentence.can_wait and now.is_quiet
    if episode.begun_at is None or gone_s < hold_s or is_draining or waits:
        return episode, ()
    told: list[Told] = [(Occasion.OVER, Circle.PRACTICE)]
    told += [(Occasion.OVER, Circle.NETWORK)] if episode.network_at is not None else []
    return replace(episode, ended_at=now.at), tuple(told)


def _due(episode: Episode, now: Now) -> Iterator[Told]:
    """What is news. Of what was told before, reminders come by themselves."""
    sentence, rules = episode.sentence, now.rules
    if sentence.can_wait and now.is_quiet:
        return
    if episode.begun_at is None or episode.told_at is None:
        if s_between(_begin(episode), now.at) >= rules.settle_s:
            yield Occasion.BEGAN, Circle.PRACTICE
            if rules.network_after_s <= 0 and sentence.is_of_the_network:
                yield Occasion.BEGAN, Circle.NETWORK
        return
    if episode.told_as != sentence.saying and s_between(episode.as_at, now.at) >= _turned_s(episode, rules):
        yield Occasion.BEGAN, Circle.PRACTICE
    is_late = s_between(episode.begun_at, now.at) >= rules.network_after_s
    if sentence.is_of_the_network and episode.network_at is None and is_late:
        yield Occasion.BEGAN, Circle.NETWORK


def _turned_s(episode: Episode, rules: AlertRules) -> float:
    """How long it must be called otherwise: what is called one and the other by turns is told less each time."""
    if not episode.turns:
        return rules.settle_s
    return min(rules.steady_s * float(2 ** min(episode.turns - 1, _MOST_DOUBLINGS)), rules.steady_most_s)


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
    return None if last is None or s_between(last.until, at) >= rules.outage_shown_s else last


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
