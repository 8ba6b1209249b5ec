"""Posts SOAP messages with zeep; prints status and answer (base64), one line a message.

Usage: post_with_zeep.py TOKEN CERTIFICATES WSDL (URL SOAPACTION FILE)...
CERTIFICATES is a folder with anchors.pem, chain.pem and key.pem, or - for none. TOKEN is a bearer token, or -.
"""

import base64
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from requests import Session
from requests.adapters import HTTPAdapter
from zeep import Client
from zeep.transports import Transport

BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"


class Printing(Transport):  # type: ignore[misc]
    """Prints each answer before zeep reads it."""

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        answer = super().post(address, message, headers)
        print(answer.status_code, base64.b64encode(answer.content).decode())
        return answer


class Here(HTTPAdapter):
    """Every name is this machine: the certificate says who answers."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options, server_hostname=self._name, assert_hostname=self._name)


def session(token: str, folder: str) -> Session:
    """Make the session with its credentials."""
    made = Session()
    made.trust_env = False
    if token != "-":
        made.headers["Authorization"] = f"Bearer {token}"
    if folder != "-":
        made.verify = f"{folder}/anchors.pem"
        made.cert = (f"{folder}/chain.pem", f"{folder}/key.pem")
    return made


def triples(words: list[str]) -> Iterator[tuple[str, str, str]]:
    """Take the messages from the command line."""
    for at in range(0, len(words), 3):
        url, action, file = words[at : at + 3]
        yield url, action, file


def main(token: str, folder: str, wsdl: str, *messages: str) -> None:
    """Send each message by the operation its SOAPAction names."""
    client = Client(wsdl, transport=Printing(session=session(token, folder)))
    for url, action, file in triples(list(messages)):
        name, port = urlsplit(url).hostname, urlsplit(url).port
        client.transport.session.mount("https://", Here(name))
        service, _, operation = action.rpartition("/")[2].partition("_")
        binding = {"VoorschriftVersturen": "Prescription"}.get(service, service)
        bound = client.create_service(
            f"{{urn:hl7-org:v3}}{binding}", url.replace(f"{name}:{port}", f"127.0.0.1:{port}")
        )
        content = list(etree.parse(file).getroot().find(BODY)[0])
        getattr(bound, operation)(_value_1=content)


if __name__ == "__main__":
    main(*sys.argv[1:])
