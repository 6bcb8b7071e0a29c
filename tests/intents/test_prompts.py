"""The prompt: short, in one fixed form, and nothing that a shopper types can pass for the chat format's marks."""

from hypothesis import given
from hypothesis import strategies as st

from intents.context import Context
from intents.prompts import END, START, chat_prompt, clip, plain, understand_beginning, understand_prompt

marked = st.text(st.sampled_from(list("<|>imstartend_ \n\u200b\x00a")))


def test_a_first_message_is_a_short_prompt():
    prompt = understand_prompt("hi  there\n", Context())
    assert prompt == (
        "<|im_start|>system\nunderstand<|im_end|>\n<|im_start|>user\nsays: hi there<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_context_stands_before_the_message():
    context = Context("Which\norder?", "track_order", "order_id", ("Oak Desk", "Elm Desk"))
    body = understand_prompt("the last", context).split("user\n")[1]
    assert body.startswith(
        "bot: Which order?\ntask: track_order\nasked: order_id\nshown: Oak Desk | Elm Desk\nsays: the last" + END
    )


def test_of_a_long_reply_the_end_is_kept_and_of_many_names_the_first():
    context = Context("x" * 500 + " Which one?", shown=tuple(f"{number} {'n' * 90}" for number in range(20)))
    lines = understand_prompt("this", context).splitlines()
    bot, shown = (next(line for line in lines if line.startswith(key)) for key in ("bot: ", "shown: "))
    assert bot.endswith("x Which one?") and len(bot) == 165
    names = shown.removeprefix("shown: ").split(" | ")
    assert [name[0] for name in names] == list("012345") and {len(name) for name in names} == {60}


@given(st.text() | marked, st.text() | marked, st.text() | marked)
def test_no_words_of_anybody_can_end_a_turn_or_start_one(text, bot, name):
    prompt = understand_prompt(text, Context(bot=bot, task=bot, asked=name, shown=(name,)))
    assert (prompt.count(START), prompt.count(END)) == (3, 2)
    assert prompt.count("\nsays: ") == 1 and prompt.splitlines()[-1] == START + "assistant"


@given(st.text() | marked, st.text() | marked, st.none() | st.text() | marked)
def test_what_is_known_before_a_message_begins_its_prompt(text, bot, asked):
    context = Context(bot=bot, asked=asked)
    beginning = understand_beginning(context)
    assert beginning.endswith("says:") and understand_prompt(text, context).startswith(f"{beginning} ")


@given(st.text() | marked)
def test_plain_text_is_one_printable_line(text):
    line = plain(text)
    assert line.isprintable() and "<|" not in line and "|>" not in line and line == plain(line)


@given(st.text(max_size=3000))
def test_a_long_message_keeps_its_head_and_its_tail(text):
    kept = clip(text)
    assert len(kept) <= 703
    assert kept == text or (text.startswith(kept[:200]) and text.endswith(kept[-500:]))


def test_the_task_stands_in_the_system_line():
    assert chat_prompt("reply", "x").startswith(f"{START}system\nreply{END}\n")
