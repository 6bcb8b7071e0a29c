"""Every setting of Aisle, typed, with its default and where the default comes from.

Set one as `AISLE_NAME=value` in the environment. Built once by the command line and passed on; nothing else reads the
environment. `Settings().describe()` prints them with secrets masked."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LogForm = Literal["text", "json"]
EngineName = Literal["llama.cpp", "openvino", "transformers", "transformers-bfloat16", "openai"]  # plain is float32
SHIPPED_ADAPTER = Path(__file__).resolve().parent.parent / "finetune" / "adapters" / "shipped"
SHIPPED_EXAMPLES = Path(__file__).resolve().parent.parent / "intents"
ORIGIN = r"^https?://[a-z0-9.-]+(:\d{1,5})?$"  # a browser's word for it: lower case, no path, no wildcard
Origin = Annotated[str, StringConstraints(pattern=ORIGIN)]
MAIL_ADDRESS = r"^[^\s@<>,;:\"]+@[A-Za-z0-9.-]+$"
SMTP_URL = re.compile(r"smtps?://([^\s/@]*@)?[A-Za-z0-9.-]+(:[1-9]\d{0,3}|:[1-5]\d{4}|:6[0-4]\d{3}|:65[0-4]\d\d)?/?")
PASSWORD = re.compile(r"(?<=://)([^:/@]*):.+@")  # in user:password@host of a URL


def listed(value: object) -> object:
    """A list as it is written in the environment, with commas or spaces."""
    return tuple(filter(None, re.split(r"[\s,]+", value))) if isinstance(value, str) else value


def is_smtp_url(value: SecretStr) -> SecretStr:
    if not SMTP_URL.fullmatch(value.get_secret_value()):
        raise ValueError("it must read smtp://user:password@host:587 or smtps://user:password@host:465")
    return value


def available_cores() -> int:
    """The cores that this process may use, which in a container are fewer than the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def forget_preloaded() -> None:
    """Processes started from now on load no library that this one was told to load first."""
    os.environ.pop("LD_PRELOAD", None)


class Settings(BaseSettings):
    """What a server or a command runs with. "none" in the environment means None."""

    model_config = SettingsConfigDict(
        env_prefix="AISLE_", frozen=True, extra="forbid", env_parse_none_str="none", hide_input_in_errors=True
    )  # an input may be a secret

    # where things are
    cache: Path = Path("~/.cache/aisle")  # fetched weights and merged models; the customary place on Unix
    database_url: str = "sqlite:///aisle.db"  # an embedded file, so that a fresh clone needs no server

    examples: Path = SHIPPED_EXAMPLES  # the folder of example files that trainers edit in the studio

    # the model
    engine: EngineName = "openvino"  # 3 to 6 times as fast on two cores as transformers
    base: str | None = None  # a folder or .gguf file; None is the one that `aisle fetch` got or was told to use
    adapter: Path | None = SHIPPED_ADAPTER  # None is the bare base model; a promoted version goes before it
    versions: Path = Path("models")  # every version trained here (docs/models.md): data to keep, so not in the cache
    threads: int = Field(default_factory=available_cores, ge=1)
    understand_limit_s: float = Field(30, gt=0)  # then the shopper is asked to say it again
    reply_limit_s: float = Field(6, gt=0)  # for a try at a wording, then a written one; 0.3 s is usual

    # the engine openai: a model server that speaks OpenAI's completions API
    openai_url: str = "http://127.0.0.1:8000/v1"  # where `vllm serve` listens
    openai_model: str | None = None  # what the server calls it; of vLLM, the LoRA module's name
    openai_key: SecretStr | None = None
    openai_grammar: Literal["vllm", "llama.cpp"] | None = "vllm"  # how the server takes a grammar; None: it takes none
    openai_timeout_s: float = Field(5.0, gt=0)  # without a word: ten times a turn's median, and a shopper still waits
    openai_retries: int = Field(1, ge=0)

    # the server: this machine alone, on Gradio's customary port, until somebody decides otherwise
    host: str = "127.0.0.1"
    port: int = Field(7860, ge=0, le=65535)

    most_turns: int = Field(96, ge=1)  # at once, waiting ones too; 64 are all answered (docs/benchmarks.md)
    most_turns_of_conversation: int = Field(3, ge=1)  # a person writes one at a time; a page may send one again
    most_turns_of_address: int | None = Field(16, ge=1)  # half the threads: one client leaves the rest to others
    log_form: LogForm = "text"  # or "json", one object a line

    # the conversation
    index: bool = True  # the example index as a second opinion; without it a start is quicker and the reading worse
    ask_back_below: float | None = Field(None, ge=0, le=1)  # confidence; None is what was chosen for the adapter
    hand_over_below: float | None = Field(None, ge=0, le=1)
    drop_below: float = Field(0.8, ge=0, le=1)  # a task dropped by mistake costs the shopper all the answers given
    max_message_chars: int = Field(2000, ge=1)  # ten times the longest message of the training examples
    remember_views: Literal["never", "with_consent", "always"] = "with_consent"  # what is looked at, for suggestions
    identity_attempts: int = Field(3, ge=1)  # in one conversation, as cash machines allow

    # the host shop: who may frame the chat, and whose word on who is signed in counts (docs/widget.md)
    embed_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(listed)] = ()  # "https://shop.example …"
    rest_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(listed)] = ()  # whose pages may call REST
    token_secret: SecretStr | None = Field(None, min_length=32)  # for HS256: as long as its hash, RFC 7518
    token_public_key: Path | None = None  # for RS256: a PEM file

    # mail, for the copy of a conversation that a shopper asks for; without it none is offered (docs/chat_page.md)
    smtp_url: Annotated[SecretStr, AfterValidator(is_smtp_url)] | None = None  # "smtp://user:password@host:587", smtps
    smtp_sender: Annotated[str, StringConstraints(pattern=MAIL_ADDRESS)] | None = None  # "shop@shop.example"

    # of conversations; None keeps them: only the shop knows its duties
    retention_days: int | None = Field(None, ge=1, le=36_500)

    # the desk and the studio
    staff_session_h: int = Field(12, ge=1)  # a shift; after two hours of nothing a session ends sooner
    regressions: Path = Path("regressions")  # corrected conversations, played by `aisle test`; beside the database

    def model_post_init(self, _context: object) -> None:
        """Paths may begin with ~, in the environment as in the shell."""
        for name in type(self).model_fields:
            if isinstance(path := getattr(self, name), Path):
                object.__setattr__(self, name, path.expanduser())

    @model_validator(mode="after")
    def has_a_sender(self) -> Settings:
        if self.smtp_url is not None and self.smtp_sender is None:
            raise ValueError("AISLE_SMTP_URL needs AISLE_SMTP_SENDER, the address that the mail comes from.")
        return self

    def describe(self) -> str:
        """One "name = value" line each, the database's password masked."""
        shown = {name: PASSWORD.sub(r"\1:***@", str(value)) for name, value in self.model_dump().items()}
        return "\n".join(f"{name} = {value}" for name, value in shown.items())


def settings_with(**changes: Any) -> Settings:
    """The settings of the environment, with what a command says laid over them; None says nothing."""
    return Settings(**{name: value for name, value in changes.items() if value is not None})
