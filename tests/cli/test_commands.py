"""The other commands, and what the command line says about mistakes in itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang.checks.rules import RULES
from promptlang.cli.arguments import Argument, Command, Given, UsageError, given
from promptlang.cli.help import command
from promptlang.cli.table import COMMANDS, EXTRAS, MEANT, MEANT_OPTIONS
from promptlang.config.chain import load
from promptlang.reference.pages import command_tables
from promptlang.version import VERSION
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]


def test_version_and_overview(run: Run) -> None:
    assert run("--version") == Outcome(0, f"promptlang {VERSION}\n", "")
    for words in ((), ("--help",), ("help",)):
        outcome = run(*words)
        assert all(f"  {name}" in outcome.out for name in (*COMMANDS, "render", "lsp"))
    assert run().code == 2
    assert run("--help").code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page(run: Run, name: str) -> None:
    outcome = run(name, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(command(name).summary.split(",")[0])
    assert f"Usage: promptlang {name}" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert run("help", name).out == outcome.out


@pytest.mark.parametrize("name", [*COMMANDS, *EXTRAS])
def test_every_command_says_the_version(run: Run, name: str) -> None:
    assert run(name, "--version") == Outcome(0, f"promptlang {VERSION}\n", "")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("chek",), "there is no command `chek`\n  = help: write `promptlang check`"),
        (("--verison",), "there is no option `--verison`\n  = help: write `promptlang --version`"),
        (("check", "--fxi"), "`promptlang check` has no option `--fxi`\n  = help: write `--fix`"),
        (("check", "--write"), "`promptlang check` has no option `--write`\n  = help: write `--fix`"),
        (("check", "--STRICT"), "`promptlang check` has no option `--STRICT`\n  = help: write `--error-on-warning`"),
        (("check", "--format=json"), "`promptlang check` has no option `--format`\n  = help: write `--output-format`"),
        (
            ("compile", "--format", "x"),
            "`promptlang compile` has no option `--format`\n  = help: write `/format:png` in",
        ),
        (("check", "--v"), "`promptlang check` has no option `--v`\n  = help: `promptlang check --help` lists"),
        (("check", "--n", "3"), "`promptlang check` has no option `--n`\n  = help: `promptlang check --help` lists"),
        (("lnt",), "there is no command `lnt`\n  = help: write `promptlang check`"),
        (("tidy",), "there is no command `tidy`\n  = help: write `promptlang fmt`"),
        (("batch",), "there is no command `batch`\n  = help: write `promptlang render`"),
        (("complete",), "there is no command `complete`\n  = help: write `promptlang completions`"),
        (
            ("compile", "--num-inference-steps", "20"),
            "`promptlang compile` has no option `--num-inference-steps`\n  = help: write `/steps:20` in the prompt",
        ),
        (
            ("compile", "--model", "x"),
            "`promptlang compile` has no option `--model`\n  = help: name the model in the prompt, as `<name>`",
        ),
        (("check", "--karras"), "`promptlang check` has no option `--karras`\n  = help: write `/karras` in the prompt"),
        (("check", "a cow"), "cannot read `a cow`: no such file or directory\n  = help: write `-` and hand words"),
        (("check", "--config"), "`--config` needs a value\n  = help: write `--config FILE`"),
        (("check", "--config", "--fix"), "`--config` needs a value\n  = help: write `--config FILE`"),
        (("check", "--fix=yes"), "`--fix` takes no value, found `yes`\n  = help: write `--fix`"),
        (("check", "--color", "alway"), "`--color` must be one of `auto`, `always`, `never`, found `alway`"),
        (("explain",), "TEXT|FILE is missing\n  = help: write `promptlang explain [OPTIONS] TEXT|FILE...`"),
        (("explain", "--steps", "-3", "x"), "`--steps` must be a whole number above 0, found `-3`"),
        (("explain", "no-such.prompt"), "`no-such.prompt` does not exist"),
        (("init", "a", "b"), "there is no place for `b`"),
        (
            ("completions", "zhs"),
            "SHELL must be one of `bash`, `zsh`, `fish`, `powershell`, found `zhs`\n  = help: write `zsh`",
        ),
        (("rule",), "name a rule, or write `--all`"),
        (("rule", "clipskip/hihg"), "no rule is called `clipskip/hihg`\n  = help: write `clipskip/high`"),
    ],
)
def test_mistakes_in_the_command_line(run: Run, words: tuple[str, ...], error: str) -> None:
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {error}")


def test_the_words_of_other_programs_mean_what_is_there() -> None:
    taken = {
        (name, choice)
        for each in command_tables()
        for row in each.arguments
        for name in row.names
        for choice in ("", *(row.choices or ("cpu", "cuda")))
    }
    for word, written in MEANT_OPTIONS.items():
        for each in written:
            name, _, value = each.partition(" ")
            assert (name, value) in taken, word
    for meant in MEANT.values():
        name, _, option = meant.partition(" ")
        assert name in {*COMMANDS, *EXTRAS, "--help", "--version"}
        assert not option or (option, "") in taken


@pytest.mark.parametrize("port", ["-1", "65536", "000000999999", "9" * 5000, "٣"])
def test_a_port_that_is_none(port: str) -> None:
    assert Given({"port": ["0"]}).port("port") == 0
    with pytest.raises(UsageError, match="`--port` must be a whole number from 0 to 65535"):
        Given({"port": [port]}).port("port")


def test_the_width_that_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    lines = run("rule", "clipskip/high").out.splitlines()
    assert 40 < max(map(len, lines[:4])) <= 50


@pytest.mark.parametrize("columns", ["40", "60"])
def test_pages_fit_narrow_terminals(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """All but commands and comments, which are copied whole."""
    monkeypatch.setenv("COLUMNS", columns)
    for words in (("check", "--help"), ("render", "--help"), ("rule", "clipskip/high")):
        lines = [each for each in run(*words).out.splitlines() if not each.startswith(("  promptlang", "Usage", "  #"))]
        assert max(map(len, lines)) <= int(columns), words


def test_a_folder_without_prompts_is_said(run: Run) -> None:
    assert run("compile", ".") == Outcome(0, "[]\n", "warning: no .prompt files found\n")


def test_a_file_instead_of_a_command(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").touch()
    assert run("cow.prompt").err.endswith("help: write `promptlang check cow.prompt`\n")


def test_a_missing_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def none(**wanted: str) -> tuple[metadata.EntryPoint, ...]:
        return ()

    monkeypatch.setattr(metadata, "entry_points", none)
    outcome = run("render", "cow.prompt")
    assert outcome.code == 2
    assert 'run `pip install "promptlang-diffusion[runtime]"`' in outcome.err


def test_the_words_after_an_extra_are_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def points(**wanted: str) -> tuple[metadata.EntryPoint, ...]:
        assert wanted == {"group": "promptlang.commands", "name": "lsp"}
        return (metadata.EntryPoint("lsp", "tests.cli.test_commands:stand_in", "promptlang.commands"),)

    monkeypatch.setattr(metadata, "entry_points", points)
    assert run("lsp", "--stdio", "--help") == Outcome(7, "['--stdio', '--help']\n", "")


def stand_in(words: tuple[str, ...]) -> int:
    print(list(words))
    return 7


def test_a_rule(run: Run) -> None:
    outcome = run("rule", "clipskip/high")
    rule = RULES["clipskip/high"]
    assert outcome.code == 0
    assert outcome.out.startswith("clipskip/high  information\n")
    assert rule.example.splitlines()[0] in outcome.out
    assert "# promptlang: ignore[clipskip/high]" in outcome.out


def test_all_rules(run: Run) -> None:
    listed = run("rule", "--all").out.splitlines()
    assert [line.split()[0] for line in listed] == sorted(RULES)
    records = json.loads(run("rule", "--all", "--output-format", "json").out)
    assert [record["name"] for record in records] == sorted(RULES)
    assert {line.split("/")[0] for line in run("rule", "clipskip").out.splitlines()} == {"clipskip"}


def test_compile(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text("/render /parser:new /clipskip:2 /seed:1 a (red:1.3) cow 牛\n")
    outcome = run("compile", "cow.prompt")
    (plan,) = json.loads(outcome.out)
    assert (outcome.code, plan["format"], plan["clip_skip"], plan["seed"]) == (0, "promptlang.plan/1", 2, 1)
    assert run("compile", "-", given=(folder / "cow.prompt").read_bytes()).out == outcome.out


def test_compile_writes_a_file_once(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text("/render a cow\n")
    assert run("compile", "cow.prompt", "-o", "plan.json") == Outcome(0, "", "")
    before = (folder / "plan.json").read_text()
    assert len(json.loads(before)) == 1
    (folder / "cow.prompt").write_text("/render a cow\n/render a dog\n")
    refused = run("compile", "cow.prompt", "-o", "plan.json")
    assert (refused.code, (folder / "plan.json").read_text()) == (2, before)
    assert "`plan.json` is there already" in refused.err
    assert run("compile", "cow.prompt", "-o", "plan.json", "--force").code == 0
    assert len(json.loads((folder / "plan.json").read_text())) == 2


def test_a_statement_with_an_error_has_no_plan(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text("/render /steps:x a cow\n/render a dog\n")
    outcome = run("compile", "cow.prompt")
    assert (outcome.code, len(json.loads(outcome.out))) == (1, 1)
    assert outcome.err.startswith("error[steps/not-a-number]")


def test_explain_a_statement(run: Run) -> None:
    outcome = run("explain", "/render /parser:new /clipskip:2 /seed:7 a (red:1.3) cow [blurry] <demo>")
    assert outcome.code == 0
    for words in ("parser new", "weight × 1.3", "negative prompt", "hidden state −2", "of 75", "from the statement"):
        assert words in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_explain_a_bare_prompt(run: Run) -> None:
    record = json.loads(run("explain", "--parser", "new", "--json", "a (red:1.3) cow").out)
    (each,) = record["explanations"]
    assert each["weights"] == [["a ", 1.0], ["red", 1.3], [" cow", 1.0]]
    assert (each["token_count"], len(each["chunks"][0]["ids"])) == (3, 77)
    assert record["diagnostics"] == []


def test_explain_a_file(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text("[options]\nsteps = 7\n")
    (folder / "cow.prompt").write_text("/render a cow\n\n/render /steps:x a dog\n")
    outcome = run("explain", "cow.prompt")
    assert outcome.code == 1
    assert "from the project" in outcome.out
    assert "no plan: see the errors" in outcome.out
    assert "cow.prompt:3:16: error[steps/not-a-number]" in outcome.out


@pytest.mark.parametrize("text", ["(" * 5000, "a " * 20_000, "\0\x1b[31m", "[[[" * 400, "", "牛" * 500])
def test_explain_anything(run: Run, text: str) -> None:
    outcome = run("explain", "--parser", "new", text)
    assert outcome.code in {0, 1}
    assert "\x1b" not in outcome.out
    assert "\0" not in outcome.out


def test_init_writes_a_clean_project_once(run: Run, folder: Path) -> None:
    outcome = run("init", "cows")
    assert outcome.code == 0
    assert outcome.out.endswith("Next: promptlang check cows, and promptlang render cows for the pictures\n")
    checked = run("check", "cows")
    assert (checked.code, checked.out) == (0, "1 file checked: no findings\n")
    (folder / "cows" / "first.prompt").unlink()
    refused = run("init", "cows")
    assert (refused.code, refused.out) == (2, "")
    assert not (folder / "cows" / "first.prompt").exists()


@pytest.mark.parametrize(
    ("there", "named", "found"),
    [
        (["models/checkpoints", "models/loras"], "program", ["models/checkpoints", "models/loras"]),
        (["models/Stable-diffusion", "embeddings"], "program/models", ["models/Stable-diffusion", "embeddings"]),
        (["Models/Stable-Diffusion", "Models/Lora"], "program", ["Models/Stable-Diffusion", "Models/Lora"]),
        (["mine"], "program/mine", ["mine"]),
    ],
)
def test_init_with_the_models_of_a_program(
    run: Run, folder: Path, there: list[str], named: str, found: list[str]
) -> None:
    for name in there:
        (folder / "program" / name).mkdir(parents=True)
    outcome = run("init", "cows", "--models", named)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("no models yet ")
    (folder / "program" / found[0] / "a b.safetensors").touch()
    assert run("init", "again", "--models", named).out.startswith(("1 model of ", "1 model in "))
    project = load(folder / "cows" / "promptlang.toml")
    assert project.reports == ()
    assert [path.relative_to(folder / "program").as_posix() for path in project.project.folders] == found
    assert run("init", "inner", "--models", "nowhere").err.startswith("error: `nowhere` is not a folder")


def test_init_keeps_what_git_ignores(run: Run, folder: Path) -> None:
    (folder / ".gitignore").write_text("mine\n")
    assert run("init").code == 0
    assert (folder / ".gitignore").read_text() == "mine\n"
    run("init", "cows")
    assert "/out/" in (folder / "cows" / ".gitignore").read_text()


def test_init_where_a_file_stands_in_the_way(run: Run, folder: Path) -> None:
    (folder / "cows").touch()
    assert run("init", "cows").code == 2


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("lint", "check"),
        ("run", "render"),
        ("format", "fmt"),
        ("web", "play"),
        ("Generate", "render"),
        ("diff", "show --diff"),
        ("chek", "check"),
    ],
)
def test_a_word_of_another_program_is_understood(run: Run, word: str, command: str) -> None:
    """By what it means before how it is spelled."""
    outcome = run(word)
    assert (outcome.code, f"write `promptlang {command}`" in outcome.err) == (2, True)


def test_the_statement_on_a_line(run: Run, folder: Path) -> None:
    text = "/set /seed:4\n\n/render a cow\nin a field\n\n/render /clipskip:99 a barn\n"
    (folder / "two.prompt").write_text(text)
    whole, second = run("explain", "two.prompt"), run("explain", "two.prompt:6")
    assert (whole.code, second.code) == (1, 1)
    assert "a barn" in second.out
    assert "a cow" not in second.out
    first = run("explain", "--line", "4", "two.prompt")
    assert first.code == 0  # the error is the other statement's
    assert "in a field" in first.out
    assert "clipskip/out-of-range" not in first.out
    assert first.out in whole.out
    nothing = run("explain", "two.prompt:1")
    assert nothing.err.startswith("error: what stands on line 1 of `two.prompt` draws nothing")
    assert run("explain", "none.prompt:1").err.startswith("error: `none.prompt` does not exist")
    assert run("explain", "two.prompt:60").err == "error: `two.prompt` has 7 lines, so there is no line 60\n"
    assert run("explain", "--parser", "new", "--line", "1", "a cow").code == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--ray", {"ray": ["auto"]}),
        ("--ray --out d", {"ray": ["auto"], "out": ["d"]}),
        ("--ray local a", {"ray": ["local"], "FILE": ["a"]}),
    ],
)
def test_an_option_may_have_a_value_that_holds_where_none_is_written(words: str, found: dict[str, list[str]]) -> None:
    ray = Argument(names=("--ray",), value="ADDRESS", alone="auto", help="")
    others = (Argument(names=("--out",), value="DIR", help=""), Argument(names=("FILE",), value="FILE", help=""))
    assert given(Command(name="render", summary="", arguments=(ray, *others)), words.split()).values == found
    assert ray.written == "--ray [ADDRESS]"
