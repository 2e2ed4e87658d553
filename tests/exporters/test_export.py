"""Plans in the words of other programs: what is read back asks for the same pictures, and what is not said is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import promptlang
from promptlang.cli.main import main
from promptlang.exporters.targets import ROWS, TARGETS, Target, written
from promptlang.importers.reading import of_text
from promptlang.importers.retold import told
from promptlang.meaning.project import Project
from promptlang.plans.json import content_hash
from promptlang.plans.plan import Plan
from promptlang.reference.interchange.pages import export_page
from promptlang.reference.interchange.round_trips import FEATURES, count_of_same, trip
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.samplers import ROWS as SAMPLERS
from tests.thorough import many

PROJECT = Project(
    concepts=(
        KnownConcept(name="m", kind="checkpoint", family="sd1", evidence="said"),
        KnownConcept(name="ink", kind="checkpoint", family="sd1", evidence="said", variant="inpaint"),
        KnownConcept(name="xl", kind="checkpoint", family="sdxl", evidence="said"),
        KnownConcept(name="f", kind="checkpoint", family="flux", evidence="said"),
        KnownConcept(name="z", kind="checkpoint", family="z-image", evidence="said"),
        KnownConcept(name="neon", kind="lora", family="sd1", evidence="said"),
    )
)
READ_BACK = [row.name for row in ROWS if row.read_back]


def named(name: str) -> str | None:
    found = PROJECT.known(name)
    return found.name if found else None


def plans(text: str) -> tuple[Plan, ...]:
    return promptlang.compile(text, project=PROJECT).plans


def plan(text: str) -> Plan:
    (found,) = plans(text)
    return found


def back(text: str, dialect: str) -> Plan:
    """The plan of what is read again."""
    (statement,) = told(of_text(text), dialect, named).statements
    return plan(statement)


def statement(target: str, words: str, options: str, model: str = "m", networks: str = "") -> str:
    """A statement in the dialect that the program reads, or in ours."""
    row = TARGETS[target]
    dialect = row.dialect or "new"
    above = f"/set <{model}> {networks if dialect == 'comfy' else ''}\n"
    return f"{above}/render /parser:{dialect} {options} {words}\n/negative ugly, blurry"


@pytest.mark.parametrize("target", READ_BACK)
@pytest.mark.parametrize("model", ["m", "xl"])
def test_what_is_written_is_read_back(target: str, model: str) -> None:
    row = TARGETS[target]
    parts = ["/steps:20", "/guidance:7.5", "/size:512x768", "/seed:5"]
    parts += ["/sampler:dpm2m", "/schedule:karras"] if "sampler" in row.says else []
    parts += ["/clipskip:3"] if row.clip_skip else []
    before = plan(statement(target, "a cow, hats", " ".join(parts), model))
    made = written(before, target)
    remarks = [each for each in made.remarks if "in a way of its own" not in each]
    after = back(made.text, before.dialect)
    if "sampler" not in row.says:
        after = replace(after, sampler=before.sampler, schedule=before.schedule)
    assert remarks == ([] if "sampler" in row.says else [f"{row.title} is not told `/sampler`"])
    assert content_hash(after) == content_hash(before)


@settings(max_examples=many(12), deadline=None)
@given(
    target=st.sampled_from(READ_BACK),
    words=st.lists(
        st.sampled_from(("a cow", "hats, trees", "a (big) cat", "50% grey", "x: y", "née")), min_size=1, max_size=4
    ),
    steps=st.integers(1, 60),
    guidance=st.sampled_from((1, 2.5, 7, 12)),
    size=st.tuples(st.integers(8, 128), st.integers(8, 128)),
    seed=st.integers(0, 2**63),
    sampler=st.sampled_from([row.name for row in SAMPLERS if row.schedules]),
    data=st.data(),
)
def test_silence_means_the_same_pictures(
    target: str,
    words: list[str],
    steps: int,
    guidance: float,
    size: tuple[int, int],
    seed: int,
    sampler: str,
    data: st.DataObject,
) -> None:
    """Where nothing is said of the pictures, what is read back asks for the same ones."""
    (row,) = (each for each in SAMPLERS if each.name == sampler)
    schedule = data.draw(st.sampled_from(row.schedules))
    options = f"/steps:{steps} /guidance:{guidance} /size:{size[0] * 8}x{size[1] * 8} /seed:{seed}"
    before = plans(statement(target, ", ".join(words), f"{options} /sampler:{sampler} /schedule:{schedule}"))
    if not before:
        return
    made = written(before[0], target)
    if all("in a way of its own" in each for each in made.remarks):
        assert content_hash(back(made.text, before[0].dialect)) == content_hash(before[0]), made.text


@pytest.mark.parametrize("target", ["a1111", "a1111-api", "comfyui", "comfyui-workflow", "swarmui", "invokeai"])
def test_loras_come_back(target: str) -> None:
    row = TARGETS[target]
    tag = "<lora:neon:0.5>"
    call = {"a1111": tag, "swarm": tag, "compel": "withLora(neon, 0.5)"}.get(row.dialect, "")
    options = "/steps:20 /guidance:7 /size:512x512 /seed:5 /sampler:dpm2m /schedule:karras"
    before = plan(statement(target, f"a cow {call}", options, networks="<neon:0.5>"))
    after = back(written(before, target).text, before.dialect)
    assert [(each.name, each.weight) for each in after.networks] == [("neon", 0.5)]
    assert content_hash(after) == content_hash(before)


@pytest.mark.parametrize("target", ["a1111", "a1111-api"])
def test_schedules_that_are_called_as_samplers_come_back(target: str) -> None:
    """What `ddim_uniform` is here, webui calls DDIM."""
    made = written(plan(statement(target, "a cow", "/seed:1 /sampler:dpm2m /schedule:ddim_uniform")), target)
    assert "DDIM" in made.text
    assert back(made.text, "a1111").schedule == "ddim_uniform"


def test_guidance_is_converted() -> None:
    """What the model takes as an input is no classifier-free guidance, and diffusers counts Z-Image from 0."""
    flux, z_image = (
        plan("/set <f>\n/render /guidance:4 /seed:1 a cow"),
        plan("/set <z>\n/render /guidance:4 /seed:1 a cow"),
    )
    payload = json.loads(written(flux, "a1111-api").text)
    assert (payload["cfg_scale"], payload["distilled_cfg_scale"]) == (1, 4)
    nodes = json.loads(written(flux, "comfyui").text)
    by_kind = {each["class_type"]: each["inputs"] for each in nodes.values()}
    assert (by_kind["FluxGuidance"]["guidance"], by_kind["KSampler"]["cfg"]) == (4, 1)
    assert by_kind["DualCLIPLoader"]["type"] == "flux"
    assert "guidance_scale=3," in written(z_image, "diffusers").text
    assert json.loads(written(z_image, "openai").text)["guidance_scale"] == 3
    assert "CFG scale: 1, Distilled CFG Scale: 4" in written(flux, "a1111").text


def test_clip_skip_is_converted() -> None:
    one, xl = (
        plan("/set <m>\n/render /parser:new /clipskip:13 a cow"),
        plan("/set <xl>\n/render /parser:new /clipskip:3 a cow"),
    )
    made = written(one, "a1111-api")
    assert json.loads(made.text)["override_settings"]["CLIP_stop_at_last_layers"] == 12
    assert any("12 at most" in each for each in made.remarks)
    assert "clip_skip=12," in written(one, "diffusers").text
    assert "clip_skip=1," in written(xl, "diffusers").text
    assert '"stop_at_clip_layer": -3' in written(xl, "comfyui").text
    assert json.loads(written(xl, "invokeai").text)["clip_skip"] == 1


def test_what_has_no_word_is_said() -> None:
    found = plan("/set <m>\n/render /parser:new /rescale:0.5 /freeu:0.9,0.2,1.1,1.2 /seed:1 a (red:1.2) cow <neon:0.5>")
    said = " ".join(written(found, "openai").remarks)
    assert all(each in said for each in ("`/rescale`", "`/freeu`", "weighs no words"))
    assert any("by another formula" in each for each in written(found, "comfyui").remarks)
    assert "an OpenAI images endpoint is not told `/clipskip`" not in said


@pytest.mark.parametrize(
    ("text", "target", "words"),
    [
        ("/parser:comfy a sun(flower:1) field", "a1111", "a sun flower field"),
        ("/parser:comfy a sun(flower:1.1) field", "openai", "a sun flower field"),
        ("/parser:comfy a face :(", "a1111", "a face : \\("),
        ("/parser:comfy (sun:1.2)(flower:1.2)", "a1111", "(sun:1.2) (flower:1.2)"),
        ("/parser:comfy (sun:1.2)(flower:1.2)", "invokeai", "(sun)1.2 (flower)1.2"),
        ("/parser:a1111 sun BREAK flower", "novelai", "sun flower"),
        ("/parser:a1111 sun BREAK flower", "dgenerate", "sun flower"),
        ("/parser:a1111 sun, (flower)", "dgenerate", "sun, flower"),
    ],
)
def test_words_that_are_read_apart_stay_so(text: str, target: str, words: str) -> None:
    """CLIP makes one word of letters, and of signs, with no blank between; a plan keeps pieces of it apart."""
    made = written(plan(f"/render {text}"), target).text
    assert words in made


def test_what_the_program_reads_otherwise_is_said() -> None:
    def said(text: str, target: str) -> list[str]:
        found = written(plan(f"/render /parser:{text}"), target).remarks
        return [each for each in found if "reads" in each or "makes" in each]

    assert said("a1111 a {cow} 5::x", "novelai") == [
        "NovelAI reads nothing where `{` stands",
        "NovelAI reads nothing where `}` stands",
        "NovelAI reads `::` as `: :`",
    ]
    (remark,) = said("a1111 a cow | a hat", "novelai")
    assert remark.startswith("NovelAI makes several prompts of the text")
    assert said("a1111 a c++ book", "invokeai") == ["InvokeAI reads `c ++` as `c`"]
    assert said("comfy a [cow] {hat} (red:1.2)", "a1111") == []
    assert said("comfy a cow <segment:face>", "swarmui") == ["SwarmUI reads nothing where `< segment : face >` stands"]


def test_prompts_that_change_and_mix_become_nodes() -> None:
    found = plan("/set <m>\n/render /parser:a1111 /steps:20 /seed:1 [cat:dog:0.5] AND a hat :0.5")
    made = written(found, "comfyui")
    kinds = [each["class_type"] for each in json.loads(made.text).values()]
    assert kinds.count("ConditioningSetTimestepRange") == 2
    assert kinds.count("ConditioningCombine") == 2
    assert kinds.count("ConditioningSetAreaStrength") == 1
    assert any("in noise and not in steps" in each for each in made.remarks)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_writes_every_family(target: str) -> None:
    for model in ("m", "xl", "f", "z"):
        assert written(plan(f"/set <{model}>\n/render /seed:1 a cow"), target).text.strip()


def test_scripts_are_programs() -> None:
    for model in ("m", "xl", "f", "z"):
        compile(written(plan(f'/set <{model}>\n/render /seed:1 a "cow" \\ née'), "diffusers").text, "script.py", "exec")


@pytest.mark.parametrize(
    ("path", "opened"),
    [("models/cow.safetensors", "StableDiffusionPipeline.from_single_file"), ("models/cow-1.5", "from_pretrained")],
)
def test_scripts_open_folders_and_files(path: str, opened: str) -> None:
    """A point in the name of a folder makes it no file."""
    found = plan("/set <m>\n/render a cow")
    assert f"{opened}(MODEL)" in written(replace(found, model=replace(found.model, path=path)), "diffusers").text


@pytest.mark.parametrize(("family", "variant"), [("sana", ""), ("flux2", "klein 4B")])
def test_scripts_say_which_pipelines_open_no_single_file(family: str, variant: str) -> None:
    found = plan("/set <m>\n/render a cow")
    model = replace(found.model, path="models/kind.safetensors", family=family, variant=variant)
    made = written(replace(found, model=model), "diffusers")
    assert "DiffusionPipeline.from_pretrained(MODEL)" in made.text
    assert [each for each in made.remarks if each.endswith("opens no single file: name a folder under MODEL")]


@pytest.mark.parametrize("target", ["comfyui", "comfyui-workflow"])
@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ("/image:cow.png /strength:0.6 /images:3", {"VAEEncode", "RepeatLatentBatch"}),
        ("/image:cow.png /strength:0.6 /mask:mask.png", {"SetLatentNoiseMask", "ImageToMask"}),
        ("/image:cow.png /strength:0.6 /mask:mask.png <ink>", {"InpaintModelConditioning"}),
        ("/hires:1.5", {"LatentUpscale"}),
        ("/hires:1.7 /hires-strength:0.4 /hires-steps:9 /hires-upscaler:lanczos", {"ImageScale", "VAEEncode"}),
        ("/control:map /control-net:edges.safetensors /control-image:map.png", {"ControlNetApplyAdvanced"}),
        (
            "/control:canny /control-net:edges.safetensors /control-image:cow.png /control-strength:0.7 "
            "/control-start:0.1 /control-end:0.8 /image:hen.png /strength:0.5",
            {"Canny", "ControlNetLoader"},
        ),
    ],
)
def test_pictures_masks_maps_and_second_passes_are_nodes_and_come_back(
    target: str, options: str, kinds: set[str]
) -> None:
    command, model = "remix" if "/image:" in options else "render", "ink" if "<ink>" in options else "m"
    before = plan(
        f"/set <{model}>\n/{command} /parser:comfy /seed:5 /steps:20 /sampler:dpm2m /schedule:karras /size:512x768 "
        f"{options.removesuffix('<ink>')} a cow\n/negative ugly"
    )
    made = written(before, target)
    assert kinds <= set(re.findall(r'"(?:class_type|type)": "(\w+)"', made.text))
    assert [each for each in made.remarks if "of its own" not in each] == []
    after = back(made.text, "comfy")
    assert content_hash(after) == content_hash(before), made.text


def test_an_upscaler_that_comfyui_lacks_is_said() -> None:
    made = written(plan("/render /seed:1 /hires:2 /hires-upscaler:latent-antialiased a cow"), "comfyui")
    assert "ComfyUI has no upscaler `latent-antialiased`: the nearest one stands in its place" in made.remarks


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_and_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompt, output = tmp_path / "a.prompt", tmp_path / "a.json"
    prompt.write_text("/render /rescale:0.5 /seed:1 a cow\n")
    assert main(["export", "--to", "a1111-api", str(prompt), "-o", str(output)]) == 0
    assert json.loads(output.read_text())["prompt"] == "a cow"
    assert "is not told `/rescale`" in capsys.readouterr().err
    assert main(["export", "--to", "a1111-api", str(prompt), "-o", str(output)]) == 2
    assert main(["export", "--to", "a1111", str(prompt), "--output-format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["to"] == "a1111"
    assert main(["export", str(prompt)]) == 2
    assert main(["export", "--to", "nothing", str(prompt)]) == 2
    prompt.write_bytes(b"/render caf\xe9\n")
    capsys.readouterr()
    assert main(["export", "--to", "a1111", str(prompt)]) == 1
    assert "not UTF-8: byte 0xE9 at offset 11\n  = help: save the file as UTF-8" in capsys.readouterr().err


def test_several_plans_are_several_files(tmp_path: Path) -> None:
    prompt = tmp_path / "a.prompt"
    prompt.write_text("/render /seed:1 a cow\n/render /seed:1 /steps:5|6 a hat\n")
    assert main(["export", "-q", "--to", "comfyui", str(prompt), "-o", str(tmp_path / "g.json")]) == 0
    assert sorted(each.name for each in tmp_path.glob("g*")) == ["g-1.json", "g-2.json", "g-3.json"]


def test_what_holds_for_every_plan_of_a_file_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompt = tmp_path / "a.prompt"
    prompt.write_text("/render /rescale:0.5 /seed:1 /steps:5|6|7 a cow\n")
    assert main(["export", "--to", "a1111-api", str(prompt)]) == 0
    assert capsys.readouterr().err.count("is not told `/rescale`") == 1


def test_what_holds_for_some_plans_names_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompt = tmp_path / "a.prompt"
    prompt.write_text("/render /seed:1 a cow\n\n# one\n/render /seed:1 /rescale:0.5 a cow\n")
    assert main(["export", "--to", "a1111-api", str(prompt), "-o", str(tmp_path / "g.json")]) == 0
    said = capsys.readouterr()
    assert "a.prompt, line 4: stable-diffusion-webui's API is not told `/rescale`" in said.err
    assert said.out == f"2 files: `{tmp_path}/g-1.json` to `{tmp_path}/g-2.json`\n"
    prompt.write_text("/render /seed:1 a cow\n" + 7 * "/render /seed:1 /rescale:0.5 a cow\n")
    assert main(["export", "--to", "a1111-api", str(prompt), "--quiet"]) == 0
    assert main(["export", "--to", "a1111-api", str(prompt)]) == 0
    assert "a.prompt, lines 2, 3, 4, 5, 6 and 2 more: " in capsys.readouterr().err


# --- the tables of the pages ------------------------------------------------------------------------------------------

ONE_WAY = {("a1111", "strength"), ("invokeai", "strength"), ("invokeai", "inversion")}
"""What is written and does not come back: a strength without a picture to draw over, and words in Compel's dialect."""


def test_at_least_eight_programs_give_back_the_same_plan() -> None:
    assert count_of_same() >= 8
    assert "8 of 11 give back the same plan" in export_page("")


@pytest.mark.parametrize("row", [row for row in ROWS if row.read_back], ids=lambda row: row.name)
def test_what_a_program_is_told_comes_back(row: Target) -> None:
    trips = {feature: trip(row.name, feature) for feature in FEATURES}
    lost = {(row.name, feature) for feature, found in trips.items() if found.told and not found.back}
    assert lost == {each for each in ONE_WAY if each[0] == row.name}
    assert row.says - {"refiner"} <= FEATURES.keys()  # a second model, which few statements name
