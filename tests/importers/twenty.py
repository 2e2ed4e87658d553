"""Twenty small pictures as nine programs write them: `python -m tests.importers.twenty` draws `pictures/` anew.

Names and places of texts are those of the programs' published writers; sizes and steps are such that the bundled model
draws each in a moment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.importers import made

FOLDER = Path(__file__).with_name("pictures")

_SETTINGS = "Size: 64x64, Model hash: 0123456789, Model: dreamshaper_8"
_WEBUI = (
    "a (red:1.2) circle on a [white] background\nNegative prompt: blurry, (text:1.3)\n"
    f"Steps: 2, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: 11, {_SETTINGS}, "
)
_CHANGING = (
    "a [red:blue:0.5] circle BREAK on white AND a star :0.5\n"
    f"Steps: 4, Sampler: Euler a, Schedule type: Automatic, CFG scale: 4, Seed: 12, {_SETTINGS}, Version: v1.9.4"
)
_FORGE = (
    "two blue squares\nNegative prompt: blurry\nSteps: 2, Sampler: Euler, Schedule type: Simple, CFG scale: 4, "
    f"Seed: 13, {_SETTINGS}, Clip skip: 2, RNG: CPU, Version: f2.0.1v1.10.1-previous-659-gc055f2d4"
)
_SDNEXT = (
    "a green star\nNegative prompt: \nSteps: 2, Size: 64x64, Sampler: DPM++ 2M, Seed: 14, CFG scale: 5, "
    "Parser: a1111, Model: dreamshaper_8, Model hash: 0123456789, App: SD.Next, Version: 2b8a3c1, "
    "Operations: txt2img, Pipeline: StableDiffusionPipeline"
)
_CIVITAI = (
    "a purple triangle\nNegative prompt: easynegative\n"
    "Steps: 2, Sampler: DPM++ SDE Karras, CFG scale: 5, Seed: 15, Size: 64x64, Clip skip: 2, "
    'Created Date: 2026-02-03T10:00:00.00Z, Civitai resources: [{"type":"checkpoint","modelVersionId":128713,'
    '"modelName":"DreamShaper","modelVersionName":"8"}], Civitai metadata: {}'
)


def _node(kind: str, **inputs: object) -> dict[str, object]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


def _graph(**more: dict[str, object]) -> dict[str, object]:
    """The graph that ComfyUI opens with, smaller."""
    return {
        "3": _node(
            "KSampler",
            seed=16,
            steps=2,
            cfg=5,
            sampler_name="dpmpp_2m",
            scheduler="karras",
            denoise=1,
            model=["4", 0],
            positive=["6", 0],
            negative=["7", 0],
            latent_image=["5", 0],
        ),
        "4": _node("CheckpointLoaderSimple", ckpt_name="dreamshaper_8.safetensors"),
        "5": _node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "6": _node("CLIPTextEncode", text="a (yellow:1.2) ring on black", clip=["4", 1]),
        "7": _node("CLIPTextEncode", text="text, watermark", clip=["4", 1]),
        "8": _node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": _node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
        **more,
    }


_TWICE = _graph(
    **{
        "10": _node("LatentUpscale", samples=["3", 0], upscale_method="bilinear", width=96, height=96, crop="disabled"),
        "11": _node(
            "KSampler",
            seed=16,
            steps=2,
            cfg=5,
            sampler_name="dpmpp_2m",
            scheduler="karras",
            denoise=0.6,
            model=["4", 0],
            positive=["6", 0],
            negative=["7", 0],
            latent_image=["10", 0],
        ),
        "8": _node("VAEDecode", samples=["11", 0], vae=["4", 2]),
    }
)
_CUSTOM = _graph(
    **{
        "3": _node(
            "SamplerCustomAdvanced",
            noise=["20", 0],
            guider=["21", 0],
            sampler=["22", 0],
            sigmas=["23", 0],
            latent_image=["5", 0],
        ),
        "20": _node("RandomNoise", noise_seed=17),
        "21": _node("CFGGuider", cfg=5, model=["4", 0], positive=["6", 0], negative=["7", 0]),
        "22": _node("KSamplerSelect", sampler_name="euler"),
        "23": _node("BasicScheduler", scheduler="normal", steps=2, denoise=1, model=["4", 0]),
    }
)
_MODEL = {"key": "9f1e", "hash": "blake3:0f1e", "name": "dreamshaper-8", "base": "sd-1", "type": "main"}
_INVOKE = {
    **made.INVOKE,
    "positive_prompt": "a red++ circle, (white background)1.2",
    "negative_prompt": "blurry-",
    "width": 64,
    "height": 64,
    "steps": 2,
    "cfg_scale": 5,
    "seed": 18,
    "model": _MODEL,
    "loras": [],
}
_INVOKE_3 = {
    **{name: value for name, value in _INVOKE.items() if name != "clip_skip"},
    "app_version": "3.7.0",
    "scheduler": "euler",
    "model": {"model_name": "dreamshaper_8", "base_model": "sd-1", "model_type": "main"},
}
_INVOKE_2 = {
    "model": "stable diffusion",
    "model_weights": "dreamshaper_8",
    "model_hash": "0123456789",
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.3.5",
    "image": {
        "prompt": [{"prompt": "a red+ square [blurry]", "weight": 1.0}],
        "steps": 2,
        "cfg_scale": 5,
        "threshold": 0,
        "perlin": 0,
        "seed": 19,
        "width": 64,
        "height": 64,
        "seamless": False,
        "sampler": "k_euler",
        "type": "txt2img",
    },
}
_SWARM_ASKED: dict[str, object] = {
    "prompt": "a <fromto[0.5]:red, blue> circle <comment:mine>",
    "negativeprompt": "blurry",
    "model": "dreamshaper_8",
    "seed": 20,
    "steps": 4,
    "cfgscale": 5.0,
    "aspectratio": "1:1",
    "width": 64,
    "height": 64,
    "comfyuisampler": "dpmpp_2m",
    "scheduler": "karras",
    "clipstopatlayer": -2,
    "swarm_version": "0.9.4",
}
_SWARM = {
    "sui_image_params": _SWARM_ASKED,
    "sui_extra_data": {"date": "2026-02-03", "prep_time": "1.20 sec", "generation_time": "2.10 sec"},
    "sui_models": [{"name": "dreamshaper_8.safetensors", "param": "model", "hash": "0x0123"}],
}
_SWARM_PLAIN = {"sui_image_params": {**_SWARM_ASKED, "prompt": "a (green:1.2) triangle", "seed": 21}}
_FOOOCUS = {
    **{name: value for name, value in made.FOOOCUS.items() if not name.startswith("lora")},
    "base_model": "dreamshaper_8",
    "prompt": "a blue ring",
    "full_prompt": ["a blue ring, cinematic still"],
    "negative_prompt": "blurry",
    "resolution": "(64, 64)",
    "steps": 2,
    "seed": "22",
    "sampler": "dpmpp_2m",
}
_FOOOCUS_AS_WEBUI = (
    "a blue star\nNegative prompt: blurry\nSteps: 2, Sampler: DPM++ 2M Karras, Seed: 23, Size: 64x64, CFG scale: 4, "
    "Sharpness: 2, Model: dreamshaper_8, Model hash: 0123456789, Performance: Speed, Styles: \"['Fooocus V2']\", "
    "Version: Fooocus v2.5.5"
)
_NOVELAI: dict[str, object] = {
    **made.NOVELAI,
    "prompt": "{red circle}, [white background]",
    "uc": "blurry",
    "width": 64,
    "height": 64,
    "steps": 2,
    "seed": 24,
    "cfg_rescale": 0.0,
}
_NOVELAI_4: dict[str, object] = {
    **_NOVELAI,
    "prompt": "1.2::red circle::, white",
    "v4_prompt": {
        "caption": {"base_caption": "1.2::red circle::, white", "char_captions": []},
        "use_coords": False,
        "use_order": True,
    },
    "v4_negative_prompt": {"caption": {"base_caption": "blurry", "char_captions": []}},
    "seed": 25,
}
_DRAW_THINGS = {
    **made.DRAW_THINGS,
    "c": "a yellow triangle on blue",
    "uc": "blurry",
    "seed": 26,
    "steps": 2,
    "scale": 5,
    "sampler": "DPM++ 2M Karras",
    "size": "64x64",
    "model": "dreamshaper_8_f16.ckpt",
    "lora": [],
}


def _said_by_novelai(comment: Mapping[str, object]) -> dict[str, str]:
    return {
        "Title": "NovelAI generated image",
        "Description": str(comment["prompt"]),
        "Software": "NovelAI",
        "Source": "NovelAI Diffusion V4 37442FCA",
        "Comment": json.dumps(comment),
    }


Making = Callable[[Path], Path]
PICTURES: Mapping[str, Making] = MappingProxyType(
    {
        "webui-1.png": lambda path: made.png(path, {"parameters": f"{_WEBUI}Version: v1.10.1"}),
        "webui-2.jpg": lambda path: made.with_comment(
            path, b"UNICODE\0" + f"{_WEBUI}Clip skip: 2, Version: v1.10.1".encode("utf-16-be")
        ),
        "webui-3.webp": lambda path: made.with_comment(path, b"UNICODE\0" + _CHANGING.encode("utf-16-be")),
        "forge.png": lambda path: made.png(path, {"parameters": _FORGE}),
        "sdnext.png": lambda path: made.png(path, {"parameters": _SDNEXT}),
        "civitai.png": lambda path: made.png(path, {"parameters": _CIVITAI}),
        "comfyui-1.png": lambda path: made.png(path, {"prompt": json.dumps(_graph())}),
        "comfyui-2.png": lambda path: made.png(path, {"prompt": json.dumps(_TWICE)}),
        "comfyui-3.webp": lambda path: made.with_tags(path, {0x010F: f"prompt:{json.dumps(_CUSTOM)}"}),
        "invokeai-1.png": lambda path: made.png(path, {"invokeai_metadata": json.dumps(_INVOKE)}),
        "invokeai-2.png": lambda path: made.png(path, {"invokeai_metadata": json.dumps(_INVOKE_3)}),
        "invokeai-3.png": lambda path: made.png(path, {"sd-metadata": json.dumps(_INVOKE_2)}),
        "swarmui-1.png": lambda path: made.png(path, {"parameters": json.dumps(_SWARM, indent=2)}),
        "swarmui-2.jpg": lambda path: made.with_comment(
            path, b"UNICODE\0" + json.dumps(_SWARM_PLAIN).encode("utf-16-le")
        ),
        "fooocus-1.png": lambda path: made.png(path, {"parameters": json.dumps(_FOOOCUS), "fooocus_scheme": "fooocus"}),
        "fooocus-2.png": lambda path: made.png(path, {"parameters": _FOOOCUS_AS_WEBUI, "fooocus_scheme": "a1111"}),
        "novelai-1.png": lambda path: made.png(path, _said_by_novelai(_NOVELAI)),
        "novelai-2.png": lambda path: made.stealthy(path, _said_by_novelai(_NOVELAI_4)),
        "drawthings-1.jpg": lambda path: made.with_comment(path, b"ASCII\0\0\0" + json.dumps(_DRAW_THINGS).encode()),
        "drawthings-2.png": lambda path: made.png(path, {"UserComment": json.dumps({**_DRAW_THINGS, "seed": 27})}),
    }
)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, making in PICTURES.items():
        making(FOLDER / name)


if __name__ == "__main__":
    main()
