"""The real engine is changed under real turns: none fails, and the old one's memory and thread are given back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from assistant.assembly import assemble
from assistant.conversations import read_events
from assistant.settings import SHIPPED_ADAPTER, Settings
from assistant.versions.live import LiveModel
from assistant.versions.opening import open_live, registry_of


def engines() -> int:
    return sum(thread.name == "openvino" for thread in threading.enumerate())


def test_a_promotion_under_way_turns_loses_none(demo_shop, tmp_path):
    settings = Settings(index=False, versions=tmp_path / "models")
    registry = registry_of(settings)
    registry.add(SHIPPED_ADAPTER, "tess", "the shipped one again, under another name")
    before = engines()
    opened = open_live(settings)
    assistant = assemble(opened.settings, demo_shop, opened.engine)
    del opened
    live = LiveModel(settings, registry, assistant, "shipped")

    def shopper(number: int) -> list[str]:
        answers = [assistant.handle(f"changing {number}", words) for words in ("hello", "thanks a lot", "bye for now")]
        return [answer[0].response for answer in answers]

    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(shopper, number) for number in range(3)]
        registry.promote("v001", "tess", "a test")
        live.follow()
        assert {tuple(one.result()) for one in answers} == {("utter_greet", "utter_thanks", "utter_goodbye")}
    assert assistant.handle("changing 9", "hello")[0].response == "utter_greet"
    with assistant.database.reading() as session:
        models = [
            one["parse_data"]["model"]
            for number in (0, 1, 2, 9)
            for one in read_events(session, f"changing {number}")
            if one["event"] == "user"
        ]
    assert len(models) == 10 and "+v001@" in models[-1]
    assert all("+shipped@" in model or "+v001@" in model for model in models), "none was read without a model"
    end = time.monotonic() + 30
    while engines() > before + 1:
        assert time.monotonic() < end, "the old engine is still there"
        time.sleep(0.05)
