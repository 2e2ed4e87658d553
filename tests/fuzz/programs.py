"""What holds for what `promptlang import` reads of other programs, for texts hidden in pixels and for GGUF headers."""

from __future__ import annotations

import json
from struct import pack

from promptlang.importers.imported import Reading
from promptlang.importers.reading import of_text, read_file
from promptlang.importers.statement import as_statement, with_networks
from promptlang.lowering.lower import compile
from promptlang.models.evidence.gguf import read_gguf
from promptlang.models.evidence.header import Header
from promptlang.statements.format import format_text
from tests.fuzz.broken import hold
from tests.fuzz.files import as_bytes, place
from tests.fuzz.grammar import ODD, Grammar

_SIDE = 32  # of a picture that hides a text
_MOST = 5  # of what was read that is written: one text may be a thousand lines

_SETTINGS = """
    seed steps cfg_scale cfgscale scale sampler sampler_name scheduler width height size resolution model vae n
    n_iter batch_size clip_skip strength hr_scale enable_hr denoising_strength noise_schedule cfg_rescale
    guidance negativeprompt quality base_model info hashes extra_generation_params
"""
_NODES = """
    KSampler KSamplerAdvanced CLIPTextEncode LoraLoader CheckpointLoaderSimple EmptyLatentImage
    SamplerCustomAdvanced ConditioningCombine ConditioningConcat CFGGuider VAEEncode LatentUpscale PrimitiveNode
    Reroute CLIPSetLastLayer
"""

PROGRAMS = Grammar(
    {
        "file": ("{‹entries›}", "[{‹entries›}, {‹entries›}]", "‹graph›", "‹written›", "‹written›\n‹written›", "‹odd›"),
        "entries": ("‹entry›", "‹entry›, ‹entry›", "‹entry›, ‹entry›, ‹entry›", "‹pair›, ‹entry›", "‹pair›"),
        "pair": (
            *('"prompt": ‹words›, "steps": ‹value›', '"positive_prompt": ‹words›, "negative_prompt": ‹words›'),
            *('"sui_image_params": {"prompt": ‹words›, ‹entry›}', '"c": ‹words›, "uc": ‹words›, ‹entry›'),
            '"Prompt": ‹words›, "Fooocus V2 Expansion": ‹words›',
            '"v4_prompt": {"caption": {"base_caption": ‹words›, '
            '"char_captions": [{"char_caption": ‹words›}]}}, "prompt": ‹words›, "uc": ‹words›',
            *('"full_prompt": ‹words›, "resolution": ‹value›, "version": "Fooocus v2"', '"meta": {‹entries›}, "id": 1'),
            '"format": "promptlang", "plan": {}, "source": ‹words›, "seed": ‹value›, "version": ‹value›',
        ),
        "entry": (
            *(f'"{name}": ‹value›' for name in _SETTINGS.split()),
            '"loras": ‹list›',
            '"lora": ‹list›',
            '"loraweights": ‹list›',
            '"images": [{‹entries›}]',
            '"model": {‹entry›}',
            '"override_settings": {"sd_model_checkpoint": ‹value›}',
            '"resources": ‹list›',
            '"uc": ‹words›',
            '"‹odd›": 1',
            '"negative_prompt": ‹words›',
        ),
        "list": (
            "[]",
            "[‹value›]",
            "[‹value›, ‹value›]",
            '[{"name": ‹value›, "weight": ‹value›}]',
            '[{"model": {"name": ‹value›, "hash": ‹value›}, "weight": ‹value›}]',
            "‹value›",
        ),
        "value": (
            '"cow"',
            "20",
            "1e400",
            "-1",
            "true",
            "null",
            '"Euler a"',
            '"512x512"',
            "[512, 768]",
            '""',
            '"1.5"',
            "{}",
            "[]",
            '"k_euler"',
            '"DPM++ 2M Karras"',
            "0.1",
            "NaN",
            '"‹odd›"',
            '"a, b"',
            "9" * 30,
        ),
        "words": (
            '"a cow"',
            '"(cow:1.2), [hen]"',
            '"a <lora:cow:1> /seed:1"',
            '""',
            '"‹odd›"',
            "null",
            '["a", "b"]',
            '"a|b {c|d}"',
            '"1.5::a:: #r"',
            '"<random:a,b>"',
            '"a\\nNegative prompt: b"',
        ),
        "graph": (
            '{"1": {"class_type": "KSampler", "inputs": {"steps": ‹value›, "scheduler": ‹value›, ‹links›}}, ‹nodes›}',
            '{"1": {"class_type": "KSampler", "inputs": {"seed": ‹value›, "cfg": ‹value›, ‹links›}}, ‹nodes›}',
            '{"1": ‹node›, "2": ‹node›}',
            '{"nodes": [‹drawn›, ‹drawn›], "links": [[1, 2, 0, 1, 0, "x"], ‹list›]}',
        ),
        "links": (
            '"positive": ‹link›, "negative": ‹link›, "model": ‹link›, "latent_image": ‹link›',
            '"positive": ["2", 0], "negative": ["3", 0], "model": ["4", 0]',
        ),
        "nodes": ('"2": ‹node›, "3": ‹node›, "4": ‹node›',),
        "drawn": (
            '{"id": 1, "type": "‹class›", "inputs": [{"name": "model", "link": 1}], "widgets_values": ‹list›}',
            '{"id": 2, "type": "‹class›", "outputs": [{"links": [1]}], "widgets_values": ‹list›}',
        ),
        "node": (
            '{"class_type": "‹class›", "inputs": {"text": ‹words›, "clip": ‹link›, "model": ‹link›}}',
            '{"class_type": "‹class›", "inputs": {"lora_name": ‹value›, "strength_model": ‹value›, "model": ‹link›}}',
            '{"class_type": "‹class›", "inputs": {"samples": ‹link›, "width": ‹value›, "height": ‹value›}}',
            '{"class_type": "‹class›", "inputs": {"ckpt_name": ‹value›, "conditioning_1": ‹link›, "string": ‹link›}}',
            '{"class_type": "‹class›"}',
            "‹value›",
        ),
        "class": (*_NODES.split(), "‹odd›"),
        "link": ('["2", 0]', '["3", 0]', '["4", 1]', '["1", 0]', '["9", 0]', "‹value›", "[]"),
        "written": (
            "/imagine prompt: a cow ‹flags›",
            "a cow ‹flags›",
            "./sd -p 'a cow' ‹flags›",
            "python x.py --prompt ‹words›",
            "pipe(prompt=‹words›, num_inference_steps=‹value›, generator=g)",
            "pipe = P.from_pretrained(‹value›)\n‹written›",
            "prompt: a cow\nsteps: ‹value›",
            "- prompt: ‹words›\n  seed: ‹value›",
            "| prompt | steps |\n|---|---|\n| a | ‹value› |",
            "--prompts ‹words› --inference-steps 3 ‹flags›",
            "name,prompt,negative_prompt\na,‹words›,b",
            "1. a cow\n2. a hen",
            "a cow --n b --d 1 ‹flags›",
            "a cow\nNegative prompt: b\nSteps: 20, Seed: ‹value›, Size: 8x8",
            "dream ‹words› -s 1",
        ),
        "flags": (
            "--ar 16:9",
            "--v 6 --no b, c",
            "--steps 3",
            "-s ‹value›",
            "--w 512 --h ‹value›",
            "‹flags› ‹flags›",
            "",
            "--‹odd›",
        ),
        "odd": ODD,
    }
)


def reading(text: str) -> Reading:
    """What a text says of pictures."""
    return of_text(text, name="a.csv" if text.startswith("name,") else "")


def is_imported(read: Reading) -> None:
    """What is written of it is formatted, has plans, and is told in lines."""
    for remark in read.remarks:
        hold("a remark is a line of words", seen=remark, is_true=bool(remark) and not {"\n", "\r"} & {*remark})
    for each in read.found[:_MOST]:
        statement = as_statement(with_networks(each))
        if statement is None:
            continue
        once = format_text(statement)
        hold("what is imported is formatted", seen=(statement, once), is_true=once.strip() == statement.strip())
        compile(statement)


_COMMENT = json.dumps({"Comment": json.dumps({"prompt": "a", "uc": "b", "steps": 3})})
HIDDEN = Grammar(
    {
        "file": ("‹sign›‹size›‹body›", "‹sign›", "‹odd›", "‹sign›\0\0\0\x08a", f"‹sign›\0\0\x01\xe8{_COMMENT:61}"),
        "sign": ("stealth_pnginfo", "stealth_pngcomp", "stealth_rgbinfo", "stealth_rgbcomp", "stealth_xxx"),
        "size": ("\0\0\0‹odd›", "\0\0\1\0", "\xff\xff\xff\xff", "\0\0\0\0", "\0\0\0\x90"),
        "body": ("‹odd›", '{"prompt": "a cow", "steps": 3}', "\x1f\x8b\x08\0\0\0\0\0\0\xff", "", "‹body›‹body›"),
        "odd": ODD,
    }
)


def hidden(text: str) -> Reading:
    """The text in the lowest bits of a picture, column by column: in its colours where its sign says so."""
    from PIL import Image

    data = text.encode("latin-1", "replace")
    bits = [byte >> at & 1 for byte in data for at in range(7, -1, -1)]
    is_coloured = b"_rgb" in data[:12]
    width = 3 if is_coloured else 1
    bits += [1] * (width * _SIDE**2)
    colours = [(*(254 | bit for bit in bits[at : at + width]),) for at in range(0, width * _SIDE**2, width)]
    pixels = [(*each, 255) if is_coloured else (255, 255, 255, *each) for each in colours]
    picture = Image.new("RGBA", (_SIDE, _SIDE))
    picture.putdata(pixels)
    path = place("hidden.png")
    picture.transpose(Image.Transpose.TRANSPOSE).save(path)
    return read_file(path)


GGUF = Grammar(
    {
        "file": ("‹head›‹entries›‹tensors›", "‹head›‹entries›", "GGUF ‹odd›", "‹odd›", "‹head›‹tensors›"),
        "head": ("version 3\n", "version 2\n", "version ‹number›\n", "tensors ‹number›\n", "entries ‹number›\n", ""),
        "entries": (
            "",
            "text ‹name› ‹odd›\n",
            "uint general.alignment ‹number›\n",
            "list ‹name› ‹number›\n",
            "kind ‹name› ‹number›\n",
            "‹entries›‹entries›",
        ),
        "tensors": (
            "tensor ‹name› ‹number› ‹number› ‹number›\n",
            "tensor ‹name› ‹number›\n",
            "‹tensors›‹tensors›",
            "tensor ‹name›\n",
        ),
        "name": (
            "general.architecture",
            "double_blocks.0.img_attn.qkv.weight",
            "img_in.weight",
            "a",
            "‹odd›",
            "token_embd.weight",
        ),
        "number": ("0", "1", "8", "32", "3072", "12", "4294967295", "18446744073709551615", "65537"),
        "odd": ODD,
    }
)


def gguf(text: str) -> Header:
    """Lines `tensor name type sides…`, `text name value` and others as a file, with room for tensors behind them."""
    said = {"version": 3, "tensors": -1, "entries": -1}
    entries: list[bytes] = []
    tensors: list[bytes] = []
    for line in text.split("\n"):
        word, _, rest = line.partition(" ")
        name, _, value = rest.partition(" ")
        if word in said:
            said[word] = _number(rest)
        elif word == "text":
            entries.append(_text(name) + pack("<I", 8) + _text(value))
        elif word == "uint":
            entries.append(_text(name) + pack("<II", 4, _number(value) % 2**32))
        elif word == "list":
            entries.append(_text(name) + pack("<IIQ", 9, 9, _number(value)) + pack("<IQ", 8, _number(value)))
        elif word == "kind":
            entries.append(_text(name) + pack("<I", _number(value) % 2**32))
        elif word == "tensor":
            kind, *sides = value.split(" ")
            shape = [_number(side) for side in sides]
            tensors.append(
                _text(name)
                + pack("<I", len(shape))
                + pack(f"<{len(shape)}Q", *shape)
                + pack("<IQ", _number(kind) % 2**32, 0)
            )
    if word := text.partition("GGUF ")[2] if text.startswith("GGUF ") else "":
        body = b"GGUF" + as_bytes(word)
    else:
        counts = [
            len(each) if said[name] < 0 else said[name] for name, each in (("tensors", tensors), ("entries", entries))
        ]
        body = b"GGUF" + pack("<IQQ", said["version"] % 2**32, *counts) + b"".join((*entries, *tensors)) + bytes(4096)
    path = place("a.gguf")
    path.write_bytes(body)
    return read_gguf(path)


def _number(text: str) -> int:
    return int(text) % 2**64 if text.isascii() and text.isdigit() and len(text) < 25 else 0


def _text(text: str) -> bytes:
    return pack("<Q", len(as_bytes(text))) + as_bytes(text)
