"""What `promptlang doctor` says of the runtime: the devices that draw."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.many.processes import cores


def devices() -> Iterator[tuple[str, str]]:
    """A line for every device, the one that `auto` takes first."""
    import torch

    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        _, memory = torch.cuda.mem_get_info(number)
        yield "Devices", f"cuda:{number}: {torch.cuda.get_device_name(number)}, {memory / 2**30:.0f} GiB"
    if torch.backends.mps.is_available():
        yield "Devices", "mps: the graphics of this Mac"
    yield "Devices", f"cpu: {cores()} cores"
