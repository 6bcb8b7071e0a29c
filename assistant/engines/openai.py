"""A model that is served elsewhere: any server that speaks OpenAI's completions API, vLLM, llama.cpp or Ollama.

Nothing of the model is in this process, so that many web workers share one server. A request that fails is sent again
after a pause, by the client; when the server stays away, calls fail at once for a while instead of making every shopper
wait. What then happens is up to the callers: the example index reads the message and the written replies are said.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import httpx2
from openai import APIConnectionError, APIStatusError, OpenAI, OpenAIError

from assistant.engines.gbnf import to_gbnf
from assistant.engines.pieces import Pieces, ends
from intents.engine import Completion, EngineError, OnText

Dialect = Literal["vllm", "llama.cpp"]

logging.getLogger("httpx2").setLevel(logging.WARNING)  # it has a line for every request

END = "<|im_end|>"
AT_ONCE = 16  # requests of one batch; the server batches them
AWAY_S = 10.0  # how long calls fail at once after one that found no server
NOT_NEEDED = "none"  # the client wants a key, most servers do not
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)  # what an answer of another shape raises


@dataclass(frozen=True)
class ModelServer:
    """Where the model is and how it is asked."""

    url: str  # up to and with /v1
    model: str  # as the server calls it; of vLLM, the name of the LoRA module
    key: str | None
    grammar: Dialect | None  # None: the server takes no grammar, and what it writes may not parse
    timeout_s: float  # without a word from the server
    retries: int


class OpenAiEngine:
    """`intents.engine.Engine` on a model server. Safe to call from many threads; opening it asks the server nothing."""

    name = "openai"

    def __init__(self, server: ModelServer) -> None:
        self.model = f"{server.model} at {server.url}"
        self._server = server
        self._client = OpenAI(
            base_url=server.url,
            api_key=server.key or NOT_NEEDED,
            timeout=server.timeout_s,
            max_retries=server.retries,
        )
        self._away_until = 0.0  # of time.monotonic
        self.close = self._client.close

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: OnText | None = None,
    ) -> list[Completion]:
        """See `intents.engine.Engine`. A server that gives no log-probabilities leaves them empty."""
        request = self._request(grammar, max_tokens, temperature, stream=on_text is not None)
        if len(prompts) == 1:
            return [self._complete(prompts[0], request, on_text)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda prompt: self._complete(prompt, request, None), prompts))

    def _request(self, grammar: str | None, max_tokens: int, temperature: float, stream: bool) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if grammar is not None and self._server.grammar == "vllm":
            extra = {"structured_outputs": {"grammar": grammar}}
        elif grammar is not None and self._server.grammar == "llama.cpp":
            extra = {"grammar": to_gbnf(grammar)}
        return {
            "model": self._server.model,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "logprobs": 1,
            "stop": [END],
            "stream": stream,
            "extra_body": extra,
        }

    def _complete(self, prompt: str, request: dict[str, Any], on_text: OnText | None) -> Completion:
        written = _Written()
        pieces = Pieces("".join, on_text) if on_text is not None else None
        with closing(self._choices(prompt, request)) as choices:
            for choice in choices:
                written.add(choice)
                if pieces is not None:
                    pieces.add(written.texts)
                    if pieces.enough:
                        return replace(written.completion(), text=pieces.text, finished=True)
        if written.reason is None:
            raise EngineError(f"The model server at {self._server.url} broke off in the middle of an answer.")
        completion = written.completion()
        if pieces is not None:
            pieces.finish(completion.text)
        return completion

    def _choices(self, prompt: str, request: dict[str, Any]) -> Generator[_Choice]:
        """The answer as it comes: one piece, or many when it is streamed. Raises EngineError."""
        if time.monotonic() < self._away_until:
            raise EngineError(f"The model server at {self._server.url} was away a moment ago; it is asked again soon.")
        try:
            answer = self._client.completions.create(prompt=prompt, **request)
            with answer if request["stream"] else nullcontext([answer]) as parts:
                for part in parts:
                    if part.choices:  # vLLM ends a stream with a part that has none
                        yield _Choice.of(part.choices[0])
        except APIStatusError as error:
            is_its_own = error.status_code >= 500  # llama.cpp while it loads its model, for one
            ask = "" if is_its_own else f" Is {self._server.model!r} a model that it has (AISLE_OPENAI_MODEL)?"
            raise EngineError(
                f"The model server at {self._server.url} answered {error.status_code}: {error.message[:300]!r}.{ask}"
            ) from error
        except (APIConnectionError, httpx2.HTTPError) as error:
            self._away_until = time.monotonic() + AWAY_S
            raise EngineError(
                f"No answer from the model server at {self._server.url} ({error!r}). Is it up, and is AISLE_OPENAI_URL "
                "its address?"
            ) from error
        except (OpenAIError, *UNREADABLE) as error:
            raise EngineError(f"The model server at {self._server.url} gave no completion: {error!r}.") from error


@dataclass(frozen=True)
class _Choice:
    """A piece of an answer, whatever the server's way to write it."""

    text: str
    tokens: tuple[tuple[str, float], ...]  # each with its log-probability
    reason: str | None  # why the text ends, with the last piece

    @classmethod
    def of(cls, choice: Any) -> _Choice:
        return cls(choice.text or "", tuple(_tokens(choice.logprobs)), choice.finish_reason)


@dataclass
class _Written:
    """What has come so far."""

    texts: list[str] = field(default_factory=list)
    tokens: list[tuple[str, float]] = field(default_factory=list)
    reason: str | None = None

    def add(self, choice: _Choice) -> None:
        self.texts.append(choice.text)
        self.tokens += choice.tokens
        self.reason = choice.reason or self.reason

    def completion(self) -> Completion:
        text = "".join(self.texts).strip()
        reached = ends("".join, [token for token, _ in self.tokens])
        logprobs = tuple(logprob for _, logprob in self.tokens)
        return Completion(text, logprobs, self.reason == "stop", tuple(min(end, len(text)) for end in reached))


def _tokens(logprobs: Any) -> Iterator[tuple[str, float]]:
    """Each token and its natural log-probability; llama.cpp's own server gives them as the chat API does."""
    if logprobs is None:
        return
    content = getattr(logprobs, "content", None)
    if content:
        yield from ((str(one["token"]), float(one["logprob"])) for one in content)
        return
    for token, logprob in zip(logprobs.tokens or (), logprobs.token_logprobs or (), strict=True):
        yield str(token), float(logprob)
