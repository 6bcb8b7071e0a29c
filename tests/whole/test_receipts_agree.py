"""Written conversations, each fact of each reply held against the rows again as soon as its turn is committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.conversations import read_events
from assistant.receipts import AGREES, MOVED_ON, NO_RECEIPT, NOT_SQL, Check, check_event
from assistant.settings import Settings
from assistant.testing.meant import ReadsAsMeant, as_meant
from assistant.testing.shops import Shops, close
from assistant.testing.talk import Talk
from dialogues.conversations import Conversation, load_conversations
from dialogues.responses import load_responses
from intents.catalogue import load_catalogue

EVERY = 6  # one conversation in so many: all 95 of the demo shop take half a minute
CONVERSATIONS = [one for one in load_conversations(load_catalogue(), load_responses()) if one.shop != "tau2"][::EVERY]


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    settings = Settings(index=False)
    return Shops(settings, tmp_path_factory.mktemp("receipts"), None, as_meant(settings))


def checks_of(conversation: Conversation, shops: Shops) -> Iterator[tuple[Check, bool, str]]:
    """Each check, whether its turn changed the shop, and what was said."""
    assistant = shops.fresh(conversation.shop)
    talk, done = Talk(assistant), 0
    for turn in conversation.turns:
        if isinstance(assistant.recogniser, ReadsAsMeant):
            assistant.recogniser.means = turn.commands or ()
        talk.says(turn.user)
        with assistant.database.reading() as session:
            events = read_events(session, talk.sender)[done:]
            changed = any(event["event"] == "change" for event in events)
            for event in events:
                if event["event"] == "bot":
                    yield from ((check, changed, event["text"]) for check in check_event(session, event))
        done += len(events)
    close(assistant)


def test_every_fact_of_the_written_conversations_has_a_receipt_that_agrees(shops: Shops) -> None:
    verdicts: Counter[str] = Counter()
    for conversation in CONVERSATIONS:
        for check, changed, text in checks_of(conversation, shops):
            where = f"{Path(conversation.where).name} {conversation.name}: {check} in {text!r}"
            assert check.verdict in (AGREES, NOT_SQL) or (check.verdict == MOVED_ON and changed), where
            verdicts[check.verdict] += 1
    assert verdicts[NO_RECEIPT] == 0
    assert verdicts[AGREES] > 4 * verdicts[NOT_SQL] > 0
