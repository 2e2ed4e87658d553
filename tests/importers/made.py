"""Pictures and texts as other programs write them, by the names of their published writers, and pictures of ours."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

import promptlang
from promptlang.plans.plan import Plan
from promptlang_runtime.output import metadata

INFOTEXT = (
    "a cow, (red:1.2) <lora:neon:0.7>\n"
    "Negative prompt: ugly\n"
    "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 5, Size: 512x768, "
    "Model hash: abcdef0123, Model: foo, Clip skip: 2, Version: v1.10.0"
)
SWARM = {
    "sui_image_params": {
        "prompt": "a cow",
        "negativeprompt": "ugly",
        "model": "OfficialStableDiffusion/sd_xl_base_1.0",
        "seed": 3,
        "steps": 20,
        "cfgscale": 7.0,
        "aspectratio": "1:1",
        "width": 1024,
        "height": 1024,
        "comfyuisampler": "dpmpp_2m",
        "scheduler": "karras",
        "clipstopatlayer": -2,
        "swarm_version": "0.9.4",
    },
    "sui_extra_data": {"date": "2026-01-01"},
}
INVOKE = {
    "generation_mode": "txt2img",
    "positive_prompt": "a cow++",
    "negative_prompt": "ugly",
    "width": 512,
    "height": 512,
    "seed": 4,
    "rand_device": "cpu",
    "cfg_scale": 7.5,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "clip_skip": 1,
    "model": {"key": "x", "hash": "blake3:aa", "name": "dreamshaper", "base": "sd-1"},
    "loras": [{"model": {"name": "neon"}, "weight": 0.5}],
    "app_version": "5.6.0",
}
INVOKE_2 = {
    "model_weights": "stable-diffusion-1.5",
    "app_version": "2.3.0",
    "image": {
        "prompt": [{"prompt": "a cow [ugly]", "weight": 1.0}],
        "steps": 50,
        "cfg_scale": 7.5,
        "seed": 9,
        "width": 512,
        "height": 640,
        "sampler": "k_euler_a",
        "type": "txt2img",
    },
}
DREAM = '"a cow [ugly]" -s50 -S9 -W512 -H640 -C7.5 -Ak_lms'
FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL",
    "full_prompt": ["a cow, x"],
    "guidance_scale": 4,
    "lora_combined_1": "sd_xl_offset : 0.1",
    "negative_prompt": "",
    "prompt": "a cow",
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "123",
    "steps": 30,
    "styles": "['Fooocus V2']",
    "version": "Fooocus v2.5",
    "metadata_scheme": "fooocus",
}
NOVELAI = {
    "prompt": "{cow}, [grass]",
    "steps": 28,
    "height": 1216,
    "width": 832,
    "scale": 5.0,
    "uncond_scale": 0.0,
    "cfg_rescale": 0.2,
    "seed": 99,
    "n_samples": 1,
    "noise_schedule": "karras",
    "sampler": "k_dpmpp_2m",
    "uc": "lowres",
}
NOVELAI_4: dict[str, object] = {
    **NOVELAI,
    "v4_prompt": {
        "caption": {
            "base_caption": "{cow}",
            "char_captions": [{"char_caption": "girl, hat", "centers": [{"x": 0.5, "y": 0.5}]}],
        }
    },
    "v4_negative_prompt": {"caption": {"base_caption": "lowres", "char_captions": []}},
}
DRAW_THINGS = {
    "c": "a cow",
    "uc": "no",
    "seed": 4,
    "steps": 8,
    "scale": 1,
    "sampler": "Euler A Trailing",
    "size": "1024x1024",
    "model": "flux_1_schnell_q8p.ckpt",
    "lora": [{"model": "l_f16.ckpt", "weight": 0.6}],
}
API = {
    "prompt": "a cow",
    "negative_prompt": "ugly",
    "sampler_name": "DPM++ 2M",
    "scheduler": "Karras",
    "steps": 20,
    "cfg_scale": 7,
    "width": 512,
    "height": 512,
    "seed": 8,
    "batch_size": 2,
    "n_iter": 2,
    "override_settings": {"sd_model_checkpoint": "foo", "CLIP_stop_at_last_layers": 2},
    "alwayson_scripts": {},
}
CIVITAI = {
    "prompt": "a cow",
    "negativePrompt": "x",
    "cfgScale": 7,
    "steps": 20,
    "sampler": "DPM++ 2M Karras",
    "seed": 1,
    "Size": "512x512",
    "Model": "m",
    "resources": [{"type": "lora", "name": "neon", "weight": 0.4}],
}
OPENAI = {
    "model": "z",
    "prompt": "a (red) cow",
    "n": 2,
    "size": "1024x1024",
    "seed": 4,
    "num_inference_steps": 8,
    "guidance_scale": 3.5,
    "response_format": "b64_json",
}
DGENERATE = (
    "#! dgenerate 5\n"
    'stabilityai/sdxl --model-type sdxl --prompts "a cow (x); ugly" --inference-steps 30 --guidance-scales 5 \\\n'
    '  --seeds 7 --output-size 1024x1024 --scheduler "EulerDiscreteScheduler;use-karras-sigmas=True" \\\n'
    '  --loras "foo;scale=0.5" --clip-skips 1\n'
)
STYLES = 'name,prompt,negative_prompt\nOil Paint,"{prompt}, oil painting",photo\nGlow,glowing,\n'


def ours(path: Path, text: str, seed: int = 7, place: int = 0) -> Plan:
    """A picture of the plan at that place of a text, as the renderer writes it."""
    plan = promptlang.compile(text).plans[place]
    picture = Image.new("RGB", (8, 8))
    if path.suffix == ".png":
        picture.save(path, pnginfo=metadata.png_info(plan, seed))
    else:
        picture.save(path, exif=metadata.exif(plan, seed))
    return plan


def png(path: Path, texts: Mapping[str, str], *, packed: bool = False, international: bool = False) -> Path:
    """A PNG with those texts."""
    info = PngInfo()
    for name, text in texts.items():
        if international:
            info.add_itxt(name, text, zip=packed)
        else:
            info.add_text(name, text, zip=packed)
    Image.new("RGB", (64, 64)).save(path, pnginfo=info)
    return path


def with_comment(path: Path, comment: bytes) -> Path:
    """A JPEG or WebP with that comment in its EXIF."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    Image.new("RGB", (64, 64)).save(path, exif=exif)
    return path


def with_tags(path: Path, tags: Mapping[int, str]) -> Path:
    """A JPEG or WebP with those texts in the first directory of its EXIF, as ComfyUI keeps graphs in an animation."""
    exif = Image.Exif()
    for tag, text in tags.items():
        exif[tag] = text
    Image.new("RGB", (64, 64)).save(path, exif=exif)
    return path


def stealthy(path: Path, texts: Mapping[str, str], *, cut: int = 0) -> Path:
    """A PNG that hides the texts in the lowest bits of its alpha channel, as NovelAI does; `cut` bytes are missing."""
    body = gzip.compress(json.dumps(texts).encode())
    data = b"stealth_pngcomp" + (8 * len(body)).to_bytes(4) + body[: len(body) - cut]
    bits = "".join(f"{byte:08b}" for byte in data)
    picture = Image.new("RGBA", (96, 96), (10, 20, 30, 254))
    for number, bit in enumerate(bits):
        column, row = divmod(number, picture.height)
        red, green, blue, _ = 10, 20, 30, 0
        picture.putpixel((column, row), (red, green, blue, 254 | int(bit)))
    picture.save(path)
    return path
