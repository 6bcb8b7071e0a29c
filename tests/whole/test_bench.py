"""`aisle bench`: shoppers at once on the real assistant, and the tables and the picture of what was measured."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from assistant.assembly import assemble
from assistant.bench.conversations import load_talk, messages_of
from assistant.bench.engine_run import CountingEngine, Level, Played, play, spread
from assistant.bench.page import draw, page
from assistant.bench.plain import write_whole_replies
from assistant.bench.steps import Steps, shared_tokens
from assistant.cli import build_parser
from assistant.settings import Settings
from tests.intents.test_recogniser import DeadEngine

STEPS = Steps(9.0, 144_811_200, 60.0, 80.0, 20.0, 0.25)


def test_each_shopper_says_something_else():
    talk = load_talk()
    said = [messages_of(talk, shopper, 64, 3) for shopper in range(64)]
    assert all(len(one) == 3 for one in said)
    assert len({tuple(one) for one in said}) == 64
    assert messages_of(talk, 0, 1, 500) and load_talk() == talk


def test_shoppers_at_once_are_timed_by_stage_and_their_tokens_counted(demo_shop, engine):
    counting = CountingEngine(engine)
    assistant = assemble(Settings(index=False), demo_shop, counting)
    level = play(assistant, counting, load_talk(), 3, 2, "timed")
    assert len(level.stages["turn"]) == len(level.stages["reply"]) == 6
    assert all(part < whole for part, whole in zip(level.stages["understand"], level.stages["turn"], strict=True))
    assert level.tokens == counting.tokens > 6 and not level.failures
    record = level.record()
    assert record["turns"] == 6 and record["turns_per_s"] == pytest.approx(6 / level.seconds, abs=0.01)


def test_the_plain_baseline_says_the_same_and_writes_it_to_its_end(demo_shop, engine):
    said, tokens = {}, {}
    for name in ("short", "plain"):
        counting = CountingEngine(engine)
        assistant = assemble(Settings(index=False), demo_shop, counting)
        if name == "plain":
            write_whole_replies(assistant)
        said[name] = [message.text for message in assistant.handle(f"{name}-1", "/greet")]
        tokens[name] = counting.tokens
    assert said["plain"] == said["short"] and tokens["plain"] > tokens["short"] > 0


def test_a_shopper_who_types_has_the_next_prompt_read_ahead_and_the_pause_uncounted(demo_shop, engine):
    asked: list[str] = []

    class Ahead(CountingEngine):
        def read_ahead(self, beginning):
            asked.append(beginning)

    counting = CountingEngine(Ahead(engine))
    level = play(assemble(Settings(index=False), demo_shop, counting), counting, load_talk(), 1, 2, "typing", 5.0)
    assert len(asked) == 2 and level.record()["pause_s"] == 5
    assert level.seconds > 10 > sum(level.stages["turn"])


def test_what_the_engine_failed_to_read_is_counted(demo_shop):
    dead = CountingEngine(DeadEngine())
    level = play(assemble(Settings(index=False), demo_shop, dead), dead, load_talk(), 1, 2, "dead")
    assert len(level.failures) == 2


def test_a_cache_saves_the_whole_blocks_that_an_earlier_prompt_begins_with():
    assert shared_tokens([[1, 2, 3, 4], [1, 2, 3, 5], [9, 2, 3, 4]], block=2) == 2 / 12
    assert shared_tokens([[1, 2, 3], [1, 2, 3]], block=4) == 0


def test_the_median_and_the_95th_percentile():
    assert spread([1.0]) == {"median": 1.0, "p95": 1.0}
    assert spread([float(one) for one in range(101)]) == {"median": 50.0, "p95": 95.0}


def test_the_page_holds_the_engines_beside_each_other_and_the_distance_to_the_memory(demo_shop, engine, tmp_path):
    counting = CountingEngine(engine)
    level = play(assemble(Settings(index=False), demo_shop, counting), counting, load_talk(), 1, 2, "page")
    played = {name: Played(name, "m", 3.0, [level], None, 900, STEPS).record() for name in ("openvino", "transformers")}
    server = {"start_s": 6.0, "mib": 700, "after_mib": 800, "peak_mib": 900}
    record = {"engines": played, "server": server, "memory_gib_per_s": 20.0, "device": "2 cores", "load_before": 0.1}
    record["commit"] = "abc"
    written = page(json.loads(json.dumps(record)))
    assert "| openvino | 2 |" in written and "| transformers | 2 |" in written and "| 1.0 |  |" in written
    assert "| a token: measured, at the memory's limit | 9.0 / 6.7 ms |" in written
    assert "| distance to that limit | 1.33 times |" in written
    draw(tmp_path / "bench.png", record)
    assert (tmp_path / "bench.png").stat().st_size > 10_000


def test_an_engine_is_held_against_a_baseline_by_the_messages_that_both_played():
    def played(*seconds):
        stages = {stage: list(seconds) for stage in ("understand", "act", "first_words", "reply", "turn")}
        level = Level(1, 0.0, 9.0, 9.0, 9, stages, ())
        return Played("e", "m", 3.0, [level], replace(level, pause_s=1.0), 900, STEPS).record()

    engines = {"openvino": played(1.0, 2.0, 3.0, 90.0, 90.0), "transformers": played(8.0, 10.0, 12.0)}
    server = {"start_s": 6.0, "mib": 700, "after_mib": 800, "peak_mib": 900}
    record = {"engines": engines, "server": server, "memory_gib_per_s": 20.0, "device": "2 cores", "load_before": 0.1}
    lines = [line for line in page(record | {"commit": "abc"}).splitlines() if line.startswith("| openvino")]
    assert [line.split(" | ")[7] for line in lines] == ["5.0", "5.0"]
    assert lines[1].startswith("| openvino, typing 1 s | 5 | ")


@pytest.mark.parametrize("wrong", [["--shoppers", "0"], ["--shoppers", "x"], ["--engines", "gpt"], ["--repeat", "0"]])
def test_a_wrong_number_or_an_unknown_engine_is_wrong_usage(wrong, capsys):
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args(["bench", *wrong])
    assert left.value.code == 2 and "invalid" in capsys.readouterr().err


def test_a_bench_that_is_told_to_end_leaves_no_server_behind(tmp_path):
    settings = os.environ | {"AISLE_DATABASE_URL": f"sqlite:///{tmp_path}/shop.db", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "assistant", "bench", "load", "--shoppers", "1", "--out", str(tmp_path)]
    process = subprocess.Popen(command, env=settings, start_new_session=True)
    deadline = time.monotonic() + 120
    servers: list[psutil.Process] = []
    while not servers and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
        children = psutil.Process(process.pid).children(recursive=True)
        servers = [one for one in children if "spawn_main" in " ".join(one.cmdline())]
    assert servers, "it started no server"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert not psutil.wait_procs(servers, timeout=10)[1]
