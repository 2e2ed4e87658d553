"""Who draws: this process, several on this machine, or a cluster."""

from __future__ import annotations

from promptlang_runtime.executors.here import kind_of
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import Executor
from promptlang_runtime.executors.single import Single


def chosen(settings: Settings, *, jobs: int = 1, ray: str | None = None) -> tuple[Executor, str]:
    """The executor, and the kind of its devices; no `jobs` are one for each device.

    Raises RenderError where there is no such device or cluster.
    """
    if ray is not None:
        from promptlang_runtime.executors.on_ray import OnRay

        cluster = OnRay.at(ray, settings)
        return cluster, cluster.kind
    kind = kind_of(settings.device)
    devices = _devices(settings.device, kind)
    if (jobs or len(devices)) == 1:
        return Single(settings), kind
    from promptlang_runtime.executors.processes import Processes

    return Processes(settings, [devices[each % len(devices)] for each in range(jobs or len(devices))]), kind


def one_each(settings: Settings, workers: int) -> tuple[tuple[Executor, ...], str]:
    """The same as executors of one worker each, for threads that ask them; no `workers` are one for each device."""
    kind = kind_of(settings.device)
    devices = _devices(settings.device, kind)
    count = workers or len(devices)
    if count == 1:
        return (Single(settings),), kind
    from promptlang_runtime.executors.processes import Processes

    return tuple(Processes(settings, [devices[each % len(devices)]], count) for each in range(count)), kind


def _devices(name: str, kind: str) -> list[str]:
    """The devices that are meant by a name: all of its kind where it names none of them."""
    if kind != "cuda" or ":" in name:
        return [name]
    import torch

    return [f"cuda:{each}" for each in range(torch.cuda.device_count())]
