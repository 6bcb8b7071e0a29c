"""Fresh shops to play in: each kind is built or imported once, and every conversation gets a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor

from assistant.actions import register
from assistant.actions.base import Shop, open_shop, reader
from assistant.assembly import assemble
from assistant.importers.tau2 import import_tau2
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, refresh_vectors
from assistant.store.product_vectors import Embed
from assistant.testing.tasks import read_json
from assistant.turns import Assistant
from intents.engine import Engine

Assemble = Callable[[Shop], Assistant]


class NoTau2Data(RuntimeError):
    """A conversation plays in tau2's shop, and nobody said where its data is."""

    def __init__(self) -> None:
        super().__init__("Conversations of shop tau2 need `--data DIR`, the folder with tau2's retail db.json.")


class Shops:
    """Assistants over fresh copies. `folder` is a scratch folder; `data` holds tau2's db.json, if there is one; `embed`
    reads what products are about, if not as the settings say."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        data: Path | None,
        assemble_over: Assemble,
        embed: Embed | None = None,
    ) -> None:
        self.settings = settings
        self.embed = embed or reader(settings)
        self.folder = folder
        self.data = data
        self.copies = count(1)
        self._template = cache(self._built)
        self._like = cache(lambda kind: assemble_over(self._shop(self._template(kind))))

    def fresh(self, kind: str) -> Assistant:
        """The assistant over a shop that nobody has touched; close its `database` after use."""
        like: Assistant = self._like(kind)
        path = self.folder / f"{kind}-{next(self.copies)}.db"
        shutil.copy(self._template(kind), path)
        shop, executor = self._shop(path), ActionExecutor()
        register(executor, shop)
        return Assistant(
            shop.database, like.recogniser, like.interpreter, like.manager, like.writer, executor,
            like.greeting(), like.max_message_chars,
        )  # fmt: skip

    @cached_property
    def tau2(self) -> dict[str, Any]:
        """The content of tau2's db.json."""
        content: dict[str, Any] = read_json(self._data() / "db.json")
        return content

    def _data(self) -> Path:
        if self.data is None:
            raise NoTau2Data()
        return self.data

    def _shop(self, path: Path) -> Shop:
        return open_shop(self.settings.model_copy(update={"database_url": f"sqlite:///{path}"}))

    def _built(self, kind: str) -> Path:
        """The file of an untouched shop, whole: the write-ahead log goes into it when the last connection closes."""
        path = self.folder / f"{kind}.db"
        database = Database(f"sqlite:///{path}")
        database.upgrade()
        if kind == "tau2":
            import_tau2(database, self._data() / "db.json")
        else:
            build_demo_shop(database, datetime.now(UTC).date())
        if self.settings.index:
            refresh_vectors(database, self.embed)
        database.close()
        return path


def with_model(settings: Settings, engine: Engine) -> Assemble:
    """Assistants as they are served."""
    return lambda shop: assemble(settings, shop, engine)


def close(assistant: Assistant) -> None:
    """Close a fresh shop and remove its file."""
    assistant.database.close()
    Path(str(assistant.database.url.database)).unlink()
