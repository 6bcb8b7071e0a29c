"""/login and /logout: plain HTML, no script. The token goes into a cookie that scripts cannot read."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.staff.signing_in import Door, SignInRefused, TooManyAttempts
from assistant.web.gate import COOKIE, FORGED, from_this_site

HERE = Path(__file__).parent
HOME = "/desk/"
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


def login_routes(door: Door, shop: str, hours: int, rooms: tuple[str, ...]) -> APIRouter:
    """`rooms` are the paths that somebody may be led back to after signing in."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login.css")
    def style() -> Response:
        return Response((HERE / "login.css").read_text("utf-8"), media_type="text/css")

    @router.get("/login")
    def form(request: Request) -> Response:
        return page(shop, safe_next(request.query_params.get("next"), rooms))

    @router.post("/login")
    async def sign_in(request: Request) -> Response:
        if not from_this_site(request.headers):
            raise HTTPException(403, FORGED)
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        name, password, wanted = (fields.get(field, [""])[0] for field in ("name", "password", "next"))
        target = safe_next(wanted, rooms)
        address = request.client.host if request.client else "unknown"
        try:
            token = await run_in_threadpool(door.sign_in, name, password, address)
        except SignInRefused as refused:
            return page(shop, target, str(refused), name, 429 if isinstance(refused, TooManyAttempts) else 401)
        answer = RedirectResponse(target, 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, max_age=hours * 3600, httponly=True, samesite="lax", secure=secure)
        return answer

    @router.post("/logout")
    async def sign_out(request: Request) -> Response:
        if not from_this_site(request.headers):
            raise HTTPException(403, FORGED)
        await run_in_threadpool(door.sign_out, request.cookies.get(COOKIE))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    return router


def safe_next(wanted: str | None, rooms: tuple[str, ...]) -> str:
    """Where to go after signing in: a page of ours, never another host."""
    path = (wanted or "").partition("?")[0]
    printable = wanted is not None and wanted.isprintable() and "\\" not in wanted
    return wanted if printable and wanted and any(path in (room, f"{room}/") for room in rooms) else HOME


def page(shop: str, target: str, problem: str = "", name: str = "", status: int = 200) -> HTMLResponse:
    """The form; with what was wrong, after a try."""
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    html = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Sign in · {escape(shop)}</title>
<link rel="icon" type="image/svg+xml" href="/favicon.svg"><link rel="stylesheet" href="/login.css"></head>
<body><main>
<p class="mark" aria-hidden="true">{escape(shop[:1])}</p>
<h1>{escape(shop)}</h1><p class="what">Sign in to the desk and the studio.</p>
{told}
<form method="post" action="/login">
<input type="hidden" name="next" value="{escape(target)}">
<label for="name">Name</label>
<input id="name" name="name" value="{escape(name)}" autocomplete="username" required maxlength="80" autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button>Sign in</button>
</form>
<p class="help">No account, or a forgotten password? Whoever runs the shop can help: <code>aisle user</code>.</p>
</main></body></html>"""
    return HTMLResponse(html, status, PAGE_HEADERS)
