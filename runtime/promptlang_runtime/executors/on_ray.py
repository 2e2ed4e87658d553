"""Workers on the machines of a Ray cluster: actors, each of which holds a model and draws a batch at a time.

Models are found by their paths, which every machine has to share. Where an actor dies another takes its place, on a
machine with room; whether its batch is tried again is not Ray's to say.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module

from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import Failure, OnCall, Result, result_of

try:
    import ray  # pyright: ignore[reportMissingModuleSource]
    from ray.exceptions import RayActorError, RayError, RayTaskError  # pyright: ignore[reportMissingModuleSource]
except ModuleNotFoundError as error:
    message = "`--ray` needs Ray, which is not installed"
    raise RenderError(message, 'run `pip install "promptlang-diffusion[ray]"`') from error

PATIENCE = 10  # seconds
HERE = "local"
"""The address that means a cluster of this machine alone, started for the run."""


class Drawer:
    """The actor: what it opened stays open for its next batch."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def draw(self, wanted: Sequence[Wanted]) -> Result:
        """The pictures of a batch."""
        return result_of(wanted, self._settings, _unseen)


@dataclass(slots=True)
class OnRay:
    """As many actors as the cluster has GPUs, or CPUs where it has none or these are asked for."""

    settings: Settings
    _actors: dict[int, ray.Actor] = field(default_factory=dict[int, "ray.Actor"])
    _drawing: dict[ray.ObjectRef, int] = field(default_factory=dict["ray.ObjectRef", int])

    @classmethod
    def at(cls, address: str, settings: Settings) -> OnRay:
        """Join the cluster at an address; raises RenderError where there is none, or none with such a device."""
        if ":" in settings.device:
            message = f"on a cluster Ray chooses the GPU of an actor, and `--device {settings.device}` names one"
            raise RenderError(message, f"write `--device {settings.device.partition(':')[0]}`")
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            _knock(address)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR", namespace="promptlang")
            _hush()
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            message = f"no Ray cluster answers at `{address}`: {first_line(error)}"
            raise RenderError(message, f"start one with `ray start --head`, or write `--ray {HERE}`") from error
        found = cls(settings)
        if settings.device == "cuda" and not _has_gpus():
            found.close()
            message = f"no machine of the Ray cluster at `{address}` has a GPU"
            raise RenderError(message, "start Ray on one that has, or leave `--device cuda` out")
        return found

    @property
    def _resource(self) -> str:
        wanted = self.settings.device
        return "GPU" if wanted == "cuda" or (wanted == "auto" and _has_gpus()) else "CPU"

    @property
    def kind(self) -> str:
        """The kind of device that they draw on."""
        return "cuda" if self._resource == "GPU" else "cpu"

    def count(self) -> int:
        return max(1, int(ray.cluster_resources().get(self._resource, 0)))

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        if worker not in self._actors:
            gpus = int(self._resource == "GPU")
            drawer = ray.remote(Drawer).options(num_gpus=gpus, num_cpus=1)
            self._actors[worker] = drawer.remote(self.settings)
        self._drawing[self._actors[worker].draw.remote(tuple(wanted))] = worker

    def wait(self, on_call: OnCall) -> tuple[int, Result | None]:
        while not (through := ray.wait(list(self._drawing), num_returns=1, timeout=PATIENCE)[0]):
            self._let_go()
        (done,) = through
        worker = self._drawing.pop(done)
        try:
            found = ray.get(done)
        except RayTaskError as error:  # that machine has other files than this one, or other versions of them
            return worker, _unfit(error, is_of_worker=False)
        except RayError as error:  # the actor died, or its machine, or what it made was lost on the way
            ray.kill(self._actors.pop(worker))
            if isinstance(error, RayActorError) and error.actor_init_failed:
                return worker, _unfit(error, is_of_worker=True)
            return worker, None
        assert isinstance(found, Result)
        return worker, found

    def _let_go(self) -> None:
        """End idle actors that the cluster has no room for any more, lest others wait for their place."""
        for worker in {each for each in self._actors if each >= self.count()} - set(self._drawing.values()):
            ray.kill(self._actors.pop(worker))

    def close(self) -> None:
        for each in self._actors.values():
            with suppress(RayError):  # the cluster may be gone
                ray.kill(each)
        self._actors.clear()
        self._drawing.clear()
        ray.shutdown()


def _has_gpus() -> bool:
    return ray.cluster_resources().get("GPU", 0) >= 1


def _unfit(error: RayError, *, is_of_worker: bool) -> Result:
    """That a machine cannot draw what this one could, by the last line of what Ray says, which names the cause."""
    cause = str(error).strip().splitlines()[-1].strip()
    return Result(
        failure=Failure(
            message=f"a machine of the cluster cannot draw: {cause}",
            help="install the same `promptlang-diffusion[ray]` on each of them",
            is_of_all=True,
            is_of_worker=is_of_worker,
            trace=str(error),
        )
    )


def _hush() -> None:
    """Keep what Ray tells of actors that died out of standard output, for which it has no setting."""
    with suppress(ImportError):
        vars(import_module("ray._private.worker"))["_worker_logs_enabled"] = False


def _knock(address: str) -> None:
    """Raises OSError where nothing listens at `host:port`; Ray itself would ask for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), PATIENCE).close()


def _unseen(done: int, total: int) -> None:
    """Calls are made on another machine: they are counted a batch at a time."""
