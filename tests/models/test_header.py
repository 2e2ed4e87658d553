"""Headers of safetensors files: what is read, and what every sort of broken file is told to be."""

from __future__ import annotations

import json
import os
import re
import struct
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from promptlang.models.evidence.header import Tensor, parse_header, read_header
from promptlang.models.files import identify_header
from promptlang.models.identify import BadHeader, Identity, PickledModel
from tests.thorough import many

ONE = {"a": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}}


def parsed(record: object, room: int):
    """The header that a record spells."""
    return parse_header(json.dumps(record).encode(), room)


def refused(record: object, room: int) -> str:
    """What the refusal of a record says."""
    with pytest.raises(BadHeader) as caught:
        parsed(record, room)
    return str(caught.value)


def test_names_types_shapes_and_metadata_are_read() -> None:
    header = parsed({"__metadata__": {"k": "v"}, **ONE}, 12)
    assert header.tensors == {"a": Tensor("F16", (2, 3), 0, 12)}
    assert header.metadata == {"k": "v"}


def test_empty_tensors_and_single_numbers_are_fine() -> None:
    header = parsed({"v_pred": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}, "n": one("F32", [], 0, 4)}, 4)
    assert header.shape("v_pred") == (0,)
    assert header.shape("n") == ()


def one(dtype: object, shape: object, *offsets: object) -> dict[str, object]:
    """One entry."""
    return {"dtype": dtype, "shape": shape, "data_offsets": list(offsets)}


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "U8", "I8"])
def test_quantised_types_are_fine(dtype: str) -> None:
    assert parsed({"a": one(dtype, [3], 0, 3)}, 3).shape("a") == (3,)


@pytest.mark.parametrize(
    ("record", "room", "words"),
    [
        ({"a": one("F16", [2], 0, 4), "b": one("F16", [2], 2, 6)}, 6, "`b` overlaps `a` by 2 bytes"),
        ({"a": one("F16", [2], 0, 4), "b": one("F16", [2], 6, 10)}, 10, "2 bytes before `b` belong to no tensor"),
        (ONE, 20, "8 bytes at the end belong to no tensor"),
        (ONE, 8, "cut off: `a` ends at data byte 12, the file at 8"),
        ({"a": one("F16", [2, 3], 0, 13)}, 13, "`a` is F16 of shape 2×3, which does not fill its 13 bytes"),
        ({"a": one("F17", [1], 0, 2)}, 2, "`a` has the unknown type `F17`"),
        ({"a": one("F16", [-1], 0, 2)}, 2, "the shape of `a` is not a short list of whole numbers"),
        ({"a": one("F16", [True], 0, 2)}, 2, "the shape of `a` is not a short list of whole numbers"),
        ({"a": one("F16", [1.0], 0, 2)}, 2, "the shape of `a` is not a short list of whole numbers"),
        ({"a": one("F16", [2**70], 0, 2)}, 2, "the shape of `a` is not a short list of whole numbers"),
        ({"a": one("F16", [1] * 1000, 0, 2)}, 2, "the shape of `a` is not a short list of whole numbers"),
        ({"a": one("F16", [1], 2, 0)}, 2, "the offsets of `a` are not two rising whole numbers"),
        ({"a": one("F16", [1], 0)}, 2, "the offsets of `a` are not two rising whole numbers"),
        ({"a": 5}, 0, "the entry `a` is not an object"),
        ({"__metadata__": []}, 0, "`__metadata__` is not an object"),
        ({"__metadata__": {"k": 1}}, 0, "metadata may hold text only, `k` does not"),
        ({"\ud800": one("U8", [1], 0, 1)}, 1, "`�` holds half of a character pair"),
    ],
)
def test_what_breaks_the_format_is_named(record: object, room: int, words: str) -> None:
    assert refused(record, room) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "the key `a` stands there twice"),
        ('{"a": ', "the header is not JSON: expecting value at character 6"),
        ('{"a": {"dtype"}}', "the header is not JSON: expecting ':' delimiter at character 14"),
        ('{"a":' + "[" * 200_000, "the header nests too deeply"),
        ('{"a":' + "9" * 9000 + "}", "the header holds a number with thousands of digits"),
        ("[1]", "the header does not begin with `{`: this is not a safetensors file"),
        ("  {}", "the header does not begin with `{`: this is not a safetensors file"),
        ("", "the header does not begin with `{`: this is not a safetensors file"),
    ],
)
def test_broken_json_is_named(text: str, words: str) -> None:
    with pytest.raises(BadHeader, match=f"^{re.escape(words)}$"):
        parse_header(text.encode(), 0)


@pytest.mark.parametrize("name", ["encoder.layers.{}.layer_norm1", "model.layers.{}.input_layernorm"])
def test_a_layer_with_thousands_of_digits_is_none(name: str) -> None:
    header = parsed({f"{name.format('9' * 5_000)}.weight": one("F16", [4], 0, 8)}, 8)
    assert identify_header(header).kind == "unknown"


def test_a_name_that_would_command_the_terminal_is_defused() -> None:
    assert "\x1b" not in refused({"\x1b[2J": 5}, 0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"abc", "the file has 3 bytes, too few for a header"),
        (struct.pack("<Q", 2**63) + b"{", "this is not a safetensors file: its header would be longer than"),
        (struct.pack("<Q", 100_000_001) + b"{", "longer than 100,000,000 bytes"),
        (struct.pack("<Q", 50) + b"{}", "cut off: the header needs 58 bytes, the file has 10"),
        (struct.pack("<Q", 2) + b"\xff\xfe", "does not begin with `{`"),
        (struct.pack("<Q", 3) + b"{\xff}", "the header is not UTF-8 (byte 1)"),
        (b"GGUF\x03\0\0\0" + bytes(20), "a GGUF file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (b"\xff" * 300, "this is not a safetensors file: its header would be longer than"),
        (b"a\xffcow in a field", "this is not a safetensors file: its header would be longer than"),
        (b"/render a caf\xc3\xa9\n", "a text, not a model"),
    ],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(BadHeader) as caught:
        read_header(path)
    assert words in str(caught.value)


@pytest.mark.parametrize("data", [b"PK\x03\x04rest of the archive", b"\x80\x02}q\x00.", b"\x80\x04\x95rest"])
def test_pickles_are_recognised_and_never_opened(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.ckpt"
    path.write_bytes(data)
    with pytest.raises(PickledModel, match="can run code"):
        read_header(path)


def test_a_header_whose_length_looks_like_a_pickle_is_still_read(tmp_path: Path) -> None:
    header = b"{" + b" " * (0x0280 - 2) + b"}"
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    assert path.read_bytes().startswith(b"\x80\x02")
    assert read_header(path).tensors == {}


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadHeader, match="a folder"):
        read_header(tmp_path)
    with pytest.raises(BadHeader, match="not a regular file"):
        read_header(tmp_path / "pipe")


KEYS = """
a emb_params v_pred <cow> clip_l clip_g x.lora_down.weight x.lokr_w1 conv_in.weight decoder.conv_in.weight
model.diffusion_model.input_blocks.0.0.weight text_model.encoder.layers.3.layer_norm1.weight
model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight
lora_unet_single_blocks_0_linear1.lora_A.weight
"""
names = st.sampled_from(KEYS.split())
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F16", "F32", "U8", "F8_E4M3", "BOOL", "F99"]),
        "shape": st.lists(st.integers(0, 4) | st.sampled_from([768, 1024, 2048, -1]), max_size=4),
        "data_offsets": st.lists(st.integers(0, 64), min_size=2, max_size=2),
    }
)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[bytes, int]:
    """A header that keeps to the format, and its bytes of data."""
    record: dict[str, object] = {}
    at = 0
    for name in draw(st.lists(names, unique=True, max_size=5)):
        shape = draw(st.lists(st.sampled_from([0, 1, 2, 4, 9, 320, 768, 1024, 2048]), max_size=4))
        size = 1
        for side in shape:
            size *= side
        record[name] = {"dtype": "U8", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    return json.dumps(record).encode(), at


anything = (
    st.tuples(st.binary(max_size=60), st.integers(0, 100))
    | st.tuples(
        st.dictionaries(names, entries | junk, max_size=4).map(lambda each: json.dumps(each).encode()),
        st.integers(0, 100),
    )
    | st.tuples(
        st.text(max_size=40).map(lambda text: ('{"' + text + "}").encode("utf-8", "surrogatepass")), st.integers(0, 9)
    )
    | fitting()
)


@settings(max_examples=many(400))
@given(anything)
@example((b'{"emb_params":{"dtype":"U8","shape":[0,768],"data_offsets":[0,0]}}', 0))
def test_any_header_is_identified_or_refused(case: tuple[bytes, int]) -> None:
    data, room = case
    try:
        found = identify_header(parse_header(data, room))
    except BadHeader as error:
        sentences: tuple[str, ...] = (str(error),)
    else:
        assert isinstance(found, Identity)
        sentences = found.evidence
    assert sentences
    assert all(each and each.isprintable() for each in sentences)


@settings(max_examples=many(300))
@given(anything)
def test_the_reference_reader_agrees_about_what_is_a_file(case: tuple[bytes, int]) -> None:
    reference = pytest.importorskip("safetensors", reason="the reference reader is not installed")
    data, room = case
    assume(room < 10_000)  # the reference reader wants the data as well
    try:
        ours = set(parse_header(data, room).tensors)
    except BadHeader:
        ours = None
    try:
        theirs = {name for name, _ in reference.deserialize(struct.pack("<Q", len(data)) + data + bytes(room))}
    except reference.SafetensorError:
        theirs = None
    assert ours == theirs
