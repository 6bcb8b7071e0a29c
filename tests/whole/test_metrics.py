"""What a server counts while it answers, and that nothing of a shopper's is among it."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.locks import ConversationBusy
from assistant.metrics import Metrics
from assistant.settings import Settings
from assistant.testing.meant import as_meant
from assistant.testing.shops import Shops
from assistant.turns import Assistant
from dialogues.messages import BotMessage
from intents.commands import parse_commands

SAID = (
    ("where is my order #W4821093", 'track_order(order_id="W4821093")'),
    ("mia.lindqvist@example.com", 'identify(email="mia.lindqvist@example.com")'),
    ("any hiking boots?", 'search_products(query="hiking boots")'),
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("counted")
    assistant = Shops(Settings(index=False), folder, None, as_meant(Settings(index=False))).fresh("demo")
    for number, (text, means) in enumerate(SAID):
        assistant.recogniser.means = parse_commands(means)
        assistant.handle("shopper-77", text, f"m{number}")
    assistant.handle("shopper-77", SAID[0][0], "m0")
    return assistant


def samples(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every figure by its name and the values of its labels."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


def test_turns_stages_and_wordings_are_counted(assistant: Assistant) -> None:
    found = samples(assistant.metrics)
    assert found["aisle_turns_total", ("answered",)] == 3
    assert found["aisle_turns_total", ("repeated",)] == 1
    assert found["aisle_turn_seconds_count", ()] == 4
    for stage in ("understand", "act", "reply"):
        assert found["aisle_stage_seconds_count", (stage,)] == 3
    assert found["aisle_replies_total", ("nothing_new",)] >= 3, "without a model every reply is written"
    assert found["aisle_reply_fallbacks_total", ("nothing_new", "utter_ask_identity")] == 1
    assert found["process_resident_memory_bytes", ()] > 1e6


def test_nothing_of_a_shopper_s_is_among_the_figures(assistant: Assistant) -> None:
    text = assistant.metrics.exposition().decode().lower()
    assert not [word for word in ("shopper-77", "w4821093", "mia", "lindqvist", "@", "boots", "97205") if word in text]


def test_a_turn_that_is_not_answered_is_counted_as_busy_or_failed() -> None:
    metrics = Metrics()
    for error in (ConversationBusy(), ConversationBusy(), ValueError()):
        with pytest.raises(type(error)), metrics.turn():
            raise error
    found = samples(metrics)
    assert (found["aisle_turns_total", ("busy",)], found["aisle_turns_total", ("failed",)]) == (2, 1)
    assert found["aisle_turn_seconds_count", ()] == 0


def test_what_the_checker_refused_is_counted_by_response_and_kind() -> None:
    metrics = Metrics()
    retried = BotMessage("Hi.", "utter_greet", how="retry", refused=("digit",))
    fell_back = BotMessage("Hi.", "utter_greet", how="refused", refused=("digit", "promise"))
    metrics.answered({}, [retried, fell_back])
    metrics.error("action")
    found = samples(metrics)
    assert found["aisle_replies_total", ("retry",)] == 1
    assert found["aisle_reply_refusals_total", ("digit", "utter_greet")] == 2
    assert found["aisle_reply_refusals_total", ("promise", "utter_greet")] == 1
    assert found["aisle_reply_fallbacks_total", ("refused", "utter_greet")] == 1
    assert found["aisle_errors_total", ("action",)] == 1
