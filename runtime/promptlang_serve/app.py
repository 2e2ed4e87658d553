"""The rows as an application: each path, who may ask, and what is answered where something is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from promptlang.models.evidence.records import printable
from promptlang_serve import images, own
from promptlang_serve.answers import LEFT, Refused, as_json, refusal
from promptlang_serve.guard import OPEN, Guard
from promptlang_serve.limits import Limits
from promptlang_serve.openapi import document
from promptlang_serve.rows import Row, asked
from promptlang_serve.site import Site
from promptlang_serve.webui import paths as webui


def rows(limits: Limits) -> tuple[Row, ...]:
    """Every path of the service."""
    return (*own.rows(limits), *images.rows(limits), *webui.rows(limits))


def application(site: Site, *, host: str, token: str | None = None, origins: Iterable[str] = ()) -> Starlette:
    """The application of a site that is served at a host."""
    known = rows(site.limits)
    said = document(known, has_token=token is not None)

    async def described(request: Request) -> Response:
        del request
        return as_json(said)

    async def picture(request: Request) -> Response:
        name = str(request.path_params["name"])
        data = site.shelf.get(name)
        if data is None:
            return refusal(Refused(HTTPStatus.NOT_FOUND, "there is no such picture any more"))
        return Response(data, media_type=f"image/{name.rpartition('.')[2].replace('jpg', 'jpeg')}")

    @asynccontextmanager
    async def lifespan(app: Starlette):
        del app
        yield
        site.drawer.close()

    allowed = tuple(origins)
    guard = Middleware(Guard, host=host, token=token, origins=allowed, body=site.limits.body * 1024**2)
    cors = Middleware(CORSMiddleware, allow_origins=allowed, allow_methods=["GET", "POST"], allow_headers=["*"])
    return Starlette(
        routes=[
            *_routes(known, site),
            Route("/openapi.json", described, methods=["GET"]),
            Route(f"{OPEN}{{name}}", picture, methods=["GET"]),
        ],
        middleware=[*([cors] if allowed else []), guard],
        exception_handlers={Refused: _refused, HTTPException: _unknown, ClientDisconnect: _gone, Exception: _mistaken},
        lifespan=lifespan,
    )


def _routes(known: Iterable[Row], site: Site) -> list[Route]:
    """A route a path: one that has several methods is one route, which says what it takes."""
    paths: dict[str, dict[str, Row]] = {}
    for row in known:
        paths.setdefault(row.path, {})[row.method] = row
    return [Route(path, _endpoint(methods, site), methods=[*methods]) for path, methods in paths.items()]


def _endpoint(methods: dict[str, Row], site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        row = methods["GET" if request.method == "HEAD" else request.method]
        return await row.answer(await asked(row, site, request))

    return endpoint


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, Refused)
    return refusal(error)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = printable(request.url.path[:80])
    message = {
        HTTPStatus.NOT_FOUND: f"there is no path `{path}`",
        HTTPStatus.METHOD_NOT_ALLOWED: f"`{path}` takes no {printable(request.method[:20])}",
    }.get(HTTPStatus(error.status_code), error.detail)
    return refusal(
        Refused(error.status_code, message, help="`/openapi.json` lists what there is", headers=error.headers)
    )


async def _gone(request: Request, error: Exception) -> Response:
    del request, error
    return refusal(Refused(LEFT, "the client has gone"))


async def _mistaken(request: Request, error: Exception) -> Response:
    """A mistake of ours, which is printed where the service runs."""
    del request, error
    return refusal(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a mistake in promptlang, not in what was asked"))
