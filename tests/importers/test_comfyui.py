"""Graphs of ComfyUI, as they run and as they are drawn, broken ones among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import promptlang
from promptlang.exporters.targets import written
from promptlang.importers.comfyui.values import calculated
from promptlang.importers.imported import Imported, Reading
from promptlang.importers.reading import of_text, read_file
from promptlang.importers.retold import told
from tests.importers import made, templates

Inputs = Mapping[str, object]


def node(kind: str, **inputs: object) -> dict[str, object]:
    return {"class_type": kind, "inputs": inputs}


def ksampler(**changes: object) -> dict[str, object]:
    """The sampler of the plain graph, with some of its inputs changed."""
    inputs: dict[str, object] = {
        "model": ["1", 0],
        "positive": ["2", 0],
        "negative": ["3", 0],
        "latent_image": ["4", 0],
        "seed": 5,
        "steps": 20,
        "cfg": 7.5,
        "sampler_name": "dpmpp_2m",
        "scheduler": "karras",
        "denoise": 1,
    }
    return node("KSampler", **{**inputs, **changes})


def graph(**changes: object) -> dict[str, object]:
    """A plain graph in the form that runs, with some of its nodes changed; None takes one away."""
    nodes: dict[str, object] = {
        "1": node("CheckpointLoaderSimple", ckpt_name="dream.safetensors"),
        "2": node("CLIPTextEncode", text="a (red:1.2) cow", clip=["1", 1]),
        "3": node("CLIPTextEncode", text="ugly", clip=["1", 1]),
        "4": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "5": ksampler(),
        "6": node("VAEDecode", samples=["5", 0], vae=["1", 2]),
        "7": node("SaveImage", images=["6", 0]),
    }
    nodes |= {name.removeprefix("n"): each for name, each in changes.items()}
    return {name: each for name, each in nodes.items() if each is not None}


def read(nodes: object) -> Reading:
    return of_text(json.dumps(nodes))


def only(reading: Reading) -> Imported:
    (found,) = reading.found
    return found


def test_a_plain_graph_is_a_statement() -> None:
    (statement,) = told(read(graph())).statements
    (plan,) = promptlang.compile(statement).plans
    assert (plan.sampler, plan.schedule, plan.steps, plan.guidance) == ("dpm2m", "karras", 20, 7.5)
    assert (plan.seed, plan.size, plan.dialect, plan.model.name) == (5, (512, 768), "comfy", "dream")
    assert [(run.text, run.weight) for run in plan.positive.branches[0].segments[0].runs] == [
        *(("a ", 1.0), ("red", 1.2), (" cow", 1.0))
    ]


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_graphs_lie_in_pictures(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    text = json.dumps(graph())
    if ending == "png":
        made.png(path, {"prompt": text, "workflow": "{}"})
    else:
        made.with_tags(path, {0x110: f"prompt:{text}"})
    assert only(read_file(path)).model == "dream.safetensors"


def test_loras_and_layers_on_the_way() -> None:
    nodes = graph(
        n8=node(
            "LoraLoader",
            model=["1", 0],
            clip=["1", 1],
            lora_name="a.safetensors",
            strength_model=0.5,
            strength_clip=0.5,
        ),
        n9=node("LoraLoaderModelOnly", model=["8", 0], lora_name="b.safetensors", strength_model=0.7),
        n10=node("CLIPSetLastLayer", clip=["8", 1], stop_at_clip_layer=-2),
        n2=node("CLIPTextEncode", text="a cow", clip=["10", 0]),
        n5=ksampler(model=["9", 0], sampler_name="euler", scheduler="normal"),
    )
    found = only(read(nodes))
    assert [(each.name, each.weight, each.text_weight) for each in found.networks] == [
        *(("a.safetensors", 0.5, None), ("b.safetensors", 0.7, 0.0))
    ]
    assert dict(found.options)["clipskip"].value == "2"
    (statement,) = told(read(nodes)).statements
    (plan,) = promptlang.compile(statement).plans
    assert [(each.name, each.weight) for each in plan.networks] == [("a", 0.5), ("b", 0.7)]


def test_a_sampler_in_pieces() -> None:
    found = only(
        read(
            {
                "1": node("UNETLoader", unet_name="flux1-dev.safetensors"),
                "2": node("DualCLIPLoader", clip_name1="l", clip_name2="t5", type="flux"),
                "3": node("CLIPTextEncode", text=["4", 0], clip=["2", 0]),
                "4": node("StringConcatenate", string_a="a", string_b=["5", 0], delimiter=" "),
                "5": node("PrimitiveStringMultiline", value="cow"),
                "6": node("FluxGuidance", conditioning=["3", 0], guidance=4.5),
                "7": node("BasicGuider", model=["1", 0], conditioning=["6", 0]),
                "8": node("BasicScheduler", model=["1", 0], scheduler="simple", steps=["14", 1], denoise=1),
                "9": node("KSamplerSelect", sampler_name="euler"),
                "10": node("RandomNoise", noise_seed=3),
                "11": node("EmptySD3LatentImage", width=["12", 0], height=["12", 1], batch_size=2),
                "12": node("ResolutionSelector", aspect_ratio="16:9 (Wide)", megapixels=1, multiple=16),
                "13": node(
                    "SamplerCustomAdvanced",
                    noise=["10", 0],
                    guider=["7", 0],
                    sampler=["9", 0],
                    sigmas=["8", 0],
                    latent_image=["11", 0],
                ),
                "14": node("ComfyMathExpression", expression="max(a // 2, 8)", **{"values.a": ["15", 0]}),
                "15": node("PrimitiveInt", value=41),
            }
        )
    )
    assert (found.positive, found.model) == ("a cow", "flux1-dev.safetensors")
    assert {name: entry.value for name, entry in found.options} == {
        "guidance": "4.5",
        "steps": "20",
        "sampler": "euler",
        "seed": "3",
        "schedule": "simple",
        "size": "1360x768",
        "images": "2",
    }


def drawn(nodes: list[dict[str, object]], links: list[object], **more: object) -> dict[str, object]:
    return {"nodes": nodes, "links": links, "version": 0.4, **more}


def box(
    number: int, kind: str, values: object = (), inputs: Mapping[str, int | None] | None = None, **more: object
) -> dict[str, object]:
    """A node as the page keeps it."""
    return {
        "id": number,
        "type": kind,
        "mode": 0,
        "widgets_values": list(values) if isinstance(values, tuple) else values,
        "inputs": [{"name": name, "link": link} for name, link in (inputs or {}).items()],
        **more,
    }


SAMPLER = (5, "fixed", 20, 7.5, "dpmpp_2m", "karras", 1)
INSIDE = {"model": 1, "positive": 2, "negative": 3, "latent_image": 4}


def test_a_drawn_graph_with_subgraphs_switches_and_bypasses() -> None:
    inner = {
        "id": "sub",
        "name": "Draw",
        "inputs": [{"name": "words", "type": "STRING"}, {"name": "model", "type": "MODEL"}],
        "outputs": [{"name": "LATENT", "type": "LATENT"}],
        "nodes": [
            box(1, "CLIPTextEncode", ("inner words",), {"clip": 9, "text": 1}),
            box(2, "CLIPTextEncode", ("ugly",), {"clip": 9}),
            box(3, "EmptyLatentImage", (640, 512, 1)),
            box(4, "KSampler", SAMPLER, {"model": 2, "positive": 3, "negative": 4, "latent_image": 5}),
        ],
        "links": [
            {"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 1, "target_slot": 1},
            {"id": 2, "origin_id": -10, "origin_slot": 1, "target_id": 4, "target_slot": 0},
            {"id": 3, "origin_id": 1, "origin_slot": 0, "target_id": 4, "target_slot": 1},
            {"id": 4, "origin_id": 2, "origin_slot": 0, "target_id": 4, "target_slot": 2},
            {"id": 5, "origin_id": 3, "origin_slot": 0, "target_id": 4, "target_slot": 3},
            {"id": 6, "origin_id": 4, "origin_slot": 0, "target_id": -20, "target_slot": 0},
        ],
    }
    page = drawn(
        [
            box(1, "CheckpointLoaderSimple", ("dream.safetensors",)),
            box(
                number=2,
                kind="LoraLoaderModelOnly",
                values=("off.safetensors", 1),
                mode=4,
                inputs={},
            )
            | {
                "inputs": [{"name": "model", "type": "MODEL", "link": 11}],
                "outputs": [{"name": "MODEL", "type": "MODEL"}],
            },
            box(3, "sub", ("a cow",), {"words": None, "model": 12}),
            box(4, "VAEDecode", (), {"samples": 13}),
            box(5, "MarkdownNote", ("words of nobody",)),
        ],
        [[11, 1, 0, 2, 0, "MODEL"], [12, 2, 0, 3, 1, "MODEL"], [13, 3, 0, 4, 0, "LATENT"]],
        definitions={"subgraphs": [inner]},
    )
    found = only(read(page))
    assert (found.positive, found.negative, found.model, found.networks) == ("a cow", "ugly", "dream.safetensors", ())
    assert dict(found.options)["size"].value == "640x512"


# --- broken graphs ----------------------------------------------------------------------------------------------------


BROKEN: dict[str, tuple[object, str]] = {
    "a missing prompt": (graph(n2=None), "node 2 is missing, which gives the positive prompt"),
    "a missing model": (graph(n1=None), "node 1 is missing, which gives the model"),
    "a circle of conditioning": (
        graph(n2=node("ConditioningSetArea", conditioning=["2", 0])),
        "the graph runs in a circle at ConditioningSetArea (node 2)",
    ),
    "a circle of words": (
        graph(n2=node("CLIPTextEncode", text=["8", 0], clip=["1", 1]), n8=node("Reroute", value=["8", 0])),
        "comes through more than 100 nodes, or in a circle",
    ),
    "a circle of pictures": (
        graph(n4=node("LatentUpscaleBy", samples=["5", 0], scale_by=2)),
        "the size of what KSampler (node 5) draws is not known",
    ),
    "no sampler": (
        {"1": node("Canny", image=["2", 0])},
        "no node of the graph is a sampler that is known here: Canny (node 1)",
    ),
    "a text of another's": (
        graph(n2=node("CLIPTextEncode", text=["8", 0], clip=["1", 1]), n8=node("StylePicker", text="a cow")),
        "StylePicker (node 8) is not known here, and its `text` is taken for what it gives",
    ),
    "a number of another's": (
        graph(n4=node("EmptyLatentImage", width=["8", 0], height=512), n8=node("Dice")),
        "what Dice (node 8) gives is not known here",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_graphs_say_which_node_it_is(kind: str) -> None:
    nodes, remark = BROKEN[kind]
    reading = read(nodes)
    told(reading)
    assert any(remark in each for each in reading.remarks), reading.remarks


def test_two_samplers_are_two_statements() -> None:
    second = ksampler(seed=6)
    assert len(told(read(graph(n15=second))).statements) == 2


def test_a_second_pass_is_read_where_it_draws_as_the_first() -> None:
    larger = node("LatentUpscaleBy", samples=["5", 0], upscale_method="bicubic", scale_by=2)
    again = ksampler(latent_image=["8", 0], denoise=0.5)
    (found,) = read(graph(n8=larger, n9=again)).found
    said = {name: entry.value for name, entry in found.options if name.startswith("hires")}
    assert said == {"hires": "2", "hires-upscaler": "latent-bicubic", "hires-strength": "0.5"}
    for other in ({"seed": 6}, {"model": ["10", 0]}, {"latent_image": ["10", 0]}):
        changed = {**again, "inputs": {**again["inputs"], **other}}
        third = node("LatentUpscaleBy", samples=["5", 0], upscale_method="bislerp", scale_by=2)
        reading = read(graph(n8=larger, n9=changed, n10=third))
        assert len(reading.found) == 1
        assert any("KSampler (node 9) goes on with what KSampler (node 5) drew" in each for each in reading.remarks)


def test_what_is_transparent_is_no_mask() -> None:
    nodes = graph(
        n8=node("LoadImage", image="cow.png"),
        n9=node("VAEEncode", pixels=["8", 0], vae=["1", 2]),
        n4=node("SetLatentNoiseMask", samples=["9", 0], mask=["8", 1]),
    )
    found = only(read(nodes))
    assert (found.command, "mask" in dict(found.options)) == ("remix", False)
    assert [each.name for each in found.rest] == ["SetLatentNoiseMask"]


def test_a_circle_of_samplers_ends() -> None:
    nodes = graph(n4=None, n5=ksampler(latent_image=["5", 0]))
    (statement,) = told(read(nodes)).statements
    assert statement.endswith("a (red:1.2) cow\n/negative ugly")


def test_ten_thousand_nodes() -> None:
    """A chain is followed as far as it makes sense, and never by recursion."""
    chain = {
        str(number): node("LoraLoaderModelOnly", model=[str(number - 1), 0], lora_name=f"l{number}", strength_model=0.1)
        for number in range(100, 10_000)
    }
    chain["99"] = node("CheckpointLoaderSimple", ckpt_name="dream")
    reading = read({**graph(), **chain, "5": ksampler(model=["9999", 0])})
    assert only(reading).model == ""
    assert any("the model that" in each for each in reading.remarks)


def test_more_loras_than_are_followed() -> None:
    lora = {"lora_name": "ink.safetensors", "strength_model": 0.1}
    chain = {
        f"n{number}": node("LoraLoaderModelOnly", **lora, model=[str(number - 1) if number > 100 else "1", 0])
        for number in range(100, 1_200)
    }
    found = read(graph(n5=ksampler(model=["1199", 0]), **chain))
    assert "only the last 1,000 nodes before LoraLoaderModelOnly (node 199) are followed to the model" in found.remarks


def test_subgraphs_that_hold_themselves() -> None:
    again = {"id": "sub", "inputs": [], "outputs": [], "nodes": [box(1, "sub"), box(2, "sub")], "links": []}
    reading = read(drawn([box(1, "sub")], [], definitions={"subgraphs": [again]}))
    assert any("deep in each other" in each or "are looked at" in each for each in reading.remarks)


def test_a_link_in_a_circle() -> None:
    page = drawn(
        [box(1, "Reroute", (), {"": 1}), box(2, "KSampler", SAMPLER, {**INSIDE, "latent_image": 1})],
        [[1, 1, 0, 1, 0, "*"]],
    )
    assert any("or in a circle" in each for each in read(page).remarks)


@pytest.mark.parametrize(
    "expression", ["a.b", "__import__('os')", "9**9**9", "a(", "[1]", "max()", "1/0", "x", "a" * 2000]
)
def test_no_expression_does_more_than_count(expression: str) -> None:
    with pytest.raises((ValueError, SyntaxError, ArithmeticError, LookupError)):
        calculated(expression, {"a": 1})


@pytest.mark.skipif(templates.folder() is None, reason="comfyui-workflow-templates-json is not installed")
def test_the_templates_of_comfyui_are_read() -> None:
    found = templates.folder()
    assert found
    lacking = {
        name: missing
        for name in templates.names(found)
        if (missing := templates.missing(read_file(found / f"{name}.json")))
    }
    count = len(list(templates.names(found)))
    assert count > 40
    assert len(lacking) <= count * (1 - templates.SHARE), lacking
    for path in sorted(found.glob("*.json")):
        reading = read_file(path)
        assert reading.found or reading.remarks, path.name
        told(reading)


def test_words_that_are_joined_to_the_prompt_are_said() -> None:
    """They stand in the comment, and a remark names their node; a circle among them ends."""
    later = node("ConditioningSetTimestepRange", conditioning=["9", 0], start=0.25, end=1.0)
    joined = node("ConditioningCombine", conditioning_1=["2", 0], conditioning_2=["10", 0])
    words = node("CLIPTextEncode", text="a blue hat", clip=["1", 1])
    found = read(graph(n5=ksampler(positive=["8", 0]), n8=joined, n9=words, n10=later))
    (statement,) = told(found).statements
    assert "ConditioningCombine: a blue hat, ConditioningSetTimestepRange: start 0.25 end 1" in statement
    assert [each for each in found.remarks if each.startswith("what ConditioningCombine (node 8) joins to")]
    round_and_round = node("ConditioningSetTimestepRange", conditioning=["10", 0], start=0.25, end=1.0)
    found = read(graph(n5=ksampler(positive=["8", 0]), n8=joined, n10=round_and_round))
    assert only(found).positive == "a (red:1.2) cow"


@pytest.mark.parametrize("form", ["comfyui", "comfyui-workflow"])
@pytest.mark.parametrize(
    "words",
    [
        "a [cat:dog:0.5] here\n/negative [bad, (x:1.2):ugly:0.2]",
        "a [big::0.3] sofa",
        "a [red|blue] sofa",
        "a [[cat:big (dog:1.3):0.2]:wolf:0.6] in snow",
    ],
)
def test_words_that_change_on_the_way_come_back(words: str, form: str) -> None:
    """As a schedule, in the dialect that has some, and in the arithmetic of ComfyUI."""
    (plan,) = promptlang.compile(f"/render /parser:a1111 /seed:1 /steps:20 {words}").plans
    (statement,) = told(of_text(written(plan, form).text)).statements
    assert words in statement
    assert "/arithmetic:comfy" in statement


def test_words_for_a_part_of_the_steps_alone_are_no_schedule() -> None:
    """ComfyUI draws without them before and after, which no schedule says."""
    short = {
        "n8": node("ConditioningCombine", conditioning_1=["9", 0], conditioning_2=["10", 0]),
        "n9": node("ConditioningSetTimestepRange", conditioning=["2", 0], start=0.0, end=0.5),
        "n10": node("ConditioningSetTimestepRange", conditioning=["2", 0], start=0.6, end=1.0),
    }
    (statement,) = told(read(graph(n5=ksampler(positive=["8", 0]), **short))).statements
    assert "/parser:comfy" in statement
    assert "end 0.5" in statement
