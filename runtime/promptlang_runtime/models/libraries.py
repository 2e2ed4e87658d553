"""The edge to diffusers and transformers: silenced, and their classes taken by name, with the types that we use.

Everything else imports the two from here, since they talk while they are imported.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeGuard

import torch
from torch import Tensor, nn

from promptlang.models.evidence.records import Record, is_whole, read_record
from promptlang.models.names import CONFIGURATION
from promptlang.tables.configurations.words import FRACTIONS
from promptlang_runtime.errors import RenderError
from promptlang_runtime.late import late
from promptlang_runtime.models.pipelines import (
    Denoiser,
    Loading,
    Loads,
    Module,
    Pipeline,
    Scheduler,
    TalkTokenizer,
    Tensors,
    Vae,
)

with late():
    for _library in ("transformers", "diffusers"):
        _logging = import_module(f"{_library}.utils.logging")
        _logging.set_verbosity_error()
        _logging.disable_progress_bar()
    _diffusers = import_module("diffusers")
    _transformers = import_module("transformers")
    _layouts = import_module("diffusers.loaders.single_file_utils")
    _loadable = import_module("diffusers.loaders.single_file_model").SINGLE_FILE_LOADABLE_CLASSES

INVALID: type[Exception] = getattr(import_module("huggingface_hub.errors"), "StrictDataclassError", ValueError)
"""What configurations of transformers raise for sizes that no model has, in the versions that look at them."""

OLD_NAME = "`FluxPosEmbed` is deprecated"  # by which diffusers' transformer of Chroma calls a part of FLUX.1's


@contextmanager
def _unremarked() -> Generator[None]:
    """Without what diffusers says of its own code, about which nobody who draws can do a thing."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=OLD_NAME, category=FutureWarning)
        yield


def pipeline(kind: str, **parts: object) -> Pipeline:
    """A pipeline of diffusers made of its parts; raises RenderError where the installed version knows none such."""
    return _class(kind)(**parts)


@contextmanager
def unfilled() -> Generator[None]:
    """Networks are made without random numbers, which take seconds and which the tensors of a file soon replace."""
    fillers = {name: each for name, each in vars(nn.init).items() if name.endswith("_") and name[0] != "_"}
    whole = _transformers.PreTrainedModel
    fills_parts = whole._initialize_weights
    for name in fillers:
        setattr(nn.init, name, _left)
    whole._initialize_weights = _left
    try:
        yield
    finally:
        for name, each in fillers.items():
            setattr(nn.init, name, each)
        whole._initialize_weights = fills_parts


def _left(tensor: object, *given: object, **settings: object) -> object:
    """What would be filled, as it is: some take it from what fills it."""
    return tensor


def denoiser(kind: str, **config: object) -> Denoiser:
    """A denoiser of that shape, its tensors not yet filled in."""
    with _unremarked(), unfilled():
        return getattr(_diffusers, kind)(**config)


def empty(kind: str, /, **config: object) -> Denoiser:
    """A denoiser of that shape without memory for its tensors, which large ones fill the machine with."""
    with _emptied():
        return denoiser(kind, **config)


def empty_reader(kind: str, /, **config: object) -> nn.Module:
    """The same of a text encoder of transformers."""
    with _emptied(), unfilled():
        found = getattr(_transformers, kind)
        return found(found.config_class(**config))


@contextmanager
def _emptied() -> Generator[None]:
    """Parameters take no memory. What modules compute of their shape alone, they keep."""
    register = nn.Module.register_parameter

    def without_memory(self: nn.Module, name: str, param: nn.Parameter | None) -> None:
        register(self, name, param if param is None else nn.Parameter(param.to("meta")))

    nn.Module.register_parameter = without_memory
    try:
        yield
    finally:
        nn.Module.register_parameter = register


def tokenizer(file: str, **settings: object) -> object:
    """What a `tokenizer.json` describes."""
    return _transformers.PreTrainedTokenizerFast(tokenizer_file=file, **settings)


def vae(kind: str, /, **config: object) -> Vae:
    """A VAE of that shape, its tensors not yet filled in."""
    with unfilled():
        return getattr(_diffusers, kind)(**config)


def scheduler(kind: str, config: Mapping[str, object], **settings: object) -> Scheduler:
    """A scheduler with the noise levels of another one's configuration."""
    return getattr(_diffusers, kind).from_config(config, **settings)


def noise_path(like: Tensor, low: float, high: float, seeds: Sequence[int]) -> Callable[[Tensor, Tensor], Tensor]:
    """What a path of Brownian motion changes by between two noise levels, one path a seed, as diffusers has it."""
    path = import_module("diffusers.schedulers.scheduling_dpmsolver_sde").BrownianTreeNoiseSampler
    return path(like, low, high, seeds)


def fetched(place: str) -> str:
    """The folder that a repository is fetched to, nothing of it loaded."""
    return _diffusers.DiffusionPipeline.download(place, use_safetensors=True)


def fetched_network(place: str) -> str:
    """The same of a repository that holds one network of diffusers."""
    fetch = import_module("huggingface_hub").snapshot_download
    return fetch(place, allow_patterns=[CONFIGURATION, "diffusion_pytorch_model*.safetensors*"])


def pipeline_from(kind: str, folder: str, *, given: Mapping[str, object], **parts: object) -> Pipeline:
    """The pipeline of a folder, which says how it is set; `parts` are what it is made of.

    `given` are those that stand in for parts which need libraries we have not.
    """
    found = _silent_about(kind, given) if given else _class(kind)
    with _unremarked():
        return found.from_pretrained(folder, local_files_only=True, use_safetensors=True, **parts, **given)


def tokenizer_from(folder: str) -> TalkTokenizer:
    """What divides the texts of a text encoder, of a folder."""
    return _transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _class(kind: str) -> Loads:
    """A class of diffusers by name; raises RenderError where the version that is installed has none."""
    found = getattr(_diffusers, kind, None)
    if found is None:
        raise RenderError(f"diffusers {_diffusers.__version__} has no `{kind}`", "run `pip install -U diffusers`")
    return found


def _silent_about(kind: str, given: Mapping[str, object]) -> Loads:
    """The class, whose index names none of these parts: diffusers would compare them with classes it cannot import."""
    found = _class(kind)

    def load_config(cls: type, *arguments: object, **settings: object) -> Mapping[str, object]:
        del cls
        named = found.load_config(*arguments, **settings)
        return {name: entry for name, entry in named.items() if name not in given}

    silent = type(kind, (getattr(_diffusers, kind),), {"load_config": classmethod(load_config)})
    assert _loads(silent)
    return silent


def _loads(kind: object) -> TypeGuard[Loads]:
    return hasattr(kind, "from_pretrained")


def part_from(
    library: str, kind: str, place: str, *, dtype: torch.dtype, edition: str | None
) -> tuple[object, Loading | None]:
    """A part of a pipeline from its own folder, and, of a network, what came of its files.

    `edition` names files of another precision.
    """
    found = getattr(import_module(library), kind)
    if not _is_network(found):
        return found.from_pretrained(place, local_files_only=True), None
    # diffusers takes that word only where it keeps each tensor twice in memory.
    others = {"ignore_mismatched_sizes": True} if library == "transformers" else {}
    with _configuration(place) as config:
        told = {"config": config} if config != place else {}
        whole, said = found.from_pretrained(
            place,
            dtype=dtype,
            variant=edition,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            **others,
            **told,
        )
    loading = Loading(
        names=tuple(whole.state_dict()),
        missing=frozenset(said["missing_keys"]),
        unknown=frozenset(said["unexpected_keys"]),
        misshapen=frozenset((name, tuple(have), tuple(want)) for name, have, want in said["mismatched_keys"]),
    )
    return whole, loading


def expected_numbers(library: str, kind: str, place: str) -> int:
    """How many numbers the configuration of a network of transformers asks for; 0 for parts of other kinds."""
    found = getattr(import_module(library), kind)
    if library != "transformers" or not _is_network(found):
        return 0
    with _configuration(place) as config:
        return _numbers_of(kind, found.config_class.from_pretrained(config, local_files_only=True).to_json_string())


@contextmanager
def _configuration(place: str) -> Generator[str]:
    """Where the configuration of a part is read from: its folder, or a copy where whole numbers stand for fractions."""
    said = read_record(Path(place) / CONFIGURATION)
    written, meant = json.dumps(said), json.dumps(_with_fractions(said))
    if written == meant:
        yield place
        return
    with TemporaryDirectory() as folder:
        (Path(folder) / CONFIGURATION).write_text(meant, encoding="utf-8")
        yield folder


def _with_fractions(said: Record) -> Record:
    """The same with fractions where whole numbers stand for them, in the halves of a configuration as well."""
    found = Record(said)
    for key, value in said.items():
        if isinstance(value, Record):
            found[key] = _with_fractions(value)
        elif key in FRACTIONS and is_whole(value):
            found[key] = float(value)
    return found


@lru_cache(maxsize=64)
def _numbers_of(kind: str, config: str) -> int:
    """How many numbers a network of transformers has; many models have the same ones, whose layers take long to lay."""
    found = getattr(_transformers, kind)
    with torch.device("meta"):
        whole = found(found.config_class.from_dict(json.loads(config)))
    return sum(each.numel() for each in whole.parameters())


def expected_shapes(library: str, kind: str, place: str) -> Mapping[str, Sequence[int]]:
    """The shapes that the configuration of a network of diffusers asks for; empty for parts of other kinds."""
    found = getattr(import_module(library), kind)
    if library != "diffusers" or not _is_network(found):
        return {}
    with torch.device("meta"):
        whole = found.from_config(found.load_config(place))
    return {name: tuple(each.shape) for name, each in whole.state_dict().items()}


def _is_network(kind: type) -> bool:
    return issubclass(kind, nn.Module)


def is_vae(found: object) -> TypeGuard[Vae]:
    """Whether an opened part decodes latents."""
    return isinstance(found, nn.Module) and hasattr(found, "decode")


def settings(config: Mapping[str, object]) -> Mapping[str, object]:
    """A configuration as pipelines look into it: by key, and by attribute."""
    return import_module("diffusers.configuration_utils").FrozenDict(config)


def denoiser_of(pipeline: Pipeline, name: str) -> Denoiser:
    """The denoiser of a pipeline, by the name of its part."""
    return getattr(pipeline, name)


def text_encoder_of(pipeline: Pipeline, name: str) -> nn.Module:
    """A text encoder of a pipeline, by the name of its part."""
    return getattr(pipeline, name)


def parts_of(pipeline: Pipeline) -> Mapping[str, nn.Module]:
    """The networks that a pipeline is made of, by the names of its parts."""
    return {name: part for name, part in pipeline.components.items() if isinstance(part, nn.Module)}


def bring_by_layer(network: nn.Module, device: torch.device) -> None:
    """Have the layers of a network rest in main memory, and each come to the device while it is called."""
    import_module("diffusers.hooks").apply_group_offloading(
        network, onload_device=device, offload_device=torch.device("cpu"), offload_type="leaf_level"
    )


def divide_attention(network: nn.Module) -> None:
    """Have a UNet attend with one head after the other; other denoisers know no such way."""
    if isinstance(network, _diffusers.UNet2DConditionModel):
        getattr(network, "set_attention_slice")("max")  # noqa: B009, a method that the base class types as a tensor


def control_of_unet(denoiser: Denoiser, tensors: Tensors) -> tuple[Module, dict[str, Tensor]]:
    """A ControlNet for a UNet with its tensors not yet filled in, and those of a file under diffusers' names."""
    named: dict[str, Tensor] = _layouts.convert_controlnet_checkpoint(dict(tensors), denoiser.config)
    hints = [
        named[f"controlnet_cond_embedding.{each}.weight"] for each in ("conv_in", "blocks.1", "blocks.3", "blocks.5")
    ]
    with unfilled():
        whole = _diffusers.ControlNetModel.from_unet(
            denoiser,
            load_weights_from_unet=False,
            conditioning_channels=hints[0].shape[1],
            conditioning_embedding_out_channels=tuple(each.shape[0] for each in hints),
        )
    return whole, named


def control_of_flux(denoiser: Denoiser, tensors: Tensors, blocks: int, single_blocks: int) -> Module:
    """A ControlNet for FLUX.1 of so many layers, its tensors not yet filled in."""
    guided = any(name.startswith("time_text_embed.guidance_embedder.") for name in tensors)
    layers = {"num_layers": blocks, "num_single_layers": single_blocks, "guidance_embeds": guided}
    with unfilled():
        return _diffusers.FluxControlNetModel.from_config(denoiser.config, **layers)


def reads_text_of(network: object) -> object:
    """How wide the text is that a denoiser reads, or a ControlNet of one; None where its configuration has no word."""
    config = getattr(network, "config", {})
    return config.get("cross_attention_dim") or config.get("joint_attention_dim")


def vision_width(encoder: nn.Module, name: str) -> object:
    """A width of an image encoder, by its name in the configuration."""
    return getattr(encoder.config, name, None)


def width_read(pipeline: Pipeline, denoiser: str) -> int | None:
    """How wide the text is that a UNet reads; None for other denoisers, which have many words for it."""
    network = getattr(pipeline, denoiser)
    if not isinstance(network, _diffusers.UNet2DConditionModel):
        return None
    found: object = network.config.get("cross_attention_dim")
    return found if isinstance(found, int) else None


def width_written(pipeline: Pipeline, text_encoder: str) -> int | None:
    """How wide the states of a text encoder are; None where its configuration does not say, or where it is left out."""
    config = getattr(getattr(pipeline, text_encoder), "config", None)
    width: int | None = getattr(getattr(config, "text_config", config), "hidden_size", None)
    return width


def written_for(pipeline: Pipeline, tensors: Tensors) -> Tensors:
    """The tensors of a LoRA under the names of the pipeline's layers, alphas among them."""
    takes = signature(pipeline.lora_state_dict).parameters
    found = pipeline.lora_state_dict(dict(tensors), **({"return_alphas": True} if "return_alphas" in takes else {}))
    if not isinstance(found, tuple):
        return found
    named, alphas = found
    return {**named, **(alphas or {})}


def transformer_tensors(kind: str, tensors: Tensors) -> Tensors:
    """The tensors of a denoiser of that class as they were first published, under diffusers' names."""
    return _loadable[kind]["checkpoint_mapping_fn"](dict(tensors))


def film_vae_tensors(tensors: Tensors) -> Tensors:
    """The tensors of a VAE made for films, in the layout of Wan, under diffusers' names."""
    return _layouts.convert_wan_vae_to_diffusers(dict(tensors))


def deep_vae_tensors(tensors: Tensors) -> Tensors:
    """The tensors of Sana's VAE in the layout of the original code, under diffusers' names."""
    return _layouts.convert_autoencoder_dc_checkpoint_to_diffusers(dict(tensors))


def denoiser_tensors(tensors: Tensors, whole: Denoiser) -> dict[str, Tensor]:
    """The denoiser's tensors of a checkpoint in the layout of the original code, under diffusers' names."""
    return _layouts.convert_ldm_unet_checkpoint(dict(tensors), whole.config)


def vae_tensors(tensors: Tensors, whole: Vae) -> dict[str, Tensor]:
    """The VAE's tensors of a checkpoint in the layout of the original code, under diffusers' names."""
    return _layouts.convert_ldm_vae_checkpoint(dict(tensors), whole.config)
