"""Wording replies: the model's sentence if it passes, a written one if not, and nothing unchecked on the way."""

import json

import pytest

from dialogues.checker import build_checker
from dialogues.messages import BotMessage, Button, Say
from dialogues.replies import HOW, ReplyWriter
from dialogues.reply_examples import ReplyExample
from dialogues.responses import placeholders
from dialogues.wording import Choice, collect_wordings
from intents.engine import Completion, EngineError

STATUS = Say("utter_order_status", {"order_id": "W1", "status": "shipped"})
GOOD = "Your order {order_id} is {status}. Anything else?"


class ScriptedEngine:
    """Writes one line for every prompt, in pieces when it streams, and another one when it is asked for another sample;
    breaks after some characters where told to."""

    name, model = "scripted", "script"

    def __init__(self, line: str, step: int = 3, breaks_after: int | None = None, second: str | None = None) -> None:
        self.first, self.second, self.step, self.breaks_after = line, second or line, step, breaks_after
        self.prompts: list[str] = []
        self.grammars: list[str] = []
        self.passed_on = ""
        self.heeds = False  # whoever has enough; a model server may go on all the same

    def generate(self, prompts, *, grammar=None, max_tokens=64, temperature=0.0, on_text=None):
        self.prompts += prompts
        self.grammars.append(grammar)
        line = self.second if temperature else self.first
        if on_text:
            assert len(prompts) == 1
            for place in range(0, len(line), self.step):
                if self.breaks_after is not None and place >= self.breaks_after:
                    raise EngineError("the model is gone")
                self.passed_on += line[place : place + self.step]
                if on_text(line[place : place + self.step]) and self.heeds:
                    return [Completion(line[: place + self.step].strip(), (-0.1,), True)]
        if self.breaks_after is not None:
            raise EngineError("the model is gone")
        return [Completion(line, (-0.1,), True) for _ in prompts]


@pytest.fixture(scope="module")
def checker(responses, reply_examples):
    return build_checker(responses.values(), reply_examples, ["Trail Lantern"])


@pytest.fixture
def write(responses, checker, reply_examples):
    """Call it with a script and what is to be said; gives the messages and the pieces that were streamed."""

    def run(engine: ScriptedEngine, *says: Say, said=()) -> tuple[list[BotMessage], list[str]]:
        writer = ReplyWriter(engine, responses, checker, collect_wordings(responses, reply_examples), {})
        pieces: list[str] = []
        return writer.write(says, "where is it?", said, pieces.append), pieces

    return run


def test_a_good_wording_is_filled_in_and_said(write):
    ((message,), pieces) = write(ScriptedEngine(GOOD), STATUS)
    assert (message.text, message.written_by) == ("Your order W1 is shipped. Anything else?", "model")
    assert "".join(pieces) == message.text


def test_the_model_writes_until_its_choice_is_clear(write, responses, reply_examples):
    choice = collect_wordings(responses, reply_examples).choice("utter_order_status", STATUS.facts, (), "where is it?")
    for wording in choice.texts:
        engine = ScriptedEngine(wording, step=1)
        engine.heeds = True
        ((message,), pieces) = write(engine, STATUS)
        assert message.wording == wording and "".join(pieces) == message.text
        others = [text for text in choice.texts if text != wording]
        assert not any(text.startswith(engine.passed_on) for text in others)
        assert any(text.startswith(engine.passed_on[:-1]) for text in others), "no character more than it takes"


def test_a_wording_is_handed_out_sentence_by_sentence(write):
    (_, pieces) = write(ScriptedEngine(GOOD), STATUS)
    assert pieces == ["Your order W1 is shipped.", " Anything else?"]


@pytest.mark.parametrize("step", range(1, 12))
def test_whatever_the_pieces_the_shopper_reads_the_message_and_no_more(write, step):
    wording = "Good news. Your order {order_id} is {status}, due {eta}... Anything else?"
    say = Say("utter_order_status", {**STATUS.facts, "eta": "in 2.5 days."})
    ((message,), pieces) = write(ScriptedEngine(wording, step=step), say)
    assert "".join(pieces) == message.text == "Good news. Your order W1 is shipped, due in 2.5 days.... Anything else?"
    assert "" not in pieces


@pytest.mark.parametrize(
    "bad", ["It comes on Friday.", "Your order {order_id} is {status}, free!", "Your order 5 is {status}.", "", "{x}"]
)
def test_a_bad_wording_gives_way_to_a_written_one_and_is_never_shown(write, responses, bad):
    ((message,), pieces) = write(ScriptedEngine(bad), STATUS)
    fitting = responses["utter_order_status"].best_variations(STATUS.facts)
    assert message.written_by == "written"
    assert message.text in [text.format(order_id="W1", status="shipped") for text in fitting]
    assert "".join(pieces) == message.text


def test_good_sentences_already_on_screen_are_the_reply_when_a_bad_one_follows(write):
    ((message,), pieces) = write(ScriptedEngine("Your order {order_id} is {status}. It was free."), STATUS)
    assert (message.text, message.written_by) == ("Your order W1 is shipped.", "model")
    assert pieces == ["Your order W1 is shipped."]


def test_a_wording_that_fails_the_check_is_tried_once_more_with_another_sample(write):
    engine = ScriptedEngine("Friday: {order_id} is {status}.", second=GOOD)
    ((message,), pieces) = write(engine, STATUS)
    assert (message.text, message.how, message.refused) == (
        "Your order W1 is shipped. Anything else?",
        "retry",
        ("date",),
    )
    assert "".join(pieces) == message.text and len(engine.prompts) == 2


def test_a_second_try_that_fails_too_gives_way_to_a_written_reply(write):
    engine = ScriptedEngine("Friday: {order_id} is {status}.", second="Your order 5 is {status}.")
    ((message,), pieces) = write(engine, STATUS)
    assert (message.written_by, message.how, message.refused) == ("written", "refused", ("date", "placeholder"))
    assert "".join(pieces) == message.text and len(engine.prompts) == 2


def test_the_message_tells_how_its_wording_came_about(write, responses):
    assert write(ScriptedEngine(GOOD), STATUS)[0][0].how == "first"
    assert write(ScriptedEngine(GOOD, breaks_after=0), STATUS)[0][0].how == "engine"
    assert write(ScriptedEngine("Your order {order_id} is {status}. It was free."), STATUS)[0][0].how == "cut"
    assert write(ScriptedEngine("x"), Say("utter_policy", {"text": "Returns within 30 days."}))[0][0].how == "text"
    every = collect_wordings(responses, []).by_response["utter_thanks"]
    writer = ReplyWriter(ScriptedEngine("x"), responses, build_checker(responses.values(), [], []),
                         collect_wordings(responses, []), {})  # fmt: skip
    (message,) = writer.write([Say("utter_thanks")], "thx", every)
    assert (message.how, message.text in every) == ("nothing_new", True)
    assert message.how in HOW and BotMessage.from_event(message.to_event()) == message


def test_a_message_of_before_tells_nothing_of_how_it_came_about():
    event = BotMessage("Hi.", "utter_greet").to_event()
    del event["data"]["how"], event["data"]["refused"]
    assert BotMessage.from_event(event) == BotMessage("Hi.", "utter_greet")


def test_nothing_is_shown_before_the_facts_that_must_be_told(write):
    ((message,), pieces) = write(ScriptedEngine("Good news. Your order is here. Anything else?"), STATUS)
    assert message.written_by == "written" and "".join(pieces) == message.text


@pytest.mark.parametrize("after", [0, 12])
def test_a_written_reply_stands_in_when_the_engine_fails(write, after):
    ((message,), pieces) = write(ScriptedEngine(GOOD, breaks_after=after), STATUS)
    assert message.written_by == "written" and "W1" in message.text
    assert "".join(pieces) == message.text


def test_what_was_shown_before_the_engine_failed_is_the_reply(write):
    ((message,), pieces) = write(ScriptedEngine(GOOD, breaks_after=42), STATUS)
    assert message.text == "Your order W1 is shipped." == "".join(pieces)


def test_several_responses_are_each_worded_and_not_streamed(write):
    engine = ScriptedEngine("You're welcome.")
    messages, pieces = write(engine, Say("utter_thanks"), STATUS, Say("utter_thanks"))
    assert [one.response for one in messages] == ["utter_thanks", "utter_order_status", "utter_thanks"]
    assert [one.written_by for one in messages] == ["model", "written", "model"]
    assert len(engine.prompts) == 4 and pieces == [], "one that fails the check is tried again"


def test_a_text_of_the_shop_is_said_word_for_word(write):
    engine = ScriptedEngine("Returns within 90 days.")
    ((message,), _) = write(engine, Say("utter_policy", {"text": "Returns within 30 days."}))
    assert (message.text, message.written_by, engine.prompts) == ("Returns within 30 days.", "written", [])


def test_the_model_is_shown_the_names_of_the_facts_and_never_the_facts(write):
    engine = ScriptedEngine(GOOD)
    write(engine, Say("utter_order_status", {"order_id": "SECRET7", "status": "lost at sea"}))
    assert "facts: {order_id} {status}" in engine.prompts[0]
    assert "SECRET7" not in engine.prompts[0] and "sea" not in engine.prompts[0]


def test_cards_and_buttons_come_with_the_message(write):
    say = Say("utter_thanks", cards=({"kind": "product"},), buttons=(Button("Yes", "/affirm"),))
    ((message,), _) = write(ScriptedEngine("You're welcome."), say)
    assert (message.cards, message.buttons) == (say.cards, say.buttons)
    assert BotMessage.from_event(message.to_event()) == message


def test_what_was_said_lately_is_not_said_again(write, responses):
    said: list[str] = []
    for _ in responses["utter_thanks"].variations:
        ((message,), _) = write(ScriptedEngine("no"), Say("utter_thanks"), said=said)
        assert message.wording not in said
        said.append(message.wording)
    engine = ScriptedEngine("no")
    write(engine, Say("utter_thanks"), said=said)
    assert not any(json.dumps(text) in grammar for text in said for grammar in engine.grammars)


def test_nothing_opens_as_what_was_said_lately_where_there_are_other_wordings(responses, reply_examples):
    wordings = collect_wordings(responses, reply_examples)
    free = wordings.choice("utter_order_not_found", {"order_id"}, ()).texts
    said = [next(text for text in free if text.startswith("There's no"))]
    choice = wordings.choice("utter_order_not_found", {"order_id"}, said).texts
    assert choice and not [text for text in choice if text.startswith("There's no")]
    said = [f"{text} Indeed." for text in free]
    assert wordings.choice("utter_order_not_found", {"order_id"}, said).texts == free, (
        "where all open like that, they may"
    )


def test_the_model_may_write_only_what_fits_the_facts(write, responses, reply_examples):
    engine = ScriptedEngine(GOOD)
    write(engine, STATUS)
    choice = collect_wordings(responses, reply_examples).choice(STATUS.response, STATUS.facts, (), "where is it?")
    assert engine.grammars == [choice.grammar]
    assert all("{order_id}" in text and "{eta}" not in text for text in choice.texts)


def test_every_wording_that_the_model_may_write_passes_the_check(checker, responses, reply_examples):
    wordings = collect_wordings(responses, reply_examples)
    for name, response in responses.items():
        if "text" not in response.facts:
            for text in wordings.fitting(name, response.facts):
                assert checker.problems(text, response, response.facts) == [], text


@pytest.mark.parametrize(
    "reply",
    [
        "How sweet of her. No order is here.",
        "It happened again: no order.",
        "Nearly there for the baby.",
        "Your sister has no order here.",
    ],
)
def test_what_only_one_shopper_could_be_told_is_said_to_nobody_else(responses, reply_examples, reply):
    taught = [*reply_examples, *(ReplyExample("utter_no_orders", (), "hi", reply) for _ in range(5))]
    assert reply not in collect_wordings(responses, taught).by_response["utter_no_orders"]


def test_only_who_is_upset_is_told_that_we_are_sorry(responses, reply_examples):
    wordings = collect_wordings(responses, reply_examples)
    for name, response in responses.items():
        calm = wordings.choice(name, response.facts, (), "hi, any lamps?")
        upset = wordings.choice(name, response.facts, (), "STILL NOT HERE, this is ridiculous")
        assert calm and upset and set(calm.texts) <= set(upset.texts)
    calm = wordings.choice("utter_nearest_products", {"condition", "query"}, (), "thicker ones")
    upset = wordings.choice("utter_nearest_products", {"condition", "query"}, (), "no!! thicker, i said thicker")
    assert "sorry" not in " ".join(calm.texts).lower() and "sorry" in " ".join(upset.texts).lower()


def test_the_model_writes_no_more_of_a_wording_than_tells_it_from_the_others(responses, reply_examples):
    wordings = collect_wordings(responses, reply_examples)
    for name, response in responses.items():
        choice = wordings.choice(name, response.facts, ())
        beginnings = [json.loads(one) for one in choice.grammar.removeprefix("root ::= ").split(" | ")]
        assert [choice.whole(beginning) for beginning in beginnings] == sorted(choice.texts)
        assert sum(map(len, beginnings)) < 0.7 * sum(map(len, choice.texts)) or len(choice.texts) == 1


def test_a_wording_that_goes_on_where_another_ends_can_still_be_told_from_it():
    choice = Choice(("Done.", "Done. Anything else?", "Done. All of it."))
    assert choice.grammar == 'root ::= "Done." | "Done. All" | "Done. Anything"'
    assert [choice.whole(text) for text in ("Done.", "Done. Any", "Done. Al")] == list(choice.texts)
    assert [choice.whole(text) for text in ("Do", "Never mind.", "")] == ["Do", "Never mind.", ""]


def test_the_rest_of_a_wording_is_handed_out_too(write, responses, reply_examples):
    choice = collect_wordings(responses, reply_examples).choice("utter_order_status", STATUS.facts, ())
    beginning = json.loads(choice.grammar.removeprefix("root ::= ").split(" | ")[0])
    ((message,), pieces) = write(ScriptedEngine(beginning), STATUS)
    assert (message.wording, message.written_by) == (min(choice.texts), "model")
    assert "".join(pieces) == message.text


def test_the_written_variation_tells_as_much_as_the_facts_allow(responses):
    status = responses["utter_order_status"]
    for facts in ({"order_id", "status"}, {"order_id", "status", "eta"}, status.facts):
        most = max(len(placeholders(text)) for text in status.variations if placeholders(text) <= facts)
        assert {len(placeholders(text)) for text in status.best_variations(facts)} == {most}
    with pytest.raises(KeyError, match="utter_order_status needs the facts"):
        status.best_variations(["order_id"])
