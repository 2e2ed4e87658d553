"""One service for all tests here: the bundled model at two steps, over a real socket."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest.importorskip("torch", reason="the runtime extra is not installed")
httpx = pytest.importorskip("httpx", reason="httpx is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="the serve extra is not installed")
pytest.importorskip("starlette", reason="the serve extra is not installed")

from promptlang.config.chain import load  # noqa: E402
from promptlang_runtime.executors.limits import Settings  # noqa: E402
from promptlang_serve.app import application  # noqa: E402
from promptlang_serve.drawer import Drawer  # noqa: E402
from promptlang_serve.limits import Limits  # noqa: E402
from promptlang_serve.site import Site  # noqa: E402

HOST = "127.0.0.1"


@contextmanager
def served(site: Site, **changes: object) -> Generator[str]:
    """The address of a service that runs meanwhile, and is stopped as a signal stops it."""
    app = application(site, **{"host": HOST, **changes})
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=0, log_level="warning", lifespan="on"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        sleep(0.01)
    try:
        yield f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def project_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the bundled model, small and quick, with a secret beside its folder."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "secret.safetensors").write_text("secret")
    file = folder / "project" / "promptlang.toml"
    file.parent.mkdir()
    (file.parent / "out.safetensors").symlink_to(folder / "secret.safetensors")
    file.write_text('[options]\nsteps = 2\nsize = "64x64"\n')
    return file


@pytest.fixture(scope="session")
def make_site(project_file: Path) -> Callable[..., Site]:
    """A site of that project, which draws on the CPU unless it is told who draws."""

    def make(*, limits: Limits | None = None, **changes: object) -> Site:
        limits = limits or Limits(images=4, queue=40)
        drawer = Drawer(Settings(device="cpu"), limits.queue, **changes)
        return Site(project=load(project_file).project, limits=limits, drawer=drawer)

    return make


@pytest.fixture(scope="session")
def address(make_site: Callable[..., Site]) -> Iterator[str]:
    """Where the service of all tests is."""
    with served(make_site()) as where:
        yield where


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=address, timeout=120) as found:
        yield found
