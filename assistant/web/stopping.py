"""Serve an application until it is told to stop, and then finish the turns under way."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from assistant.web.places import Places

log = logging.getLogger(__name__)

GRACE_S = 30  # for the turns under way when the server is told to stop: as long as the longest may take to be read
CLOSE_S = 5  # then for connections that stay open, a chat page's
KEEP_S = 75  # an idle connection: longer than clients and proxies keep one, or a message meets it as it closes


def run_until_stopped(app: FastAPI, places: Places, host: str, port: int) -> None:
    """Serve until a signal, then finish the turns under way. A second signal does not wait for them."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=CLOSE_S,
        timeout_keep_alive=KEEP_S,
    )
    with suppress(KeyboardInterrupt):
        FinishingServer(config, places).run()


class FinishingServer(uvicorn.Server):
    """At the first signal it takes on no more turns, and answers so, until those under way have ended."""

    def __init__(self, config: uvicorn.Config, places: Places) -> None:
        super().__init__(config)
        self.places = places

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.places.is_stopping:
            super().handle_exit(sig, frame)
            return
        threading.Thread(target=self._finish, args=(sig, frame), name="finish", daemon=True).start()

    def _finish(self, sig: int, frame: FrameType | None) -> None:
        self.places.stop()
        log.info("stopping; %d turns under way are finished first", self.places.count)
        if not self.places.wait_until_empty(GRACE_S):
            log.warning(
                "%d turns are cut off after %d s; sent again, they are answered anew", self.places.count, GRACE_S
            )
        super().handle_exit(sig, frame)
