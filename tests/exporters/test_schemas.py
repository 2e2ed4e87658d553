"""What is written for programs that are sent JSON holds against what they publish of it.

`object_info.json` is what ComfyUI answers of the nodes that are written, from its published node definitions: names,
types, choices and limits; choices among files are left open. `txt2img.json` has the fields of stable-diffusion-webui's
request, and the names that it and Forge know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import promptlang
from promptlang.exporters.comfyui.nodes import LIMITS, OUTPUTS
from promptlang.exporters.targets import written
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan
from promptlang.tables.models.families import FAMILIES
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.samplers import ROWS as SAMPLERS
from promptlang.tables.upscalers import UPSCALERS

NODES: dict[str, Any] = json.loads(Path(__file__).with_name("object_info.json").read_text(encoding="utf-8"))
WEBUI: dict[str, Any] = json.loads(Path(__file__).with_name("txt2img.json").read_text(encoding="utf-8"))
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}
BESIDE_OPENAI = {"negative_prompt", "seed", "num_inference_steps", "guidance_scale", "true_cfg_scale", "lora"}
"""What vLLM-Omni and SGLang take at the top of a request, beside OpenAI's fields."""
DRAWN = tuple(row for row in FAMILIES if row.rendered)
MODELS = tuple((row.name, variant) for row in DRAWN for variant in ("", *(each.name for each in row.variants)))
PROJECT = Project(
    concepts=(
        *(
            KnownConcept(
                name=f"{family} {variant}".strip(), kind="checkpoint", family=family, evidence="said", variant=variant
            )
            for family, variant in (*MODELS, ("sd1", "inpaint"), ("sd2", "inpaint, v-prediction"))
        ),
        *(KnownConcept(name=f"{row.name} lora", kind="lora", family=row.name, evidence="said") for row in DRAWN),
        KnownConcept(name="hen", kind="inversion", family="sd1", evidence="said"),
        KnownConcept(name="dull", kind="vae", family="sd1", evidence="said"),
    )
)
FORMS = (
    "/render a cow",
    "/render /parser:comfy a (cow:1.2) hat",
    "/render /seed:0 /steps:1000 /guidance:1000 a cow",
    "/render /seed:18446744073709551615 /images:100 /guidance:0 a cow",
    "/render /clipskip:12 a cow",
    "/render /clipskip:2 /vae:else.safetensors a cow",
    "/render /rescale:1 /freeu:0.9,0.2,1.1,1.2 a cow",
    "/render /true-cfg:3 a cow",
    "/render /size:8x8 a cow",
    "/render /size:16x16 a cow",
    "/render /size:2048x64 a cow",
    "/render /parser:a1111 [cat:dog:0.5] AND a hat :0.5 AND trees :50",
    "/render /parser:a1111 [cat|dog] a hat BREAK a tree",
    '/render /parser:compel ("a cow", "a hat").blend(0.5, 0.5)',
    "/remix /image:cow.png /strength:0.6 /images:9 a cow",
    "/remix /image:cow.png /strength:0.6 /images:99 a cow",
    "/remix /image:cow.png /strength:0.6 /mask:mask.png a cow",
    "/render /control:map /control-net:edges.safetensors /control-image:map.png /control-strength:2 a cow",
    "/render /control:canny /control-net:edges.safetensors /control-image:map.png /control-end:0.5 a cow",
    *(f"/render /hires:1.5 /hires-upscaler:{name} a cow" for name in UPSCALERS),
    "/render /hires:4 /hires-strength:0.1 /hires-steps:1000 a cow",
)
NETWORKS = "/render a cow <{family} lora:-200>"


@cache
def plans(text: str) -> tuple[Plan, ...]:
    return promptlang.compile(text, project=PROJECT).plans


def statements(family: str, variant: str) -> Iterator[str]:
    """Every form that a statement may have, with that model."""
    model = f"{family} {variant}".strip()
    for form in (*FORMS, NETWORKS.format(family=family)):
        yield f"/set <{model}>\n{form}\n/negative ugly"


def faults(graph: dict[str, Any]) -> Iterator[str]:
    """What ComfyUI would answer of the numbers and words in the nodes, which the linter does not look at."""
    for number, node in graph.items():
        asked = NODES[node["class_type"]]["input"]
        known = {**asked["required"], **asked.get("optional", {})}
        for name, value in node["inputs"].items():
            kind, *more = known[name]
            rules: dict[str, Any] = more[0] if more else {}
            where = f"{number} {node['class_type']}.{name}: {value!r}"
            if isinstance(value, list):
                continue  # a link, whose type the linter compares
            if kind == "INT" and type(value) is not int:
                yield f"{where} is no whole number"
            if kind == "FLOAT" and type(value) not in (int, float):
                yield f"{where} is no number"
            if kind in ("STRING", "COMBO") and type(value) is not str:
                yield f"{where} is no text"
            if kind == "BOOLEAN" and type(value) is not bool:
                yield f"{where} is neither true nor false"
            if "min" in rules and not rules["min"] <= value <= rules["max"]:
                yield f"{where} is not from {rules['min']} to {rules['max']}"


def complaints(plan: Plan) -> list[str]:
    """What is wrong with the graph of a plan."""
    linter = pytest.importorskip("comfy_lint", reason="pip install comfy-lint")
    schema = pytest.importorskip("comfy_lint.schema")
    graph = json.loads(written(plan, "comfyui").text)
    found = linter.lint_workflow(graph, schema.normalize(NODES))
    return [*(f"{each.node_id} {each.class_type}: {each.message}" for each in found), *faults(graph)]


@pytest.mark.parametrize(("family", "variant"), MODELS)
def test_every_graph_is_one_that_comfyui_takes(family: str, variant: str) -> None:
    count = 0
    for text in statements(family, variant):
        for plan in plans(text):
            count += 1
            assert complaints(plan) == [], text
            parts = replace(plan.model, path="models/m.safetensors", text_encoders=("a.safetensors", "b.safetensors"))
            assert complaints(replace(plan, model=parts)) == [], text
    assert count > len(FORMS) / 2


@pytest.mark.parametrize("sampler", [row.name for row in SAMPLERS])
def test_every_sampler_and_schedule_is_one_of_comfyui(sampler: str) -> None:
    (row,) = (each for each in SAMPLERS if each.name == sampler)
    for schedule in row.schedules or ("",):
        chosen = f" /schedule:{schedule}" if schedule else ""
        for plan in plans(f"/set <sd1>\n/render /sampler:{sampler}{chosen} a cow"):
            assert complaints(plan) == []


@pytest.mark.parametrize("called", ["<sd1 inpaint> <hen> <dull>", "<sd2 inpaint, v-prediction>"])
def test_models_for_inpainting_are_shown_the_picture(called: str) -> None:
    (plan,) = plans(f"/remix {called} /image:cow.png /mask:mask.png /strength:0.5 /images:70 a cow")
    assert complaints(plan) == []


def test_nodes_are_said_as_comfyui_has_them() -> None:
    """What the writer knows of nodes is what they are."""
    for kind, gives in OUTPUTS.items():
        assert tuple(NODES[kind]["output"]) == gives
    for (kind, name), (low, high) in LIMITS.items():
        rules = NODES[kind]["input"]["required"][name][1]
        assert (rules["min"], rules["max"]) == (low, high)


@pytest.mark.parametrize(("family", "variant"), MODELS)
def test_pages_of_comfyui_carry_what_their_nodes_give_and_take(family: str, variant: str) -> None:
    for text in statements(family, variant):
        for plan in plans(text):
            page = json.loads(written(plan, "comfyui-workflow").text)
            boxes = {each["id"]: each for each in page["nodes"]}
            for number, begin, slot, end, place, carries in page["links"]:
                given, taken = boxes[begin], boxes[end]
                assert NODES[given["type"]]["output"][slot] == carries == taken["inputs"][place]["type"]
                assert taken["inputs"][place]["link"] == number
                asked = NODES[taken["type"]]["input"]
                assert {**asked["required"], **asked.get("optional", {})}[taken["inputs"][place]["name"]][0] == carries


def test_numbers_beyond_what_comfyui_takes_are_said() -> None:
    (plan,) = plans("/set <sd1>\n/render /seed:1 /guidance:120 a cow <sd1 lora:-200>")
    made = written(plan, "comfyui")
    assert "ComfyUI's `KSampler` takes a cfg from 0 to 100, and is told 100 for 120" in made.remarks
    assert "ComfyUI's `LoraLoader` takes a strength_model from -100 to 100, and is told -100 for -200" in made.remarks


def test_families_that_comfyui_is_not_known_to_load_are_said() -> None:
    (plan,) = plans("/set <sana>\n/render /seed:1 a cow")
    assert (
        "how ComfyUI loads Sana is not known here, so the graph opens a checkpoint" in written(plan, "comfyui").remarks
    )


@pytest.mark.parametrize(("family", "variant"), MODELS)
def test_every_payload_is_one_that_webui_takes(family: str, variant: str) -> None:
    known = WEBUI["samplers"] + WEBUI["samplers of SD.Next"]
    for text in statements(family, variant):
        for plan in plans(text):
            made = written(plan, "a1111-api")
            data = json.loads(made.text)
            for name, value in data.items():
                assert isinstance(value, TYPES[WEBUI["properties"][name]]), (name, value)
            for name, value in data["override_settings"].items():
                assert isinstance(value, TYPES[WEBUI["settings"][name]]), (name, value)
            assert data["sampler_name"] in known or any("has no sampler" in each for each in made.remarks)
            assert data["scheduler"] in WEBUI["schedulers"]
            assert data.get("hr_upscaler", "None") in WEBUI["upscalers"]


def test_every_sampler_and_schedule_is_one_of_webui() -> None:
    for row in SAMPLERS:
        assert not row.webui or row.webui in WEBUI["samplers"] + WEBUI["samplers of SD.Next"]
        for schedule in row.schedules:
            (plan,) = plans(f"/set <sd1>\n/render /sampler:{row.name} /schedule:{schedule} a cow")
            made = written(plan, "a1111-api")
            assert json.loads(made.text)["scheduler"] in WEBUI["schedulers"]


@pytest.mark.parametrize(("family", "variant"), MODELS)
def test_every_request_is_one_that_openai_s_library_types(family: str, variant: str) -> None:
    """But for `size`, of which servers of open models take any, while OpenAI's own models have a list."""
    params = pytest.importorskip("openai.types.image_generate_params", reason="pip install --group clients")
    request = pytest.importorskip("pydantic").TypeAdapter(params.ImageGenerateParamsNonStreaming)
    known = (
        params.ImageGenerateParamsNonStreaming.__annotations__.keys() | params.ImageGenerateParamsBase.__annotations__
    )
    for text in statements(family, variant):
        for plan in plans(text):
            data = json.loads(written(plan, "openai").text)
            assert data.keys() <= known | BESIDE_OPENAI
            request.validate_python({name: value for name, value in data.items() if name in known})
