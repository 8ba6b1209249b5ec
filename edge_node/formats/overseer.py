"""The responsible professional a control act names: which of his particulars are there.

Knows: how number, role, name and organisation of an overseer are written (domain reference 1.3, 3.6).
Must not know: whether there must be an overseer, where in the message he stands.
"""

from edge_node.errors import Refused
from edge_node.formats.control_act import ROLE_SYSTEM, UZI_ROOT, Attributes
from edge_node.model.identifiers import URA_ROOT
from edge_node.model.message import Overseer


class OverseerDraft:
    """Gathers who is responsible while the control act is read."""

    def __init__(self) -> None:
        self._has_number = self._has_name = False
        self._once: dict[str, str] = {}

    def number(self, attributes: Attributes) -> None:
        """His number, of whichever register: not everybody has a UZI card."""
        extension = attributes.get("extension", "").strip()
        if attributes.get("root") and extension:
            self._has_number = True
        if attributes.get("root") == UZI_ROOT and extension:
            self._take("number", extension)

    def role(self, attributes: Attributes) -> None:
        """His UZI role; other lists have codes of their own."""
        if attributes.get("codeSystem") == ROLE_SYSTEM:
            self._take("role code", attributes.get("code", ""))

    def organisation(self, attributes: Attributes) -> None:
        """The number of his organisation, beside others it may have."""
        if attributes.get("root") == URA_ROOT:
            self._take("organisation", attributes.get("extension", ""))

    def name(self, text: str) -> None:
        """His name: that there is one."""
        self._has_name = self._has_name or bool(text.strip())

    def overseer(self) -> Overseer:
        """What was found."""
        return Overseer(
            has_number=self._has_number,
            has_name=self._has_name,
            role=self._once.get("role code"),
            ura=self._once.get("organisation"),
            uzi=self._once.get("number"),
        )

    def _take(self, field: str, value: str) -> None:
        # Another reader might take the other one.
        if field in self._once:
            raise Refused(f"the {field} of an overseer is doubled", code="EN-WRAPPER-FIELD")
        self._once[field] = value
