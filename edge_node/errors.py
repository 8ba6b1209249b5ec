"""Every error the node can give: a small tree of exceptions, and one page a code.

Knows: each stable code, what happened, whose side it is on, whether to retry, and what to do.
Must not know: where an error is raised, or how it is written on the wire.

The two branches of the tree answer the only question the flow asks: try again or not? Neither an exception nor a
page ever holds patient data.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final


class Side(StrEnum):
    """Where the fault is."""

    LOCAL = "local system"
    NODE = "edge node"
    SWITCHBOARD = "switchboard"
    NETWORK = "care network"
    OPERATOR = "operator"


class EdgeNodeError(Exception):
    """The root. `code` is stable for ever: operators and scripts match on it."""

    code: ClassVar[str] = "EN-INTERNAL"

    def __init__(self, detail: str = "", *, code: str | None = None, retry_after_s: float | None = None) -> None:
        self.detail = detail
        self.retry_after_s = retry_after_s
        if code is not None:
            self.code = code  # type: ignore[misc]
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class Refused(EdgeNodeError):
    """The message or the caller is wrong: sending it again as it is will never help."""

    code = "EN-REFUSED"


class Unavailable(EdgeNodeError):
    """The world is wrong: the same may work later."""

    code = "EN-UNAVAILABLE"


class NotSent(Unavailable):
    """No byte of the request left: it has certainly not been processed."""

    code = "EN-NOT-SENT"


class NotReached(NotSent):
    """And the other end gave no sign of life either: no name, no route, or nothing but silence."""


class OutcomeUnknown(Unavailable):
    """Bytes left and no complete answer came: nobody knows whether it was processed."""

    code = "EN-OUTCOME-UNKNOWN"


class StoreUnavailable(Unavailable):
    """The store cannot record now: nothing is promised."""

    code = "EN-STORE-UNAVAILABLE"


class SettingsInvalid(EdgeNodeError):
    """The settings cannot be used. Holds every complaint as `file:line:col: key: reason`."""

    code = "EN-SETTINGS"

    def __init__(self, complaints: tuple[str, ...]) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


@dataclass(frozen=True, slots=True)
class Page:
    """What people read about one code."""

    what: str
    side: Side
    retry: bool
    do: str
    hl7: str | None = None  # acknowledgement detail code (2.16.840.1.113883.5.1100) that says the same


_L, _N, _S, _W, _O = Side.LOCAL, Side.NODE, Side.SWITCHBOARD, Side.NETWORK, Side.OPERATOR

PAGES: Final[dict[str, Page]] = {
    # The body
    "EN-XML-MALFORMED": Page("The body is not well-formed XML, or it breaks off.", _L, False, "Send the whole message, written by an XML library.", "SYN"),
    "EN-XML-DOCTYPE": Page("The body has a DOCTYPE; entities and DTDs are never read.", _L, False, "Leave the DOCTYPE out.", "SYN"),
    "EN-XML-ENCODING": Page("The body is not UTF-8.", _L, False, "Write the message in UTF-8 and declare that or nothing.", "SYN"),
    "EN-XML-LIMIT": Page("The body goes beyond a limit on depth, attributes, names, tags or the size of one of them.", _L, False, "Make the message simpler; the limit is named.", "SYN"),
    "EN-XML-INSTRUCTION": Page("The body has a processing instruction; SOAP 1.1 allows none.", _L, False, "Leave processing instructions out.", "SYN"),
    "EN-XML-AMBIGUOUS": Page("Two readers could read the body in two ways: an id given twice, a split value, a token at a place of none.", _L, False, "Write each id once, each value in one piece, and tokens where WS-Security has them.", "SYN"),
    "EN-BODY-TOO-BIG": Page("The body is larger than max_body_bytes.", _L, False, "Send a smaller message, or ask the operator to raise local.max_body_bytes."),
    "EN-SOAP-ENVELOPE": Page("The body is not a SOAP 1.1 envelope with one message in its Body.", _L, False, "Put one HL7v3 message in a SOAP 1.1 Body."),
    "EN-SOAP-MUST-UNDERSTAND": Page("A header block must be understood by the node, and it is not known here.", _L, False, "Address header blocks for the switchboard with its actor."),
    # The wrapper
    "EN-WRAPPER-FIELD": Page("A field of the transmission wrapper is missing, doubled or not of its form.", _L, False, "Put the named field right.", "SYN105"),
    "EN-WRAPPER-VERSION": Page("versionCode or profileId is not the one in use.", _L, False, "Use NICTIZEd2005-Okt and profile 810.", "NS203"),
    "EN-WRAPPER-PROCESSING-CODE": Page("processingCode does not fit this environment.", _L, False, "Use P in production; T or D only where the site allows it.", "NS202"),
    "EN-WRAPPER-PROCESSING-MODE": Page("processingModeCode is not T.", _L, False, "Use T.", "NS250"),
    "EN-WRAPPER-ACCEPT-ACK": Page("acceptAckCode is not the one this interaction has.", _L, False, "Use the code the interaction's table row gives.", "SYN105"),
    "EN-INTERACTION-UNKNOWN": Page("The interaction id is in no table this node knows.", _L, False, "Check the id and its version; a site may declare more in its settings.", "NS200"),
    "EN-INTERACTION-INACTIVE": Page("The interaction id is no longer in use.", _L, False, "Use the version that replaced it.", "NS200"),
    "EN-INTERACTION-UNQUALIFIED": Page("This application is not qualified for this interaction.", _O, False, "Have the application qualified, then add the interaction to its settings.", "NS200"),
    "EN-INTERACTION-MISMATCH": Page("The name of the message element and interactionId differ.", _L, False, "Make both the same.", "NS200"),
    "EN-INTERACTION-ROLE": Page("This interaction cannot start an exchange: it is an answer.", _L, False, "Send answers in the response to the request they answer.", "NS200"),
    "EN-SOAPACTION-FORM": Page("SOAPAction or the address path has not the form urn:hl7-org:v3/<Service>_<Operation> and /<Service>.", _L, False, "Send the SOAPAction of the service's WSDL, quoted."),
    "EN-SOAPACTION-MISMATCH": Page("SOAPAction, address path and interaction do not belong together.", _L, False, "Use path and SOAPAction of the service that carries this interaction."),
    "EN-SENDER-FOREIGN": Page("The sender is not an application of the caller.", _L, False, "Send with the application id bound to this local system.", "NS260"),
    "EN-RECEIVER-WRONG": Page("The receiver is not an application this node serves, or not one that can be sent to.", _L, False, "Address the right application.", "RTUDEST"),
    "EN-ATTENTION-LINE": Page("The attention line misses what this interaction demands, or holds what it forbids.", _L, False, "Put the line the interaction's table row asks for.", "NS261"),
    "EN-CONTROL-ACT": Page("The control act is missing, or a field of it is not as this interaction has it.", _L, False, "Put the named field right.", "SYN105"),
    "EN-QUERY-FIELD": Page("A parameter of the question itself is missing, or has a value that is not allowed.", _L, False, "Put the named parameter right.", "SYN105"),
    "EN-AUTHOR": Page("The author of the message is not who this interaction must be sent by; or, when it is only told, his organisation is not the sender's or is not named.", _L, False, "Name the professional, with his organisation, or the patient who sends it; a system may be the author at level laag only."),
    "EN-OVERSEER": Page("The message names no responsible professional by a number, and this interaction must; or, when it is only told, his role code, name or organisation is not right.", _L, False, "Name the overseer, with number, role code, name and URA: the author, or the professional on whose mandate the author acts."),
    "EN-TOKEN-MISSING": Page("The message must carry a token signed for it, and carries none.", _L, False, "Have the message signed, and send it with its token."),
    "EN-TOKEN-MISMATCH": Page("The token was made for another message, application, context or person.", _L, False, "Sign this message anew; never use the token of another one."),
    "EN-TOKEN-GUEST": Page("The message was signed with a card of another organisation, as temporary staff have; it passed.", _L, False, "Nothing, when this person works here as a guest; else have the card looked at."),
    # The tokens people sign with: each code says which part of a token a local system or a card must mend
    "EN-TOKEN-UNSIGNED": Page("The token carries no signature.", _L, False, "Have the token signed with a card, and send the message with it."),
    "EN-TOKEN-SIGNATURE": Page("The signature of the token was not made with the card it names, or cannot be read.", _L, False, "Sign again; when it stays, ask the supplier of the local system."),
    "EN-TOKEN-DIGEST": Page("The token was changed after it was signed.", _L, False, "Send the token byte for byte as it was signed."),
    "EN-TOKEN-ALGORITHM": Page("The token was signed with another algorithm than RSA with SHA-256; SHA-1 is not taken.", _L, False, "Ask the supplier of the local system to sign with RSA and SHA-256."),
    "EN-TOKEN-CANONICAL": Page("The signature of the token has another canonicalization than the exclusive one.", _L, False, "Ask the supplier of the local system to sign as the guide of the switchboard has it."),
    "EN-TOKEN-TRANSFORM": Page("The signature of the token says that something else is done before it is hashed.", _L, False, "Ask the supplier of the local system to sign as the guide of the switchboard has it."),
    "EN-TOKEN-REFERENCE": Page("The signature is not of exactly the token it stands in.", _L, False, "Ask the supplier of the local system: one signature, of one token, by its id."),
    "EN-TOKEN-KEY": Page("The signature of the token does not name one certificate that can be read.", _L, False, "Ask the supplier of the local system to put the certificate of the card in the signature, or its issuer and serial number."),
    "EN-TOKEN-WRAPPED": Page("What was signed is not what stands in the message as its token: it may have been wrapped.", _L, False, "Have the local system looked at at once; a good one never makes such a message."),
    "EN-TOKEN-ID": Page("Two elements of the token have one id, or it has more than one.", _L, False, "Ask the supplier of the local system: each token has one id, used once."),
    "EN-TOKEN-REMARK": Page("A remark or an instruction stands in the token.", _L, False, "Ask the supplier of the local system to leave it out."),
    "EN-TOKEN-PLACE": Page("The token does not stand where tokens for the switchboard stand, or is of another kind than it is handed in as.", _L, False, "Put it in the Security block with the actor of the switchboard; in FHIR in the header of its kind."),
    "EN-TOKEN-FORM": Page("A part of the token stands there twice, is split by an element, or names somebody in a form that is not known.", _L, False, "Ask the supplier of the local system to write the token as the guide of the switchboard has it."),
    "EN-TOKEN-LIMIT": Page("The header with the tokens is too large, or holds too many tokens.", _L, False, "Send one token of each kind."),
    "EN-TOKEN-DOUBLED": Page("The message carries two tokens of one kind.", _L, False, "Send one token of each kind."),
    "EN-TOKEN-VERSION": Page("The token is not of SAML version 2.0.", _L, False, "Ask the supplier of the local system."),
    "EN-TOKEN-UNKNOWN": Page("The certificate of the token is only named, and not known here, so its signature was not judged; unless tokens.unknown refuses, it passed.", _O, False, "Put the certificate of the card in a file of tokens.cards, or have the local system send it along."),
    "EN-TOKEN-UNCHECKED": Page("Nobody can tell whether the card of the token was revoked; unless tokens.unchecked refuses, it passed.", _W, False, "Look at the revocation list of the issuer: edge-node status, and revocation.crl_files in the settings."),
    "EN-TOKEN-CARD-CHAIN": Page("The certificate of the token does not lead to the cards of this environment.", _L, False, "Use a card of this environment; check tokens.anchors in the settings."),
    "EN-TOKEN-CARD-EXPIRED": Page("The card that signed the token has ended.", _L, False, "Its holder needs a new card."),
    "EN-TOKEN-CARD-NOT-YET": Page("The card that signed the token has not begun to count.", _L, False, "Wait until the card counts; check the clock."),
    "EN-TOKEN-CARD-REVOKED": Page("The card that signed the token was revoked.", _L, False, "Its holder needs a new card; find out why it was revoked."),
    "EN-TOKEN-CARD-ISSUER": Page("The card is from a CA that tokens.issuers does not name.", _O, False, "Add the CA to tokens.issuers in the settings, if it issues cards."),
    "EN-TOKEN-CARD-TYPE": Page("This kind of card does not sign this kind of token, or the letter in it is not of the CA that issued it.", _L, False, "Sign with the right card; when it is the right one, have it looked at by the register."),
    "EN-TOKEN-CARD-OID": Page("The OID-CA in the card is not the one of its issuer; it passed.", _O, False, "Compare tokens.issuers in the settings with what the register publishes now."),
    "EN-TOKEN-CARD-UNNAMED": Page("The token was signed with a card without a name, which gives no access to the LSP.", _L, False, "Sign with a card in one's own name."),
    "EN-TOKEN-CARD-USAGE": Page("The certificate of the card is not for this: one signs mandates, another one shows who signed.", _L, False, "Sign with the other certificate of the same card."),
    "EN-TOKEN-CARD-NAME": Page("The certificate of the token has no UZI name that can be read.", _L, False, "Sign with a card of the register."),
    "EN-TOKEN-HOLDER": Page("The token names another person, or another role, than the card it was signed with.", _L, False, "The person who is named signs, with his own card."),
    "EN-TOKEN-CONFIRMATION": Page("The token confirms its holder in another way, or by another certificate, than its kind does.", _L, False, "Ask the supplier of the local system to write the token as the guide of the switchboard has it."),
    "EN-TOKEN-CONTEXT-CLASS": Page("The token says that it was signed by a card and was signed by a server, or the other way about.", _L, False, "Ask the supplier of the local system: SmartcardPKI for a card, X509 for a server."),
    "EN-TOKEN-AUDIENCE": Page("The token is for another party than the switchboard of this environment.", _L, False, "Sign for this environment; test and production have other ids."),
    "EN-TOKEN-ISSUER": Page("The token is from another organisation than ours and that of the card.", _L, False, "Sign anew, with the organisation of this message."),
    "EN-TOKEN-PATIENT": Page("The token is of another patient than the message, or of none.", _L, False, "Stop: look at who this message is about; then sign it anew."),
    "EN-TOKEN-WINDOW": Page("The token does not say from when until when it counts, or for longer than such tokens do.", _L, False, "Ask the supplier of the local system; one that is only long passed."),
    "EN-TOKEN-NOT-YET": Page("The token does not count yet.", _L, False, "Compare the clock of the signer with that of this machine, and sign again."),
    "EN-TOKEN-EXPIRED": Page("The token has ended, or ends before it could arrive.", _L, False, "Sign again and send at once."),
    "EN-TOKEN-MANDATE": Page("The mandate is for another organisation.", _L, False, "Use a mandate given to this organisation."),
    "EN-TOKEN-MANDATE-RULE": Page("The mandate is under no rule, or under another rule or context than the message.", _L, False, "Use the mandate for this rule and context."),
    "EN-TOKEN-MANDATE-AGE": Page("The mandate counts for longer than three years.", _L, False, "Have the professional give a new mandate, for three years at most."),
    "EN-TOKEN-OVERSEER": Page("Who gave the mandate is not the overseer of the message.", _L, False, "Name the professional who gave the mandate as overseer, or use another mandate."),
    "EN-TOKEN-ENROLMENT": Page("The enrolment token is from another organisation, or was signed with its card where the node signs on it.", _L, False, "Use the enrolment of the patient at this organisation."),
    "EN-TOKEN-ENROLMENT-AGE": Page("The enrolment token counts for longer than a year and a half, or from before its certificate.", _L, False, "Enrol the patient anew."),
    "EN-TOKEN-SCAN": Page("The enrolment was made with ZORG-ID and holds no scan of an identity document.", _L, False, "Enrol the patient anew, with the scan."),
    "EN-TOKEN-PASSED": Page("A token of a patient, a customer desk or a contract: only the switchboard can prove those; unless tokens.passed refuses, it passed.", _O, False, "Nothing, where patients or a customer desk work with this system; otherwise find out who makes such messages."),
    "EN-TOKEN-UNJUDGED": Page("Signatures of tokens are not judged at this test site: its settings name no anchors of cards.", _O, False, "Set tokens.anchors to the CAs of the cards of this environment."),
    "EN-WRONG-PATIENT": Page("The message names more than one patient.", _L, False, "Make every place name the same patient.", "SYN"),
    "EN-BSN-INVALID": Page("A BSN in the message is not nine digits that pass the eleven-test.", _L, False, "Send a verified BSN.", "SYN105"),
    "EN-ID-REUSED": Page("This message id was used before with other content.", _L, False, "Give a new message a new id; never use one again.", "SYN113"),
    # What a local system says beside a message, held against the checks
    "EN-SAID-UNREAD": Page("A header in which the local system says something beside a message has no value that is known; it counts as not said.", _L, False, "Write the named header as the reference of addresses has it."),
    "EN-CARD-REMOVED": Page("The message was sent in a session whose card is out of its reader for longer than allowed.", _L, False, "Have the local system end a session when the card is taken out."),
    "EN-SESSION-IDLE": Page("The message was sent in a session that nobody had used for longer than allowed.", _L, False, "Have the local system end a session that is not used."),
    "EN-SESSION-AGE": Page("The message was sent in a session that lasts longer than allowed.", _L, False, "Have the local system ask for a new login in time."),
    "EN-ROLE": Page("The role of who sends the message is not one that the settings name for this interaction; the switchboard decides.", _L, False, "Have somebody with the right role send it, or mend checks.roles in the settings."),
    "EN-BSN-UNVERIFIED": Page("The local system says that the number of the patient was not verified.", _L, False, "Verify the number at SBV-Z, or read the document's chip."),
    "EN-BSN-TEST": Page("A message in production is about a test patient.", _L, False, "Use test patients in the test environment only."),
    "EN-IDENTITY-UNCHECKED": Page("The local system says that no identity document of the patient was checked.", _L, False, "Establish who the patient is with a document that counts, and record it."),
    "EN-CONSENT-REFUSED": Page("The patient is not registered at the index: the local system says that the patient refused, or took consent back.", _L, False, "Register nobody who refused; remove from the index who took consent back."),
    "EN-RELATION-NONE": Page("Data are asked of a patient who, as the local system says, is not in treatment here.", _L, False, "Ask only for data of patients in treatment; in an emergency, say so."),
    "EN-PATIENT-TEMPORARY": Page("A temporary patient is registered at the index without a day on which that ends.", _L, False, "Record the day, and send it along as the reference of addresses has it."),
    "EN-TOKEN-MANDATE-NONE": Page("The message was signed with a card of staff, and no mandate goes with it.", _L, False, "Have a professional give a mandate, and send it along."),
    "EN-TOKEN-MANDATE-ENDS": Page("The mandate in use ends soon.", _L, False, "Have the professional give a new mandate in time."),
    # FHIR
    "EN-FHIR-ADDRESS": Page("Method and address are not of the FHIR RESTful API, at the base /fhir or /fhir/<version>.", _L, False, "Use the base address and the interactions of your implementation guide."),
    "EN-FHIR-HEADER": Page("A header of AORTA on FHIR is missing, doubled or not of its form.", _L, False, "Put the named header right."),
    "EN-FHIR-TOKEN": Page("The token is missing, not of its form, or not the kind this application hands in.", _L, False, "Send the tokens that go with fhir_tokens in the settings of this application."),
    "EN-FHIR-BODY": Page("The body is not the FHIR resource that this interaction carries.", _L, False, "Send one resource, in JSON or XML, as its method and address ask for."),
    "EN-JSON-MALFORMED": Page("The body is not well-formed JSON in UTF-8, or it breaks off, or a name stands twice in one object.", _L, False, "Send the whole resource, written by a JSON library."),
    "EN-JSON-LIMIT": Page("The body goes beyond a limit on depth, names or members.", _L, False, "Make the resource simpler; the limit is named."),
    # Answers
    "EN-ANSWER-MISMATCH": Page("The answer does not belong to the question.", _S, True, "Nothing was passed on. Ask again; report it when it stays.", "INTERR"),
    "EN-ANSWER-BROKEN": Page("The answer is not a message the node can pass on.", _S, True, "Nothing was passed on. Ask again; report it when it stays.", "INTERR"),
    "EN-ANSWER-FIELD": Page("A field of an answer is not as the national rules have it; the answer was passed on.", _S, False, "Tell the maker of the system that answered; the log names message and field."),
    # The line
    "EN-NOT-SENT": Page("Nothing was sent: the other side could not be reached.", _W, True, "Send it again later; the node does not send it by itself.", "RTEDEST"),
    "EN-OUTCOME-UNKNOWN": Page("It was sent and no answer came: whether it was processed is unknown.", _W, True, "Send the same message id again, with a new token if it has one.", "RTEDEST"),
    "EN-SWITCHBOARD-UNREACHABLE": Page("The switchboard cannot be reached.", _W, True, "Try again; when it stays, call the help desk of the network.", "RTEDEST"),
    "EN-SWITCHBOARD-TIMEOUT": Page("The switchboard did not answer in time.", _S, True, "Ask again.", "QABRTITI"),
    "EN-SWITCHBOARD-FAULT": Page("The switchboard answered with a fault or an HTTP error.", _S, True, "Read the fault; ask again if it says so.", "INTERR"),
    "EN-LOCAL-UNREACHABLE": Page("The local system cannot be reached.", _L, True, "Start the local system, or check its address in the settings.", "RTEDEST"),
    "EN-LOCAL-TIMEOUT": Page("The local system did not answer in time.", _L, True, "Look why the local system is slow.", "QABRTITI"),
    "EN-LOCAL-FAULT": Page("The local system answered with a fault or an HTTP error.", _L, True, "Read the local system's log.", "INTERR"),
    "EN-LINK-OPEN": Page("The switchboard was not reachable just now, so this was not tried.", _W, True, "Try again after the time given.", "RTEDEST"),
    "EN-DESTINATION-DOWN": Page("A receiver cannot be reached; of what waits for it one message at a time is tried.", _S, True, "Nothing here: it goes on by itself. When it lasts, call the receiver."),
    "EN-LANE-CLOSED": Page("An earlier message for this patient and kind waits for a person; nothing may overtake it.", _L, True, "Sign, release or discard the message named, then send this one again.", "RTEDEST"),
    "EN-LANE-BUSY": Page("An earlier message for this patient and kind has not been delivered yet; nothing may overtake it.", _N, True, "Send it again when the earlier one is delivered.", "RTEDEST"),
    "EN-TOKEN-SPENT": Page("The token was used or has ended; only a new one lets this message go on.", _L, True, "Sign again and hand in the same message id with the new token."),
    "EN-TOKEN-REUSED": Page("Its token was used before, for another message or for other content.", _L, False, "Sign this message: each message has a token of its own."),
    "EN-IN-PROGRESS": Page("A copy of this message is being handled now.", _L, True, "Wait for the answer to the first one."),
    "EN-DISCARDED": Page("This message was discarded by a person, or replaced by a removal.", _O, False, "Ask who discarded it; if it must still go, send it under a new id.", "SYN113"),
    "EN-DELIVERY-REFUSED": Page("The other side refused the message for good.", _L, False, "Read its reason, put the message right, and send it under a new id."),
    "EN-UNKNOWN-CODE": Page("The other side answered with a code that no table knows, so the message is held.", _S, False, "Read the answer with its maker, then release or discard the message: edge-node queue show."),
    "EN-KEPT-UNREADABLE": Page("A message that was kept is refused by the reader of this release, so it is held; at this try nothing of it was sent.", _N, False, "Look in the log for delivery.unreadable, and run the release that kept it or a later one; then release it: edge-node queue release. Else have its sender send it anew and discard it."),
    "EN-LIFETIME-ENDED": Page("The message could not be delivered within its lifetime.", _W, False, "Reach the receiver another way: telephone when it is urgent."),
    # The caller
    "EN-UNAUTHENTICATED": Page("The caller did not prove who it is.", _L, False, "Send the credentials given to this local system."),
    "EN-FORBIDDEN": Page("The caller may not do this.", _L, False, "Use a credential that is allowed to."),
    "EN-NOT-FOUND": Page("There is nothing of this address or id.", _L, False, "Check the address or the id: it may be another node's, or its time to be kept is over."),
    "EN-REQUEST": Page("The request to the local API is not of the form this address takes.", _L, False, "Put right what is named; the reference tells each field."),
    "EN-METHOD": Page("This address does not take this method.", _L, False, "Use the method named in Allow."),
    "EN-MEDIA-TYPE": Page("The Content-Type is not one this address takes.", _L, False, "Send SOAP 1.1 as text/xml; charset=utf-8, FHIR as application/fhir+json or application/fhir+xml."),
    "EN-NOT-ACCEPTABLE": Page("Accept takes nothing that FHIR is written in.", _L, False, "Accept application/fhir+json or application/fhir+xml."),
    "EN-HTTP": Page("The request is not HTTP/1.1 as the node accepts it.", _L, False, "Put right what is named."),
    "EN-TIMEOUT": Page("The request did not arrive within its time.", _L, True, "Send it again, faster."),
    # The node
    "EN-BUSY": Page("The node has as much in hand as it may.", _N, True, "Try again after the time given.", "RTEDEST"),
    "EN-CHECK-DECLARED": Page("What was declared or recorded cannot be taken as it is; the detail says why.", _O, False, "Name who answers for it, the reason and, for a waiver, an end; what stops traffic by itself cannot be waived, and what is measured cannot be attested."),
    "EN-CHECK-STOPPED": Page("A check of this node does not let messages go on now; the detail names it and what it saw.", _N, True, "See with `edge-node gbz list` what is wrong and on whose side; messages go on by themselves once it is mended.", "RTEDEST"),
    "EN-DRAINING": Page("The node is stopping.", _N, True, "Try again in a minute."),
    "EN-STORE-UNAVAILABLE": Page("The node cannot record now, so it accepts nothing new.", _N, True, "Nothing was accepted. Call the operator; try again later.", "NOSTORE"),
    "EN-STORE-FULL": Page("The disk of the node is full: nothing can be kept or changed.", _N, True, "Nothing was accepted. Make room on that disk; within half a minute the node goes on by itself.", "NOSTORE"),
    "EN-STORE-IN-USE": Page("Another process has the store open for changing.", _O, True, "Stop the other one, or ask it through the control socket."),
    "EN-STORE-NEWER": Page("The store was written by a newer release.", _O, False, "Run the newer release, or restore a backup made with this one."),
    "EN-STORE-DAMAGED": Page("The store on disk is damaged.", _O, False, "Stop the node and save what can be read: edge-node queue repair. It keeps the damaged file; else restore the last backup."),
    "EN-STORE-GONE": Page("The store is not there or empty, while its keys or its reserve are: what waited and what was remembered went with it.", _O, False, "Look for the file first, and mount its disk. Else restore the last backup: edge-node restore. To begin anew without it, move the files that the detail names to another folder."),
    "EN-ANSWER-LOST": Page("This message was taken before, but its first answer cannot be read any more.", _N, False, "Do not send it under a new id; look up what became of it: edge-node queue show.", "SYN113"),
    "EN-SEALING-KEY": Page("The key that opens what the store holds is missing, is not the one of this store, or is open to others.", _O, False, "Put the right key file back with mode 0400. Where it is lost for good, use a recovery key: edge-node store regain."),
    "EN-RECOVERY-KEY": Page("A recovery key cannot be used: its file is not one, or what is to be opened was sealed to another.", _O, False, "Name the right file; edge-node recovery-key make makes a new pair."),
    "EN-PASSPHRASE": Page("The private half of the recovery key does not open with this passphrase.", _O, False, "Give the passphrase that was chosen when it was made, or none where it has none."),
    "EN-STORE-READONLY": Page("The file system of the store takes no changes, so nothing can be recorded.", _O, True, "Nothing was accepted. See why the file system is read-only (dmesg, mount), mend the disk, mount it for writing, and start the node."),
    "EN-SET-ASIDE": Page("A message could not be read any more and was set aside with its bytes; the rest goes on.", _O, False, "Look at what was set aside: edge-node queue aside. Ask its sender to send it again: the same message is then kept anew."),
    "EN-LOG-KEY": Page("The public key of a node, to check its access log or report with, is missing or is no such key.", _O, False, "Name the file that was copied from the node when it was set up: node-signing.pub, beside its store."),
    "EN-EMERGENCY-UNEXPLAINED": Page("An emergency access is to be signed off as justified, and nobody said why it was needed.", _O, False, "Ask who asked, and write it down with edge-node log explain; or sign it off as unjustified."),
    "EN-LOG-TAMPERED": Page("The access log was changed, cut or filled in behind the back of the node. What was found is sealed off, and a new chain was begun.", _O, False, "Tell the privacy officer. See what and where with edge-node log verify, find out who could write to the store, and confirm it with edge-node log seen."),
    "EN-LOG-UNREADABLE": Page("A file of the access log is no such file, or is not there.", _O, False, "Copy it again from where it was kept; edge-node log verify names what is missing."),
    # Backups
    "EN-BACKUP-NO-KEY": Page("No backup can be made: the settings name no recovery key to seal it to.", _O, False, "Make a pair with edge-node recovery-key make, keep the private half in a safe, and name the public half in store.recovery_keys."),
    "EN-BACKUP-FAILED": Page("A backup could not be made; nothing of it was left, and the earlier ones are untouched.", _O, True, "Read the detail: a folder that cannot be written, or a disk that fails. Then make one by hand with edge-node backup."),
    "EN-BACKUP-NO-ROOM": Page("A backup would need more room than the disk has above its reserve; nothing of it was left.", _O, True, "Make room, have backups put on another disk, or keep fewer of them."),
    "EN-BACKUP-RUNNING": Page("A backup is being made now.", _O, True, "Wait until it is done."),
    "EN-BACKUP-NONE": Page("The store is not backed up by itself: no recovery key, or no folder, is in the settings.", _O, False, "Set store.recovery_keys and store.backup.folder; or name a folder: edge-node backup --to FOLDER."),
    "EN-BACKUP-OLD": Page("The last good backup is too old.", _O, True, "Read in the log why later ones failed, put it right, and make one by hand with edge-node backup."),
    "EN-BACKUP-UNREADABLE": Page("The file is not a backup that this release can read.", _O, False, "Name the right file; of a newer release, restore it with that one."),
    "EN-BACKUP-TRUNCATED": Page("The end of the backup is missing.", _O, False, "Copy the file again from where it was kept, or take an earlier backup."),
    "EN-BACKUP-TAMPERED": Page("The backup was changed after it was made: damaged, or by somebody.", _O, False, "Take an earlier backup, and find out how this one was changed."),
    "EN-RESTORE-PRESENT": Page("There is a store already; a restore never overwrites one.", _O, False, "Check that this is the right machine. To put the old store aside under another name, add --replace."),
    "EN-RESTORE-UNFINISHED": Page("A restore was broken off before the store was in its place.", _O, False, "Run the same edge-node restore again; it begins anew."),
    "EN-REPAIR-UNFINISHED": Page("A repair was broken off when it put the store in its place.", _O, False, "Run edge-node queue repair again; it goes on where it stopped."),
    "EN-RESTORED": Page("The message comes from a backup: what became of it after that is not known, so it is held.", _O, False, "Find out whether it was delivered, then let go by age: edge-node restored release, or edge-node restored discard."),
    "EN-ILLEGAL-STEP": Page("This cannot be done to a message in its present state.", _O, False, "Look at its state first: edge-node queue show, or GET /v1/messages/ID."),
    "EN-INBOX-LOCK": Page("The lock on this message of the inbox is not held any more.", _L, False, "Lock again, and take what is given then; what comes with redelivery true may be in the local system already."),
    "EN-CONTROL": Page("The running daemon could not be reached through its control socket.", _O, True, "Check that the daemon runs and that you are in the group edge-node."),
    "EN-SETTINGS": Page("A setting is wrong.", _O, False, "Put right each line named; edge-node check tells them all."),
    "EN-INTERNAL": Page("The node made a mistake.", _N, True, "Report it with the correlation id.", "INTERR"),
    "EN-LISTEN": Page("An address the node is to listen on cannot be opened.", _O, False, "Stop what uses it, or choose another one in the settings."),
    "EN-CONTROL-REQUEST": Page("The request on the control socket is not one the daemon knows.", _O, False, "Use the edge-node command of the same release as the daemon."),
    "EN-RENEWAL": Page("The body is not the message at this address with a new token.", _L, False, "Send the same message, unchanged, with a new security header."),
    # What the status says
    "EN-STARTING": Page("The node is starting.", _N, True, "Wait; it serves as soon as it has looked at what it had in hand."),
    "EN-CERTIFICATE-ENDED": Page("A certificate of this site has ended.", _O, False, "Install a new certificate now; nothing goes out for this organisation."),
    "EN-CERTIFICATE-ENDING": Page("A certificate of this site ends soon.", _O, False, "Ask for a new certificate and install it before the date."),
    "EN-CERTIFICATE-INDEX": Page("The list of certificates that were installed for an organisation cannot be read; after a start or a reload the one in the settings is shown.", _O, False, "Install the certificate again (edge-node cert install): its key is found here, and none is removed. Or restore the folder identities in node.state_dir."),
    "EN-CERTIFICATE-FILE": Page("A file of a certificate, a key or anchors cannot be used as it is on disk; the node goes on with what it read before.", _O, False, "Put the named file right. Nothing stops meanwhile. A restart would show another certificate where there is one, and else not start."),
    "EN-CERTIFICATE-CHANGED": Page("A file of a certificate, a key or anchors is otherwise on disk than what is in use.", _O, False, "When all files are in place: systemctl reload edge-node."),
    "EN-CERTIFICATE-REFUSED": Page("The switchboard refuses the newest certificate of this site; the one before it is shown while it is valid.", _S, False, "Call the help desk of the network with what edge-node cert show says; the node tries the new one again by itself."),
    "EN-CERTIFICATE-CHAIN": Page("A CA above a certificate of this site ends before the certificate does.", _O, False, "Ask for a certificate of the next generation before that day."),
    "EN-KEY-EXPOSED": Page("A private key, or its passphrase, can be read or written by others than the service.", _O, False, "Give its file to the service's user with mode 0400. Whoever read it can be this site: have a new certificate made with a new key."),
    "EN-KEY-PASSPHRASE": Page("A private key does not open: its passphrase is missing, wrong or not needed.", _O, False, "Name the file with the passphrase in key_passphrase beside key, or leave it out where the key has none. cert install takes a key without one."),
    "EN-KEY-KIND": Page("A private key is of a kind or size that TLS here does not use.", _O, False, "Use RSA of at least 2048 bits, better 4096, or EC P-256, P-384 or P-521."),
    "EN-KEY-UNREADABLE": Page("A private key cannot be read, or its file holds none.", _O, False, "Put the right file back, in PEM; for a systemd credential look at the unit."),
    "EN-KEY-SHORT": Page("A private key is good enough for now only.", _O, False, "Have the next certificate made with RSA of 4096 bits."),
    "EN-SEALED-KEY": Page("A private key that the node made for a certificate does not open: it is damaged, or the store has another key than it was sealed under.", _O, False, "Put back the key of the store that it names, or open it with a recovery key (edge-node store regain). Where neither is left: make a new request (edge-node cert csr) and ask for a new certificate."),
    "EN-CERT-WAITING": Page("A request for a certificate of this organisation waits already.", _O, False, "Install the certificate that was asked for with it, or say --replace: the key of the request is then destroyed, and a certificate given for it can never be used."),
    "EN-CERT-WAITED": Page("A certificate that waited to be shown is so no longer: another one waits in its place.", _O, False, "Nothing, when that was meant; else install the first one again."),
    "EN-CERT-NO-KEY": Page("The certificate fits no key that was made here for this organisation.", _O, False, "See edge-node cert csr --list for the requests of this machine. Where the key was made elsewhere, name its file with --key."),
    "EN-CERT-UNFIT": Page("The certificate cannot be installed as it is.", _O, False, "Read each reason; nothing was changed."),
    "EN-CERT-UNTESTED": Page("The new certificate could not be tried against the switchboard, which gives no answer.", _W, True, "It waits and is tried again by itself; with --untested it is used without a trial."),
    "EN-CERT-NOT-TAKEN": Page("A peer refuses the certificate of this node.", _S, False, "Nothing was changed. Call the help desk of the network with the reason; the certificate may not be known there yet."),
    "EN-CERT-IN-USE": Page("The certificate is in use already.", _O, False, "Nothing: nothing was changed, and the one before it is at hand as it was."),
    "EN-CERT-NONE": Page("There is no such certificate, or request for one, of this organisation.", _O, False, "See edge-node cert show and edge-node cert csr --list."),
    "EN-CLOCK-DOUBT": Page("The clock of this machine jumped, or it is not the time of the switchboard: nothing expires and no retention acts until it is right.", _O, False, "Look at the clock and at what keeps it right (timedatectl, chronyc tracking). It goes on by itself when the kernel or the switchboard confirms the time."),
    "EN-QUEUE-ATTENTION": Page("Messages wait for a person to act.", _O, False, "Look at them: edge-node queue list --state HELD, NEEDS_TOKEN, DEAD or EXPIRED."),
    "EN-QUEUE-OLD": Page("Messages from the care network wait too long for the local system.", _L, True, "Look why the local system does not take them."),
    "EN-WEBHOOK-FAILED": Page("The webhook of a local system does not take what the node has to tell.", _L, True, "See that its address answers with a 2xx status; the node goes on trying, and /v1/events has it all."),
    "EN-MAIL-FAILED": Page("The mail server does not take the node's mail.", _O, True, "Check alerts.mail in the settings and the mail server; the node goes on trying."),
    "EN-SYSLOG-FAILED": Page("The log of the machine does not take the node's alerts.", _O, True, "Check that the syslog daemon runs and that alerts.syslog names its socket; the node goes on trying."),
    # Access tokens for FHIR
    "EN-AUTHORISATION-UNREACHABLE": Page("The stelselnode or the authorisation server gives no answer, so the request was not sent.", _S, True, "Send it again later; when it stays, call the help desk of the network."),
    "EN-AUTHORISATION-ANSWER": Page("The stelselnode or the authorisation server answered something that cannot be used, so the request was not sent.", _S, True, "Compare switchboard.fhir in the settings with what the operator of the switchboard says now."),
    "EN-AUTHORISATION-UNTRUSTED": Page("What says where FHIR requests go is not rightly signed, or a party that must be asked is not proven to be one of the settings; the request was not sent.", _O, True, "Check the peers, their names and anchors in the settings, and the clock."),
    "EN-TOKEN-REFUSED": Page("The authorisation server refuses the tokens of the user, so the request was not sent.", _L, False, "Sign again and hand in the same request with new tokens."),
    "EN-ACCESS-TOKEN": Page("The access token of a request from the switchboard is not one of its authorisation server, or has ended.", _S, False, "Read the detail, and find out who sent it. When it is right, compare switchboard.fhir.access_tokens with what the network publishes."),
    "EN-ACCESS-UNKNOWN": Page("Whether an access token is genuine cannot be told: its issuer's keys do not come; unless switchboard.fhir.access_tokens.unknown refuses, the request passed.", _W, True, "Look at the way to the authorisation server and at its peer in the settings."),
    # Transaction tokens that the node makes itself
    "EN-SIGNING-NONE": Page("The node makes no transaction tokens for this organisation: no certificate for that is in the settings.", _O, False, "Name one in token_signing of the organisation, with tokens.anchors, or have a person sign."),
    "EN-SIGNING-EXPIRED": Page("The certificate that signs transaction tokens has ended.", _O, True, "Ask for a new one and name it in token_signing of the organisation; check the clock. A person can sign meanwhile."),
    "EN-SIGNING-NOT-YET": Page("The certificate that signs transaction tokens has not begun to count.", _O, True, "Wait until it counts; check the clock. A person can sign meanwhile."),
    "EN-SIGNING-REVOKED": Page("The certificate that signs transaction tokens was revoked.", _O, True, "Find out why; ask for a new one on a new key, and name it in token_signing of the organisation. A person can sign meanwhile."),
    "EN-SIGNING-CHAIN": Page("The certificate that signs transaction tokens does not lead to tokens.anchors, or is not from an issuer of servers.", _O, True, "Put its CAs in the file of tokens.anchors and its issuer, as server, in tokens.issuers; or name the right certificate in token_signing."),
    "EN-SIGNING-UNCHECKED": Page("Nobody can tell whether the certificate that signs transaction tokens was revoked, and tokens.unchecked refuses such.", _W, True, "Look at the revocation list of its issuer: edge-node status, and revocation.crl_files in the settings."),
    # Where it is fetched whether certificates were revoked
    "EN-SOURCE-UNREACHABLE": Page("A source of revocation lists, or a responder for single certificates (OCSP), gives no whole answer.", _W, True, "Open the way to its host, or name revocation.proxy or revocation.mirror; the node goes on trying."),
    "EN-SOURCE-ANSWER": Page("A source of revocation lists, or a responder for single certificates (OCSP), answered something that cannot be used.", _W, True, "Fetch its address by hand (curl) from this machine: a proxy or a firewall may answer in its place. The node goes on trying."),
    # OCSP: no answer that is not sound counts; the revocation list decides
    "EN-OCSP-ANSWER": Page("What the OCSP responder sent is not an OCSP answer this node reads.", _W, True, "See who answers at its address: a proxy or a firewall may do so in its place. The revocation list decides meanwhile."),
    "EN-OCSP-STATUS": Page("The OCSP responder says that it does not answer: tryLater, unauthorized, malformedRequest or the like.", _W, True, "Nothing: the revocation list decides, and the node asks again. When it lasts, set revocation.ocsp.use to lists-only, or call the issuer."),
    "EN-OCSP-OTHER": Page("The OCSP answer is about another certificate than was asked.", _W, True, "Report it to the issuer; the revocation list decides meanwhile."),
    "EN-OCSP-RESPONDER": Page("The OCSP answer is signed by one whom the issuer has not let sign.", _W, True, "Report it to the issuer, and see whether somebody stands between; the revocation list decides meanwhile."),
    "EN-OCSP-SIGNATURE": Page("The signature of the OCSP answer is wrong, or made in a way that no longer counts.", _W, True, "Report it to the issuer, and see whether somebody stands between; the revocation list decides meanwhile."),
    "EN-OCSP-DATES": Page("The OCSP answer has ended or has not begun.", _W, True, "Check the clock of this machine; when it is right, report it to the issuer. The revocation list decides meanwhile."),
    "EN-OCSP-NONCE": Page("The OCSP answer is one to another question: its nonce is not ours.", _W, True, "See whether somebody stands between, or set revocation.ocsp.nonce to false where the responder keeps its answers; the revocation list decides meanwhile."),
    # TLS: the peer sees an alert; to a message that could not go it is a matter of the line
    "EN-TLS-CHAIN": Page("The peer's certificate does not lead to an anchor of this environment.", _S, True, "Check the anchors and which environment the peer is of.", "RTEDEST"),
    "EN-TLS-INCOMPLETE": Page("The peer showed only its own certificate, and its issuer is not known here.", _S, True, "The peer must send its whole chain; check the anchors and which environment the peer is of.", "RTEDEST"),
    "EN-TLS-ANCHOR": Page("The peer's chain ends in a root that is no anchor for this peer.", _S, True, "Check the peer's anchors in the settings; never add a root without a call to its publisher.", "RTEDEST"),
    "EN-TLS-SELF-SIGNED": Page("The peer's certificate is signed by itself.", _S, True, "The peer needs a certificate of a register; call its operator.", "RTEDEST"),
    "EN-TLS-SIGNATURE": Page("A signature in the peer's chain is wrong: it was forged, damaged, or made by another CA of the same name.", _S, True, "Call the peer's operator; do not change the anchors.", "RTEDEST"),
    "EN-TLS-EXPIRED": Page("The peer's certificate has ended.", _S, True, "The peer must renew; check the clock.", "RTEDEST"),
    "EN-TLS-NOT-YET": Page("The peer's certificate has not begun.", _S, True, "The peer must wait or use its old one; check the clock.", "RTEDEST"),
    "EN-TLS-CA-EXPIRED": Page("A CA above the peer's certificate has ended or has not begun.", _S, True, "The peer must renew under a CA that is in use; check the anchors and the clock.", "RTEDEST"),
    "EN-TLS-NAME": Page("The peer's certificate is for another name.", _S, True, "Check the peer's names in the settings.", "RTEDEST"),
    "EN-TLS-ISSUER": Page("The peer's certificate is from an issuer that is not allowed.", _S, True, "Check the peer's issuers in the settings.", "RTEDEST"),
    "EN-TLS-PURPOSE": Page("The peer's certificate is not for this use.", _S, True, "The peer needs a certificate for both directions.", "RTEDEST"),
    "EN-TLS-KEY-USAGE": Page("The peer's certificate does not allow its key to sign, as TLS asks.", _S, True, "The peer needs a certificate with digitalSignature in its key usage.", "RTEDEST"),
    "EN-TLS-ORGANISATION": Page("The peer's certificate is of another organisation.", _S, True, "Check the peer's organisation in the settings.", "RTEDEST"),
    "EN-TLS-ENVIRONMENT": Page("The peer's certificate is of the other environment: test and production never mix.", _S, True, "Find out which of the two is at the wrong address; check node.environment, the anchors and the peer's names.", "RTEDEST"),
    "EN-TLS-HASH": Page("A certificate in the peer's chain is signed with a hash or an algorithm that is too weak.", _S, True, "The peer needs a certificate signed with SHA-256 or better.", "RTEDEST"),
    "EN-TLS-KEY-SIZE": Page("A key in the peer's chain is too small, or of a kind that is not used here.", _S, True, "The peer needs a certificate on a new key: RSA of 2048 bits at least, or a named curve.", "RTEDEST"),
    "EN-TLS-NOT-A-CA": Page("A certificate in the peer's chain issued another one, and may not.", _S, True, "Call the peer's operator: this is how a stolen certificate is abused.", "RTEDEST"),
    "EN-TLS-CA-FLAG": Page("The peer shows the certificate of a CA as its own.", _S, True, "The peer needs a certificate that is no CA.", "RTEDEST"),
    "EN-TLS-PATH-LENGTH": Page("There are more CAs in the peer's chain than one of them allows.", _S, True, "Call the peer's operator; the CA that issued it had no right to.", "RTEDEST"),
    "EN-TLS-NAME-CONSTRAINT": Page("The peer's certificate has a name that the CA above it may not give.", _S, True, "Call the peer's operator; it needs a certificate of a CA that may give its name.", "RTEDEST"),
    "EN-TLS-POLICY": Page("A CA in the peer's chain requires a certificate policy, and its certificates have none in common.", _S, True, "Call the peer's operator: it needs a certificate with a policy that its CA may give.", "RTEDEST"),
    "EN-TLS-CRITICAL": Page("A certificate in the peer's chain has a critical extension that is not understood here.", _S, True, "The peer needs a certificate without it.", "RTEDEST"),
    "EN-TLS-TOO-LONG": Page("The peer's chain has more certificates than are looked at.", _S, True, "The peer must send its own certificate and the CAs up to the root, and nothing else.", "RTEDEST"),
    "EN-TLS-TOO-LARGE": Page("The peer's certificates are larger, or have more names, than are looked at.", _S, True, "The peer must send its own certificate and the CAs up to the root; no certificate needs this many names.", "RTEDEST"),
    "EN-TLS-UNREADABLE": Page("A certificate of the peer cannot be read, or says two things at once.", _S, True, "The peer needs a certificate that is rightly made; call its operator.", "RTEDEST"),
    "EN-TLS-UZI-PROFILE": Page("The peer's certificate is not written as the UZI register writes them; the part that is wrong is named.", _S, True, "The peer needs a certificate in the profile of the register; in production it is held to each part.", "RTEDEST"),
    "EN-TLS-UZI-TYPE": Page("The UZI name in the peer's certificate is of a person's card or of another kind, not of a server.", _S, True, "The peer needs a server certificate; cards are for people.", "RTEDEST"),
    "EN-TLS-OID-CA": Page("The UZI name in the peer's certificate is of a CA that issues no server certificates.", _S, True, "The peer needs a certificate of the register's server CA.", "RTEDEST"),
    "EN-TLS-OID-CA-UNKNOWN": Page("The peer is let in, and the UZI name in its certificate is of a CA whose number this node does not know.", _O, False, "Ask the register whether the OID-CA is one of its server CA; if so add it to switchboard.uzi.oid_cas."),
    "EN-TLS-URA": Page("The peer's certificate is of another URA than the settings say, or of two.", _S, True, "Check the peer's ura in the settings; else the peer shows the wrong certificate.", "RTEDEST"),
    "EN-TLS-REVOKED": Page("The peer's certificate was revoked.", _S, True, "The peer must get a new one; call its operator.", "RTEDEST"),
    "EN-TLS-CA-REVOKED": Page("A CA above the peer's certificate was revoked.", _S, True, "The peer must get a certificate of another CA; look for news of the CA and call the peer's operator.", "RTEDEST"),
    "EN-TLS-UNCHECKED": Page("Whether the peer's certificate was revoked cannot be told: no usable revocation list of its issuer.", _W, True, "Fetch the list of the issuer named; check the way to it.", "RTEDEST"),
    "EN-CRL-UNREADABLE": Page("What should be a revocation list is none, or half of one.", _W, True, "The list that was there stays. Look at the source named; get the file again."),
    "EN-CRL-ISSUER": Page("A revocation list is of a CA that no peer here has a certificate of.", _O, False, "Nothing, when that CA is not yours to trust; else check the anchors in the settings."),
    "EN-CRL-SIGNATURE": Page("A revocation list is not signed by the CA it names, or not well enough.", _W, True, "The list that was there stays. Find out who wrote this one: get it again from the CA itself."),
    "EN-CRL-DELTA": Page("A revocation list is a delta list, which this node does not take.", _W, False, "Name the address of the whole list of that CA."),
    "EN-CRL-INDIRECT": Page("A revocation list is an indirect one, which this node does not take.", _W, False, "Name the address of the list that the CA signs for its own certificates."),
    "EN-CRL-PARTIAL": Page("A revocation list is for some reasons only, or not of certificates of servers.", _W, False, "Name the address of the whole list of that CA."),
    "EN-CRL-CRITICAL": Page("A revocation list says something critical that is not known here.", _W, False, "The list that was there stays. Ask the CA what its lists need."),
    "EN-CRL-OLDER": Page("A revocation list is not newer than the one that is there.", _W, True, "Nothing, when the source is a mirror that is a little behind; else look at the source named."),
    "EN-CRL-NOT-YET": Page("A revocation list begins in the future.", _O, True, "Check the clock of this machine (timedatectl)."),
    "EN-CRL-ROOM": Page("A revocation list of a CA that nobody has shown yet finds no room to wait.", _O, True, "Take lists of CAs that are none of this site's peers out of the files and folders that revocation.crl_files names."),
    "EN-CRL-TOO-LARGE": Page("A revocation list is longer than is taken.", _O, False, "When the list is right, raise revocation.crl_max_bytes."),
    "EN-CERTIFICATE-REVOKED": Page("A certificate of this site was revoked.", _O, False, "Nobody on the care network takes it any more. Ask its CA why, and ask for a new one: edge-node cert csr."),
    "EN-REVOCATION-UNKNOWN": Page("Whether a certificate was revoked cannot be told.", _W, True, "Fetch the list of the issuer named; check the way to it. A peer with such a certificate is refused."),
    "EN-REVOCATION-GRACE": Page("The revocation list of a peer's issuer has ended; the peer is still trusted for a while.", _W, True, "Fetch the list of the issuer named, or mend the way to it, before the grace is over."),
    "EN-REVOCATION-SOURCE": Page("A source of revocation lists or answers gives nothing that can be used.", _W, True, "Read the detail; look at the file or address named, and the way to it. A list that is there already goes on counting until it ends; where none is, nobody under that CA is let in."),
    "EN-REVOCATION-OLD": Page("A revocation list is old: no newer one came.", _W, True, "Look at the source of that list; the registers bring out a new one each hour."),
    "EN-TLS-CRL-STALE": Page("Whether the peer's certificate was revoked cannot be told: the newest revocation list of its issuer has ended.", _W, True, "Fetch the list of the issuer named; check the way to it and the clock.", "RTEDEST"),
    "EN-TLS-ABSENT": Page("The peer showed no certificate.", _S, True, "The peer must send one.", "RTEDEST"),
    "EN-TLS-VERSION": Page("The peer and the node have no version of TLS in common.", _S, True, "The peer must speak TLS 1.2 or 1.3.", "RTEDEST"),
    "EN-TLS-EMS": Page("The peer speaks TLS 1.2 without the extended master secret.", _S, True, "The peer must turn on extended master secret (RFC 7627), or speak TLS 1.3.", "RTEDEST"),
    "EN-TLS-FLOOR": Page("TLS in this process is not as the profile has it, so the node does not start.", _O, False, "Install the release again as it was published, with the versions it locks; what differs is named. Nothing else may set OPENSSL_CONF for the service."),
    "EN-TLS-PHASE-OUT": Page("Something negotiated in TLS, or the peer's key, is to be phased out by the guideline of NCSC-NL; messages go on.", _S, False, "Ask the peer's operator when it changes. An RSA key below 3072 bits is taken until 2028-11-12."),
    "EN-TLS-HANDSHAKE": Page("The TLS handshake failed.", _W, True, "Compare protocol versions and ciphers of both sides.", "RTEDEST"),
    "EN-ANCHORS-WAITING": Page("New anchors of a peer lack some of the old ones, and the peer was not reached with them yet; old and new count.", _O, True, "Wait: it is tried every minute. edge-node cert anchors shows why; where a CA must go at once: edge-node cert anchors --accept."),
    "EN-ANCHORS-REFUSED": Page("A peer is not under the new anchors, so the old ones stay in use.", _O, True, "Look for the right list, put it in the place of this one and reload. It is tried again every minute, for the day the peer changes. Where a CA is compromised and must go: edge-node cert anchors --accept."),
}  # fmt: skip

#: What the base classes say of themselves.
PAGES.update({
    "EN-REFUSED": Page("The node refused this.", _L, False, "Read the detail."),
    "EN-UNAVAILABLE": Page("This is not possible now.", _N, True, "Try again later."),
})  # fmt: skip
