"""Denoisers in GGUF files draw as the numbers that their blocks stand for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from promptlang_runtime.models.tensors import load_tensors
from tests.runtime import tiny_files
from tests.runtime.language import RED, saying
from tests.runtime.pictures import draw

gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")


def test_blocks_are_the_numbers_they_stand_for(tmp_path, make_plan):
    written = tiny_files.flux().written(tmp_path)
    writer, meant = gguf.GGUFWriter(tmp_path / "small.gguf", "flux"), {}
    for name, each in written.tiny.denoiser.items():
        array, kind = each.numpy(), gguf.GGMLQuantizationType.F32
        if each.dim() == 2 and each.shape[1] % 32 == 0:
            kind = gguf.GGMLQuantizationType.Q8_0
        packed = gguf.quants.quantize(array, kind)
        writer.add_tensor(name, packed, raw_dtype=kind)
        meant[name] = torch.from_numpy(gguf.quants.dequantize(packed, kind).copy())
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()
    read = {name: each.float() for name, each in load_tensors(tmp_path / "small.gguf").items()}
    assert all(torch.allclose(each, meant[name], rtol=1e-3) for name, each in read.items())
    tiny_files.save(read, tmp_path / "meant.safetensors")
    parts = {"text_encoders": written.parts.text_encoders, "vae": written.parts.vae}
    plain = {"positive": saying(RED), "clip_skip": None, "sampler": "k_euler", "steps": 2, "size": (32, 16)}
    found, expected = (
        draw(make_plan(model=written.model(name, **parts), **plain)) for name in ("small.gguf", "meant.safetensors")
    )
    assert np.array_equal(found, expected)
