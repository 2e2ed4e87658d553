"""What holds for the JSON of model folders: indices, configurations, schedulers, tokenizers and lists of shards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from struct import pack

from promptlang.models.evidence.header import Tensor
from promptlang.models.evidence.identity import Identity
from promptlang.models.evidence.records import Record, parse_record
from promptlang.models.fitting.configurations.described import undescribed
from promptlang.models.fitting.configurations.together import apart
from promptlang.models.fitting.tokenizers import MERGES, TEMPLATE, VOCABULARY, WHOLE, broken_template, broken_tokens
from promptlang.models.fitting.vaes import vae_misfit
from promptlang.models.fitting.wholeness import SHARDS, Damage, damage, part_damage
from promptlang.models.names import CONFIGURATION, INDEX, SETTINGS
from promptlang.tables.configurations.schedulers import BETAS, NUMBERS, SPACED, WORDS
from promptlang.tables.configurations.table import DESCRIBED
from promptlang.tables.models.folders import Folder, folder_of
from tests.fuzz.broken import hold, hold_lines
from tests.fuzz.files import as_bytes, has_evidence, identity_of, place
from tests.fuzz.grammar import ODD_IN_JSON, Grammar

FAMILY = "sd1"
_CLASSES = {"text_encoder": "CLIPTextModel", "unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
_SCHEDULER = f"scheduler/{SETTINGS['scheduler']}"
_WEIGHTS = "a.safetensors"
_TIMES = count(1)
_LAW = "what is said of a folder is a line"
_PARTS = {"text_encoder": ["transformers", "CLIPTextModel"], "scheduler": ["diffusers", "DDIMScheduler"]}
_TYPICAL: Mapping[str, object] = {
    INDEX: {
        "_class_name": "StableDiffusionPipeline",
        **_PARTS,
        **{part: ["diffusers", _CLASSES[part]] for part in ("unet", "vae")},
    },
    _SCHEDULER: {"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear"},
    **{f"{part}/{CONFIGURATION}": {"_class_name": kind} for part, kind in _CLASSES.items()},
    f"vae/{CONFIGURATION}": {"_class_name": _CLASSES["vae"], "block_out_channels": [8, 8]},
    f"unet/unet{SHARDS}": {"weight_map": {"a": _WEIGHTS}},
    f"tokenizer/{WHOLE}": {"model": {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}, "added_tokens": []},
    f"tokens/{VOCABULARY}": {"a": 0, "b": 1, "ab": 2},
    f"tokens/{TEMPLATE}": "{{ messages }}",
}
"""The files of a folder, by their paths, as far as an input says nothing else."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a folder: what it is, what is wrong with it and with its parts."""

    identity: Identity | str
    clauses: tuple[str, ...]


def folder(text: str) -> Told:
    """A line with the path of a file in a model folder, and its content; the other files are typical ones."""
    named, _, content = text.partition("\n")
    home, row = _home(), folder_of(FAMILY, "")
    assert row is not None
    name = named if named in (*_TYPICAL, f"tokens/{MERGES}") else INDEX
    file = home / name
    before = file.read_bytes()
    _write(file, as_bytes(content))
    try:
        return Told(identity_of(home), tuple(_clauses(home, row)))
    finally:
        _write(file, before)


def _clauses(home: Path, row: Folder) -> Iterator[str]:
    damages: list[Damage | None] = [damage(home, row), part_damage(home / "vae", "diffusers.AutoencoderKL")]
    for each in filter(None, damages):
        yield from (each.message, each.help)
    for part in ("tokenizer", "tokens"):
        yield from (broken_tokens(home / part)[1], broken_template(home / part)[1])
    yield vae_misfit(home / "vae", FAMILY)


@cache
def _home() -> Path:
    home = place("model")
    header = json.dumps({"a": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    weights = {f"{part}/{_WEIGHTS}": pack("<Q", len(header)) + header + b"\0\0" for part in _CLASSES}
    files = {name: json.dumps(value).encode() for name, value in _TYPICAL.items()}
    for name, data in {**weights, **files, f"tokens/{MERGES}": b"#version: 0.2\na b\n"}.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        _write(home / name, data)
    return home


def _write(file: Path, data: bytes) -> None:
    """Write a file whose time is another one, however fast the next one is written."""
    file.write_bytes(data)
    time = next(_TIMES)
    os.utime(file, ns=(time, time))


def is_told(read: Told) -> None:
    """An identity has its evidence, and all that is said stands in a line that can be printed."""
    if isinstance(read.identity, Identity):
        has_evidence(read.identity)
        native = read.identity.native
        hold("a model has a size, or none is known", seen=native, is_true=native is None or native > 0)
    said = (read.identity,) if isinstance(read.identity, str) else (*read.identity.evidence, read.identity.packed)
    hold_lines(_LAW, *said, *read.clauses)


# --- configurations ---------------------------------------------------------------------------------------------------


def network(text: str) -> tuple[str, Record]:
    """A line with the class of a network, and the JSON that describes it."""
    kind, _, content = text.partition("\n")
    return kind if kind in DESCRIBED else "AutoencoderKL", parse_record(as_bytes(content), "it")


def is_described(read: tuple[str, Record]) -> None:
    """Whatever a configuration says of tensors, and beside the other parts of its model, a line says what is wrong."""
    kind, config = read
    tensors = {side.tensor: Tensor("F16", (8,) * 4, 0, 2) for side in DESCRIBED[kind].sides}
    tensors |= {f"{each.name}.{at}.a": Tensor("F16", (8,), 0, 2) for each in DESCRIBED[kind].blocks for at in range(3)}
    row = folder_of(FAMILY, "")
    assert row is not None
    parts = {part: (own, config if own == kind else Record()) for part, own in _CLASSES.items()}
    hold_lines(_LAW, undescribed(kind, config, tensors), *(each for pair in apart(row, parts) for each in pair))


# --- the languages ----------------------------------------------------------------------------------------------------

_KEYS = sorted({key for row in DESCRIBED.values() for key in (*row.unsaid, *row.numbers, *row.words, *row.counted)})
_WORDS = sorted({word for row in DESCRIBED.values() for known in row.words.values() for word in known})
_VALUES = (
    *(
        "1",
        "0",
        "-1",
        "8",
        "768",
        "1.5",
        "1e400",
        "-1e400",
        "NaN",
        "null",
        "true",
        "[]",
        "{}",
        '""',
        '"‹odd›"',
        '"‹word›"',
    ),
    *("[‹value›]", "[‹value›, ‹value›]", "[8, 8]", '{"‹key›": ‹value›}', "9" * 30, "9" * 5_000, '["‹word›", "‹word›"]'),
)
NETWORKS = Grammar(
    {
        "file": ("‹kind›\n{‹entries›}", "‹kind›\n{‹entries›}", "‹kind›\n{‹entries›}‹odd›"),
        "kind": tuple(DESCRIBED),
        "entries": ("‹entry›", "‹entry›, ‹entry›", "‹entry›, ‹entry›, ‹entry›", ""),
        "entry": ('"‹key›": ‹value›', '"‹key›": ‹value›', '"‹odd›": ‹value›', '"vision_config": {‹entries›}'),
        "key": (*_KEYS, "layer_types", "rope_parameters", "rope_type", "text_config", "quantization_config"),
        "word": (*_WORDS, "x"),
        "value": _VALUES,
        "odd": ODD_IN_JSON,
    }
)
FOLDERS = Grammar(
    {
        "file": (
            *(f"{INDEX}\n{{‹classes›}}", f"{INDEX}\n‹json›", f"{_SCHEDULER}\n{{‹noise›}}", f"{_SCHEDULER}\n‹json›"),
            *(f"{part}/{CONFIGURATION}\n{{‹entries›}}" for part in _CLASSES),
            *(f'unet/unet{SHARDS}\n{{"weight_map": ‹map›}}', f"unet/unet{SHARDS}\n‹json›"),
            *(f"tokenizer/{WHOLE}\n{{‹tokens›}}", f"tokenizer/{WHOLE}\n‹json›", f"tokens/{VOCABULARY}\n‹map›"),
            *(f"tokens/{VOCABULARY}\n‹json›", f"tokens/{MERGES}\n‹merges›", f"tokens/{TEMPLATE}\n‹template›"),
            "‹odd›\n‹json›",
        ),
        "classes": (
            "‹class›",
            "‹class›, ‹class›",
            '"_class_name": ‹value›, ‹class›',
            "‹entries›",
            "‹class›, ‹entries›",
        ),
        "class": (
            '"‹part›": ["diffusers", ‹value›]',
            '"‹part›": ‹value›',
            '"_class_name": "‹pipeline›"',
            '"sample_sigmas": ‹value›',
        ),
        "part": ("unet", "vae", "scheduler", "text_encoder", "transformer", "tokenizer", "safety_checker", "x"),
        "pipeline": ("StableDiffusionPipeline", "FluxPipeline", "ZImagePipeline", "Krea2", "Flux2", "Video", "‹odd›"),
        "noise": ('"‹of-noise›": ‹value›', '"‹of-noise›": ‹value›, ‹noise›', "‹entries›"),
        "of-noise": (*NUMBERS, *SPACED, *WORDS, BETAS),
        "entries": ("‹entry›", "‹entry›, ‹entry›", "‹entry›, ‹entry›, ‹entry›", ""),
        "entry": ('"‹key›": ‹value›', '"‹odd›": ‹value›'),
        "key": (
            *(
                "_class_name",
                "beta_schedule",
                "trained_betas",
                "num_train_timesteps",
                "beta_start",
                "shift",
                "sample_size",
            ),
            *(
                "prediction_type",
                "rescale_betas_zero_snr",
                "block_out_channels",
                "latent_channels",
                "cross_attention_dim",
            ),
            *("in_channels", "num_hidden_layers", "model_type", "text_config", "hidden_size", "architectures", "z_dim"),
            *("quantization_config", "quant_method", "act_fn", "layers_per_block"),
        ),
        "map": ('{"a": ‹value›}', '{"a": "a.safetensors", "‹odd›": ‹value›}', "‹value›", "{}"),
        "tokens": ('"added_tokens": ‹value›, ‹model›', '"added_tokens": [], ‹model›', "‹model›", '"version": ‹value›'),
        "model": (
            *('"model": {"type": ‹value›, "vocab": ‹map›}', '"model": {"vocab": {"a": 0}, "merges": [‹merge›]}'),
            *('"model": {"vocab": ‹value›, "merges": ‹value›}', '"model": ‹value›'),
        ),
        "merge": ('"a b"', '"a"', '["a", "a"]', '["a", ‹value›]', '"‹odd› a"', "‹value›"),
        "merges": ("a b", "a b\n‹merges›", "‹odd› a", "a", "#version", "‹odd›"),
        "template": (
            *("{% ‹tag› %}", "{% ‹tag› %}‹template›", "{{ ‹term› }}", "{{ ‹term› }}‹template›", "{# ‹odd› #}", "‹odd›"),
            *("{% for each in messages %}‹template›{% endfor %}", "{%- if ‹term› -%}‹template›{%- endif %}", ""),
        ),
        "tag": ("set x = ‹term›", "generation", "break", "endfor", "raw", "‹odd›", "macro x(‹term›)", "include ‹term›"),
        "term": (
            "messages",
            "x",
            "‹value›",
            "x[‹term›]",
            "x | ‹term›",
            "(‹term›",
            "x.‹odd›",
            "'\\N{x}'",
            "1_0e‹value›",
        ),
        "json": ("{‹entries›}", "‹value›", "{‹entries›}‹odd›", "\ufeff{‹entries›}", "[" * 900),
        "value": _VALUES,
        "word": (
            *(word for known in WORDS.values() for word in known),
            "linear",
            "sigmoid",
            "v_prediction",
            "clip",
            "silu",
            "AutoencoderKL",
            "UNet2DConditionModel",
            "BPE",
            "x",
        ),
        "odd": ODD_IN_JSON,
    }
)
