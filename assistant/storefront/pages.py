"""The routes of the demo shop: home, shelves, search, products, and its own sign-in.

Pages are Jinja2 templates with everything escaped, under a policy that allows no inline script or style and no other
host: the same that docs/widget.md asks of a shop that embeds the widget.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.assembly import Voice
from assistant.recommendation.interests import Remembering
from assistant.search.vectors import ProductVectors
from assistant.store import Database
from assistant.storefront import shelves
from assistant.storefront.sign_in import COOKIE, STAYS_S, SignIn
from assistant.tokens import Tokens
from assistant.web.gate import from_this_site
from assistant.web.packed import PackedFile

HERE = Path(__file__).parent
LONGEST_SEARCH = 200
SHELVES_IN_MENU = 10
SHELVES_ON_HOME = 12
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
PAGE_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"}  # it may hold a token
FILES = {"shop.css": "text/css", "shop.js": "text/javascript"}

PageNumber = Annotated[int, Query(alias="page", ge=1, le=shelves.LAST_PAGE)]


def storefront(
    database: Database, vectors: ProductVectors | None, tokens: Tokens, voice: Voice, remember: Remembering
) -> APIRouter:
    """The shop's pages over a store. Without `vectors` search goes by words, and no row is personal."""
    router = APIRouter(include_in_schema=False)
    front = Front(database, tokens, voice, remember)
    files = {name: PackedFile(HERE / "static" / name, media_type) for name, media_type in FILES.items()}

    @router.get("/")
    def home(request: Request) -> Response:
        with database.reading() as session:
            shopper = front.sign_in.shopper_of(request.cookies.get(COOKIE))
            all_shelves = shelves.shelves(session)
            tiles = [(one, shelves.face_of(session, one)) for one in all_shelves[:SHELVES_ON_HOME]]
            for_you = shelves.row_for(session, shopper.id, vectors) if shopper else []
            loved = shelves.row_of_popular(session)
            told: dict[str, Any] = {
                "tiles": tiles,
                "for_you": for_you,
                "popular": loved,
                "count": shelves.count(session),
            }
            return front.page(request, "home.html", all_shelves, **told)

    @router.get("/products")
    def everything(request: Request, number: PageNumber = 1, sort: str = "popular") -> Response:
        with database.reading() as session:
            page = shelves.shelf_page(session, None, "", sort, number)
            told: dict[str, Any] = {
                "page": page,
                "title": "All products",
                "kinds": [],
                "kind": "",
                "sort": sort,
                "shelf": None,
            }
            return front.page(request, "shelf.html", shelves.shelves(session), **told)

    @router.get("/departments/{slug}")
    def department(
        request: Request, slug: str, number: PageNumber = 1, sort: str = "popular", kind: str = ""
    ) -> Response:
        with database.reading() as session:
            all_shelves = shelves.shelves(session)
            shelf = next((one for one in all_shelves if one.slug == slug), None)
            if shelf is None:
                return front.missing(request, all_shelves)
            kinds = shelves.categories(session, shelf)
            kind = kind if kind in kinds else ""
            page = shelves.shelf_page(session, shelf, kind, sort, number)
            told: dict[str, Any] = {
                "page": page,
                "title": shelf.name,
                "kinds": kinds,
                "kind": kind,
                "sort": sort,
                "shelf": shelf,
            }
            return front.page(request, "shelf.html", all_shelves, **told)

    @router.get("/products/{product_id:path}")
    def product(request: Request, product_id: str) -> Response:
        with database.reading() as session:
            all_shelves = shelves.shelves(session)
            details = shelves.details(session, product_id) if product_id.isprintable() else None
            if details is None:
                return front.missing(request, all_shelves)
            also = shelves.row_to_go_with(session, product_id)
            return front.page(request, "product.html", all_shelves, one=details, also=also, product_id=product_id)

    @router.get("/search")
    def found(request: Request, q: str = "", number: PageNumber = 1) -> Response:
        words = q.strip()[:LONGEST_SEARCH]
        if not words:
            return RedirectResponse("/products", 303)
        with database.reading() as session:
            page = shelves.found_page(session, words, number, vectors)
            return front.page(request, "search.html", shelves.shelves(session), page=page, words=words)

    @router.post("/sign-in")
    def sign_in(request: Request, customer: Annotated[str, Form(max_length=255)]) -> Response:
        cookie = front.sign_in.cookie_for(customer)
        if cookie is None or not from_here(request):
            return front.refused(request)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, cookie, max_age=STAYS_S, httponly=True, samesite="lax", path="/")
        return answer

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        if not from_here(request):
            return front.refused(request)
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @router.get("/shopper-token")
    def token(request: Request) -> Response:
        """A fresh token for the widget, while the page stays open; only a page of this origin can read it."""
        shopper = front.sign_in.shopper_of(request.cookies.get(COOKIE))
        return JSONResponse({"token": front.sign_in.token_for(shopper)}, headers={"Cache-Control": "no-store"})

    @router.get("/static/{name}")
    def file(request: Request, name: str) -> Response:
        if name not in FILES:
            with database.reading() as session:
                return front.missing(request, shelves.shelves(session))
        return files[name].answer(request)

    return router


class Front:
    """What every page has around its own part."""

    def __init__(self, database: Database, tokens: Tokens, voice: Voice, remember: Remembering) -> None:
        self.sign_in = SignIn(database, tokens)
        self.voice = voice
        self.remember = remember
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip

    def page(
        self, request: Request, template: str, all_shelves: tuple[shelves.Shelf, ...], status: int = 200, **told: Any
    ) -> Response:
        shopper = self.sign_in.shopper_of(request.cookies.get(COOKIE))
        around = {
            "shop": self.voice.shop,
            "shelves": all_shelves,
            "menu": all_shelves[:SHELVES_IN_MENU],
            "remember": self.remember,
            "starters": self.voice.greeting.buttons,
            "shoppers": tuple(self.sign_in.shoppers.values()),
            "shopper": shopper,
            "token": self.sign_in.token_for(shopper),
            "sorts": shelves.SORTS,
            "product_id": "",
            "words": "",
            "turn": lambda number: turned(request, number),
        }
        html = self.templates.get_template(template).render(around | told)
        return HTMLResponse(html, status, PAGE_HEADERS)

    def missing(self, request: Request, all_shelves: tuple[shelves.Shelf, ...]) -> Response:
        return self.page(request, "missing.html", all_shelves, 404)

    def refused(self, request: Request) -> Response:
        """A form that did not come from these pages, or names nobody who may be chosen."""
        return self.page(request, "missing.html", (), 403)


def turned(request: Request, number: int) -> str:
    """The address of another page of the same list."""
    kept = {name: value for name, value in request.query_params.items() if name != "page"}
    return f"{request.url.path}?{urlencode({**kept, 'page': number})}"


def from_here(request: Request) -> bool:
    """Whether a form was sent by a page of this shop, or by no browser: a browser says whose page it is."""
    is_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    return not is_browser or from_this_site(request.headers)
