"""The serving engine: OpenVINO GenAI on a merged GGUF file. Never imports torch.

Requests of all threads meet in one loop (`_Loop`) that advances them together, a token each a step (continuous
batching), so a batch or many shoppers at once cost little more than one. Prompt prefixes seen before are not read
again. Grammars are compiled once each by the xgrammar inside."""

from __future__ import annotations

import logging
import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from assistant.engines.openvino_model import converted, genai, give_back
from assistant.engines.pieces import Pieces, ends
from assistant.engines.plugin import FEW_SHAPES
from intents.engine import Completion, EngineError, OnText

log = logging.getLogger(__name__)

END = "<|im_end|>"
BLOCK_TOKENS = 32  # of OpenVINO's cache on a CPU
CACHE_BLOCKS = 256  # 8,192 tokens of prompts and answers at once, SmolLM2's context, in 100 MB
BATCH_TOKENS = 1024  # read in one step: a batch of eight understand prompts
READ_AHEAD_AFTER_S = 0.2  # without a request; a turn's reply is asked for sooner than that after its message was read
MOST_READ_AHEAD = 16  # beginnings that wait; of older ones the shopper has come back or gone
SHORT_TOKENS, LONG_TOKENS = 40, 256  # of prompts with which the plugin lays out its weights differently


@dataclass
class _Request:
    """One prompt on its way through the loop; the loop fills `news`, the caller empties it."""

    number: int
    prompt: object  # an openvino.Tensor of token ids, int64 (1, T)
    config: genai.GenerationConfig
    news: queue.SimpleQueue[_News] = field(default_factory=queue.SimpleQueue)
    cancelled: bool = False


@dataclass(frozen=True)
class _News:
    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    last: bool = False
    finished: bool = False  # it ended by itself
    error: str | None = None


class OpenVinoEngine:
    """`intents.engine.Engine` on the CPU with OpenVINO. Safe to call from many threads."""

    name = "openvino"

    def __init__(self, weights: Callable[[], Path], model: str, threads: int):
        """Load a Q8_0 file, in 2 to 4 s. `weights` gives its path, and makes the file anew where it is gone: the
        cache keeps the newest few, and a pipeline that broke is loaded again hours later. Raises EngineError."""
        self.model = model
        gguf = weights()
        try:
            self._loop = _Loop(lambda: _open_pipeline(gguf if gguf.exists() else weights(), threads))
        except RuntimeError as error:
            raise EngineError(f"OpenVINO cannot load {gguf}: {error}") from error
        self.weights_bytes = gguf.stat().st_size
        self._tokenizer = self._loop.tokenizer
        self._end = int(self._tokens(END).data[0][0])
        self._numbers = count()
        self.close = weakref.finalize(self, self._loop.stop)  # at exit too, before the interpreter is torn down

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
        requests = [self._request(prompt, grammar, max_tokens, temperature) for prompt in prompts]
        self._loop.add(requests)
        try:
            return [self._collect(request, on_text) for request in requests]
        finally:
            for request in requests:  # no effect on finished ones; frees those of a caller who has enough or gave up
                request.cancelled = True

    def read_ahead(self, beginning: str) -> None:
        """See `intents.engine.ReadsAhead`."""
        self._loop.read_ahead(self._request(beginning, None, 1, 0.0))

    def token_ids(self, text: str) -> list[int]:
        """The tokens of a prompt."""
        return [int(token) for token in self._tokens(text).data[0]]

    def _request(self, prompt: str, grammar: str | None, max_tokens: int, temperature: float) -> _Request:
        number = next(self._numbers)
        tokens = self._tokens(prompt)
        if tokens.shape[1] + max_tokens > CACHE_BLOCKS * BLOCK_TOKENS:
            raise EngineError(f"A prompt of {tokens.shape[1]} tokens does not fit; {CACHE_BLOCKS * BLOCK_TOKENS} do.")
        config = genai.GenerationConfig()
        config.max_new_tokens = max_tokens
        config.set_eos_token_id(self._end)
        config.logprobs = 1
        if temperature > 0:
            config.do_sample = True
            config.temperature = temperature
            config.rng_seed = number  # else two tries of one prompt would be the same
        if grammar is not None:
            config.structured_output_config = genai.StructuredOutputConfig(grammar=grammar)
        return _Request(number, tokens, config)

    def _tokens(self, text: str):  # type: ignore[no-untyped-def]  # openvino.Tensor, whose module is not typed
        return self._tokenizer.encode(text, add_special_tokens=False).input_ids

    def _decode(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.decode(list(tokens), skip_special_tokens=True)

    def _collect(self, request: _Request, on_text: OnText | None) -> Completion:
        """Wait for a request's news until the last."""
        pieces = Pieces(self._decode, on_text) if on_text is not None else None
        tokens: list[int] = []
        logprobs: list[float] = []
        while True:
            news = request.news.get()
            if news.error is not None:
                raise EngineError(news.error)
            tokens += news.tokens
            logprobs += news.logprobs
            if news.last:
                break
            if pieces is not None:
                pieces.add(tokens)
                if pieces.enough:
                    return Completion(pieces.text, tuple(logprobs), True, ends(self._decode, tokens))
        text = self._decode(tokens).strip()
        if pieces is not None:
            pieces.finish(text)
        return Completion(text, tuple(logprobs), news.finished, ends(self._decode, tokens))


def _open_pipeline(gguf: Path, threads: int) -> genai.ContinuousBatchingPipeline:
    scheduler = genai.SchedulerConfig()
    scheduler.num_kv_blocks = CACHE_BLOCKS
    scheduler.max_num_batched_tokens = BATCH_TOKENS
    scheduler.enable_prefix_caching = True
    # float32: in bfloat16, which OpenVINO takes by itself on newer CPUs, an answer depends on what is read beside it
    properties = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", **FEW_SHAPES}
    model = converted(gguf)
    pipeline = genai.ContinuousBatchingPipeline(str(model), scheduler, "CPU", properties, {})
    _infer(pipeline)
    give_back(model)
    return pipeline


def _infer(pipeline: genai.ContinuousBatchingPipeline) -> None:
    """Short and long prompts: the plugin makes its copies of the weights now, one laid out for each kind."""
    config = genai.GenerationConfig()
    config.max_new_tokens = 1
    for tokens in (SHORT_TOKENS, LONG_TOKENS):
        pipeline.generate([pipeline.get_tokenizer().encode(END * tokens, add_special_tokens=False).input_ids], [config])


class _Loop:
    """The one thread that touches the pipeline: it takes requests in, steps them all, hands news out."""

    def __init__(self, open_pipeline: Callable[[], genai.ContinuousBatchingPipeline]):
        self._open_pipeline = open_pipeline
        self._pipeline: genai.ContinuousBatchingPipeline | None = open_pipeline()
        self.tokenizer = self._pipeline.get_tokenizer()
        self._wake = threading.Condition()
        self._new: list[_Request] = []
        self._running: list[tuple[_Request, genai.GenerationHandle]] = []
        self._ahead: deque[_Request] = deque(maxlen=MOST_READ_AHEAD)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="openvino", daemon=True)
        self._thread.start()

    def add(self, requests: Sequence[_Request]) -> None:
        with self._wake:
            if self._stopped:
                raise EngineError("The engine is closed.")
            self._new.extend(requests)
            self._wake.notify()

    def read_ahead(self, request: _Request) -> None:
        """Read its prompt into the cache when there is nothing else to do."""
        with self._wake:
            self._ahead.append(request)
            self._wake.notify()

    def stop(self) -> None:
        """End the thread after its current step. What still runs gets an error."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._serve()
        finally:  # whatever ended it: nobody may wait for a thread that is gone
            with self._wake:
                self._stopped = True
            self._fail("The engine is closed.")

    def _serve(self) -> None:
        """Until stopped. A pipeline that broke is loaded anew; while that fails, what is asked for fails at once."""
        while True:
            if self._pipeline is None and not self._reopen():
                continue
            if self._pipeline is None or not self._take_in(self._pipeline):
                return
            try:
                self._pipeline.step()
            except RuntimeError as error:  # a grammar that xgrammar cannot read, for one
                self._fail(f"OpenVINO could not go on: {error}")
                self._pipeline = None  # a failed step would fail again for ever after, so begin afresh
            else:
                self._running = [pair for pair in self._running if not self._pass_on(*pair)]

    def _reopen(self) -> bool:
        """Load the model again; False where that failed and the next request is to try once more."""
        try:
            self._pipeline = self._open_pipeline()
        except RuntimeError as error:
            self._fail(f"OpenVINO could not load the model again: {error}")
            with self._wake:
                self._wake.wait_for(lambda: self._new or self._stopped)
                return self._stopped
        log.warning("The model was loaded again after a failure.")
        return True

    def _take_in(self, pipeline: genai.ContinuousBatchingPipeline) -> bool:
        """Wait for work; False when the loop is to end."""
        with self._wake:
            while not (self._new or self._running or self._stopped):
                if not self._wake.wait(READ_AHEAD_AFTER_S if self._ahead else None) and self._ahead:
                    self._new.append(self._ahead.popleft())
            if self._stopped:
                return False
            new, self._new = self._new, []
        for request in new:
            try:
                handle = pipeline.add_request(request.number, request.prompt, request.config)
            except RuntimeError as error:
                request.news.put(_News(error=f"OpenVINO refused the request: {error}"))
            else:
                self._running.append((request, handle))
        for request, handle in self._running:
            if request.cancelled:
                handle.cancel()
        return True

    def _pass_on(self, request: _Request, handle: genai.GenerationHandle) -> bool:
        """Tell the caller what is new; True when the request is done."""
        status = handle.get_status()
        reason = genai.GenerationFinishReason.NONE
        tokens: tuple[int, ...] = ()
        logprobs: tuple[float, ...] = ()
        if handle.can_read():
            for output in handle.read().values():
                tokens, logprobs = tuple(output.generated_ids), tuple(output.generated_log_probs)
                reason = output.finish_reason
        if status == genai.GenerationStatus.RUNNING:
            if tokens:
                request.news.put(_News(tokens, logprobs))
            return False
        if status == genai.GenerationStatus.FINISHED:
            ended = reason == genai.GenerationFinishReason.STOP
            request.news.put(_News(tokens, logprobs, last=True, finished=ended))
        else:
            request.news.put(_News(error=f"The model's cache is full ({status.name}); try again when less is asked."))
        return True

    def _fail(self, error: str) -> None:
        with self._wake:
            waiting, self._new = self._new, []
        for request in [*(request for request, _ in self._running), *waiting]:
            request.news.put(_News(error=error))
        self._running = []
