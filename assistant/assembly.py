"""Put the assistant together from its settings: content, shop, engine, rooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rasa_sdk.executor import ActionExecutor
from ruamel.yaml import YAML
from sqlalchemy import select

from assistant.actions import register
from assistant.actions.base import Shop, open_shop
from assistant.engines import open_engine
from assistant.engines.time_limit import TimeLimitedEngine
from assistant.settings import Settings
from assistant.store import Database, Product
from assistant.tokens import open_tokens
from assistant.turns import Assistant
from assistant.understanding import open_recogniser
from dialogues import content as files
from dialogues.checker import Checker, build_checker
from dialogues.flows import Flow, load_accepts, load_flows
from dialogues.interpret import Interpreter
from dialogues.manager import Manager
from dialogues.messages import BotMessage, Button
from dialogues.replies import ReplyWriter
from dialogues.reply_examples import load_reply_examples
from dialogues.responses import Response, load_responses
from dialogues.wording import Wordings, collect_wordings
from intents.catalogue import load_catalogue
from intents.engine import Engine
from intents.recogniser import Recogniser


@dataclass(frozen=True)
class Content:
    """What is said and done, from the files and the shop's names: all of an assistant but its model."""

    responses: Mapping[str, Response]
    executor: ActionExecutor
    flows: Mapping[str, Flow]
    accepts: Mapping[str, str]
    checker: Checker
    wordings: Wordings


@dataclass(frozen=True)
class Voice:
    """Who is speaking, from dialogues/voice.yml."""

    shop: str
    greeting: BotMessage
    busy: str  # while too many write at once
    colleague_joins: str  # what the shopper reads when a person takes over
    colleague_leaves: str
    canned: tuple[str, ...]  # what staff may send


def open_assistant(settings: Settings) -> Assistant:
    """The assistant, ready to answer.

    Raises DatabaseNotReady, EngineError and BadCalibration, each saying what helps.
    """
    shop = open_shop(settings)
    shop.database.check()
    return assemble(settings, shop, open_engine(settings))


def load_content(shop: Shop) -> Content:
    """Raises BadResponses, BadFlows and the like, each saying where a file is wrong."""
    responses = load_responses()
    replies = load_reply_examples(responses)
    executor = ActionExecutor()
    register(executor, shop)
    flows = load_flows(executor.actions.keys(), responses.keys())
    checker = build_checker(responses.values(), replies, names_in(shop.database))
    wordings = collect_wordings(responses, replies)
    return Content(responses, executor, flows, load_accepts(flows, responses), checker, wordings)


def assemble(
    settings: Settings,
    shop: Shop,
    engine: Engine,
    recogniser: Recogniser | None = None,
    content: Content | None = None,
) -> Assistant:
    """The assistant over a shop and an engine that are open already; and over a recogniser with that engine and the
    shop's content, where they are open too."""
    if recogniser is None:
        limited = TimeLimitedEngine(engine, settings.understand_limit_s)
        recogniser = open_recogniser(settings, load_catalogue(), limited)
    content = content or load_content(shop)
    catalogue, thresholds, voice = recogniser.catalogue, recogniser.tuning.thresholds, load_voice()
    limited = TimeLimitedEngine(engine, settings.reply_limit_s)
    return Assistant(
        shop.database,
        recogniser,
        Interpreter(content.flows, catalogue, thresholds, settings.drop_below, content.accepts),
        Manager(content.flows),
        ReplyWriter(limited, content.responses, content.checker, content.wordings, {"shop": voice.shop}),
        content.executor,
        voice.greeting,
        settings.max_message_chars,
        settings.remember_views,
        open_tokens(settings),
    )


def names_in(database: Database) -> list[str]:
    """Brand and product names, which only SQL may put into a reply."""
    with database.reading() as session:
        names = session.scalars(select(Product.name).distinct()).all()
        brands = session.scalars(select(Product.brand).distinct()).all()
    return [name for name in (*names, *brands) if name]


def load_voice() -> Voice:
    data = YAML(typ="safe").load((files / "voice.yml").read_text("utf-8"))
    starters = tuple(Button(one["title"], one["payload"]) for one in data["starters"])
    greeting = BotMessage(data["greeting"], "utter_greet", buttons=starters)
    return Voice(
        data["shop"], greeting, data["busy"], data["colleague_joins"], data["colleague_leaves"], tuple(data["canned"])
    )
