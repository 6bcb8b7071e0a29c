"""A change that the shop refuses only when it is made: said to the shopper, and nothing of it is left."""

from __future__ import annotations

import pytest

from assistant.actions.cancelling import ActionCancelOrders
from assistant.settings import Settings
from assistant.store import Order
from assistant.testing.meant import ReadsAsMeant, as_meant
from assistant.testing.shops import Shops
from assistant.testing.talk import Talk, count_writes
from intents.commands import parse_commands
from tests.read_shop import reader_with_memory


def test_a_change_that_its_own_turn_refuses_is_said_and_not_made(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ActionCancelOrders.run

    async def of_another_version(self, dispatcher, tracker, domain):
        events = await run(self, dispatcher, tracker, domain)
        changes = [event for event in events if event["event"] == "change"]
        return [*events, *({**one, "change": {**one["change"], "version": 99}} for one in changes)]

    monkeypatch.setattr(ActionCancelOrders, "run", of_another_version)
    settings = Settings()
    assistant = Shops(settings, tmp_path, None, as_meant(settings), reader_with_memory()).fresh("demo")
    talk = Talk(assistant)

    def says(words: str, commands: str) -> tuple[str, ...]:
        assert isinstance(assistant.recogniser, ReadsAsMeant)
        assistant.recogniser.means = parse_commands(commands)
        return talk.says(words).responses

    says("cancel #W4907715, I don't need it", 'cancel_order(order_id="W4907715", reason="don\'t need it")')
    assert "utter_confirm_cancellation" in says(
        "mia.lindqvist@example.com", 'inform(email="mia.lindqvist@example.com")'
    )
    assert says("yes", "affirm()") == ("utter_order_moved",)
    assert count_writes(assistant) == 0
    with assistant.database.reading() as session:
        order = session.get(Order, "#W4907715")
        assert order is not None and order.status == "pending"
    assert says("thanks", "thank()") == ("utter_thanks",)
    assistant.database.close()
