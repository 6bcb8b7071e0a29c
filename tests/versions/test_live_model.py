"""A running assistant changes its model between turns: none fails, each is of one model, the old one is let go."""

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from assistant.conversations import read_events
from assistant.server import open_model
from assistant.versions.candidate import CandidateModel
from assistant.versions.live import LiveModel
from assistant.versions.opening import open_live, registry_of
from intents.catalogue import load_catalogue
from intents.confidence import Thresholds
from intents.engine import EngineError
from intents.recogniser import Recogniser
from intents.tuning import Tuning, write_tuning
from tests.versions.shop_with_engine import VersionEngine, assistant_of, settings_of


@pytest.fixture(scope="module")
def shop_assistant(new_database, tmp_path_factory):
    """Assembled once: most of its second goes into reading the content."""
    settings = settings_of(tmp_path_factory.mktemp("shop"), new_database("sqlite"))
    made = assistant_of(settings, VersionEngine("none yet", []))
    yield made
    made.database.close()


@pytest.fixture
def settings(tmp_path, shop_assistant):
    return settings_of(tmp_path, shop_assistant.database)


@pytest.fixture
def closed():
    return []


@pytest.fixture
def opens(closed):
    """Opens a stand-in engine of the version that the settings name; "broken" and "cut short" cannot be opened."""

    def open_engine(settings):
        name = settings.adapter.name if settings.adapter else "shipped"
        weights = (settings.adapter / "adapter_model.safetensors").read_text("utf-8") if settings.adapter else ""
        if weights == "broken":
            raise EngineError("it is broken")
        if weights == "cut short":
            raise ValueError("header too short")  # a library's own error, as of safetensors
        return VersionEngine(name, closed, takes_s=0.003)

    return open_engine


@pytest.fixture
def assistant(settings, opens, shop_assistant):
    engine, catalogue = opens(settings), shop_assistant.recogniser.catalogue
    writer = replace(shop_assistant.writer, engine=engine)
    shop_assistant.change_model(Recogniser(engine, catalogue), shop_assistant.interpreter, writer)
    return shop_assistant


def models_of(assistant, sender):
    with assistant.database.reading() as session:
        return [one["parse_data"]["model"] for one in read_events(session, sender) if one["event"] == "user"]


def until(is_so):
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_turns_at_once_lose_nothing_while_the_model_changes(settings, opens, assistant, trained, closed):
    registry = registry_of(settings)
    for weights in ("one", "two"):
        registry.add(trained(weights), "tess")
    live = LiveModel(settings, registry, assistant, "shipped", opens)
    changes = [
        lambda: registry.promote("v001", "t"),
        lambda: registry.promote("v002", "t"),
        lambda: registry.roll_back("t"),
    ]

    def shopper(number):
        for message in range(12):
            assert assistant.handle(f"shopper {number}", f"hello {message}")[0].text

    with ThreadPoolExecutor(6) as pool:
        shoppers = [pool.submit(shopper, number) for number in range(6)]
        for change in changes:
            time.sleep(0.03)
            change()
            live.follow()
        for one in shoppers:
            one.result()
    assert assistant.handle("last", "hello") and models_of(assistant, "last") == ["v001"]
    seen = [models_of(assistant, f"shopper {number}") for number in range(6)]
    assert [len(one) for one in seen] == [12] * 6
    assert {model for one in seen for model in one} <= {"shipped", "v001", "v002"}, "none was read without its model"
    until(lambda: sorted(closed) == ["shipped", "v001", "v002"])
    assert live.serving == "v001" and live.problem is None


def test_a_turn_keeps_the_model_that_it_began_with(settings, assistant, closed):
    old = assistant.recogniser.engine
    old.hold = threading.Event()
    new = VersionEngine("new", closed)
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(assistant.handle, "mia", "hello")
        until(lambda: old.asked == ["read"])
        recogniser = Recogniser(new, assistant.recogniser.catalogue)
        assistant.change_model(recogniser, assistant.interpreter, replace(assistant.writer, engine=new))
        old.hold.set()
        assert turn.result()
    assert old.asked[0] == "read" and set(old.asked[1:]) == {"word"} and new.asked == []
    assistant.handle("mia", "hello again")
    assert new.asked[0] == "read" and models_of(assistant, "mia") == ["shipped", "new"]


def test_a_version_comes_with_the_thresholds_that_were_chosen_for_it(settings, opens, assistant, trained):
    registry = registry_of(settings)
    version = registry.add(trained("one"), "tess")
    write_tuning(version.adapter / "tuning.json", Tuning(thresholds=Thresholds(0.7, 0.1)), {})
    registry.promote("v001", "tess")
    LiveModel(settings, registry, assistant, "shipped", opens).follow()
    assert assistant.interpreter.thresholds == assistant.recogniser.tuning.thresholds == Thresholds(0.7, 0.1)


def test_what_cannot_be_opened_is_not_taken(settings, opens, assistant, trained, closed):
    registry = registry_of(settings)
    registry.add(trained("broken"), "tess")
    live = LiveModel(settings, registry, assistant, "shipped", opens)
    registry.promote("v001", "tess")
    live.follow()
    assert (
        live.serving == "shipped" and "v001 cannot be opened, so shipped goes on serving: it is broken" in live.problem
    )
    assistant.handle("kim", "hello")
    assert models_of(assistant, "kim") == ["shipped"] and closed == []
    registry.roll_back("tess")
    live.follow()
    assert live.problem is None


def test_a_change_made_by_another_process_is_seen(settings, opens, assistant, trained, monkeypatch):
    monkeypatch.setattr("assistant.versions.live.LOOK_EVERY_S", 0.02)
    registry = registry_of(settings)
    live = LiveModel(settings, registry, assistant, "shipped", opens).start()
    registry_of(settings).add(trained("one"), "tess")
    registry_of(settings).promote("v001", "tess")
    until(lambda: live.serving == "v001")
    live.stop()


def test_what_goes_live_while_a_server_starts_is_served_as_well(settings, opens, assistant, trained, monkeypatch):
    monkeypatch.setattr("assistant.versions.live.LOOK_EVERY_S", 0.02)
    registry = registry_of(settings)
    registry.add(trained("one"), "tess")
    opened = open_live(settings, opens)
    registry.promote("v001", "tess")  # the rest of the server is still being made
    live = LiveModel(settings, registry, assistant, opened.version, opens).start()
    until(lambda: live.serving == "v001")
    live.stop()


def test_a_server_that_met_a_version_it_cannot_open_still_sees_the_next(
    settings, opens, assistant, trained, monkeypatch
):
    monkeypatch.setattr("assistant.versions.live.LOOK_EVERY_S", 0.02)
    registry = registry_of(settings)
    for weights in ("cut short", "two", "three"):
        registry.add(trained(weights), "tess")
    live = LiveModel(settings, registry, assistant, "shipped", opens).start()
    registry.promote("v001", "tess")
    until(lambda: "v001 cannot be opened" in (live.problem or ""))
    registry.promote("v002", "tess")
    until(lambda: live.serving == "v002")
    gone = registry.version("v003").adapter
    registry.promote("v003", "tess")
    shutil.rmtree(gone)
    registry.promote("v002", "tess")
    until(lambda: live.serving == "v002" and live.problem is None)
    live.stop()


def test_a_server_starts_with_the_live_version(settings, opens, trained):
    assert open_live(settings, opens).version == "shipped"
    registry = registry_of(settings)
    version = registry.add(trained("one"), "tess")
    registry.promote("v001", "tess")
    opened = open_live(settings, opens)
    assert (opened.version, opened.engine.model, opened.settings.adapter) == ("v001", "v001", version.adapter)
    assert open_live(settings.model_copy(update={"engine": "openai"}), opens).version == "shipped"


@pytest.mark.parametrize("fault", ["broken", "cut short", "its tuning is cut short", "its folder is away"])
def test_a_server_starts_even_if_the_live_version_is_broken(settings, opens, trained, caplog, fault):
    version = registry_of(settings).add(trained(fault), "tess")
    registry_of(settings).promote("v001", "tess")
    if fault == "its tuning is cut short":
        (version.adapter / "tuning.json").write_text('{"fusion"', "utf-8")
    if fault == "its folder is away":
        shutil.rmtree(version.adapter)
    assert open_live(settings, opens).version == "shipped"
    assert "v001 is live and cannot be opened" in caplog.text


def test_the_examples_are_read_beside_the_engine_that_opens_and_are_those_of_the_version_that_does(
    settings, opens, trained, monkeypatch
):
    read, opened = [], []
    reading = threading.Event()

    def open_index(chosen, catalogue):
        read.append(chosen.adapter)
        reading.set()

    def open_engine(chosen):
        assert reading.wait(10), "the examples were to be read meanwhile"
        reading.clear()
        opened.append(chosen.adapter)
        return opens(chosen)

    monkeypatch.setattr("assistant.server.open_engine", open_engine)
    monkeypatch.setattr("assistant.server.open_index_soon", open_index)
    broken = registry_of(settings).add(trained("broken"), "tess").adapter
    registry_of(settings).promote("v001", "tess")
    settings = settings.model_copy(update={"index": True})
    found, recogniser = open_model(settings)
    assert found.version == "shipped" and recogniser.index is None
    assert read == opened == [broken, settings.adapter]


def test_the_newest_candidate_is_opened_when_asked_for_and_let_go_when_nobody_asks(
    settings, opens, trained, closed, monkeypatch
):
    monkeypatch.setattr("assistant.versions.candidate.IDLE_S", 0.3)
    registry = registry_of(settings)
    candidate = CandidateModel(settings, load_catalogue(), opens)
    assert candidate() is None
    for weights in ("one", "two"):
        registry.add(trained(weights), "tess")
        assert candidate().engine.model == registry.versions()[0].name == candidate().engine.model
    registry.promote("v002", "tess", "why not")
    assert candidate().engine.model == "v001", "what is live is no candidate"
    until(lambda: sorted(closed) == ["v001", "v001", "v002"])
