"""Open what is live: the version that the pointer names, or where it cannot be opened, the adapter of the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.engines import open_engine
from assistant.settings import Settings
from assistant.understanding import adapter_tuning
from assistant.versions.registry import SHIPPED, Registry, Version
from intents.engine import Engine

log = logging.getLogger(__name__)

Open = Callable[[Settings], Engine]


@dataclass(frozen=True)
class Opened:
    """An engine, and which version is in it; the settings name that version's adapter."""

    version: str
    settings: Settings
    engine: Engine


def registry_of(settings: Settings) -> Registry:
    return Registry(settings.versions, settings.adapter)


def with_version(settings: Settings, version: Version) -> Settings:
    return settings.model_copy(update={"adapter": version.adapter})


def live_settings(settings: Settings) -> Settings:
    """The settings with the live version's adapter; a model server of its own (the engine openai) has what it has."""
    return settings if settings.engine == "openai" else with_version(settings, registry_of(settings).live())


def open_live(settings: Settings, opens: Open = open_engine) -> Opened:
    """The live version's engine; where that one cannot be opened, the adapter of the settings and a line in the log.

    Raises EngineError.
    """
    registry = registry_of(settings)
    if settings.engine != "openai" and registry.live_name() != SHIPPED:
        try:
            return _opened(registry.live(), settings, opens)
        except Exception:  # whatever is wrong with a version, the shop is served
            log.exception(
                "Version %s is live and cannot be opened; the adapter of the settings serves.", registry.live_name()
            )
    return Opened(SHIPPED, settings, opens(settings))


def _opened(live: Version, settings: Settings, opens: Open) -> Opened:
    chosen = with_version(settings, live)
    adapter_tuning(chosen, chosen.index)  # it is read again later, where nothing could stand in for it any more
    return Opened(live.name, chosen, opens(chosen))
