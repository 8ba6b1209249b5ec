"""Whom the node tells what: the staff of the site, and each local system by its own way.

Knows: the keys under `alerts`, and those by which one application is told.
Must not know: what there is to tell, or how a mail is written.
"""

import re
from typing import Annotated, Final, Literal, Self, get_args

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, Field, model_validator

from edge_node.settings.values import (
    AbsolutePath,
    Count,
    FileReference,
    HostName,
    IpAddress,
    Port,
    Seconds,
    Section,
    Text,
    TimeOfDay,
    WebAddress,
    is_loopback,
    setting,
)

_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MAIL_ADDRESS = re.compile(rf"(?=.{{1,64}}@.{{1,253}}\Z){_WORD}(?:\.{_WORD})*@{_LABEL}(?:\.{_LABEL})*")


def _mail_address(text: str) -> str:
    if not _MAIL_ADDRESS.fullmatch(text):
        raise ValueError("is no mail address of the form name@host.example, with the host in lower case")
    return text


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final = get_args(Weekday)  # Monday is 0, as dates count
DaysBefore = Annotated[int, Ge(1), Le(3650)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]


class WebhookSettings(Section):
    """Where one application wants to be called when something became of a message of its own."""

    url: WebAddress = setting("Address that is called; beyond loopback only with https.")
    secret_files: Annotated[tuple[FileReference, ...], MinLen(1), MaxLen(2)] = setting(
        "Files with the secret that signs each call, or credential:NAME; two while one is being replaced.",
    )
    anchors: FileReference | None = setting(
        "PEM file with the authorities that may have issued the certificate of that address; needed for https.", None
    )
    timeout_s: Seconds = setting("Seconds in which a call must be answered.", 10.0)


class MailSettings(Section):
    """The mail server that takes the node's mail."""

    host: HostName | IpAddress = setting("Host name of the mail server.")
    port: Port = setting("TCP port of the mail server.", 587)
    tls: Literal["starttls", "implicit", "none"] = setting(
        "How the connection is protected: starttls, implicit (TLS from the first byte), or none, which only a mail "
        "server on this machine may have.",
        "starttls",
    )
    anchors: FileReference | None = setting(
        "PEM file with the authorities that may have issued the mail server's certificate; needed with TLS.", None
    )
    user: Text | None = setting("User name at the mail server; null: it asks for none.", None)
    password_file: FileReference | None = setting("File with the password of that user, or credential:NAME.", None)
    sender: MailAddress = setting("Address the mail is from.")
    to: tuple[MailAddress, ...] = setting(
        "Addresses of the staff of the whole site, told what needs a person for any application.", ()
    )
    network_to: tuple[MailAddress, ...] = setting(
        "Addresses of the network provider, told second: of what still does not work alerts.network_after_s after "
        "the staff of the site was told, of a certificate that is still not replaced alerts.network_from_days before "
        "its end, and of one that the switchboard refuses.",
        (),
    )
    language: Literal["nl", "en"] = setting("Language of the mail.", "nl")
    summary_s: Seconds = setting(
        "Seconds between two mails to the same people; what happens meanwhile comes together in the next one.", 900.0
    )
    urgent_s: Seconds = setting(
        "The same for what cannot wait: messages of acute care that did not arrive, and alerts.", 60.0
    )
    most_a_day: Count = setting(
        "Mails to the same people within 24 hours after which only what is new comes at once; what comes and goes "
        "comes together, every alerts.mail.storm_s seconds.",
        6,
    )
    storm_s: Seconds = setting("Seconds between two mails then.", 4 * 3600.0)
    daily_at: TimeOfDay | None = setting(
        'Time of the day, Dutch time and in quotes ("07:30"), of a mail to the staff of the site that says how the '
        "node is; null: none.",
        "07:30",
    )
    timeout_s: Seconds = setting("Seconds in which the mail server must have taken a mail.", 60.0)

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("goes beyond loopback without TLS; use starttls or implicit")
        if self.tls != "none" and self.anchors is None:
            raise ValueError("needs anchors to judge the mail server's certificate")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("needs both user and password_file, or neither")
        return self


class TellingRetrySettings(Section):
    """Pauses between two tries to tell, by webhook or mail: doubled each time, with full jitter."""

    first_pause_s: Seconds = setting("Longest first pause, in seconds.", 2.0)
    longest_pause_s: Seconds = setting("Longest pause of all, in seconds.", 300.0)

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.first_pause_s > self.longest_pause_s:
            raise ValueError("first_pause_s is longer than longest_pause_s")
        return self


class SyslogSettings(Section):
    """The log of the machine, as a monitor of many machines reads it."""

    kind: Literal["syslog", "journal"] = setting(
        "How it is spoken to: syslog, as every syslog daemon understands; journal, systemd's own way, with fields of "
        "their own for what a program reads.",
        "syslog",
    )
    socket: AbsolutePath | None = setting(
        "Its socket; null: /dev/log, or /run/systemd/journal/socket for journal.", None
    )
    facility: Literal["daemon", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"] = (
        setting("Facility of the lines, for syslog.", "daemon")
    )
    language: Literal["nl", "en"] = setting("Language of the lines.", "nl")


class QuietHoursSettings(Section):
    """The hours in which nobody is told what can wait: Dutch time, in quotes; they may pass midnight."""

    begin: TimeOfDay = setting("When they begin.", "22:00")
    end: TimeOfDay = setting("When they end.", "07:00")
    days: Annotated[tuple[Weekday, ...], MaxLen(6)] = setting(
        "Days that are quiet from midnight to midnight, such as [saturday, sunday] where nobody works then.", ()
    )


class AlertSettings(Section):
    """Whom the node tells what needs a person, and whom staff can call."""

    help_name: Text | None = setting("Who helps when something is wrong, as shown to staff.", None)
    help_phone: Annotated[str, Field(pattern=r"^\+?[0-9 ()-]{3,30}$")] | None = setting(
        "Telephone number of that help, in quotes.", None
    )
    late_acute_s: Seconds = setting(
        "Seconds after which a message of acute care that waits for a local system is told of.", 900.0
    )
    late_s: Seconds = setting(
        "Seconds after which any other message that waits for a local system is told of.", 4 * 3600.0
    )
    certificate_days: Annotated[tuple[DaysBefore, ...], MinLen(1)] = setting(
        "Days before the end of a certificate at which people are told, each once; and at its end.",
        (90, 60, 30, 14, 7, 3, 1),
    )
    settle_s: Seconds = setting("Seconds that something must fail before people are told.", 30.0)
    steady_s: Seconds = setting(
        "Seconds that it must work again before they are told that it is over; doubled each time that it comes back.",
        300.0,
    )
    steady_most_s: Seconds = setting("The most of that, in seconds, for what comes and goes.", 3600.0)
    remind_urgent_s: Seconds = setting(
        "Seconds between two reminders of what still does not work, where work stands still.", 4 * 3600.0
    )
    remind_urgent_for_s: Seconds = setting(
        "Seconds after which people are reminded of that no more often than of what can wait.", 24 * 3600.0
    )
    remind_s: Seconds = setting(
        "Seconds between two reminders of what can wait; with a daily mail they stand in that one.", 24 * 3600.0
    )
    remind_for_s: Seconds = setting(
        "Seconds after which people are reminded of what still stands every alerts.remind_seldom_s only.",
        7 * 24 * 3600.0,
    )
    remind_seldom_s: Seconds = setting(
        "Seconds between two reminders of what stands for so long, until it is mended or waived.", 7 * 24 * 3600.0
    )
    return_s: Seconds = setting(
        "Seconds after its end in which the same trouble, when it comes back, is no news that must come at once.",
        24 * 3600.0,
    )
    network_after_s: Annotated[float, Ge(0), Le(7 * 86400)] = setting(
        "Seconds after the staff of the site was told at which mail.network_to is told as well of what still does "
        "not work; 0: at once.",
        1800.0,
    )
    quiet_hours: QuietHoursSettings | None = setting(
        "Hours in which nobody is told what can wait, and nobody is reminded; null: none.", QuietHoursSettings()
    )
    over_shown_s: Seconds = setting(
        "Seconds for which the first line of the status says that a breakdown is over.", 3600.0
    )
    webhook: WebhookSettings | None = setting("Where a monitor wants to be called; null: nowhere.", None)
    syslog: SyslogSettings | None = setting("The log of the machine that is told as well; null: none.", None)
    network_from_days: DaysBefore = setting("From how many days on mail.network_to is told as well.", 14)
    mail: MailSettings | None = setting("The mail server that takes the node's mail; null: it sends none.", None)
    retry: TellingRetrySettings = setting("Pauses between two tries to tell.", TellingRetrySettings())

    @model_validator(mode="after")
    def _acute_is_sooner(self) -> Self:
        if self.late_acute_s > self.late_s:
            raise ValueError("late_acute_s is longer than late_s: acute care would be told of last")
        return self

    @model_validator(mode="after")
    def _steady_grows(self) -> Self:
        if self.steady_s > self.steady_most_s:
            raise ValueError("steady_s is longer than steady_most_s")
        return self
