"""Replays a training step as one CUDA graph: small networks spend most of their time on launching kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Step = Callable[[Sequence[Tensor]], Tensor]


def recorded(step: Step, example: Sequence[Tensor]) -> Step:
    """The step as a graph over copies of its inputs; on a CPU the step itself.

    The step runs a few times on the example, so record it while the learning rate is zero. The result holds on to
    `step`: whatever tensors its closure reads must outlive the graph.
    """
    if example[0].device.type != "cuda":
        return step
    slots = [value.clone() for value in example]
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step(slots)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = step(slots)
    held = step

    def replay(values: Sequence[Tensor]) -> Tensor:
        assert held is not None
        for slot, value in zip(slots, values, strict=True):
            slot.copy_(value)
        graph.replay()
        return result

    return replay


def forget_moments(optimizer: torch.optim.Optimizer) -> None:
    """Undo what recording left in Adam's averages."""
    for state in optimizer.state.values():
        state["exp_avg"].zero_()
        state["exp_avg_sq"].zero_()
