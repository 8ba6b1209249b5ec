"""An outside opinion on a message: its whole tree, read by lxml, beside what the node's reader said of it.

Knows: where each field that is judged stands, by XPath; how a reading says the same.
Must not know: how the node reads, which is what this is held against.
"""

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from edge_node.formats import interactions
from edge_node.formats.reader import MessageReader, XmlLimits
from edge_node.model.identifiers import APPLICATION_ROOT, BSN_ROOT, DATA_DOMAINS, URA_ROOT
from edge_node.model.message import Reading, Wrapper

Told = dict[str, Any]

_NS: Final = {
    "h": "urn:hl7-org:v3",
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "t": "http://www.aortarelease.nl/805/",
    "u": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "w": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "w2": "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.0.xsd",
}
_BATCH: Final = "MCCI_IN200101"
_ACT: Final = "h:ControlActProcess"
_PARTICIPANT: Final = f"{_ACT}/h:authorOrPerformer/h:participant"
_CODES: Final = {
    "version_code": "h:versionCode",
    "processing_code": "h:processingCode",
    "processing_mode_code": "h:processingModeCode",
    "accept_ack_code": "h:acceptAckCode",
    "trigger_event": f"{_ACT}/h:code",
    "query_response_code": f"{_ACT}/h:queryAck/h:queryResponseCode",
    "response_modality_code": f"{_ACT}/h:queryByParameter/h:responseModalityCode",
}
_ROLE: Final = "@codeSystem='2.16.840.1.113883.2.4.15.111'"
_DESK: Final = frozenset({"2.16.840.1.113883.2.4.3.11.7.3", "2.16.528.1.1003.1.3.5.4.1"})
#: Of a name, so many characters.
_LOOKED_AT: Final = 4096
_TARGETS: Final = ("h:acknowledgement/h:targetMessage/h:id", "h:acknowledgement/h:targetTransmission/h:id")
_QUERY_IDS: Final = (f"{_ACT}/h:queryContinuation/h:queryId", f"{_ACT}/h:queryAck/h:queryId")
_ASKED: Final = f"{_ACT}/h:queryByParameter/h:queryId"
_ISSUES: Final = tuple(
    f"{_ACT}/{path}/h:code" for path in ("h:reason/h:justifiedDetectedIssue", "h:reasonOf/h:justifiedDetectedIssue")
)
_SIGNED: Final = "a:AttributeStatement/a:Attribute[@Name='{}']/a:AttributeValue"
#: What a token was made for: where a transaction token says it, and where the older one does.
_BOUND: Final[dict[str, tuple[str | None, str | None]]] = {
    "message_root": (_SIGNED.format("messageIdRoot"), "t:authenticationData/t:messageId/t:root"),
    "message_extension": (_SIGNED.format("messageIdExt"), "t:authenticationData/t:messageId/t:extension"),
    "interaction": (_SIGNED.format("interactionId"), None),
    "trigger_event": (None, "t:coSignedData/t:triggerEventId"),
    "application": (_SIGNED.format("applicationID"), None),
    "context": (_SIGNED.format("contextCode"), None),
    "subject": ("a:Subject/a:NameID", None),
}
_VALUE: Final = "a:AttributeStatement/a:Attribute[@Name='burgerServiceNummer']/a:AttributeValue"
CATALOGUE: Final = interactions.load()


class Unreadable(ValueError):
    """The whole tree cannot be read, or it does not hold one message."""


class NoOpinion(ValueError):
    """This parser has a rule of its own that XML does not have, so it cannot tell."""


def patient_at(root_name: str) -> tuple[str, ...]:
    """The patient places of a message, as the line asks for them."""
    row = CATALOGUE.get(root_name)
    return row.patient_at if row is not None else ("attention-line", "query")


def new_reader() -> MessageReader:
    """A reader as the line has it."""
    return MessageReader(limits=XmlLimits(), patient_at=patient_at)


def tree(body: bytes) -> etree._Element:
    """The root of a body; no DTD, no entity, no network."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        # It wants namespaces to be whole URIs; to XML they are names.
        if "is not a valid URI" in str(error):
            raise NoOpinion from None
        raise Unreadable(str(error)) from None


def message_of(root: etree._Element) -> etree._Element:
    """The message of an envelope, or the bare message that the root is."""
    if _name(root) != (_NS["s"], "Envelope"):
        return root
    bodies = root.findall("s:Body", _NS)
    messages = [child for body in bodies for child in _elements(body)]
    if len(bodies) != 1 or len(messages) != 1:
        raise Unreadable(f"{len(bodies)} Bodies with {len(messages)} messages")
    return messages[0]


def told_by_tree(body: bytes) -> Told:
    """What the whole tree says."""
    root = tree(body)
    message = message_of(root)
    namespace, name = _name(message)
    if namespace != _NS["h"]:
        raise Unreadable("no HL7v3 message")
    legs = [leg for leg in _elements(message) if _is_leg(leg)] if name == _BATCH else []
    return {
        "in_soap": message is not root,
        "wrapper": _wrapper(message),
        "enclosed": [_wrapper(leg) for leg in legs],
        "tokens": [_token(token) for token in _tokens(root)],
        "patients": _patients(root, [message, *legs]),
        "data_kinds": _data_kinds([message, *legs]),
    }


def told_by_reading(reading: Reading) -> Told:
    """What the node's reader says, in the same words."""
    return {
        "in_soap": reading.in_soap,
        "wrapper": _said(reading.wrapper),
        "enclosed": [_said(wrapper) for wrapper in reading.enclosed],
        "tokens": [
            (token.kind, token.id, token.not_after, *(getattr(token.binding, name) for name in _BOUND))
            for token in reading.tokens
        ],
        "patients": sorted({(place, bsn.value) for place, bsn in reading.patients.found}),
        "data_kinds": sorted(reading.data_kinds),
    }


def differences(reading: Reading, body: bytes) -> list[str]:
    """The names of what is judged otherwise than the whole tree says; empty when nothing is."""
    ours, theirs = told_by_reading(reading), told_by_tree(body)
    found = [name for name in ours if ours[name] != theirs[name]]
    if "wrapper" in found:
        mine, its = ours["wrapper"], theirs["wrapper"]
        found += [f"wrapper.{name}" for name in mine if mine[name] != its[name]]
    return found


def _wrapper(message: etree._Element) -> Told:
    lines = [_line(line) for line in message.findall("h:attentionLine", _NS)]
    told: Told = {field: _attribute(message, path, "code") for field, path in _CODES.items()}
    if _name(message)[1] == _BATCH:
        told |= dict.fromkeys(("processing_code", "processing_mode_code", "accept_ack_code"), "")
    return told | {
        "root_name": _name(message)[1],
        "interaction": _attribute(message, "h:interactionId", "extension"),
        "id": _id(message, "h:id"),
        "creation_time": _attribute(message, "h:creationTime", "value"),
        "profile_id": _attribute(message, "h:profileId", "extension") or "",
        "receiver": _application(message, "h:receiver/h:device/h:id"),
        "sender": _application(message, "h:sender/h:device/h:id"),
        "attention_lines": [line for line in lines if line is not None],
        "type_code": _attribute(message, "h:acknowledgement", "typeCode"),
        "target": _id(message, *_TARGETS),
        "details": [
            one.get("code", "") for one in message.findall("h:acknowledgement/h:acknowledgementDetail/h:code", _NS)
        ],
        "query_id": _id(message, *_QUERY_IDS) or _id(message, _ASKED),
        "author": _author(message),
        "overseers": [_overseer(overseer) for overseer in message.findall(f"{_ACT}/h:overseer", _NS)],
        "issues": sorted(one.get("code", "") for path in _ISSUES for one in message.findall(path, _NS)),
    }


def _said(wrapper: Wrapper) -> Told:
    acknowledgement, ids = wrapper.acknowledgement, wrapper.author_ids
    target = acknowledgement.target if acknowledgement else None
    return {
        **{field: getattr(wrapper, field) for field in _CODES},
        "root_name": wrapper.root_name,
        "interaction": str(wrapper.interaction),
        "id": (wrapper.id.root, wrapper.id.extension),
        "creation_time": wrapper.creation_time,
        "profile_id": wrapper.profile_id,
        "receiver": str(wrapper.receiver),
        "sender": str(wrapper.sender),
        "attention_lines": [(line.keyword, line.root, line.extension) for line in wrapper.attention_lines],
        "type_code": acknowledgement.type_code if acknowledgement else None,
        "target": (target.root, target.extension) if target else None,
        "details": [detail.code for detail in acknowledgement.details if detail.code] if acknowledgement else [],
        "query_id": (wrapper.query_id.root, wrapper.query_id.extension) if wrapper.query_id else None,
        "author": (ids.uzi, ids.role, ids.application, ids.ura, ids.is_at_desk),
        "overseers": [(one.has_number, one.has_name, one.role, one.ura) for one in wrapper.overseers],
        "issues": sorted(issue.code for issue in wrapper.issues if issue.code),
    }


def _name(element: etree._Element) -> tuple[str | None, str]:
    name = etree.QName(element)
    return name.namespace, name.localname


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (child for child in parent if isinstance(child.tag, str))


def _is_leg(child: etree._Element) -> bool:
    namespace, name = _name(child)
    return namespace == _NS["h"] and "_IN" in name


def _one(message: etree._Element, paths: tuple[str, ...]) -> etree._Element | None:
    found = [element for path in paths for element in message.findall(path, _NS)]
    if len(found) > 1:
        raise Unreadable(f"{paths} stands there {len(found)} times")
    return found[0] if found else None


def _attribute(message: etree._Element, path: str, name: str) -> str | None:
    element = _one(message, (path,))
    return element.get(name) if element is not None else None


def _id(message: etree._Element, *paths: str) -> tuple[str, str] | None:
    element = _one(message, paths)
    return (element.get("root", ""), element.get("extension", "")) if element is not None else None


def _application(message: etree._Element, path: str) -> str | None:
    root, extension = _id(message, path) or ("", None)
    return extension if root == APPLICATION_ROOT else None


def _author(message: etree._Element) -> tuple[str | bool | None, ...]:
    """Number, role, application and organisation of the author, and whether he is at the customer desk."""
    roots = {one.get("root") for one in message.findall(f"{_PARTICIPANT}/h:AssignedPerson/h:id", _NS)}
    told = (
        _attribute(message, f"{_PARTICIPANT}/{path}", name)
        for path, name in (
            ("h:AssignedPerson/h:id[@root='2.16.528.1.1007.3.1']", "extension"),
            (f"h:AssignedPerson/h:code[{_ROLE}]", "code"),
            (f"h:AssignedDevice/h:id[@root='{APPLICATION_ROOT}']", "extension"),
        )
    )
    kinds = ("h:AssignedPerson", "h:AssignedDevice")
    own = _one(message, tuple(f"{_PARTICIPANT}/{kind}/h:Organization/h:id[@root='{URA_ROOT}']" for kind in kinds))
    return *told, own.get("extension") if own is not None else None, not roots.isdisjoint(_DESK)


def _overseer(overseer: etree._Element) -> tuple[bool | str | None, ...]:
    """Whether he has a number and a name, then his role and his organisation."""
    people = [person for name in ("h:assignedEntity", "h:AssignedPerson") for person in overseer.findall(name, _NS)]
    numbers = [one for person in people for one in person.findall("h:id", _NS) if one.get("root")]
    names = [
        name
        for person in people
        for name in person.findall("h:assignedPrincipalChoiceList/h:assignedPerson/h:name", _NS)
    ]
    return (
        any(one.get("extension", "").strip() for one in numbers),
        any(str(name.xpath("string()"))[:_LOOKED_AT].strip() for name in names),
        _said_once([one for person in people for one in person.findall(f"h:code[{_ROLE}]", _NS)], "code"),
        _said_once(
            [one for person in people for one in person.findall(f"h:Organization/h:id[@root='{URA_ROOT}']", _NS)],
            "extension",
        ),
    )


def _said_once(found: list[etree._Element], name: str) -> str | None:
    if len(found) > 1:
        raise Unreadable(f"{name} of an overseer stands there {len(found)} times")
    return found[0].get(name, "") if found else None


def _line(line: etree._Element) -> tuple[str, str, str] | None:
    keyword, value = _one(line, ("h:keyWordText",)), _one(line, ("h:value",))
    if value is None:
        return None
    root = value.get("root") or value.get("codeSystem", "")
    extension = value.get("extension") or value.get("code", "")
    return (keyword.get("code", "") if keyword is not None else "", root, extension)


def _tokens(root: etree._Element) -> list[etree._Element]:
    if _name(root) != (_NS["s"], "Envelope"):
        return []
    places = "s:Header/w:Security/a:Assertion | s:Header/w2:Security/a:Assertion"
    return list(root.xpath(f"{places} | s:Header/t:authenticationTokens/t:signedData", namespaces=_NS))


def _token(token: etree._Element) -> tuple[str | None, ...]:
    mark = token.get("ID") or token.get(f"{{{_NS['u']}}}Id", "")
    is_saml = _name(token)[0] == _NS["a"]
    bound = [_bound(token, paths[0 if is_saml else 1]) for paths in _BOUND.values()]
    if is_saml:
        return "saml", mark, _attribute(token, "a:Conditions", "NotOnOrAfter"), *bound
    end = _one(token, ("t:authenticationData/t:notAfter",))
    return "aorta805", mark, (_text(end) or None) if end is not None else None, *bound


def _bound(token: etree._Element, path: str | None) -> str | None:
    found = {_text(one) for one in token.findall(path, _NS)} if path else set()
    return found.pop() if len(found) == 1 else "" if found else None


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _patients(root: etree._Element, messages: list[etree._Element]) -> list[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for message in messages:
        places = patient_at(_name(message)[1])
        found |= {(place, number) for place, number in _named(message, places) if place in places}
    if "token" in patient_at(_name(messages[0])[1]):
        found |= {("token", number) for number in _signed(root)}
    return sorted((place, number) for place, number in found if number)


def _named(message: etree._Element, places: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for value in message.findall("h:attentionLine/h:value", _NS):
        yield "attention-line", _number(value)
    for query in message.findall(f"{_ACT}/h:queryByParameter", _NS):
        for element in _elements_below(query):
            yield "query", _number(element)
    for subject in message.findall(f"{_ACT}/h:subject", _NS):
        for element in subject.iter(f"{{{_NS['h']}}}id"):
            path = "/" + "/".join(_local_names(element, subject))
            ends = (place for place in places if place.startswith("payload:"))
            here = next((place for place in ends if path.endswith("/" + place.removeprefix("payload:"))), None)
            if here is not None:
                yield here, _number(element)


def _signed(root: etree._Element) -> Iterator[str]:
    for token in _tokens(root):
        for value in token.findall(_VALUE, _NS):
            yield _text(value)
        for patient in token.findall("t:coSignedData/t:patientId", _NS):
            parts = {_name(part)[1]: _text(part) for part in _elements(patient)}
            if parts.get("root") == BSN_ROOT:
                yield parts.get("extension", "")


def _number(element: etree._Element) -> str:
    return element.get("extension", "").strip() if element.get("root") == BSN_ROOT else ""


def _elements_below(element: etree._Element) -> Iterator[etree._Element]:
    return (one for one in element.iter() if isinstance(one.tag, str))


def _local_names(element: etree._Element, top: etree._Element) -> list[str]:
    names = [_name(element)[1]]
    while element is not top:
        parent = element.getparent()
        assert parent is not None
        element = parent
        names.insert(0, _name(element)[1])
    return names


def _data_kinds(messages: list[etree._Element]) -> list[str]:
    codes = (
        one.get("code", "")
        for message in messages
        for subject in message.findall(f"{_ACT}/h:subject", _NS)
        for one in subject.iter(f"{{{_NS['h']}}}code")
        if one.get("codeSystem") == DATA_DOMAINS
    )
    return sorted({code for code in codes if code})
