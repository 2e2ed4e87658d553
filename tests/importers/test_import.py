"""What other programs write into pictures and files becomes statements that say the same, and nothing is lost."""

from __future__ import annotations

import json
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import promptlang
from promptlang.cli.main import main
from promptlang.exporters.infotext import infotext
from promptlang.importers.programs.python import code as python_code
from promptlang.importers.reading import of_text, read_file
from promptlang.importers.retold import as_prompt, told
from promptlang.importers.statement import as_statement
from promptlang.plans.json import to_data
from promptlang.plans.plan import Plan
from tests.importers import made


def statement(path: Path) -> str:
    """The only statement that a file gives."""
    (written,) = told(read_file(path)).statements
    return written


def plan(path: Path) -> Plan:
    """The only plan of the only statement."""
    (found,) = promptlang.compile(statement(path)).plans
    return found


Making = Callable[[Path], Path]
BIG, LITTLE = (b"UNICODE\0" + made.INFOTEXT.encode(each) for each in ("utf-16-be", "utf-16-le"))

WEBUI: dict[str, Making] = {
    "tEXt": lambda folder: made.png(folder / "a.png", {"parameters": made.INFOTEXT}),
    "zTXt": lambda folder: made.png(folder / "a.png", {"parameters": made.INFOTEXT}, packed=True),
    "iTXt": lambda folder: made.png(folder / "a.png", {"parameters": made.INFOTEXT}, international=True),
    "iTXt, packed": lambda folder: made.png(
        folder / "a.png", {"parameters": made.INFOTEXT}, packed=True, international=True
    ),
    "JPEG, UTF-16": lambda folder: made.with_comment(folder / "a.jpg", BIG),
    "WebP, UTF-16": lambda folder: made.with_comment(folder / "a.webp", BIG),
    "WebP, UTF-16 the other way": lambda folder: made.with_comment(folder / "a.webp", LITTLE),
    "JPEG, ASCII": lambda folder: made.with_comment(folder / "a.jpg", b"ASCII\0\0\0" + made.INFOTEXT.encode()),
    "JPEG, UTF-8 under the mark of UTF-16": lambda folder: made.with_comment(
        folder / "a.jpg", b"UNICODE\0" + made.INFOTEXT.encode()
    ),
}


@pytest.mark.parametrize("kind", WEBUI)
def test_the_parameters_of_webui_are_found_wherever_they_lie(kind: str, tmp_path: Path) -> None:
    found = plan(WEBUI[kind](tmp_path))
    assert (found.sampler, found.schedule, found.steps, found.guidance) == ("dpm2m", "karras", 20, 7)
    assert (found.seed, found.size, found.dialect, found.model.name) == (5, (512, 768), "a1111", "foo")
    assert [(each.name, each.weight) for each in found.networks] == [("neon", 0.7)]
    assert found.negative.branches[0].segments[0].runs[0].text == "ugly"


OTHERS: dict[str, tuple[Making, dict[str, object]]] = {
    "SwarmUI": (
        lambda folder: made.png(folder / "a.png", {"parameters": json.dumps(made.SWARM)}),
        {"steps": 20, "guidance": 7.0, "size": (1024, 1024), "seed": 3, "sampler": "dpm2m", "schedule": "karras"},
    ),
    "InvokeAI 5": (
        lambda folder: made.png(folder / "a.png", {"invokeai_metadata": json.dumps(made.INVOKE)}),
        {"steps": 30, "guidance": 7.5, "size": (512, 512), "seed": 4, "sampler": "dpm2m", "schedule": "karras"},
    ),
    "InvokeAI 2": (
        lambda folder: made.png(folder / "a.png", {"sd-metadata": json.dumps(made.INVOKE_2)}),
        {"steps": 50, "guidance": 7.5, "size": (512, 640), "seed": 9, "sampler": "k_euler_a"},
    ),
    "InvokeAI 1": (
        lambda folder: made.png(folder / "a.png", {"Dream": made.DREAM}),
        {"steps": 50, "guidance": 7.5, "size": (512, 640), "seed": 9, "sampler": "klms"},
    ),
    "Fooocus": (
        lambda folder: made.png(
            folder / "a.png", {"parameters": json.dumps(made.FOOOCUS), "fooocus_scheme": "fooocus"}
        ),
        {"steps": 30, "guidance": 4.0, "size": (1152, 896), "seed": 123, "sampler": "dpm2m_sde", "schedule": "karras"},
    ),
    "Fooocus, JPEG": (
        lambda folder: made.with_comment(folder / "a.jpg", json.dumps(made.FOOOCUS).encode()),
        {"steps": 30, "guidance": 4.0, "size": (1152, 896), "seed": 123, "sampler": "dpm2m_sde"},
    ),
    "NovelAI 3": (
        lambda folder: made.png(
            folder / "a.png",
            {
                "Title": "NovelAI generated image",
                "Description": "{cow}, [grass]",
                "Software": "NovelAI",
                "Source": "Stable Diffusion XL 7BCCAA2C",
                "Comment": json.dumps(made.NOVELAI),
            },
        ),
        {"steps": 28, "guidance": 5.0, "size": (832, 1216), "seed": 99, "sampler": "dpm2m", "rescale": 0.2},
    ),
    "NovelAI 4, hidden": (
        lambda folder: made.stealthy(
            folder / "a.png", {"Software": "NovelAI", "Source": "V4", "Comment": json.dumps(made.NOVELAI_4)}
        ),
        {"steps": 28, "guidance": 5.0, "size": (832, 1216), "seed": 99, "sampler": "dpm2m", "rescale": 0.2},
    ),
    "Draw Things": (
        lambda folder: made.with_comment(folder / "a.jpg", b"ASCII\0\0\0" + json.dumps(made.DRAW_THINGS).encode()),
        {"steps": 8, "guidance": 1.0, "size": (1024, 1024), "seed": 4},
    ),
}


@pytest.mark.parametrize("program", OTHERS)
def test_other_programs_are_known_by_what_they_write(program: str, tmp_path: Path) -> None:
    making, expected = OTHERS[program]
    path = making(tmp_path)
    reading = read_file(path)
    assert reading.program.split()[0] == program.replace(",", "").split()[0]
    (written,) = told(reading).statements
    found = promptlang.compile(written).plans or pytest.fail(written)
    assert {name: getattr(found[0], name) for name in expected} == expected


TEXTS: dict[str, tuple[str, dict[str, object]]] = {
    "stable-diffusion-webui's API": (
        json.dumps(made.API),
        {"steps": 20, "guidance": 7.0, "size": (512, 512), "seed": 8, "images": 4, "sampler": "dpm2m"},
    ),
    "Civitai": (json.dumps(made.CIVITAI), {"steps": 20, "seed": 1, "sampler": "dpm2m", "schedule": "karras"}),
    "an OpenAI images request": (json.dumps(made.OPENAI), {"steps": 8, "images": 2, "guidance": 3.5, "seed": 4}),
    "dgenerate": (
        made.DGENERATE,
        {"steps": 30, "guidance": 5.0, "seed": 7, "sampler": "k_euler", "schedule": "karras", "size": (1024, 1024)},
    ),
    "Midjourney": ("/imagine prompt: a cow --ar 16:9 --no people --seed 4", {"seed": 4}),
    "stable-diffusion-webui": (made.INFOTEXT, {"steps": 20, "seed": 5}),
    "a list of prompts": ('--prompt "a cow" --steps 20 --seed 3', {"steps": 20, "seed": 3}),
}


@pytest.mark.parametrize("program", TEXTS)
def test_texts_are_known_by_what_is_in_them(program: str) -> None:
    text, expected = TEXTS[program]
    reading = of_text(text)
    assert reading.program == program
    (written,) = told(reading).statements
    (found,) = promptlang.compile(written).plans
    assert {name: getattr(found, name) for name in expected} == expected


def test_what_a_service_is_asked_beside_the_prompt_is_kept() -> None:
    """A network, or one side of a picture, has no option here."""
    (found,) = of_text('{"input": {"prompt": "a cow", "width": 512, "lora": "ink"}}').found
    assert [(each.name, each.value) for each in found.rest] == [("width", "512"), ("lora", "ink")]


def test_a_number_behind_a_command_is_no_mark_of_a_list() -> None:
    """A list of lines has its marks before the command, or has no command."""
    reading = of_text("1. a cow --ar 1:1\n2. /imagine prompt: 3. Liga --ar 3:2\n/imagine 3. Liga --ar 3:2")
    assert [each.positive for each in reading.found] == ["a cow", "3. Liga", "3. Liga"]


def test_comments_of_a_list_are_counted() -> None:
    assert of_text("# mine\na cow").remarks == ("the line that begins with `#` is a comment and is left out",)
    assert of_text("# a\n# b\na cow").remarks == ("2 lines that begin with `#` are comments and are left out",)


def test_plain_words_stay_plain() -> None:
    """What no program reads as a sign is none here."""
    (written,) = told(of_text(json.dumps(made.OPENAI))).statements
    (found,) = promptlang.compile(written).plans
    assert [(run.text, run.weight) for run in found.positive.branches[0].segments[0].runs] == [("a (red) cow", 1.0)]


def test_styles_become_recipes() -> None:
    styles = told(of_text(made.STYLES, name="styles.csv"))
    text = "\n".join(
        (*styles.statements, "/render /parser:a1111 #oil-paint a cow", "/render /parser:a1111 #glow a cow")
    )
    painted, glowing = promptlang.compile(text).plans
    assert painted.positive.branches[0].segments[0].runs[0].text == "a cow, oil painting"
    assert glowing.positive.branches[0].segments[0].runs[0].text == "a cow, glowing"
    assert "the style `Oil Paint` is called `#oil-paint`" in styles.remarks


def test_another_dialect_on_request() -> None:
    (written,) = told(of_text(made.INFOTEXT), "new").statements
    assert "/parser:new" in written
    assert "(red:1.2) <neon:0.7>" in written


# --- broken files -----------------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes, *, checksum: int | None = None) -> bytes:
    """A chunk of a PNG."""
    sum = zlib.crc32(kind + body) if checksum is None else checksum
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", sum)


SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
TEXT = b"parameters\0" + made.INFOTEXT.encode()
END = chunk(b"IEND", b"")
BOMB = zlib.compress(b"a" * 200 * 1024**2, 9)

BROKEN: dict[str, tuple[bytes, str, int]] = {
    "cut off in its text": (SIGNATURE + HEAD + chunk(b"tEXt", TEXT)[:-30], "cut off inside a tEXt chunk", 1),
    "cut off behind its text": (SIGNATURE + HEAD + chunk(b"tEXt", TEXT), "the file ends before its end mark", 1),
    "cut off at once": (SIGNATURE, "the file is cut off", 0),
    "a wrong checksum": (SIGNATURE + HEAD + chunk(b"tEXt", TEXT, checksum=1) + END, "checksum of a tEXt chunk", 1),
    "a bomb": (
        SIGNATURE + HEAD + chunk(b"iTXt", b"parameters\0\1\0\0\0" + BOMB) + END,
        "unpacks to more than 64 MiB",
        0,
    ),
    "packed and damaged": (
        SIGNATURE + HEAD + chunk(b"zTXt", b"parameters\0\0" + zlib.compress(TEXT[11:])[:-4] + b"\0\0\0\0") + END,
        "the packed text `parameters` is damaged",
        1,
    ),
    "no text": (SIGNATURE + HEAD + END, "says nothing about how it was made", 0),
    "of nobody": (SIGNATURE + HEAD + chunk(b"tEXt", b"Title\0x") + END, "its text `Title` is of no program", 0),
    "a text without an end": (
        SIGNATURE + HEAD + struct.pack(">I", 2**31 - 1) + b"tEXtabc",
        "is not read: more than",
        0,
    ),
    "JSON, deep": (
        SIGNATURE + HEAD + chunk(b"tEXt", b"parameters\0" + b'{"a":' * 10_000 + b"}" * 10_000) + END,
        "its text `parameters` is of no program",
        0,
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_pictures_say_what_is_wrong(kind: str, tmp_path: Path) -> None:
    data, remark, count = BROKEN[kind]
    path = tmp_path / "a.png"
    path.write_bytes(data)
    found = told(read_file(path))
    assert len(found.statements) == count
    assert any(remark in each for each in found.remarks), found.remarks


def test_a_long_text_is_read(tmp_path: Path) -> None:
    """Fifty megabytes of words are a prompt like any other, if it is one."""
    long = made.INFOTEXT.replace("a cow", "cow " * 2_000)
    path = made.png(tmp_path / "a.png", {"other": "x" * 50 * 1024**2, "parameters": long})
    assert "cow cow" in statement(path)


def test_two_texts_of_one_name_that_disagree(tmp_path: Path) -> None:
    other = chunk(b"tEXt", b"parameters\0" + made.INFOTEXT.replace("a cow", "a hen").encode())
    for repeated, said in ((other, True), (chunk(b"tEXt", b"parameters\0" + made.INFOTEXT.encode()), False)):
        path = made.png(tmp_path / "a.png", {"parameters": made.INFOTEXT})
        data = path.read_bytes()
        path.write_bytes(data[: -len(END)] + repeated + data[-len(END) :])
        found = told(read_file(path))
        assert "a cow" in found.statements[0]
        assert ("it has several texts `parameters` that disagree: the first is taken" in found.remarks) is said


def test_prompts_in_two_dialects_disagree_where_they_share_no_word(tmp_path: Path) -> None:
    swarm = {"sui_image_params": {"prompt": "a <random:red|blue> horse", "steps": 9}}
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    for words, said in (("a blue horse", False), ("some fish", True)):
        graph = {
            "2": {"class_type": "CLIPTextEncode", "inputs": {"text": words}},
            "5": {"class_type": "KSampler", "inputs": {"steps": 9, **links}},
        }
        texts = {"parameters": json.dumps(swarm), "prompt": json.dumps(graph)}
        remarks = read_file(made.png(tmp_path / "a.png", texts)).remarks
        assert any("disagrees about the prompt" in each for each in remarks) is said


@pytest.mark.parametrize("text", ["/render a cow\n", "a cow\n/set /steps:2\n", "# a note\n/compare /steps:1|2 a\n"])
def test_statements_of_our_own_are_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.prompt").write_text(text)
    reading = read_file(tmp_path / "a.prompt")
    assert (reading.found, reading.remarks) == ((), ("it holds statements of promptlang already",))


@pytest.mark.parametrize(
    ("name", "text", "remark"),
    [
        ("a.txt", " \n", "it is empty"),
        ("a.txt", "# one", "it holds no prompt"),
        ("a.json", "[" * 10_000 + "]" * 10_000, "it begins as JSON does and cannot be read as such"),
    ],
)
def test_a_file_without_a_prompt_says_so(name: str, text: str, remark: str) -> None:
    found = of_text(text, name=name)
    assert not found.found
    assert remark in found.remarks


def test_of_very_many_remarks_the_first_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "promptlang.toml").write_text("")
    blocks = (f"a cow\nSteps: 20, Sampler: Euler, Model: m{number}" for number in range(60))
    (tmp_path / "a.txt").write_text("\n\n".join(blocks))
    assert main(["import", "a.txt"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 50
    assert lines[-1] == "warning: a.txt: 11 remarks more, which `--output-format json` lists"


def test_hashes_that_fit_no_file(tmp_path: Path) -> None:
    """A model that the project does not know is said with the hash that tells it elsewhere; nothing is guessed."""
    picture = made.png(tmp_path / "a.png", {"parameters": f'{made.INFOTEXT}, Lora hashes: "neon: 123456789abc"'})
    invoke = made.png(tmp_path / "b.png", {"invokeai_metadata": json.dumps(made.INVOKE)})
    known = {"neon": "neon"}.get
    assert told(read_file(picture), named=known).remarks == ("no model called `foo` (hash abcdef0123) is known here",)
    assert told(read_file(invoke), named=known).remarks == (
        "no model called `dreamshaper` (hash blake3:aa) is known here",
    )
    assert told(read_file(picture), named=lambda name: name).remarks == ()


def test_what_holds_anyway_is_not_listed() -> None:
    (written,) = told(of_text(made.INFOTEXT.replace("Schedule type: Karras", "Schedule type: Automatic"))).statements
    assert "Automatic" not in written
    assert "/schedule" not in written


def test_a_second_pass_that_the_api_is_asked_for() -> None:
    asked = {
        **made.API,
        "enable_hr": True,
        "denoising_strength": 0.5,
        "hr_second_pass_steps": 0,
        "hr_upscaler": "Latent",
    }
    (written,) = told(of_text(json.dumps(asked))).statements
    assert "/hires:2 /hires-strength:0.5 /hires-upscaler:latent" in written
    (once,) = told(of_text(json.dumps({**asked, "enable_hr": False}))).statements
    assert "hires" not in once


def test_two_texts_that_disagree(tmp_path: Path) -> None:
    path = made.png(
        tmp_path / "a.png", {"parameters": made.INFOTEXT, "invokeai_metadata": json.dumps({**made.INVOKE, "seed": 6})}
    )
    found = told(read_file(path))
    assert "/seed:5" in found.statements[0]
    assert any("disagrees about seed (`5` and `6`)" in each for each in found.remarks)


def test_a_line_that_was_changed_for_readers_is_no_disagreement(tmp_path: Path) -> None:
    """The infotext beside our own chunk has it in small letters, so that no reader takes it for the negative prompt."""
    source = "/render /parser:a1111 /seed:5 a cow\nNegative prompt: on a sign\n"
    (drawn,) = promptlang.compile(source).plans
    own = {"version": "0.1.0", "seed": 5, "source": source, "plan": to_data(drawn)}
    path = made.png(tmp_path / "a.png", {"parameters": infotext(drawn, 5), "promptlang": json.dumps(own)})
    found = told(read_file(path))
    assert "Negative prompt: on a sign" in found.statements[0]
    assert not found.remarks


LINES_LIKE_SETTINGS = (
    "a cow\nSize: 64x64, Seed: 9, Sampler: Heun",
    "a cow\nseed: 9\nsize: 64x64\nsampler: heun",
    "Steps: 9, Seed: 4, Sampler: Heun\na cow",
    "a cow\nseed: 4, cfg scale: 3\n/negative blur\nSize: 64x64, Seed: 3",
    "Prompt: a cow",
    "1. a cow\n2. a dog",
    "```\na cow\n```",
)


@pytest.mark.parametrize("words", LINES_LIKE_SETTINGS)
@pytest.mark.parametrize("parser", ["a1111", "new"])
def test_words_that_look_like_settings_stay_words_above_the_line_of_a_program(
    tmp_path: Path, words: str, parser: str
) -> None:
    source = f"/render /parser:{parser} /seed:5 {words}\n"
    (drawn,) = promptlang.compile(source).plans
    own = {"version": "0.1.0", "seed": 5, "source": source, "plan": to_data(drawn)}
    webui = infotext(drawn, 5)
    both = told(read_file(made.png(tmp_path / "a.png", {"parameters": webui, "promptlang": json.dumps(own)})))
    assert not both.remarks
    (alone,) = told(read_file(made.png(tmp_path / "b.png", {"parameters": webui}))).statements
    assert "/seed:5 " in alone
    assert words.lower() in alone.lower()


def test_blocks_of_code_hold_the_prompt() -> None:
    """As forums show it: what stands around them is a remark, unless it is a label."""
    post = "Here is mine:\n```\na cow\n```\nNegative prompt:\n~~~text\nugly\n~~~\nEnjoy\n"
    (written,) = told(of_text(post)).statements
    assert written == "/render /parser:a1111\n# not read here: Here is mine:, Enjoy\na cow\n/negative ugly"


def test_exif_in_broken_utf_8(tmp_path: Path) -> None:
    path = made.with_comment(tmp_path / "a.webp", b"ASCII\0\0\0" + made.INFOTEXT.encode() + b", Note: \xff\xfe")
    found = told(read_file(path))
    assert any("is not UTF-8 and is read in part" in each for each in found.remarks)
    assert "/seed:5" in found.statements[0]


def test_a_hidden_text_that_is_cut_off(tmp_path: Path) -> None:
    path = made.stealthy(tmp_path / "a.png", {"Comment": json.dumps(made.NOVELAI)}, cut=20)
    assert "the text hidden in its pixels is damaged" in told(read_file(path)).remarks


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", "[" * 10_000, '{"nodes": 3}', "\0", '{"prompt": []}'])
def test_no_text_is_too_odd(text: str) -> None:
    """Each is a statement, or is told what it is."""
    found = told(of_text(text))
    assert bool(found.statements) is not bool(found.remarks)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_statements(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made.png(tmp_path / "a.png", {"parameters": made.INFOTEXT})
    (tmp_path / "b.png").write_bytes(SIGNATURE)
    assert main(["import", "--isolated", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "/set <foo>\n/render /parser:a1111" in out
    assert "b.png: the file is cut off" in err


def test_a_page_among_the_pictures_it_shows_is_no_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = made.png(tmp_path / "sheet.png", {"promptlang-page": "{}"})
    assert main(["import", "--isolated", str(page)]) == 1
    made.png(tmp_path / "a.png", {"parameters": made.INFOTEXT})
    assert main(["import", "--isolated", str(tmp_path)]) == 0
    assert "information: " in capsys.readouterr().err


def test_no_file_is_overwritten_unseen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(made.png(tmp_path / "a.png", {"parameters": made.INFOTEXT}))
    output = tmp_path / "seen.prompt"
    output.write_text("/render mine\n")
    assert main(["import", picture, "-o", str(output)]) == 2
    assert output.read_text() == "/render mine\n"
    assert main(["import", picture, "-o", str(output), "--append", "-q"]) == 0
    assert output.read_text().startswith("/render mine\n\n# ")
    assert len(promptlang.compile(output.read_text()).plans) == 2
    assert main(["import", picture, "-o", str(output), "--force", "-q"]) == 0
    assert "mine" not in output.read_text()
    assert "is there already" in capsys.readouterr().err


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(tmp_path / "no.png")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert main(["import"]) == 2


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(made.png(tmp_path / "a.png", {"parameters": made.INFOTEXT}))
    assert main(["import", picture, "--output-format", "json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["program"] == "stable-diffusion-webui"


def test_tags_of_swarmui_stay_tags() -> None:
    """Its pictures keep the prompt with the tags of the workflow, and with what the others became."""
    parameters = {"prompt": "a cow <segment:face> [cat:dog:0.5]", "negativeprompt": "", "steps": 20}
    reading = of_text(json.dumps({"sui_image_params": parameters}))
    (statement,) = told(reading).statements
    assert "/parser:swarm" in statement
    assert "a cow <segment:face> [cat:dog:0.5]" in statement
    assert any("step of SwarmUI's workflow" in each for each in told(reading, "a1111").remarks)


def test_a_network_that_swarmui_names_beside_its_call_counts_once() -> None:
    parameters = {
        "prompt": "a cow <lora:neon:0.5>",
        "loras": ["neon", "fur"],
        "loraweights": ["0.5", "0.8"],
        "steps": 20,
    }
    (statement,) = told(of_text(json.dumps({"sui_image_params": parameters}))).statements
    assert "<lora:neon:0.5>" in statement
    assert statement.count("neon") == statement.count("fur") == 1


@pytest.mark.parametrize(
    "text",
    [
        "prompts:",
        "prompts: a cow\nsteps: 20",
        "prompts:\n- |\n  a cow\n- a hat",
        "prompts:\nsteps: 20",
        "prompt: a cow",
        "prompt: a cow\nin a field\nsteps: 20",
        "prompt: a cow\nprompt: a hat",
        "- a cow\n- a hat",
        "- prompt: a cow\n- steps: 20",
    ],
)
def test_what_is_no_yaml_of_prompts(text: str) -> None:
    assert of_text(text).program != "YAML"


def test_yaml_keeps_what_no_option_says() -> None:
    """A comma, a colon and a hash in quotes are words; a file is the writer's, and stays a comment."""
    text = 'model: demo\nprompts:\n- "a: b, c #1"\n- a hat\nsteps: 20\nimage: start.png\nwidth: 64\n'
    first, second = told(of_text(text)).statements
    assert "a: b, c \\#1" in first
    for written in (first, second):
        assert "# not read here: width: 64, image: start.png" in written
        (plan,) = promptlang.compile(written).plans
        assert (plan.model.name, plan.steps) == ("demo", 20)


@pytest.mark.parametrize(
    "text",
    [
        "| Prompt | Seed |\n|---|---|",
        "| Item | What |\n|---|---|\n| a prompt | b |",
        "Prompt\tColour\na cow\tred",
        "| Prompt | Seed |\n|---|---|\n| a cow | 1 | 2 |",
        "| Prompt | Prompt |\n|---|---|\n| a cow | a hat |",
        "| Prompt | Seed |\n|---|---|\n| | 1 |",
        "a prompt | of two | sides\n-",
    ],
)
def test_what_is_no_table_of_prompts(text: str) -> None:
    assert of_text(text).program != "a table"


@pytest.mark.parametrize("code", ['pipe("a"{})'.format('+"a"' * 3_000), 'pipe(prompt="a", q={}1)'.format("-" * 3_000)])
def test_code_that_nests_deeper_than_python_reads_is_none(code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert python_code.imported(code) == ()


def test_words_for_yes_and_no_are_no_numbers_of_code() -> None:
    code = """
    pipe.load_lora_weights("owner/ink")
    pipe.fuse_lora(lora_scale=False)
    pipe("a cow", karras=False, seed=True, width=False, height=512)
    """
    [read] = of_text(dedent(code)).found
    assert [(each.name, each.weight) for each in read.networks] == [("ink", 1.0)]
    assert (read.options, [each.written for each in read.rest]) == (
        (),
        ["karras: False", "seed: True", "width: False", "height: 512"],
    )


def test_calls_of_code_are_read_in_their_order_however_deep_they_stand() -> None:
    code = """
    pipe = DiffusionPipeline.from_pretrained("owner/first").to("cuda")
    pipe("a cow").images[0].save("a.png")
    pictures = pipe("a dog").images
    pipe = DiffusionPipeline.from_pretrained("owner/second").to("cuda")
    pictures = pipe("a hen").images
    """
    read = of_text(dedent(code))
    assert read.program == "Python code"
    assert [(each.positive, each.model) for each in read.found] == [
        ("a cow", "first"),
        ("a dog", "first"),
        ("a hen", "second"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"sui_image_params": {"prompt": "a cow", "steps": 20, "vae": "Automatic"}},
        {"sui_image_params": {"prompt": "a cow", "steps": 20, "vae": "None"}},
        {"prompt": "a cow", "steps": 20, "sampler_name": "Euler a", "override_settings": {"sd_vae": "Automatic"}},
        {"prompt": "a cow", "steps": 20, "base_model": "m", "vae": "Default (model)"},
    ],
)
def test_the_own_vae_of_a_model_needs_no_option(said: dict[str, object]) -> None:
    (written,) = told(of_text(json.dumps(said))).statements
    assert "a cow" in written
    assert "vae" not in written.lower()


def test_one_side_of_an_old_command_of_invoke_is_kept_as_a_comment(tmp_path: Path) -> None:
    assert "# not read here: -W512\n" in statement(made.png(tmp_path / "a.png", {"Dream": '"a cow" -s50 -W512'}))


@pytest.mark.parametrize(
    ("weights", "networks", "rest"),
    [
        ("adapter_weights=[0.7, 0.3]", [("ink", 0.7), ("fur", 0.3)], []),
        ("adapter_weights=0.5", [("ink", 0.5), ("fur", 0.5)], []),
        ("[0.7, 0.3]", [("ink", 0.7), ("fur", 0.3)], []),
        ("", [("ink", 1.0), ("fur", 1.0)], []),
        (
            "adapter_weights=[w, 0.3]",
            [("ink", 1.0), ("fur", 1.0), ("owl", 1.0)],
            ["set_adapters: ['a', 'b'], [w, 0.3]"],
        ),
    ],
)
def test_code_names_the_networks_that_act_and_their_strengths(
    weights: str, networks: list[tuple[str, float]], rest: list[str]
) -> None:
    code = f"""
    pipe.load_lora_weights("ink.safetensors", adapter_name="a")
    pipe.load_lora_weights("fur.safetensors", adapter_name="b")
    pipe.load_lora_weights("owl.safetensors", adapter_name="c")
    pipe.set_adapters(["a", "b"], {weights})
    pipe("a cow")
    """
    [read] = of_text(dedent(code)).found
    assert [(each.name, each.weight) for each in read.networks] == networks
    assert [each.written for each in read.rest] == rest


def test_networks_that_are_fused_keep_their_shares() -> None:
    """diffusers multiplies what `set_adapters` gave by the scale."""
    code = """
    pipe.load_lora_weights("ink.safetensors", adapter_name="a")
    pipe.set_adapters(["a"], [0.5])
    pipe.fuse_lora(lora_scale=0.3)
    pipe("a cow")
    """
    [read] = of_text(dedent(code)).found
    assert [(each.name, each.weight) for each in read.networks] == [("ink", 0.15)]


@pytest.mark.parametrize(
    "text",
    [
        'pipe.load_lora_weights("ink")\npipe.fuse_lora(lora_scale=1e999)\npipe("a cow", guidance_scale=1e999)',
        '{"prompt": "a cow", "loras": [["ink", 1e999]], "base_model": "x", "sampler": "euler", "steps": 1}',
        '{"app_version": "4", "positive_prompt": "a cow", "cfg_scale": NaN, "loras": '
        '[{"model": {"name": "ink"}, "weight": Infinity}]}',
        '{"sui_image_params": {"prompt": "a cow", "cfgscale": NaN, "loras": ["ink"], "loraweights": ["1e999"]}}',
        'owner/model --prompts "a cow" --loras "ink;scale=inf" --guidance-scales inf',
    ],
)
def test_a_number_that_is_none_is_kept_as_a_comment_and_never_written(text: str) -> None:
    [read] = of_text(text).found
    written = as_statement(as_prompt(read))
    assert written is not None
    words = "\n".join(line for line in written.splitlines() if not line.startswith("#"))
    assert not {"inf", "nan", "ink"} & {*words.split()}
    assert "<ink" not in words
    assert "LoRA: ink " in written


@pytest.mark.parametrize(
    ("name", "text", "prompts"),
    [
        ("a.py", "import os\nprint(os.getcwd())\n", 0),
        ("run.sh", "#!/bin/sh\necho a cow\n", 0),
        ("a.md", "- a cow\n- a dog\n- an owl\n", 3),
        ("a.py", 'pipe("a cow", num_inference_steps=20)\n', 1),
        ("a.txt", "import os\nprint(os.getcwd())\n", 2),
    ],
)
def test_code_is_no_list_of_prompts(tmp_path: Path, name: str, text: str, prompts: int) -> None:
    (tmp_path / name).write_text(text)
    reading = read_file(tmp_path / name)
    assert len(reading.found) == prompts
    assert bool(reading.remarks) is not bool(prompts)
