"""Denoisers in GGUF files, of every family that is drawn from files: they draw as the numbers that blocks stand for."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from promptlang.models.fitting.tensors.gaps import misshapen
from promptlang.models.identify import identify
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.tensors import load_tensors
from tests.runtime import test_parts, tiny_files
from tests.runtime.language import small
from tests.runtime.pictures import draw
from tests.runtime.test_small_numbers import NAMES
from tests.runtime.tiny_read_files import FAMILIES

gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")

BLOCK = 32  # numbers


@pytest.fixture(params=NAMES)
def parts(request, tmp_path):
    """A model made of parts."""
    name = request.param
    if name in FAMILIES:
        return FAMILIES[name]().written(tmp_path).parts
    return test_parts.files_of(name, tmp_path).parts


def packed(tensors, path):
    """Write the tensors as a GGUF file; the numbers that they stand for there.

    As ggml writes them: without the sides of 1 that stand first.
    """
    writer, meant = gguf.GGUFWriter(path, "tiny"), {}
    for name, each in tensors.items():
        while each.dim() > 1 and each.shape[0] == 1:
            each = each[0]
        is_blocks = each.dim() == 2 and each.shape[1] % BLOCK == 0
        kind = gguf.GGMLQuantizationType.Q8_0 if is_blocks else gguf.GGMLQuantizationType.F32
        blocks = gguf.quants.quantize(each.float().numpy(), kind)
        writer.add_tensor(name, blocks, raw_dtype=kind)
        meant[name] = torch.from_numpy(gguf.quants.dequantize(blocks, kind).copy())
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()
    return meant


def test_blocks_are_the_numbers_they_stand_for(parts, make_plan):
    root = Path(parts.path).parent
    meant = packed(load_file(parts.path), root / "small.gguf")
    read = {name: each.float() for name, each in load_tensors(root / "small.gguf").items()}
    assert all(torch.allclose(each, meant[name], rtol=1e-3) for name, each in read.items())
    assert identify(root / "small.gguf").quantization == "gguf Q8_0"
    tiny_files.save(read, root / "meant.safetensors")
    found, expected = (
        draw(small(make_plan, replace(parts, path=str(root / name)))) for name in ("small.gguf", "meant.safetensors")
    )
    assert np.array_equal(found, expected)


def test_a_tensor_of_another_shape_is_said_before(parts, make_plan):
    """Each side of one tensor, and a side more: the renderer refuses it as well."""
    file, tensors = Path(parts.path).with_name("odd.gguf"), load_file(parts.path)
    sound, denoiser = packed(tensors, file), frozenset({"denoiser"})
    assert sound
    assert not misshapen(file, parts.family, parts.variant, denoiser)
    inner = [name for name, each in tensors.items() if each.dim() > 1 and any(map(str.isdigit, name.split(".")))]
    name = random.Random(parts.family).choice(sorted(inner))
    own = tensors[name]
    for odd in (torch.cat([own, own[:1]]), torch.cat([own, own], dim=1), own[:, None]):
        packed({**tensors, name: odd}, file)
        said = misshapen(file, parts.family, parts.variant, denoiser)
        assert "is needed" in said
        assert name.rpartition(".")[0] in said
    with pytest.raises(RenderError, match="cannot be drawn with"):
        draw(small(make_plan, replace(parts, path=str(file))))
