"""What a site chooses for its inbox."""

import pytest
from pydantic import ValidationError

from edge_node.settings.inbox import InboxSettings


class TestInboxSettings:
    def test_a_lock_is_not_longer_than_the_longest(self) -> None:
        """A default that every request would be refused for."""
        with pytest.raises(ValidationError, match="longer than longest_lock_s"):
            InboxSettings(lock_s=120, longest_lock_s=60)

    def test_waiting_can_be_turned_off(self) -> None:
        """For a site whose proxy ends what takes long."""
        assert InboxSettings(longest_wait_s=0).longest_wait_s == 0
