"""The engine openai against real servers: transformers' own, and llama.cpp's where it is installed."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec

import httpx
import pytest

from assistant.engines.openai import ModelServer, OpenAiEngine
from finetune.base_model import load_tokenizer
from intents.catalogue import load_catalogue
from intents.commands import parse_commands
from intents.engine import EngineError
from intents.grammar import command_grammar
from tests.finetune.conftest import tiny_llama

LLAMA_CPP = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port, params.verbosity = sys.argv[1], int(sys.argv[2]), 0
server = xllamacpp.Server(params)
time.sleep(3600)
"""
START_S = 300.0  # limit; importing torch takes most of it where other work runs beside
PROMPT = "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"


@contextmanager
def running(*command):
    """A server process at a free port, which stands for {port} in the command; gives its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        [one.format(port=port) for one in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}/v1"
        wait_until_up(process, url)
        yield url
    finally:
        process.kill()
        process.wait()


def wait_until_up(process, url):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            if httpx.get(url, timeout=5).status_code != 503:  # whatever else it says of this page, it is up
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the server did not come up")


def engine(url, model, grammar):
    return OpenAiEngine(ModelServer(url, str(model), None, grammar, timeout_s=60, retries=0))


def test_it_writes_what_the_model_behind_the_server_writes(base, tmp_path):
    """`transformers serve`, which takes no grammar and gives no log-probabilities."""
    import torch

    tokenizer = load_tokenizer(base)
    model = tiny_llama(len(tokenizer)).eval()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    ids = tokenizer(PROMPT, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        written = model.generate(ids, max_new_tokens=6, do_sample=False)[0, ids.shape[1] :]
    expected = tokenizer.decode(written, skip_special_tokens=True).strip()
    serve = (sys.executable, "-m", "transformers.cli.transformers", "serve", str(tmp_path), "--device", "cpu")
    with running(*serve, "--port", "{port}") as url:
        asking = engine(url, tmp_path, None)
        pieces: list[str] = []
        whole, streamed = (
            asking.generate([PROMPT], max_tokens=6),
            asking.generate([PROMPT], max_tokens=6, on_text=pieces.append),
        )
        with pytest.raises(EngineError, match="AISLE_OPENAI_MODEL"):
            engine(url, "no such model", None).generate([PROMPT])
    assert whole[0].text == streamed[0].text == "".join(pieces) == expected
    with pytest.raises(EngineError, match="No answer"):
        asking.generate([PROMPT])


def test_it_decodes_under_the_grammar_on_llama_cpp(base):
    if find_spec("xllamacpp") is None:
        pytest.skip("llama.cpp's server is not installed: pip install 'aisle[llama-cpp]'")
    with running(sys.executable, "-c", LLAMA_CPP, str(base), "{port}") as url:
        asking = engine(url, "base", "llama.cpp")
        pieces: list[str] = []
        (written,) = asking.generate([PROMPT], grammar='root ::= "zebra"')
        (streamed,) = asking.generate([PROMPT], grammar='root ::= "a zebra"', on_text=pieces.append)
        (command,) = asking.generate([PROMPT], grammar=command_grammar(load_catalogue()), max_tokens=40)
    assert written.text == "zebra" and written.finished and written.logprobs[0] < -5
    assert streamed.text == "".join(pieces) == "a zebra" and len(streamed.ends) == len(streamed.logprobs) > 1
    assert not command.finished or parse_commands(command.text)
