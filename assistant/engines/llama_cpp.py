"""llama.cpp in this process, on the same merged GGUF file as OpenVINO: to measure beside it, and for other processors.

xllamacpp's server batches the requests of all threads, a token each a step (continuous batching). Each is read in a
slot, which keeps what was read in it; a prompt goes to the slot that has most of its beginning. Never imports torch."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import xllamacpp

from assistant.engines.gbnf import to_gbnf
from assistant.engines.pieces import Pieces, ends
from intents.engine import Completion, EngineError, OnText

SLOTS = 64  # requests under way; more wait
CONTEXT_TOKENS = 8192  # of all slots together, SmolLM2's context, in 100 MB
BATCH_TOKENS = 1024  # read in one step: a batch of eight understand prompts
PLAIN_SAMPLING = {"top_k": 0, "top_p": 1.0, "min_p": 0.0}  # temperature alone, as with the other engines
ENDED = "stop"  # why a text that its writer ended stops


class LlamaCppEngine:
    """`intents.engine.Engine` on the CPU with llama.cpp. Safe to call from many threads."""

    name = "llama.cpp"

    def __init__(self, weights: Callable[[], Path], model: str, threads: int):
        """Map a Q8_0 file into memory, in under a second. `weights` gives its path. Raises EngineError."""
        self.model = model
        gguf = weights()
        self._servers = [_open_server(gguf, threads)]  # none once it is closed
        self.weights_bytes = gguf.stat().st_size
        self.close = weakref.finalize(self, self._servers.clear)  # at exit too, before the interpreter is torn down

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: OnText | None = None,
    ) -> list[Completion]:
        """See `intents.engine.Engine`. Log-probabilities are the model's own, before the grammar's mask."""
        request: dict[str, Any] = {
            "n_predict": max_tokens,
            "temperature": temperature,
            "logprobs": 1,
            "stream": on_text is not None,
            **PLAIN_SAMPLING,
        }
        if grammar is not None:
            request["grammar"] = to_gbnf(grammar)
        if len(prompts) == 1:
            return [self._complete(prompts[0], request, on_text)]
        with ThreadPoolExecutor(SLOTS) as pool:
            return list(pool.map(lambda prompt: self._complete(prompt, request, None), prompts))

    def _complete(self, prompt: str, request: dict[str, Any], on_text: OnText | None) -> Completion:
        written = _Written(on_text)
        raised: list[BaseException] = []

        def take(answer: dict[str, Any]) -> bool:
            try:
                return written.add(answer)
            except BaseException as error:  # llama.cpp would only print it
                raised.append(error)
                return True

        if not (servers := list(self._servers)):
            raise EngineError("The engine is closed.")
        servers[0].handle_completions({**request, "prompt": prompt}, take)
        if raised:
            raise raised[0]
        return written.completion()


def _open_server(gguf: Path, threads: int) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(gguf)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.n_parallel = SLOTS
    params.kv_unified = True  # a long prompt may take what short ones leave
    params.n_ctx = CONTEXT_TOKENS
    params.n_batch = BATCH_TOKENS
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_Q8_0  # half of float16, and quicker
    params.cache_ram_mib = 0  # prompts are kept in the slots alone
    params.fit_params = False  # it would look for the memory of a GPU
    params.verbosity = 0
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.n_threads_http = 1
    with tempfile.TemporaryDirectory(prefix="aisle-") as nobodys:
        params.hostnames = [str(Path(nobodys, "llama.sock"))]  # it must listen; on a socket that is gone at once
        try:
            return xllamacpp.Server(params)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"llama.cpp cannot load {gguf}: {error}") from error


class _Written:
    """What has come so far."""

    def __init__(self, on_text: OnText | None):
        self._tokens: list[bytes] = []
        self._logprobs: list[float] = []
        self._pieces = Pieces(_decode, on_text) if on_text is not None else None
        self._reason: str | None = None

    def add(self, answer: dict[str, Any]) -> bool:
        """True when the reader has enough. Raises EngineError, and what the reader raises."""
        if "error" in answer:
            raise EngineError(_told(answer["error"]))
        (choice,) = answer["choices"]
        for token in (choice["logprobs"] or {"content": ()})["content"]:
            self._tokens.append(bytes(token["bytes"]))
            self._logprobs.append(float(token["logprob"]))
        self._reason = choice["finish_reason"] or self._reason
        if self._pieces is None:
            return False
        self._pieces.add(self._tokens)
        return self._pieces.enough

    def completion(self) -> Completion:
        reached = ends(_decode, self._tokens)
        if self._pieces is not None and self._pieces.enough:
            return Completion(self._pieces.text, tuple(self._logprobs), True, reached)
        text = _decode(self._tokens).strip()
        if self._pieces is not None:
            self._pieces.finish(text)
        return Completion(text, tuple(self._logprobs), self._reason == ENDED, reached)


def _told(error: dict[str, Any]) -> str:
    if error.get("type") == "exceed_context_size_error":
        return f"A prompt of {error['n_prompt_tokens']} tokens does not fit; {CONTEXT_TOKENS} do."
    return f"llama.cpp refused the request: {error.get('message')}"


def _decode(tokens: Sequence[bytes]) -> str:
    """Of a special token there are no bytes."""
    return b"".join(tokens).decode("utf-8", "replace")
