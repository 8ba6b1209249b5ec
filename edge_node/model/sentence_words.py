"""The words of the first line, in Dutch and English, as a practice manager understands them.

Knows: the text of each sentence, how a moment and a number of messages are written in it.
Must not know: when a sentence is true, by which way it is told.

Each Dutch text is that of `status-sentences` of the reference; those it does not have are written in its manner.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from edge_node.errors import Side
from edge_node.model.moment import DUTCH_TIME
from edge_node.model.notice import Words
from edge_node.model.sentence import Saying, Sentence

_MONTHS: Final = (
    Words(nl="januari", en="January"), Words(nl="februari", en="February"), Words(nl="maart", en="March"),
    Words(nl="april", en="April"), Words(nl="mei", en="May"), Words(nl="juni", en="June"),
    Words(nl="juli", en="July"), Words(nl="augustus", en="August"), Words(nl="september", en="September"),
    Words(nl="oktober", en="October"), Words(nl="november", en="November"), Words(nl="december", en="December"),
)  # fmt: skip
#: The causes for which a certificate is over.
CERTIFICATE_ENDED: Final = Words(nl="verlopen", en="has ended")
CERTIFICATE_REVOKED: Final = Words(nl="ingetrokken", en="was revoked")
_HELP: Final = Words(nl="uw systeembeheerder", en="your system administrator")
_MATTER: Final = Words(nl="er is iets mis", en="something is wrong")
_NOT_KNOWN: Final = Words(nl="niet bekend", en="not known")

_TEXTS: Final[Mapping[Saying, Words]] = {
    Saying.WELL: Words(
        nl="Alles werkt: berichten gaan heen en weer (laatste controle {since}). U hoeft niets te doen.",
        en="Everything works: messages go back and forth (last check {since}). You need not do anything.",
    ),
    Saying.LSP_DOWN: Words(
        nl="Het LSP is niet bereikbaar sinds {since}; de storing ligt bij het LSP. Opvragen lukt nu niet: bel bij "
        "spoed de huisarts of apotheek van de patiënt.{waiting}",
        en="The LSP cannot be reached since {since}; the fault is on the side of the LSP. Queries fail now: in an "
        "emergency, telephone the patient's GP or pharmacy.{waiting}",
    ),
    Saying.NETWORK_DOWN: Words(
        nl="Er is geen verbinding met het zorgnetwerk sinds {since}. Controleer of de internetkast (modem) aanstaat; "
        "is dat zo, bel dan {help}. Bel bij spoed de andere zorgverlener.",
        en="There is no connection with the care network since {since}. Check that the internet box (modem) is "
        "switched on; if it is, call {help}. In an emergency, telephone the other care provider.",
    ),
    Saying.LOCAL_DOWN: Words(
        nl="Uw {name} reageert niet sinds {since}. Anderen kunnen uw gegevens nu niet opvragen; {arrived} bewaard. "
        "Start {name} opnieuw op of bel {help}.",
        en="Your {name} does not respond since {since}. Others cannot query your data now; {arrived} kept. Restart "
        "{name} or call {help}.",
    ),
    Saying.CERTIFICATE_ENDING: Words(
        nl="Alles werkt, maar uw UZI-servercertificaat{of_whom} verloopt over {days}, op {until}. Vraag nu een nieuw "
        "certificaat aan of bel {help}.",
        en="Everything works, but your UZI server certificate{of_whom} ends in {days}, on {until}. Ask for a new "
        "certificate now or call {help}.",
    ),
    Saying.CERTIFICATE_OVER: Words(
        nl="Er gaan geen berichten heen en weer sinds {since}: uw UZI-servercertificaat{of_whom} is {cause}. Bel nu "
        "{help}. Bel bij spoed de andere zorgverlener.",
        en="No messages go back and forth since {since}: your UZI server certificate{of_whom} {cause}. Call {help} "
        "now. In an emergency, telephone the other care provider.",
    ),
    Saying.NEEDS_SIGNING: Words(
        nl="{unsigned} Open {name}, steek uw UZI-pas in en onderteken {them} opnieuw.",
        en="{unsigned} Open {name}, insert your UZI card and sign {them} again.",
    ),
    Saying.NOT_DELIVERED: Words(
        nl="{undelivered} Bekijk de lijst hieronder en bel de ontvanger als het bericht haast heeft. "
        "Oorzaak: {cause}.",
        en="{undelivered} Look at the list below and telephone the receiver if the message is urgent. "
        "Cause: {cause}.",
    ),
    Saying.DISK_FULL: Words(
        nl="De schijf van dit kastje is bijna vol. Opvragen werkt nog; nieuwe berichten versturen lukt nu niet. Bel "
        "vandaag {help}.",
        en="The disk of this box is nearly full. Queries still work; sending new messages fails now. Call {help} "
        "today.",
    ),
    Saying.OVER: Words(
        nl="De storing van {since} tot {until} is voorbij{after}",
        en="The breakdown from {since} to {until} is over{after}",
    ),
    Saying.STOPPED: Words(
        nl="Dit kastje staat stil: het programma draait niet. Opvragen en versturen lukt nu niet. Bel nu {help}. Bel "
        "bij spoed de andere zorgverlener.",
        en="This box stands still: its program does not run. Queries and sending fail now. Call {help} now. In an "
        "emergency, telephone the other care provider.",
    ),
    Saying.NODE_DOWN: Words(
        nl="Dit kastje werkt niet sinds {since}: {cause}. Opvragen en versturen lukt nu niet. Bel nu {help}. Bel bij "
        "spoed de andere zorgverlener.",
        en="This box does not work since {since}: {cause}. Queries and sending fail now. Call {help} now. In an "
        "emergency, telephone the other care provider.",
    ),
    Saying.BLOCKED: Words(
        nl="Dit kastje houdt berichten tegen sinds {since}: {cause} (dit ligt bij {side}). Bel nu {help}. Bel bij "
        "spoed de andere zorgverlener.",
        en="This box holds messages back since {since}: {cause} (this is up to {side}). Call {help} now. In an "
        "emergency, telephone the other care provider.",
    ),
    Saying.STARTING: Words(
        nl="Dit kastje start of stopt op dit moment. Wacht een minuut; duurt het langer, bel dan {help}.",
        en="This box is starting or stopping at this moment. Wait a minute; if it takes longer, call {help}.",
    ),
    Saying.UNPROVEN: Words(
        nl="Of alles werkt, is nu niet zeker: {proof}. Lukt opvragen of versturen niet, bel dan {help}.",
        en="Whether everything works is not certain now: {proof}. If querying or sending fails, call {help}.",
    ),
    Saying.ATTENTION: Words(
        nl="Berichten gaan heen en weer, maar {cause} (sinds {since}; dit ligt bij {side}). {do}",
        en="Messages go back and forth, but {cause} (since {since}; this is up to {side}). {do}",
    ),
    Saying.MINOR: Words(
        nl="Voor uw beheerder: {cause} (sinds {since}; dit ligt bij {side}). {do}",
        en="For your administrator: {cause} (since {since}; this is up to {side}). {do}",
    ),
}
#: What is said where the cause is not known.
_CAUSES: Final = {
    Saying.NOT_DELIVERED: _NOT_KNOWN,
    Saying.CERTIFICATE_OVER: Words(nl="niet bruikbaar", en="is not usable"),
}
#: The same where something worse is true as well.
_BESIDE: Final = {
    Saying.ATTENTION: Words(
        nl="Let op: {cause} (sinds {since}; dit ligt bij {side}). {do}",
        en="Note: {cause} (since {since}; this is up to {side}). {do}",
    ),
    Saying.CERTIFICATE_ENDING: Words(
        nl="Uw UZI-servercertificaat{of_whom} verloopt over {days}, op {until}. Vraag nu een nieuw certificaat aan "
        "of bel {help}.",
        en="Your UZI server certificate{of_whom} ends in {days}, on {until}. Ask for a new certificate now or call "
        "{help}.",
    ),
}
_WAITING: Final = (
    Words(
        nl=" 1 bericht staat veilig in de wachtrij en gaat vanzelf weg.",
        en=" 1 message is safe in the queue and leaves by itself.",
    ),
    Words(
        nl=" {n} berichten staan veilig in de wachtrij en gaan vanzelf weg.",
        en=" {n} messages are safe in the queue and leave by themselves.",
    ),
)
_UNSIGNED: Final = (
    Words(
        nl="1 bericht is nog niet verstuurd en wacht op uw handtekening.",
        en="1 message has not been sent yet and waits for your signature.",
    ),
    Words(
        nl="{n} berichten zijn nog niet verstuurd en wachten op uw handtekening.",
        en="{n} messages have not been sent yet and wait for your signature.",
    ),
)
_ARRIVED: Final = (
    Words(nl="1 binnengekomen bericht wordt", en="1 message that came in is"),
    Words(nl="{n} binnengekomen berichten worden", en="{n} messages that came in are"),
)
_ARRIVING: Final = Words(nl="berichten die binnenkomen worden", en="messages that come in are")
_UNDELIVERED: Final = (
    Words(nl="1 bericht is niet bezorgd.", en="1 message was not delivered."),
    Words(nl="{n} berichten zijn niet bezorgd.", en="{n} messages were not delivered."),
)
_DELIVERED: Final = (
    Words(nl="1 bericht is alsnog bezorgd", en="1 message was delivered after all"),
    Words(nl="{n} berichten zijn alsnog bezorgd", en="{n} messages were delivered after all"),
)
_THEM: Final = (Words(nl="het", en="it"), Words(nl="ze", en="them"))
_DAYS: Final = (Words(nl="1 dag", en="1 day"), Words(nl="{n} dagen", en="{n} days"))
_NOTHING_LOST: Final = Words(nl=", er is niets verloren gegaan.", en=", nothing was lost.")
_NONE_WAITED: Final = Words(nl=". Er wachtten geen berichten.", en=". No messages were waiting.")
_NOTHING_TO_DO: Final = Words(nl=" U hoeft niets te doen.", en=" You need not do anything.")
_MORE_TO_DO: Final = Words(nl=" Bekijk nog wat hieronder staat.", en=" Do look at what stands below.")
_NOT_COUNTED: Final = Words(
    nl=". Hoeveel berichten alsnog zijn bezorgd, is nu niet te zien: kijk later in de wachtrij.",
    en=". How many messages were delivered after all cannot be seen now: look at the queue later.",
)
_LEFT: Final = Words(nl=", {m} niet: bekijk deze hieronder.", en=", {m} not: look at these below.")
_LOOK: Final = Words(nl="Laat {help} hiernaar kijken.", en="Have {help} look at it.")
_CALL: Final = Words(nl="Hulp nodig? Bel {help}.", en="Do you need help? Call {help}.")
_SIDES: Final = {
    Side.LOCAL: Words(nl="uw eigen systeem", en="your own system"),
    Side.NODE: Words(nl="het kastje zelf", en="the box itself"),
    Side.SWITCHBOARD: Words(nl="het LSP", en="the LSP"),
    Side.NETWORK: Words(nl="de netwerkleverancier", en="the network provider"),
    Side.OPERATOR: Words(nl="uw beheerder", en="your administrator"),
}
_SYSTEM: Final = Words(nl="uw systeem", en="your system")
_NEVER_PROVEN: Final = Words(
    nl="sinds de start is er nog geen controle gelukt", en="no check has succeeded since the start"
)
_PROVEN: Final = Words(nl="de laatste geslaagde controle is van {since}", en="the last good check is of {since}")


def words(sentence: Sentence) -> Words:
    """Put a sentence into words, in both languages."""
    return Words(nl=_written(sentence, "nl"), en=_written(sentence, "en"))


def in_language(one: Words, language: str) -> str:
    """The text in one of the two languages; Dutch unless asked otherwise."""
    return one.en if language == "en" else one.nl


def shown_moment(at: datetime, said_at: datetime, language: str) -> str:
    """A moment as staff say it: the time, with the day where that is another one."""
    local, today = at.astimezone(DUTCH_TIME), said_at.astimezone(DUTCH_TIME)
    time = f"{local:%H:%M}"
    return time if local.date() == today.date() else f"{_day(local, today, language)} {time}"


def day_and_time(at: datetime, language: str) -> str:
    """A moment with its day, for what may be read on another one."""
    local = at.astimezone(DUTCH_TIME)
    return f"{_day(local, local, language)} {local:%H:%M}"


def _day(local: datetime, today: datetime, language: str) -> str:
    day = f"{local.day} {in_language(_MONTHS[local.month - 1], language)}"
    return day if local.year == today.year else f"{day} {local.year}"


def _written(sentence: Sentence, language: str) -> str:
    said_at, since, until = sentence.said_at, sentence.since, sentence.until
    n = sentence.messages or 0
    fields = {
        "since": shown_moment(since or said_at, said_at, language),
        "until": _until(sentence, until, language),
        "help": sentence.help_line or in_language(_HELP, language),
        "side": in_language(_SIDES[sentence.side], language),
        "name": sentence.name or in_language(_SYSTEM, language),
        "of_whom": _of_whom(sentence.name, language),
        "cause": in_language(sentence.cause or _CAUSES.get(sentence.saying, _MATTER), language),
        "waiting": _counted(_WAITING, n, language) if n else "",
        "arrived": _counted(_ARRIVED, n, language) if n else in_language(_ARRIVING, language),
        "unsigned": _counted(_UNSIGNED, n, language),
        "undelivered": _counted(_UNDELIVERED, n, language),
        "them": _counted(_THEM, n, language),
        "days": _counted(_DAYS, _days(sentence), language),
        "after": _after(sentence, language),
    }
    proof = in_language(_NEVER_PROVEN if since is None else _PROVEN, language).format(**fields)
    fields["proof"] = proof if sentence.cause is None else in_language(sentence.cause, language)
    help_ = in_language(_LOOK if sentence.do is None else _CALL, language).format(**fields)
    fields["do"] = help_ if sentence.do is None else f"{in_language(sentence.do, language)} {help_}"
    beside = _BESIDE.get(sentence.saying) if sentence.is_beside else None
    return in_language(beside or _TEXTS[sentence.saying], language).format(**fields)


def _until(sentence: Sentence, until: datetime | None, language: str) -> str:
    if until is None:
        return ""
    if sentence.saying is Saying.CERTIFICATE_ENDING:
        return _day(until.astimezone(DUTCH_TIME), sentence.said_at.astimezone(DUTCH_TIME), language)
    return shown_moment(until, sentence.said_at, language)


def _of_whom(name: str, language: str) -> str:
    if not name:
        return ""
    return f" van {name}" if language == "nl" else f" of {name}"


def _counted(forms: tuple[Words, Words], n: int, language: str) -> str:
    one, many = forms
    return in_language(one if n == 1 else many, language).format(n=n)


def _days(sentence: Sentence) -> int:
    if sentence.until is None:
        return 0
    last, today = (at.astimezone(DUTCH_TIME).date() for at in (sentence.until, sentence.said_at))
    return max(0, (last - today).days)


def _after(sentence: Sentence, language: str) -> str:
    """What became of what waited."""
    n, m = sentence.messages, sentence.left
    if n is None:
        return in_language(_NOT_COUNTED, language)
    to_do = in_language(_MORE_TO_DO if sentence.is_beside else _NOTHING_TO_DO, language)
    if not n and not m:
        return in_language(_NONE_WAITED, language) + to_do
    end = in_language(_LEFT, language).format(m=m) if m else in_language(_NOTHING_LOST, language) + to_do
    return f": {_counted(_DELIVERED, n, language)}{end}"
