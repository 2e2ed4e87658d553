"""The start and the end of a service: a socket, a site, and what was accepted before anything ends."""

from __future__ import annotations

import signal
import socket
import sys
from dataclasses import dataclass

import uvicorn

from promptlang.meaning.project import Project
from promptlang_runtime.executors.limits import Settings
from promptlang_serve.app import application
from promptlang_serve.drawer import Drawer
from promptlang_serve.limits import Limits
from promptlang_serve.site import Site

_WAITING = 2048  # connections that the system holds until they are taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a service listens, and whom it answers."""

    host: str
    port: int
    token: str | None
    origins: tuple[str, ...]


def serve(address: Address, project: Project, limits: Limits, settings: Settings, workers: int = 1) -> None:
    """Serve until a signal; so many processes draw, this one alone if 1. Raises OSError where the port is taken."""
    with _listening(address) as listening:
        site = Site(project=project, limits=limits, drawer=Drawer(settings, limits.queue, workers=workers))
        app = application(site, host=address.host, token=address.token, origins=address.origins)
        port = listening.getsockname()[1]
        host = f"[{address.host}]" if ":" in address.host else address.host
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="on")
        )
        for each in (signal.SIGINT, signal.SIGTERM):
            # For signals before uvicorn heeds them, and for those it raises anew when everything is done.
            signal.signal(each, server.handle_exit)
        print(f"serving at http://{host}:{port}\nCtrl-C ends it", file=sys.stderr, flush=True)
        server.run(sockets=[listening])


def _listening(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address.host, address.port))
        found.listen(_WAITING)
    except OSError as error:
        found.close()
        error.filename = f"{address.host}:{address.port}"
        raise
    return found
