"""The grammars of what other programs leave: pasted parameters, EXIF, JSON beside models, findings of earlier runs."""

from __future__ import annotations

from promptlang.checks.rules import RULES
from promptlang.importers.programs.flags import OPTIONS as FLAGS
from promptlang.importers.typed.entries import OPTIONS
from tests.fuzz.grammar import ODD, ODD_IN_JSON, Grammar

PASTED = Grammar(
    {
        "file": ("‹block›", "‹block›\n\n‹block›", "/render ‹block›", "‹script›", "‹script›\n‹script›", "‹block›‹odd›"),
        "block": (
            *("‹words›\nNegative prompt: ‹words›\n‹settings›", "‹words›\n‹settings›", "‹settings›", "‹words›"),
            *("parameters\n‹words›\n‹settings›", "Negative prompt: ‹words›", "‹words› /negative ‹words›\n‹settings›"),
        ),
        "words": (
            "a cow",
            "(cow:1.2), [hen]",
            "<lora:cow:1>",
            "",
            "a\nb",
            "#r",
            "/seed:1 a",
            "‹odd›",
            "‹words›, ‹words›",
        ),
        "settings": (
            "Steps: 20, Sampler: ‹value›, Seed: ‹value›‹more›",
            "Steps: ‹value›, Size: ‹value›, Seed: 1‹more›",
        ),
        "more": (
            "",
            ", ‹name›: ‹value›",
            ", ‹name›: ‹value›‹more›",
            "\n‹name›: ‹value›, Version: v1",
            ",,",
            ", ‹odd›: ",
        ),
        "name": (
            *(name.title() for name in OPTIONS),
            "Model",
            "Civitai resources",
            "Version",
            "Hires upscale",
            "‹odd›",
        ),
        "value": (
            *(
                "20",
                "Euler a",
                "DPM++ 2M Karras",
                "512x512",
                "-1",
                "1e400",
                '"a, b"',
                '"',
                '"a\\',
                "[",
                "{}",
                "",
                "cow",
            ),
            *('[{"type":"lora","modelName":"cow","weight":‹value›}]', '[{"type":"checkpoint","modelName":"‹odd›"}]'),
            *("‹odd›", "9" * 30, "a/b", "a b.safetensors", "#r", "/x"),
        ),
        "script": ('--prompt "‹words›"‹flags›', "--prompt cow‹flags›", "‹flags›", "--prompt '‹words›' ‹odd›"),
        "flags": ("", " --‹flag› ‹value›", " --‹flag› ‹value›‹flags›", " --‹flag›", " --x 1", ' --‹flag› "‹value›"'),
        "flag": (*FLAGS, "width", "height", "negative_prompt", "sd_model"),
        "odd": ODD,
    }
)
FOREIGN = Grammar(
    {
        "file": ("‹sign›‹odd›", "‹json›", "‹table›", "‹json›‹odd›", "‹odd›‹table›", "‹sign›"),
        "sign": (
            "\x89PNG",
            "GIF89a",
            "RIFFxxxxWEBP",
            "WEBP",
            "\0xxxftyp",
            "xxxxftyp",
            "PK\x03\x04",
            "%PDF-",
            "GGUF\3\0\0\0",
            "GGUF",
            "\1\0\0\0\0\0\0\0{",
            "x\0",
        ),
        "json": (
            *('{"nodes": [], "links": []}', '{"1": {"class_type": "x"}}', "{‹json›}", "[‹json›]", '"a"', "1e400"),
            *("[{}]", '{"prompt": ‹json›}', "9" * 5_000, "{a|b}", "[x]", "[" * 900 + "]" * 900),
        ),
        "table": ("prompt,negative_prompt\n‹row›", "name,1\n‹row›", "‹row›\n‹row›", "\ufeff‹row›\n‹row›"),
        "row": ("a,1", "cow,22,x", '"a",b', ",", "‹odd›,1"),
        "odd": ODD,
    }
)
PHOTOGRAPHS = Grammar(
    {
        "file": ("‹kind›\n‹comment›", "‹kind›\n‹comment›\0\0‹note›", "raw\n‹block›", "raw\n‹block›‹odd›"),
        "kind": ("JPEG", "WEBP"),
        "comment": ("UNICODE\0‹text›", "ASCII\0\0\0‹text›", "‹text›", "UNICODE\0\0a\0 \0c", ""),
        "note": ("promptlang\0‹text›", "promptlang\0x\x9cK\xce/\x07\0\2r\1E", "‹text›", ""),
        "text": ("a cow", "\0a\0 ", "‹odd›", "{}", ""),
        "block": ("II*\0\x08\0\0\0‹entries›", "MM\0*\0\0\0\x08‹entries›", "‹odd›", ""),
        "entries": ("\1\0\x69\x87\4\0\1\0\0\0\x1a\0\0\0", "\0\0", "\xff\xff", "\1\0‹odd›"),
        "odd": ODD,
    }
)
BESIDE = Grammar(
    {
        "file": ("{‹entries›}", "‹value›", "{‹entries›}‹odd›", "\ufeff{‹entries›}"),
        "entries": ("‹entry›", "‹entry›, ‹entry›", "‹entry›, ‹entry›, ‹entry›", ""),
        "entry": (
            *('"activation text": ‹value›', '"trainedWords": ‹value›', '"_class_name": ‹class›', '"‹part›": ‹value›'),
            *('"prediction_type": ‹value›', '"cross_attention_dim": ‹value›', '"in_channels": ‹value›', '"x": ‹value›'),
            *(
                '"num_hidden_layers": ‹value›',
                '"hidden_size": ‹value›',
                '"model_type": ‹value›',
                '"text_config": ‹value›',
            ),
            *('"sample_size": ‹value›', '"block_out_channels": ‹value›', '"guidance_embeds": ‹value›'),
        ),
        "class": (
            *('"StableDiffusionPipeline"', '"StableDiffusionXLInpaintPipeline"', '"FluxPipeline"', '"Flux2"', '"x"'),
            *('"StableDiffusion3Pipeline"', '"QwenImagePipeline"', '"ZImagePipeline"', "‹value›", '"WanVideo"'),
        ),
        "part": ("unet", "transformer", "text_encoder", "text_encoder_2", "vae", "scheduler", "feature_extractor"),
        "value": (
            *("1", "0", "-1", "768", "2048", "64", "1.5", "1e400", "null", "true", '"cow"', '"v_prediction"', '"clip"'),
            *(
                "[]",
                "[‹value›]",
                "[‹value›, ‹value›]",
                "{}",
                "{‹entry›}",
                '"‹odd›"',
                "9" * 30,
                '["diffusers", "x"]',
                "NaN",
            ),
        ),
        "odd": ODD_IN_JSON,
    }
)
KEPT = Grammar(
    {
        "file": ("[‹finding›]", "[‹finding›, ‹finding›]", "[]", "‹value›"),
        "finding": (
            '["‹rule›", ‹number›, ‹text›, ‹place›, [‹place›], ‹text›, [‹fix›]]',
            "[‹value›, ‹value›]",
            "‹value›",
        ),
        "fix": ("[‹text›, [‹place›], true]", "[‹text›, [‹place›, ‹place›], false]", "‹value›", "[‹text›, [], ‹value›]"),
        "place": ("[‹number›, ‹number›, ‹text›]", "[0, 1, ‹text›]", "‹value›"),
        "rule": (*RULES, "x"),
        "number": ("0", "1", "2", "3", "4", "40", "41", "-1", "1.5", "true", "9" * 30),
        "text": ('"a"', '""', '"‹odd›"', "‹value›"),
        "value": ("null", "1", '"x"', "[]", "{}", "NaN", "1e400", "[‹value›]", '{"a": ‹value›}'),
        "odd": ODD_IN_JSON,
    }
)
