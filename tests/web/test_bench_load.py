"""`aisle bench load`: what shoppers at once over HTTP meet is counted, refusals apart from errors."""

import asyncio
import json
import time

from scripted_assistant import ScriptedAssistant, ShopSettings, serving

from assistant.bench.load import Load, growth_percent, load_page, play
from assistant.cli import build_parser
from assistant.web.app import create_app

SLOW_S = 0.05


class SlowAssistant(ScriptedAssistant):
    def handle(self, *asked, **more):
        time.sleep(SLOW_S)
        return super().handle(*asked, **more)


def loaded(assistant, shoppers, seconds, **settings):
    app = create_app(assistant, lambda product: None, ShopSettings(**settings), "a shop")
    with serving(app) as url:
        return asyncio.run(play(url, shoppers, seconds, 0.0, lambda: 100))


def test_every_answer_is_timed_and_each_shopper_talks_by_themselves():
    assistant = SlowAssistant()
    load = loaded(assistant, 3, 2.0)  # long enough for two rounds on a busy machine
    assert len(load.taken) == len(assistant.said) >= 6 and min(load.taken) >= SLOW_S
    assert len({sender for sender, _, _ in assistant.said}) >= 3
    assert not load.errors and not load.refused


def test_what_is_refused_is_counted_and_sent_again_with_the_same_id():
    assistant = SlowAssistant()
    load = loaded(assistant, 4, 2.3, most_turns=1)
    ids = [message_id for _, _, message_id in assistant.said]
    assert load.refused["503"] >= 3 and len(ids) == len(set(ids)) == len(load.taken)
    assert not load.errors


def test_a_turn_that_breaks_is_an_error_and_no_answer():
    assistant = ScriptedAssistant()
    assistant.failures_to_come = 2
    load = loaded(assistant, 1, 0.3)
    assert load.errors == {"500": 2} and len(load.taken) == len(assistant.said)


def test_growth_is_what_comes_after_the_warm_up():
    assert growth_percent([50, *[100] * 10]) == 0.0
    assert growth_percent([*[100] * 5, *[110] * 5]) == 10.0
    assert growth_percent([100, 200]) is None


def test_the_page_has_a_row_for_each_number_of_shoppers():
    busy = Load(200, 10.0, [0.5, 1.0], memory=[900, 905])
    busy.refused.update({"503": 7})
    record = {"levels": [busy.record()], "pause_s": 0.0, "device": "2 cores", "commit": "abc"}
    assert "| 200 | 10 | 2 | 0.2 | 0.75 / 0.97 | 7 | 0 | 0 | 900 / 905 |  |" in load_page(
        json.loads(json.dumps(record))
    )


def test_a_soak_is_told_in_minutes():
    options = build_parser().parse_args(["bench", "load", "--soak-minutes", "30", "--shoppers", "8"])
    assert (options.what, options.soak_minutes, options.shoppers) == ("load", 30, [8])
