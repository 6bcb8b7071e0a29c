"""What a load balancer or an orchestrator asks: is the process alive, and should it get requests?

`/health/live` answers while the process runs; when it does not, restart it. `/health/ready` is 503 while something
keeps it from serving, and names it; send requests elsewhere meanwhile. `/health` says that it is up.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.health import Check, troubles
from assistant.web.places import Places

log = logging.getLogger(__name__)


def health_routes(checks: Mapping[str, Check], places: Places) -> APIRouter:
    router = APIRouter()

    @router.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready() -> Response:
        if places.is_stopping:
            return JSONResponse({"status": "stopping"}, 503)
        wrong = await run_in_threadpool(troubles, checks)
        if not wrong:
            return JSONResponse({"status": "ok"})
        log.warning("not ready: %s", " ".join(wrong.values()))
        return JSONResponse({"status": "not ready", "failed": sorted(wrong)}, 503)  # the log says why, to the operator

    return router
