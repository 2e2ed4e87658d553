"""The files beside prompts, of any length, and what is pasted into them: what `benchmarks.growth` measures."""

from __future__ import annotations

import json
from collections.abc import Iterable

from benchmarks.texts import Maker, nested, numbered, repeated
from promptlang.lowering.lower import compile
from promptlang.plans.json import to_json

PROJECTS: dict[str, Maker] = {
    "rules": numbered('"clipskip/r{}" = "off"\n', before="[rules]\n"),
    "concepts": numbered("[concepts.c{}]\npath = 'cow.safetensors'\n"),
    "unknown keys": numbered("key{} = 1\n"),
    "a long list": repeated("'wild', ", before="wildcards = [", after="]"),
    "nested lists": nested("[", "]", before="wildcards = ", inside=""),
    "inline tables": nested("{a=", "}", before="x = ", inside="1"),
    "dotted keys": repeated("a.", before="", after="a = 1"),
    "dotted keys with blanks": repeated("a . ", before="", after="a = 1"),
    "quoted dotted keys": repeated('"a".', before="", after="a = 1"),
    "a dotted heading": repeated("a.", before="[", after="a]\nb = 1"),
    "a dotted heading of a list": repeated("a.", before="[[", after="a]]\nb = 1"),
    "dotted keys in a table": repeated("a.", before="x = { ", after="a = 1 }"),
    "many dotted keys": numbered("a.b.c.d.k{} = 1\n"),
    "many keys below a heading": numbered("k{} = 1\n", before="[a.b.c.d.e.f]\n"),
    "headings": numbered("[t{}]\n"),
    "headings below one another": numbered("[a.b.c.t{}]\n"),
    "list headings": repeated("[[a]]\nb = 1\n"),
    "the same key": repeated("a = 1\n"),
    "long lines of text": repeated("cow\n", before='concept = """', after='"""'),
    "escapes in text": repeated("\\u0041", before='concept = "', after='"'),
    "open text": repeated("cow\n", before='concept = """'),
    "quotes in text": repeated('""a', before='concept = """', after='"""'),
    "a long number": repeated("1", before="a = "),
    "a number with dashes": repeated("1_", before="a = ", after="1"),
    "dates": numbered("d{} = 1979-05-27T07:32:00Z\n"),
    "per-file ignores": numbered('"f{}*.prompt" = ["clipskip/high"]\n', before="[per-file-ignores]\n"),
    "stars in a pattern": repeated("*a", before='[per-file-ignores]\n"', after='" = ["clipskip/high"]'),
    "options": numbered("steps{} = 20\n", before="[options]\n"),
    "folders": numbered('"f{}", ', before="[concepts]\nfolders = [", after="]"),
    "a long text": repeated("cow ", before='concept = "', after='"'),
    "comments": repeated("# said\n"),
    "blank lines": repeated("\n"),
}
FILES: dict[tuple[str, str], Maker] = {
    ("lines", ".txt"): numbered("cow {}\n"),
    ("comments", ".txt"): repeated("# said\n"),
    ("carriage returns", ".txt"): repeated("a\r"),
    ("a list", ".yaml"): numbered("- cow {}\n"),
    ("keys", ".yaml"): numbered("key{}:\n  - cow\n"),
    ("nested lists", ".yaml"): nested("[", "]"),
    ("aliases", ".yaml"): repeated("- *a\n", before="- &a cow\n"),
    ("quotes", ".yaml"): repeated('- "cow"\n'),
    ("weights", ".txt"): numbered("{}::cow\n"),
    ("blanks", ".txt"): repeated(" "),
    ("a table in one line", ".yaml"): numbered("k{}: a, ", before="{", after="}"),
    ("a list in one line", ".yaml"): repeated("cow, ", before="a: [", after="]"),
    ("open lists", ".yaml"): repeated("["),
    ("dashes in a line", ".yaml"): repeated("- "),
    ("question marks", ".yaml"): repeated("? "),
    ("colons", ".yaml"): repeated("a: "),
    ("anchors", ".yaml"): numbered("- &a{} cow\n"),
    ("merges", ".yaml"): repeated("- {<<: *a}\n", before="- &a {b: c}\n"),
    ("merges in a row", ".yaml"): numbered("k{0}: &a{0} {{<<: *a, z: c}}\n", before="k: &a {b: c}\n"),
    ("merged lists", ".yaml"): repeated("*a, ", before="a: &a {b: c}\nd: {<<: [", after="*a]}\n"),
    ("tags", ".yaml"): repeated("- !!str cow\n"),
    ("folded text", ".yaml"): repeated("  cow\n", before="a: >\n"),
    ("text over lines", ".yaml"): repeated("cow\n  ", before="a: "),
    ("text in quotes over lines", ".yaml"): repeated("cow\n\n  ", before='a: "', after='"'),
    ("comments", ".yaml"): repeated("# said\n", after="- cow"),
    ("signs of comments in quotes", ".yaml"): repeated(" #", before='a: "', after='"'),
    ("documents", ".yaml"): repeated("---\n- cow\n"),
    ("blank lines", ".yaml"): repeated("\n", after="- cow"),
    ("weighted", ".yaml"): repeated("- {text: cow, weight: 2}\n"),
    ("a list", ".json"): numbered('"cow {}", ', before="[", after='""]'),
    ("keys", ".json"): numbered('"key{}": ["cow"], ', before="{", after='"z": []}'),
    ("nested lists", ".json"): nested("[", "]", inside=""),
    ("nested tables", ".json"): nested('{"a":', "}", inside="1"),
    ("numbers", ".json"): repeated("1.5, ", before="[", after="1]"),
    ("a long number", ".json"): repeated("1", before="[", after="]"),
    ("escapes", ".json"): repeated("\\u0041", before='["', after='"]'),
    ("blanks", ".json"): repeated(" ", after="[]"),
    ("open text", ".json"): repeated('\\"', before='["'),
}
HEADERS: dict[str, Maker] = {
    "tensors": lambda size: header_of(f"t.{number}" for number in range(size // 62)),
    "tensors of many parts": lambda size: header_of(f"a.b.c.d.e.f.{number}.weight" for number in range(size // 80)),
    "blocks": lambda size: header_of(
        f"model.diffusion_model.input_blocks.{number}.1.proj_in.weight" for number in range(size // 110)
    ),
    "pairs of a network": lambda size: header_of(
        f"lora_unet_down_blocks_{number // 2}_to_q.lora_{('down', 'up')[number % 2]}.weight"
        for number in range(size // 110)
    ),
    "a long name": lambda size: header_of(["a." * (size // 2)]),
    "sides": lambda size: '{"t": {"dtype": "F16", "shape": [' + "1, " * (size // 3) + '1], "data_offsets": [0, 2]}}',
    "metadata": numbered('"k{}": "cow", ', before='{"__metadata__": {', after='"z": ""}}'),
    "long metadata": repeated("cow ", before='{"__metadata__": {"modelspec.title": "', after='"}}'),
    "tags of training": lambda size: tagged(size),
    "nested": nested('{"a":', "}", inside="1"),
    "nested lists": nested("[", "]", before='{"a": ', inside="1"),
    "the same key": repeated('"a": 1, ', before="{", after='"b": 1}'),
    "blanks": repeated(" ", before="{"),
    "escapes": repeated("\\u0041", before='{"__metadata__": {"', after='": ""}}'),
}
LISTS: dict[str, Maker] = {
    "words": numbered("cow_{},0,5,\n"),
    "aliases": numbered('cow_{},0,5,"kine,neat"\n'),
    "aliases of one": numbered("a{},", before='cow,0,5,"', after='"\n'),
    "a long word": repeated("a", before="cow,0,5,\n"),
    "open quotes": repeated('"a\n'),
    "commas": repeated(","),
    "blank lines": repeated("\n"),
    "the same word": repeated("cow,0,5,\n"),
    "underscores": repeated("cow_" * 40 + ",0,5,\n"),
}
PLANS: dict[str, Maker] = {
    "brackets": nested("[", "]", inside=""),
    "objects": nested('{"a":', "}", inside="1"),
    "an unknown key": numbered('"k{}": 1, ', before="{", after='"z": 1}'),
    "a long text": lambda size: planned_of("cow " * (size // 4)),
    "groups": lambda size: planned_of("(cow:1.2) " * (size // 10)),
    "networks": lambda size: planned_of("<lora:cow:0.7> " * (size // 15)),
    "conjunctions": lambda size: planned_of("cow AND " * (size // 8)),
    "schedules": lambda size: planned_of("[cow:horse:0.5] " * (size // 16)),
}
PASTED: dict[str, Maker] = {
    "blocks": numbered("cow\nNegative prompt: hen\nSteps: 20, Sampler: Euler a, Seed: {}, Size: 64x64\n\n"),
    "settings": numbered("k{}: v, ", before="cow\nSteps: 20, Sampler: Euler, Seed: 1, "),
    "known settings": repeated("Steps: 20, ", before="cow\nSteps: 20, Sampler: Euler, Seed: 1, "),
    "lines": repeated("cow\n", after="Steps: 20, Sampler: Euler, Seed: 1"),
    "code blocks": repeated("```\ncow\n", after="\nSteps: 20, Sampler: Euler, Seed: 1"),
    "quoted values": repeated('a: "b, c", ', before="cow\nSteps: 20, Sampler: Euler, Seed: 1, "),
    "open quotes": repeated('a: "b, ', before="cow\nSteps: 20, Sampler: Euler, Seed: 1, "),
    "backslashes in quotes": repeated("\\", before='cow\nSteps: 20, Sampler: Euler, Seed: 1, a: "'),
    "open lists": repeated("a: [", before="cow\nSteps: 20, Sampler: Euler, Seed: 1, "),
    "nested lists": nested("[", "]", before="cow\nSteps: 20, Sampler: Euler, Seed: 1, a: ", inside=""),
    "commas": repeated(",", before="cow\nSteps: 20, Sampler: Euler, Seed: 1"),
    "blanks": repeated(" ", before="cow\nSteps: 20, Sampler: Euler, Seed: 1, a"),
    "a long key": repeated("a ", before="cow\nSteps: 20, Sampler: Euler, Seed: 1, "),
    "networks": repeated("<lora:cow:1> ", after="\nSteps: 20, Sampler: Euler, Seed: 1"),
    "resources": repeated(
        '{"type":"lora","modelName":"a"},',
        before="cow\nSteps: 20, Sampler: Euler, Seed: 1, Civitai resources: [",
        after='{"type":"lora","modelName":"a"}]',
    ),
    "flags of a script": numbered("--steps {} ", before='--prompt "a" '),
    "open flags of a script": repeated('--prompt "a '),
    "dashes": repeated("-", before="--prompt a "),
}


def header_of(names: Iterable[str]) -> str:
    """The header of a file with tensors of those names, one behind the other."""
    record = {
        name: {"dtype": "F16", "shape": [4, 2], "data_offsets": [16 * number, 16 * number + 16]}
        for number, name in enumerate(names)
    }
    return json.dumps(record)


def tagged(size: int) -> str:
    """A header with as many training tags as fit."""
    counts = json.dumps({"cows": {f"tag {number}": 1 for number in range(size // 16)}})
    return json.dumps({"__metadata__": {"ss_tag_frequency": counts}})


def planned_of(words: str) -> str:
    """The plan of a statement of webui's dialect with those words, as JSON."""
    return to_json(compile(f"/render /parser:a1111 {words}").plans[0])
