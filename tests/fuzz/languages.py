"""The grammars of what people give us: prompt files, prompts of each dialect, project files, wildcards, models, plans.

The first name of a grammar begins. Names and values come from the tables, so that a new row is tried at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from promptlang.checks.rules import RULES
from promptlang.config.keys import KEYS
from promptlang.tables.commands import COMMANDS
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.options.kinds import Choice
from promptlang.tables.options.table import ROWS
from tests.compiler.odd import NUMBERS, VALUES
from tests.fuzz.grammar import ODD, ODD_IN_JSON, Grammar

_OFFERED = tuple(
    word
    for row in ROWS
    if isinstance(row.kind, Choice)
    for item in row.kind.items
    for word in (item.name, *item.aliases)
)
_NAMES = tuple(name for row in ROWS for name in (row.name, *row.aliases, *row.elsewhere))
_QUOTED = tuple(f'"{word}"' for word in _OFFERED if " " in word)

WORDS = {
    "words": ("‹word›", "‹word›‹joint›‹words›", "‹group›", "‹group›‹joint›‹words›", "‹words›‹odd›"),
    "word": ("cow", "a cow", "red hat", "x", "masterpiece", "8k", "1girl", "it's", "c++", ":(", "", "cow:1.2", "AND"),
    "joint": (" ", ", ", "", ",", "\n", "  ", ". ", "\t", " AND ", " BREAK "),
    "number": ("1.2", "1", "0", "0.5", "-1", ".5", "5.", "1e9", "1e400", "-1e400", "nan", "inf", "1.2.3", "+1", "１"),
    "odd": ODD,
}
GROUPS: Mapping[str, Sequence[str]] = {
    "old": ("(‹words›)", "[‹words›]", "<‹name›>", "<‹name›:‹number›>"),
    "new": ("(‹words›:‹number›)", "(‹words›)", "[‹words›]", "<‹name›:‹number›>", "#r", "[<‹name›:‹number›>]"),
    "a1111": (
        *("(‹words›:‹number›)", "(‹words›)", "[‹words›]", "[‹words›:‹words›:‹number›]", "[‹words›:‹number›]"),
        *("[‹words›::‹number›]", "[‹words›|‹words›]", "<lora:‹name›:‹number›>", "<lora:‹name›>", "<hypernet:‹name›:1>"),
        *("‹words› AND ‹words› :‹number›", "‹words› BREAK ‹words›", "\\(‹words›\\)", "# ‹words›\n", "&lt;‹words›"),
    ),
    "comfy": ("(‹words›:‹number›)", "(‹words›)", "embedding:‹name›", "(embedding:‹name›:‹number›)", "\\(‹words›\\)"),
    "compel": (
        *("(‹words›)‹number›", "(‹words›)+", "‹word›++", "‹word›--", "(‹words›)-", "‹word›.swap(‹words›)"),
        *('("‹words›", "‹words›").blend(‹number›, ‹number›)', '("‹words›", "‹words›").and(‹number›, 1)', "[‹words›]"),
        *('("‹words›").and()', "withLora(‹name›, ‹number›)", "useLora(‹name›)", '"‹words›"', "‹word›.attend(‹words›)"),
        *("(‹words›).swap(‹words›, s_start=‹number›)", '("‹words›", "a").blend(1, ‹number›, no_normalize)'),
    ),
    "swarm": (
        *("(‹words›:‹number›)", "(‹words›)", "\\[‹words›\\]", "[‹words›:‹words›:‹number›]", "[‹words›|‹words›]"),
        *("<random:‹words›|‹words›>", "<random[‹number›,]:‹words›, ‹words›>", "<random:1-5, ‹words›>", "<break>"),
        *("<alternate:‹words›, ‹words›>", "<alt:‹words›||‹words›>", "<fromto[‹number›]:‹words›, ‹words›>", "<trigger>"),
        *("<setvar[x]:‹words›>", "<setvar[x,false]:‹words›>", "<var:x>", "<setmacro[m]:‹words›>", "<macro:m>"),
        *("<repeat[‹number›]:‹words›>", "<repeat:2,‹words›>", "<lora:‹name›:‹number›>", "<lora:‹name›:1:‹number›>"),
        *("<embed:‹name›>", "embedding:‹name›", "<wildcard:‹name›>", "<segment:‹words›>", "<region:end>", "[‹words›]"),
        *("<comment:‹words›>", "<preset:‹name›>", "<hat:‹words›>", "<video>", "<setmacro[m]:<macro:m><macro:m>>"),
        *("<‹words›>", "<param[x]:1>", "<base>"),
    ),
    "novelai": (
        *("{‹words›}", "[‹words›]", "‹number›::‹words›::", "‹number›::‹words›", "-‹number›::‹words›::", "{{‹words›::"),
        *(
            "‹words›::",
            "‹number›::{‹words›}::",
            "{‹words› ‹number›::‹words›}",
            "‹words›|‹words›",
            "||‹words›|‹words›||",
        ),
        *("‹number›::‹words› ‹number›::", "(‹words›:‹number›)", "\\{‹words›\\}"),
    ),
}
_NAMED = ("x", "demo", "a b", "V1.2", "P[c]-6", "a/b", "", "ü", "x.safetensors", "a|b", "lora")
VARIANTS = {
    "variants": ("{‹several›}", "{‹several›}‹variants›", "‹word› ‹variants›", "‹variants›‹odd›", "‹wildcard›"),
    "several": ("‹choice›|‹choice›", "‹choice›", "‹bound›‹choice›|‹choice›", "~‹choice›|‹choice›", "@‹choice›|b"),
    "bound": ("2$$", "1-2$$", "-2$$", "2-$$", "2$$, $$", "0$$", "9$$", "2$$__x__$$", "3-1$$", "$$", "1-‹number›$$"),
    "choice": ("a", "b", "", "‹number›::a", "0::b", "‹variants›", " a ", "(a:1.2)", "‹odd›", "5::"),
    "wildcard": ("__x__", "__a/b__", "__x*__", "__~x__", "__**__", "____", "__x(y=1)__", "${x=a}", "${x}", "${x:b}"),
    "word": ("cow", "a cow", "_", "$", "# note"),
    "number": ("2", "0.5", "1e9", "-1", "nan", "inf", "00", "1_0"),
    "odd": ODD,
}
OPTION_WORDS = {
    "option": ("/‹option-name›:‹value›", "/‹option-name›", "/‹option-name›:‹offered›", "/‹option-name›:‹number›"),
    "option-name": _NAMES,
    "offered": (*_OFFERED, *_QUOTED),
    "value": (*NUMBERS, *VALUES, "‹odd›", '"‹words›"', "‹offered›‹odd›"),
    "sweep": ("/‹option-name›:‹value›|‹value›", "/clipskip:1..3", "/steps:10..30..10", "/guidance:5|7.5", "<a|b>"),
    "parser": (*tuple(f"/parser:{row.name}" for row in DIALECTS.values() if row.is_written), "", ""),
    "name": _NAMED,
    "group": tuple(dict.fromkeys(each for groups in GROUPS.values() for each in groups)),
}
"""How options are written, with any value."""
_STATEMENTS = {
    "file": ("‹statement›", "‹statement›", "‹statement›‹end›‹statement›", "‹comment›\n‹statement›", "‹words›"),
    "statement": (
        *("/render ‹options›‹words›", "/render ‹parser› ‹words›", "/render ‹parser› ‹option› ‹words›", "‹options›"),
        *("/compare ‹parser› ‹sweep› ‹words›", "/remix /image:a.png ‹options›‹words›", "/set ‹options›", "‹words›"),
        *("/recipe #r ‹options›‹words›", "/recipe #r $prompt, ‹words›", "/render #r ‹words›", "/‹command› ‹words›"),
        *("/render ‹parser› ‹words› /negative ‹words›", "/render /variants:‹way› ‹parser› ‹variants›", "\ufeff/set"),
        *("/render ‹words› ‹options›\n‹words›", "/set ‹parser›‹end›/render ‹words›", "/render ‹sweep› ‹sweep› a"),
    ),
    "command": tuple(COMMANDS),
    "options": ("", "‹option› ", "‹option› ‹option› ", "‹odd›‹option›‹odd›", "‹sweep› "),
    "way": ("all", "random"),
    "end": ("\n", "\n\n", "\r\n", "\r", " \n", "\n---\n", "\n\n\n"),
    "comment": ("# note", "#", "---", "# promptlang: ignore[‹rule›]", "# promptlang: ignore-file[‹rule›]", "  # x"),
    "rule": (*RULES, "*", "clipskip/*", ""),
}

FILES = Grammar({**_STATEMENTS, **OPTION_WORDS, **VARIANTS, **WORDS})
PROMPTS = {name: Grammar({**WORDS, "group": GROUPS[name], "name": _NAMED}) for name in DIALECTS}
TEMPLATES = Grammar(VARIANTS)

# --- files that stand beside prompts ----------------------------------------------------------------------------------

PROJECTS = Grammar(
    {
        "file": ("‹line›", "‹line›\n‹line›", "‹line›\n‹line›\n‹line›"),
        "line": (
            *("‹key› = ‹value›", "[‹table›]", "[‹table›]\n‹key› = ‹value›", "‹table›.‹key› = ‹value›", "‹example›"),
            *(
                "[options]\n‹option› = ‹value›",
                "[rules]\n'‹rule›' = ‹value›",
                "# ‹odd›",
                "[concepts.x]\n‹part› = ‹value›",
            ),
        ),
        "example": tuple(
            f"[{'.'.join(key.path[:-1])}]\n{key.example}" if key.path[1:] else key.example for key in KEYS
        ),
        "table": tuple(dict.fromkeys(".".join(key.path[:-1]) or "x" for key in KEYS)),
        "key": tuple(dict.fromkeys(key.path[-1].replace("*", "x") for key in KEYS)),
        "part": ("path", "family", "kind", "variant", "layers", "options", "triggers", "tags", "preview", "vae"),
        "option": tuple(row.name for row in ROWS),
        "rule": (*RULES, "*", "clipskip/*"),
        "value": (
            *("1", "-1", "0", "13", "1.5", "1e400", "nan", "true", "false", '""', "[]", "{}", "1979-05-27", "07:32:00"),
            *('"off"', '"error"', '"x"', '"a.toml"', '"../x"', '"/"', '["a"]', "[1, 'a']", "{ a = ‹value› }", "9" * 30),
            *("[‹value›, ‹value›]", "'‹odd›'", "{ path = 'x', options = { clipskip = ‹value› } }", '"sd1"', '"lora"'),
        ),
        "odd": ODD,
    }
)
YAML = Grammar(
    {
        "file": ("‹entry›", "‹entry›\n‹entry›", "‹list›", "‹value›", "%YAML 1.1\n---\n‹entry›"),
        "entry": ("‹key›:\n‹list›", "‹key›: ‹value›", "‹key›: [‹value›, ‹value›]", "‹key›:\n ‹key›:\n  - ‹value›"),
        "list": (
            "- ‹value›",
            "- ‹value›\n- ‹value›",
            "- &a ‹value›\n- *a",
            "- - ‹value›",
            "- >-\n  a\n  b",
            "- |\n  a",
        ),
        "key": ("a", "1", "a/b", "''", "? a", "&k a", "*a", "true", "~", "<<", "‹odd›"),
        "value": (
            *("red", "2::red", "0.5::a", "-1::a", "nan::a", "{A|B}", "'{A|B}'", "yes", "1", "2001-01-01", "''", "~"),
            *("{text: a, weight: 2}", "{text: a, weight: ‹value›}", "!!python/name:os.system", "!x a", "*a", "‹odd›"),
        ),
        "odd": ODD,
    }
)
JSON = Grammar(
    {
        "file": ("‹value›", "{‹entry›}", "[‹value›, ‹value›]"),
        "entry": ('"‹key›": ‹value›', '"‹key›": ‹value›, "‹key›": ‹value›'),
        "key": ("a", "text", "weight", "content", "", "a/b", "\\ud800", "‹odd›"),
        "value": (
            *('"red"', '"2::red"', '"‹odd›"', "1", "-5", "1e400", "NaN", "null", "true", "[]", "{}", "9" * 30, '""'),
            *("[‹value›, ‹value›]", "{‹entry›}", '{"text": ‹value›, "weight": ‹value›}', '"\\ud800"', '"\\u0000"'),
        ),
        "odd": ODD,
    }
)
LINES = Grammar(
    {
        "file": ("‹line›", "‹line›\n‹line›", "\ufeff‹line›", "‹line›\r\n‹line›\r‹line›"),
        "line": ("red", "# note", "", " a ", "{a|b}", "__w__", "2::a", "‹odd›", "‹line›‹odd›", "(a:1.2)"),
        "odd": ODD,
    }
)
TAGS = Grammar(
    {
        "file": ("‹row›", "‹row›\n‹row›", "name,category,count,aliases\n‹row›"),
        "row": ("‹cell›,‹cell›,‹cell›,‹cell›", "‹cell›,0,‹number›,‹cell›", "‹cell›", '‹cell›,‹number›,1,"a,‹cell›"'),
        "cell": ("cow", "red_hat", "o_o", "", '"a,b"', '"a\nb"', '"', "‹odd›", "‹cell›‹odd›", "ＣＯＷ"),
        "number": ("0", "1", "12345", "-1", "1e9", "٣", "²", "9" * 30, "x"),
        "odd": ODD,
    }
)


def _shapes(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name} {shape}" for name in names for shape in ("320 4 3 3", "768 768", "4 768", "1280", "0", ""))


TENSORS = (
    *("model.diffusion_model.input_blocks.0.0.weight", "cond_stage_model.transformer.text_model.final_layer_norm.bias"),
    *("first_stage_model.decoder.conv_in.weight", "emb_params", "clip_g", "clip_l", "string_to_param", "vector_in"),
    *("lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight", "lora_te_text_model_encoder_layers_0_mlp.alpha"),
    *("double_blocks.0.img_attn.qkv.weight", "transformer_blocks.0.attn.to_q.weight", "txt_in.weight", "v_pred", "x"),
    *("cond_stage_model.transformer.text_model.encoder.layers.11.layer_norm1.weight", "conv_in.weight", "edm_mean"),
    *("unet.down_blocks.0.attentions.0.proj_in.lora_A.weight", "text_model.embeddings.token_embedding.weight", "a.b"),
    *("control_model.input_hint_block.0.weight", "lora_unet_x.hada_w1_a", "blocks.0.self_attn.q.weight", "ztsnr"),
    *("model.layers.0.self_attn.q_proj.weight", "encoder.block.0.layer.0.SelfAttention.q.weight", "shared.weight"),
)
METADATA = (
    *(
        "modelspec.architecture",
        "modelspec.title",
        "ss_base_model_version",
        "ss_v2",
        "ss_tag_frequency",
        "ss_clip_skip",
    ),
    *(
        "ss_network_module",
        "ss_network_args",
        "ss_output_name",
        "modelspec.trigger_phrase",
        "modelspec.prediction_type",
    ),
)
HEADERS = Grammar(
    {
        "file": ("‹tensor›", "‹tensor›\n‹tensor›", "‹tensor›\n‹meta›", "‹meta›", "{‹raw›}", "‹tensor›\n‹file›"),
        "tensor": (*_shapes(TENSORS), "‹odd› 1", "x ‹number›", "x ‹number› ‹number›", "x:‹type› 2 2"),
        "type": ("F32", "BF16", "F4", "F8_E4M3", "BOOL", "I64", "x", ""),
        "number": ("1", "0", "-1", "1.5", "320", "99999999999", "x"),
        "meta": (*(f"={key} ‹value›" for key in METADATA), "=‹odd› ‹value›", "=x ‹value›"),
        "value": (
            *("stable-diffusion-v1-base", "stable-diffusion-xl-v1-base/lora", "sdxl_base_v1-0", "True", "2", "-1", "x"),
            *("networks.lora", '{"a": {"cow": 2}}', '{"conv_dim": "4"}', "flux-1-dev", "[", '{"a":‹number›}', "‹odd›"),
        ),
        "raw": ('"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}', '"x":‹number›', '"__metadata__":{"a":1}', ""),
        "odd": ODD,
    }
)
PLANS = Grammar(
    {
        "file": ("{‹field›}", "{‹field›, ‹field›}", "[‹value›]", "‹value›"),
        "field": (
            *('"steps": ‹value›', '"guidance": ‹value›', '"size": [‹value›, ‹value›]', '"seed": ‹value›', '"x": 1'),
            *(
                '"sampler": ‹text›',
                '"schedule": ‹text›',
                '"karras": ‹value›',
                '"clip_skip": ‹value›',
                '"freeu": [‹value›]',
            ),
            *('"model": {"name": ‹text›, "family": ‹text›}', '"positive": ‹sides›', '"negative": ‹sides›'),
            *(
                '"networks": [{"name": ‹text›, "kind": "lora", "weight": ‹value›}]',
                '"command": ‹text›',
                '"vae": ‹text›',
            ),
            *('"weighting": ‹text›', '"axes": [[‹text›, ‹text›]]', '"source": ‹text›', '"format": ‹text›'),
            *('"file_format": ‹text›', '"strength": ‹value›', '"true_cfg": ‹value›', '"rescale": ‹value›'),
        ),
        "sides": (
            '{"branches": [{"segments": [{"until": ‹value›, "runs": ‹runs›}]}]}',
            '{"branches": [{"segments": [{"until": 20, "runs": ‹runs›}], "weight": ‹value›}], "combine": ‹text›}',
            '{"branches": []}',
            "‹value›",
        ),
        "runs": ('[{"text": ‹text›, "weight": ‹value›}]', "[]", '[{"text": ‹text›, "weight": 1}, {"text": "a"}]'),
        "text": ('"euler"', '"karras"', '"blend"', '"and"', '"comfy"', '"cow"', '""', '"‹odd›"', '"\\ud800"', '"sd1"'),
        "value": (
            "1",
            "0",
            "-1",
            "1.5",
            "20",
            "512",
            '"NaN"',
            '"Infinity"',
            "null",
            "true",
            "1e400",
            "9" * 30,
            "‹text›",
        ),
        "odd": ODD_IN_JSON,
    }
)
PICTURES = Grammar(
    {
        "file": ("‹chunk›", "‹chunk›\n‹chunk›"),
        "chunk": (
            *("tEXt parameters\0‹text›", "iTXt promptlang\0\0\0\0\0‹own›", "iTXt parameters\0\0\0\0\0‹text›", "iTXt x"),
            *(
                "zTXt parameters\0\0‹text›",
                "iTXt promptlang\0\1\0\0\0‹text›",
                "tEXt ‹odd›",
                "‹odd› x",
                "IEND ",
                "IDAT x",
            ),
        ),
        "text": ("a cow", "a cow\nSteps: 20, Sampler: Euler, Seed: 1", "‹odd›", "", "‹text›‹odd›", "‹own›"),
        "own": ('{"plan": {}, "source": "", "seed": 1, "picture": ""}', '{"plan": []}', "[]", '{"seed": 1e400}', "{"),
        "odd": ODD,
    }
)
_AT = '"textDocument": {"uri": "file:///none/a.prompt"}, "position": {"line": ‹count›, "character": ‹count›}'
_RANGE = '{"start": {"line": ‹count›, "character": ‹count›}, "end": {"line": ‹count›, "character": ‹count›}}'
_OF = '"textDocument": {"uri": "file:///none/a.prompt", "version": ‹count›}'
MESSAGES = Grammar(
    {
        "session": ("‹message›", "‹message›\n‹message›", "‹message›\n‹message›\n‹message›"),
        "message": (
            f'{{"id": ‹count›, "method": "textDocument/‹place›", "params": {{{_AT}}}}}',
            f'{{"id": ‹count›, "method": "textDocument/‹whole›", "params": {{{_OF}}}}}',
            f'{{"id": 1, "method": "textDocument/‹ranged›", "params": {{{_OF}, "range": {_RANGE}, "context": {{}}}}}}',
            f'{{"method": "textDocument/didChange", "params": {{{_OF}, "contentChanges": [{{"text": "‹text›"}}]}}}}',
            f'{{"method": "textDocument/didChange", "params": {{{_OF}, "contentChanges": '
            f'[{{"range": {_RANGE}, "text": "‹text›"}}]}}}}',
            '{"id": ‹value›, "method": "‹method›", "params": ‹value›}',
            '{"method": "‹method›", "params": ‹value›}',
            '{"id": ‹value›, "‹answer›": ‹value›}',
            '{"id": 1, "method": "workspace/executeCommand", "params": {"command": "‹command›", "arguments": ‹value›}}',
            f'{{"id": 1, "method": "textDocument/rename", "params": {{{_AT}, "newName": "‹text›"}}}}',
            f'{{"id": 1, "method": "textDocument/references", "params": {{{_AT}, "context": ‹value›}}}}',
            f'{{"id": 1, "method": "textDocument/selectionRange", "params": {{{_OF}, "positions": [‹value›]}}}}',
            "‹value›",
        ),
        "place": (
            *("hover", "completion", "definition", "documentHighlight", "prepareRename", "signatureHelp", "rename"),
            *("linkedEditingRange", "onTypeFormatting", "references"),
        ),
        "whole": (
            *("documentSymbol", "foldingRange", "documentLink", "codeLens", "semanticTokens/full", "formatting"),
            *("diagnostic", "semanticTokens/full/delta", "didClose", "didSave"),
        ),
        "ranged": ("inlayHint", "codeAction", "rangeFormatting", "semanticTokens/range"),
        "method": (
            *("textDocument/hover", "initialize", "initialized", "shutdown", "$/cancelRequest", "$/setTrace", "x", ""),
            *("workspace/symbol", "workspace/diagnostic", "workspace/didChangeConfiguration", "textDocument/didOpen"),
            *("workspace/didChangeWatchedFiles", "completionItem/resolve", "window/workDoneProgress/cancel"),
            *("workspace/didChangeWorkspaceFolders", "textDocument/didChange", "workspace/executeCommand"),
        ),
        "answer": ("result", "error", "x"),
        "command": ("promptlang.render", "promptlang.compile", "promptlang.explain", "promptlang.inspect", "x"),
        "text": ("a cow", "/render ", "/clipskip:2", "(", "\\n", "\\ud83d\\ude00", "\\ud800", "#r", "x", "", "<demo>"),
        "count": ("0", "1", "2", "5", "-1", "1e9", "2147483648", "null", '"x"', "1.5", "true"),
        "value": (
            *("1", '"x"', "null", "true", "[]", "{}", "1.5", "1e400", "[‹value›]", '{"‹key›": ‹value›}', "‹count›"),
            f"{{{_AT}}}",
        ),
        "key": (
            "id",
            "uri",
            "textDocument",
            "position",
            "label",
            "data",
            "query",
            "settings",
            "changes",
            "token",
            "event",
        ),
        "odd": ODD_IN_JSON,
    }
)
