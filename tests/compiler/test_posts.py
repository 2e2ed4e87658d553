"""Prompts as people paste them from posts about each program, in their style: read, mended, formatted and explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang.checks.review import review
from promptlang.diagnostics import Severity
from promptlang.fixes import fixed
from promptlang.lowering.lower import compile
from promptlang.statements.format import format_text
from tests.fuzz.statements import explained, findings_fit, fixed_safely, formatted_once, plans_are_valid

POSTS = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parents[1] / "posts").glob("*.prompt"))}
PLAIN = {"curly", "flux", "flux_prose", "instructions", "prose_quotes", "qwen", "qwen_cn", "scenes"}
"""Prose, and tags with nothing of another program in them."""
WRITTEN_FOR = {
    "a1111": "text/pasted-parameters",
    "a1111_alone": "prompt/other-dialect",
    "chinese": "text/two-sides",
    "chinese2": "text/pasted-parameters",
    "chinese_wide": "text/pasted-parameters",
    "civitai": "text/pasted-parameters",
    "civitai_copy": "text/pasted-parameters",
    "comfy": "prompt/other-dialect",
    "command_line": "text/pasted-parameters",
    "comfy_box": "prompt/other-dialect",
    "diffusers_model_card": "text/pasted-parameters",
    "diffusers_py": "text/pasted-parameters",
    "discord": "option/not-read",
    "discord_sd": "option/not-read",
    "discord2": "text/pasted-parameters",
    "discord3": "text/two-sides",
    "discord4": "text/pasted-parameters",
    "discord_imagine": "text/pasted-parameters",
    "drawthings": "text/pasted-parameters",
    "drawthings_box": "text/pasted-parameters",
    "dynamic": "variants/off",
    "fooocus": "text/pasted-parameters",
    "fooocus_styles": "text/pasted-parameters",
    "forge": "text/pasted-parameters",
    "forge_flux": "text/pasted-parameters",
    "hashtags": "recipe/unknown",
    "html": "text/html-escapes",
    "invoke": "prompt/other-dialect",
    "invoke_blend": "prompt/other-dialect",
    "invoke_cli": "option/not-read",
    "japanese_wide": "text/pasted-parameters",
    "dynamic_names": "variants/off",
    "markdown_table": "text/pasted-parameters",
    "list": "text/several-prompts",
    "markdown": "text/pasted-parameters",
    "midjourney": "text/pasted-parameters",
    "midjourney_bare": "text/pasted-parameters",
    "midjourney_discord": "text/pasted-parameters",
    "bars_line": "text/pasted-parameters",
    "api_payload": "text/pasted-parameters",
    "midjourney_sref": "text/pasted-parameters",
    "novelai": "prompt/other-dialect",
    "novelai45": "prompt/other-dialect",
    "odd_characters": "text/pasted-parameters",
    "pony": "prompt/other-dialect",
    "pony_scores": "text/pasted-parameters",
    "sdnext": "text/pasted-parameters",
    "webui_hires": "text/pasted-parameters",
    "yaml_list": "text/pasted-parameters",
    "ai_horde": "text/two-sides",
    "dynamic_variables": "variants/off",
    "easydiffusion": "text/pasted-parameters",
    "french": "text/pasted-parameters",
    "german": "text/pasted-parameters",
    "korean": "text/pasted-parameters",
    "krita": "prompt/other-dialect",
    "leonardo": "text/pasted-parameters",
    "reddit": "text/pasted-parameters",
    "regional_marks": "prompt/other-program",
    "reddit_short": "text/pasted-parameters",
    "russian": "text/pasted-parameters",
    "sd_cpp": "text/pasted-parameters",
    "sd_scripts": "text/pasted-parameters",
    "spanish": "text/pasted-parameters",
    "tweet": "recipe/unknown",
    "webui_regional": "text/pasted-parameters",
    "yaml_record": "text/pasted-parameters",
    "bot_flags": "text/pasted-parameters",
    "chatgpt": "text/pasted-parameters",
    "civitai_air": "prompt/other-dialect",
    "civitai_meta": "text/pasted-parameters",
    "civitai_page": "text/pasted-parameters",
    "civitai_lines": "text/pasted-parameters",
    "invoke_dream": "option/not-read",
    "webui_line": "text/pasted-parameters",
    "service_json": "text/pasted-parameters",
    "comfy_lora_tags": "prompt/other-dialect",
    "comfy_wild": "prompt/other-dialect",
    "discord_code": "text/code-fence",
    "drawthings_lines": "text/pasted-parameters",
    "dynamic_nested": "variants/off",
    "fooocus_prompt": "prompt/other-dialect",
    "invoke_conjunction": "prompt/other-dialect",
    "invoke_labels": "text/pasted-parameters",
    "lexica": "text/pasted-parameters",
    "midjourney_dashes": "text/pasted-parameters",
    "midjourney_several": "text/pasted-parameters",
    "midjourney_weights": "text/pasted-parameters",
    "novelai_characters": "text/pasted-parameters",
    "novelai_short": "text/pasted-parameters",
    "prompthero": "text/pasted-parameters",
    "reddit_guide": "text/pasted-parameters",
    "reddit_list": "text/pasted-parameters",
    "reddit_md": "text/pasted-parameters",
    "sd_cpp_gguf": "text/pasted-parameters",
    "sdnext_parser": "text/pasted-parameters",
    "styles_csv": "text/pasted-parameters",
    "swarm_tags": "prompt/other-dialect",
    "swarm_parameters": "text/pasted-parameters",
    "webui_break": "prompt/other-dialect",
    "webui_editing": "prompt/other-dialect",
    "webui_pnginfo": "text/pasted-parameters",
    "weights_bare": "prompt/other-dialect",
    "civitai_comment": "text/pasted-parameters",
    "reddit_comment": "text/pasted-parameters",
    "novelai_character_prompts": "text/pasted-parameters",
    "swarm_json": "text/pasted-parameters",
    "discord_draw": "text/pasted-parameters",
    "discord_bars": "text/pasted-parameters",
    "tensor_art": "text/pasted-parameters",
    "leonardo_lines": "text/pasted-parameters",
    "qwen_negative": "text/two-sides",
    "swarm_clip_skip": "prompt/other-dialect",
    "telegram": "option/unknown",
}

every_post = pytest.mark.parametrize("text", list(POSTS.values()), ids=list(POSTS))


@every_post
def test_what_holds_for_every_file_holds(text: str) -> None:
    """Findings lie in the text, plans are valid, the formatter and safe fixes keep them, both twice as once."""
    for holds in (findings_fit, plans_are_valid, formatted_once, fixed_safely, explained):
        holds(text)


@every_post
def test_every_fix_settles(text: str) -> None:
    """With the unsafe ones as well: they end, leave nothing to apply, and bring in no error.

    That a swap is not drawn is seen when the dialect is known that has it.
    """
    before = {each.rule.name for each in review(text) if each.severity is Severity.ERROR}
    result = fixed(text, review, unsafe=True)
    assert result.settled
    assert fixed(result.text, review, unsafe=True).text == result.text
    assert {each.rule.name for each in review(result.text) if each.severity is Severity.ERROR} <= before | {
        "swap/not-drawn"
    }
    assert format_text(format_text(result.text)) == format_text(result.text)
    assert len(compile(format_text(result.text)).plans) == len(compile(result.text).plans)


@pytest.mark.parametrize("name", WRITTEN_FOR)
def test_what_is_written_for_another_program_is_said(name: str) -> None:
    """By the rule that tells what it is."""
    assert WRITTEN_FOR[name] in {each.rule.name for each in review(POSTS[name])}


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_plain_words_need_none(name: str) -> None:
    """Nothing worse than a hint is said of them."""
    assert all(each.severity is Severity.HINT for each in review(POSTS[name]))
