"""The prompt by which the model is asked to understand a message.

The adapter tells its two tasks apart by the system line ("understand" here, "reply" in dialogues.replies). The fixed
part stands first so that the engine's prefix cache holds it, and the prompt is short because training and reading
both cost by the token. The format is ChatML, SmolLM2's own.
"""

from __future__ import annotations

from intents.context import Context

START, END = "<|im_start|>", "<|im_end|>"
LONGEST_BOT, LONGEST_NAME, MOST_NAMES = 160, 60, 6
LONGEST_HEAD, LONGEST_TAIL = 200, 500  # of a message: a long story has its request at the end


def chat_prompt(task: str, body: str) -> str:
    """A complete prompt up to where the model writes."""
    return f"{_chat_beginning(task, body)}{END}\n{START}assistant\n"


def understand_prompt(text: str, context: Context) -> str:
    """The prompt for one shopper message in its context."""
    return chat_prompt("understand", f"{_before(context)} {clip(plain(text))}")


def understand_beginning(context: Context) -> str:
    """The prompt for the next message as far as it is known before the message is."""
    return _chat_beginning("understand", _before(context))


def _chat_beginning(task: str, body: str) -> str:
    return f"{START}system\n{task}{END}\n{START}user\n{body}"


def _before(context: Context) -> str:
    """What the model is told before the message."""
    lines = []
    if context.bot:
        lines.append(f"bot: {plain(context.bot)[-LONGEST_BOT:]}")
    if context.task:
        lines.append(f"task: {plain(context.task)}")
    if context.asked:
        lines.append(f"asked: {plain(context.asked)}")
    if context.shown:
        lines.append("shown: " + " | ".join(plain(name)[:LONGEST_NAME] for name in context.shown[:MOST_NAMES]))
    return "\n".join([*lines, "says:"])


def plain(text: str) -> str:
    """One line of printable text that cannot pass for the chat format's own marks."""
    printable = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.replace("<|", "< |").replace("|>", "| >").split())


def clip(text: str) -> str:
    """At most 700 characters: the head and the tail of a longer text."""
    if len(text) <= LONGEST_HEAD + LONGEST_TAIL:
        return text
    return f"{text[:LONGEST_HEAD]} … {text[-LONGEST_TAIL:]}"
