"""What must be read of faults: the sentences, in Dutch and English, with room for moments and for whom to call."""

from typing import Any


def goes_on(nl: tuple[str, str, str], en: tuple[str, str, str]) -> dict[str, Any]:
    """What is wrong, on whose side that is, and what to do; messages go on."""
    wrong, side, do = nl
    wrong_en, side_en, do_en = en
    return {
        "nl": f"Berichten gaan heen en weer, maar {wrong} (sinds {{since}}; dit ligt bij {side}). {do} "
        "Hulp nodig? Bel {help}.",
        "en": f"Messages go back and forth, but {wrong_en} (since {{since}}; this is up to {side_en}). {do_en} "
        "Do you need help? Call {help}.",
    }


def have_a_look(nl: tuple[str, str], en: tuple[str, str]) -> dict[str, Any]:
    """The same where nobody but the help desk knows what to do."""
    return {
        "nl": f"Berichten gaan heen en weer, maar {nl[0]} (sinds {{since}}; dit ligt bij {nl[1]}). "
        "Laat {help} hiernaar kijken.",
        "en": f"Messages go back and forth, but {en[0]} (since {{since}}; this is up to {en[1]}). "
        "Have {help} look at it.",
    }


def stops(nl: tuple[str, str], en: tuple[str, str]) -> dict[str, Any]:
    """What is wrong, and on whose side; messages are held back."""
    return {
        "nl": f"Dit kastje houdt berichten tegen sinds {{since}}: {nl[0]} (dit ligt bij {nl[1]}). Bel nu {{help}}. "
        "Bel bij spoed de andere zorgverlener.",
        "en": f"This box holds messages back since {{since}}: {en[0]} (this is up to {en[1]}). Call {{help}} now. "
        "In an emergency, telephone the other care provider.",
    }


ADMIN = ("uw beheerder", "your administrator")
PROVIDER = ("de netwerkleverancier", "the network provider")
_OWN = "Huisartsenpraktijk Edge Node Test"
REVOKED: dict[str, Any] = {
    "nl": f"Er gaan geen berichten heen en weer sinds {{since}}: uw UZI-servercertificaat van {_OWN} is ingetrokken. "
    "Bel nu {help}. Bel bij spoed de andere zorgverlener.",
    "en": f"No messages go back and forth since {{since}}: your UZI server certificate of {_OWN} was revoked. "
    "Call {help} now. In an emergency, telephone the other care provider.",
}
ENDS_SOON: dict[str, Any] = {
    "nl": f"Alles werkt, maar uw UZI-servercertificaat van {_OWN} verloopt over 20 dagen, op {{day}}. Vraag nu een "
    "nieuw certificaat aan of bel {help}.",
    "en": f"Everything works, but your UZI server certificate of {_OWN} ends in 20 days, on {{day}}. Ask for a new "
    "certificate now or call {help}.",
}
LSP_DOWN: dict[str, Any] = {
    "nl": "Het LSP is niet bereikbaar sinds {since}; de storing ligt bij het LSP. Opvragen lukt nu niet: bel bij "
    "spoed de huisarts of apotheek van de patiënt.",
    "en": "The LSP cannot be reached since {since}; the fault is on the side of the LSP. Queries fail now: in an "
    "emergency, telephone the patient's GP or pharmacy.",
}
NETWORK_DOWN: dict[str, Any] = {
    "nl": "Er is geen verbinding met het zorgnetwerk sinds {since}. Controleer of de internetkast (modem) aanstaat; "
    "is dat zo, bel dan {help}. Bel bij spoed de andere zorgverlener.",
    "en": "There is no connection with the care network since {since}. Check that the internet box (modem) is "
    "switched on; if it is, call {help}. In an emergency, telephone the other care provider.",
}
LOCAL_DOWN: dict[str, Any] = {
    "nl": "Uw AIS reageert niet sinds {since}. Anderen kunnen uw gegevens nu niet opvragen; berichten die "
    "binnenkomen worden bewaard. Start AIS opnieuw op of bel {help}.",
    "en": "Your AIS does not respond since {since}. Others cannot query your data now; messages that come in are "
    "kept. Restart AIS or call {help}.",
}
#: It stops nobody's work, so it is told to the administrator and is not the first line.
MALWARE: dict[str, Any] = {
    "nl": "Alles werkt: berichten gaan heen en weer (laatste controle {since}). U hoeft niets te doen.",
    "en": "Everything works: messages go back and forth (last check {since}). You need not do anything.",
    "told_nl": "Voor uw beheerder: de bescherming tegen malware draait niet of is niet bij (sinds {since}; dit ligt "
    "bij uw beheerder). Laat de beheerder dit nagaan en verklaren. Hulp nodig? Bel {help}.",
    "told_en": "For your administrator: the protection against malware does not run or is not up to date (since "
    "{since}; this is up to your administrator). Have the administrator look, and attest it. Do you need help? Call "
    "{help}.",
}
