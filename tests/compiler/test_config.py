"""`promptlang.toml`: what it sets, and where it is said to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang.checks.checking import check
from promptlang.config.chain import Configuration, load
from promptlang.config.find import find
from promptlang.config.places import places, places_if_read
from promptlang.diagnostics import Severity
from promptlang.fixes import fixed
from promptlang.lowering.lower import compile
from promptlang.meaning.project import DefaultOption, Project


def loaded(folder: Path, text: str, name: str = "promptlang.toml") -> Configuration:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load(path)


def said(configuration: Configuration) -> list[tuple[str, str, str]]:
    """Rule, message and the text it points at."""
    return [
        (each.rule.name, each.message, report.source.text[each.label.span.start : each.label.span.end])
        for report in configuration.reports
        for each in report.diagnostics
    ]


def test_every_key(tmp_path: Path) -> None:
    for name in ("models", "wild"):
        (tmp_path / name).mkdir()
    (tmp_path / "models" / "cow.safetensors").touch()
    configuration = loaded(
        tmp_path,
        """
edition = "guide"
concept = "cow"
out = "pictures"

[concepts]
folders = ["models"]

[concepts.names]
cow = { path = "models/cow.safetensors", family = "sd1", kind = "checkpoint", options = {guidance = 6, karras = true} }

[rules]
"clipskip/high" = "off"
"guidance/*" = "error"

[per-file-ignores]
"sketches/*.prompt" = ["clipskip/*"]

[options]
sampler = "ddim"
steps = 30
karras = true
lpw = false

[limits]
images = 200
steps = false

[settings]
force-clip-skip = true
allow-pickle = true
wildcards = ["wild"]
""",
    )
    assert said(configuration) == []
    project = configuration.project
    assert (project.edition, project.concept, project.out) == ("guide", "cow", "pictures")
    assert project.folders == (tmp_path / "models",)
    assert project.wildcards == (tmp_path / "wild",)
    concept = project.known("COW")
    assert concept is not None
    assert (concept.family, concept.kind, concept.path) == ("sd1", "checkpoint", tmp_path / "models/cow.safetensors")
    assert concept.options == (("guidance", "6"), ("karras", ""))
    assert "line 10" in concept.evidence
    assert project.severities == {"clipskip/high": None, "guidance/*": Severity.ERROR}
    assert project.ignores[0].pattern == "sketches/*.prompt"
    assert project.options == (
        DefaultOption("sampler", "ddim", 20),
        DefaultOption("steps", "30", 21),
        DefaultOption("karras", None, 22),
    )
    assert (project.image_limit, project.step_limit) == (200, None)
    assert project.force_clip_skip
    assert project.allow_pickle


def test_an_empty_file_is_the_default_project(tmp_path: Path) -> None:
    project = loaded(tmp_path, "").project
    default = Project()
    assert (project.edition, project.concept, project.image_limit) == (default.edition, default.concept, 1000)
    assert project.root == tmp_path


@pytest.mark.parametrize(
    ("text", "rule", "message", "place"),
    [
        ('conzept = "demo"', "config/unknown-key", "a project file has no key `conzept`", "conzept"),
        ("[limits]\nimage = 3", "config/unknown-key", "`[limits]` has no key `image`", "image"),
        ("clipskip = 2", "config/unknown-key", "a project file has no key `clipskip`", "clipskip"),
        ("[options]\nclipskpi = 2", "config/unknown-key", "no option is called `clipskpi`", "clipskpi"),
        (
            'edition = "guied"',
            "config/bad-value",
            'edition must be one of `beta-2023-06`, `early`, `guide`, found `"guied"`',
            '"guied"',
        ),
        ("limits = 3", "config/bad-value", "limits must be a table, found `3`", "3"),
        ("[limits]\nimages = 0", "config/bad-value", "images must be a whole number above 0, found `0`", "0"),
        (
            "[limits]\nimages = false",
            "config/bad-value",
            "images must be a whole number above 0, found `false`",
            "false",
        ),
        ("[options]\nkarras = 1", "config/bad-value", "karras must be `true` or `false`, found `1`", "1"),
        ("[options]\nclipskip = 14", "config/bad-value", "clip skip must be 1 to 13, found 14", "14"),
        ("[settings]\nallow-pickle = 1979-05-27", "config/bad-value", None, "1979-05-27"),
        ('[concepts]\nfolders = ["no-such"]', "config/missing-path", "there is no `no-such`", '"no-such"'),
        ("[concepts]\nfolders = [1]", "config/bad-value", "folders must be a list of texts, found `1`", "1"),
        ('[concepts.names]\ncow = { famly = "sd1" }', "config/unknown-key", "a concept has no `famly`", "famly"),
        ('concept = "nope"', "config/unknown-concept", "no model called `nope` is known here", '"nope"'),
        (
            '[concepts.names]\ncow = { family = "sd9" }',
            "config/bad-value",
            'family must be a known name, found `"sd9"`',
            '"sd9"',
        ),
        ('[options]\nsampler = "eulr"', "config/bad-value", "sampler has no value `eulr`", '"eulr"'),
        ("[options]\nclipskip = 2", "config/global-clipskip", None, "clipskip"),
        ('extend = "no-such.toml"', "config/unreadable", None, '"no-such.toml"'),
        ("[rules", "config/bad-toml", None, ""),
        ("a = 1\nb = = 2\n", "config/bad-toml", "not valid TOML: invalid value", "="),
        ("a = 1\na = 2", "config/bad-toml", "not valid TOML: cannot overwrite a value", ""),
        ("a = " + "[" * 100_000, "config/bad-toml", "arrays or tables are nested too deeply", ""),
        ("a." * 20 + "a = 1", "config/bad-toml", "a key has more than 20 parts", "a." * 20 + "a"),
        ("x = {'a' . " + '"a".' * 20 + "a = 1}", "config/bad-toml", None, "'a' . " + '"a".' * 20 + "a"),
        (
            "edition = " + "1" * 5000,
            "config/bad-toml",
            "a name or a number is longer than 1,000 characters",
            "1" * 5000,
        ),
        ("edition = 0x" + "F" * 5000, "config/bad-toml", None, "0x" + "F" * 5000),
        (
            "edition = 0x" + "F" * 900,
            "config/bad-value",
            "edition must be one of `beta-2023-06`, `early`, `guide`, found a long number",
            "0x" + "F" * 900,
        ),
    ],
)
def test_complaints_have_a_place(tmp_path: Path, text: str, rule: str, message: str | None, place: str) -> None:
    ((found, words, where),) = said(loaded(tmp_path, text))
    assert (found, where) == (rule, place)
    assert message is None or words == message


@pytest.mark.parametrize(
    "text", ['tags = ["', '[concepts]\nfolders = ["a", "', "=[", "a = [" * 900, "a." * 5_000 + "a = 1"]
)
def test_of_a_file_that_is_half_written_no_place_is_known(text: str) -> None:
    assert places_if_read(text) == {}
    assert places_if_read("[rules]\na = 1").keys() == {("rules",), ("rules", "a")}


def test_rules_are_known_by_name(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, '[rules]\n"clipskip/hihg" = "off"\nguidance = "wraning"\n')
    assert said(configuration) == [
        ("config/unknown-rule", "no rule is called `clipskip/hihg`", '"clipskip/hihg"'),
        (
            "config/bad-value",
            'guidance must be one of `off`, `hint`, `information`, `warning`, `error`, found `"wraning"`',
            '"wraning"',
        ),
    ]
    fixes = [fix.edits[0].text for report in configuration.reports for each in report.diagnostics for fix in each.fixes]
    assert fixes == ['"clipskip/high"', '"warning"']


def test_the_model_that_draws_may_be_named_anywhere_in_the_chain(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('concept = "cow"\n')
    named = 'extend = "base.toml"\n[concepts.names]\ncow = { family = "sd1" }\n'
    assert said(loaded(tmp_path, named)) == []
    report = loaded(tmp_path, 'extend = "base.toml"\n').reports[0]
    assert Path(report.source.name).name == "base.toml"
    assert report.diagnostics[0].rule.name == "config/unknown-concept"


def test_a_network_cannot_draw_alone(tmp_path: Path) -> None:
    text = 'concept = "hat"\n[concepts.names]\nhat = { family = "sd1", kind = "lora" }\n'
    assert said(loaded(tmp_path, text)) == [
        ("config/bad-value", "concept must be a checkpoint, found `hat`, which is none", '"hat"')
    ]


def test_a_model_in_the_folders_is_offered(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "dreamer.safetensors").touch()
    text = 'concept = "dremer"\n[concepts]\nfolders = ["models"]\n'
    (finding,) = loaded(tmp_path, text).reports[0].diagnostics
    assert [edit.text for fix in finding.fixes for edit in fix.edits] == ['"dreamer"']


def test_many_names_are_listed_in_the_help(tmp_path: Path) -> None:
    (finding,) = loaded(tmp_path, '[concepts.names]\ncow = { family = "flx" }').reports[0].diagnostics
    assert finding.help.startswith('write `"flux"`, or another of `sd1`, `sd2`, ')


def test_the_file_judges_itself(tmp_path: Path) -> None:
    text = '[rules]\n"config/*" = "off"\n[options]\nclipskip = 2\n'
    configuration = loaded(tmp_path, text)
    assert said(configuration) == []
    assert configuration.project.options == (DefaultOption("clipskip", "2", 4),)


def test_extend_builds_on_another_file(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "models").mkdir()
    base = 'concept = "flux"\nout = "there"\n[concepts]\nfolders = ["models"]\n[options]\nsteps = 10\n'
    (tmp_path / "promptlang.toml").write_text(base)
    configuration = loaded(tmp_path / "inner", 'extend = "../promptlang.toml"\nout = "here"\n[options]\nsteps = 20\n')
    assert said(configuration) == []
    project = configuration.project
    assert (project.concept, project.out) == ("flux", "here")
    assert project.folders == (tmp_path / "models",), "paths stay relative to the file they stand in"
    assert project.options == (DefaultOption("steps", "20", 4),)


def test_a_circle_is_cut(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('extend = "promptlang.toml"\nconcept = "sdxl"\n')
    configuration = loaded(tmp_path, 'extend = "b.toml"\n')
    assert [each[0] for each in said(configuration)] == ["config/cycle"]
    assert configuration.project.concept == "sdxl"
    itself = loaded(tmp_path, 'extend = "./c.toml"\n', "c.toml")
    assert [each[0] for each in said(itself)] == ["config/cycle"]


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "promptlang.toml").touch()
    assert find(inner) == tmp_path / "promptlang.toml"
    (tmp_path / "a" / "promptlang.toml").touch()
    assert find(inner) == tmp_path / "a" / "promptlang.toml"


def test_latin_1_is_said_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "promptlang.toml"
    path.write_bytes('# caf\u00e9\nconcept = "x"'.encode("latin-1"))
    assert said(load(path)) == [("file/not-utf8", "not UTF-8: byte 0xE9 at offset 5", "\ufffd")]


def test_places_of_keys_and_values() -> None:
    text = """\
a.b = 1 # c = 2
'x y' = [1, "],", [2], { z = '#' }]
[t."q=r"]
m = \"\"\"
n = 3
\"\"\"
[[list]]
d = 1979-05-27 07:32:00
[[list]]
d = 2
"""
    found = {
        path: (text[place.key.start : place.key.end], text[place.value.start : place.value.end])
        for path, place in places(text).items()
    }
    assert found["a", "b"] == ("a.b", "1")
    assert found["x y", 1] == ('"],"', '"],"')
    assert found["x y", 3, "z"] == ("z", "'#'")
    assert found["t", "q=r", "m"] == ("m", '"""\nn = 3\n"""')
    assert found["list", 0, "d"] == ("d", "1979-05-27 07:32:00")
    assert found["list", 1, "d"] == ("d", "2")
    assert ("t", "q=r", "n") not in found


def test_a_family_without_a_file_is_a_checkpoint(tmp_path: Path) -> None:
    project = loaded(
        tmp_path, '[concepts.names]\nold = { family = "sd2" }\nadded = { family = "sd1", kind = "lora" }'
    ).project
    found = check("/render /parser:new /clipskip:2 <old> a cow", project=project)
    assert [each.rule.name for each in found] == ["clipskip/no-effect", "concept/no-file"]
    assert {each.kind for name in ("old", "added") if (each := project.known(name))} == {"checkpoint", "lora"}


def test_the_parser_that_a_project_wide_clip_skip_needs_stands_apart(tmp_path: Path) -> None:
    project = loaded(tmp_path, "[options]\nclipskip = 2").project
    for before, after in (("a cow", "/parser:new a cow"), ("/render a cow", "/render /parser:new a cow")):
        assert fixed(before, lambda text: check(text, project=project), unsafe=True).text == after


def test_shared_recipes_come_from_files_of_the_project_alone(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "styles").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (tmp_path / "secret.prompt").write_text("/recipe #secret tower\n")
    (folder / "link.prompt").symlink_to(tmp_path / "secret.prompt")
    (folder / ".hidden" / "a.prompt").write_text("/recipe #hidden x\n")
    (folder / "other.prompt").write_text("---\nmodel: x\n---\n/recipe #foreign x\n")
    (folder / "latin.prompt").write_bytes(b"/recipe #latin caf\xe9\n")
    (folder / "styles" / "a.prompt").write_text("/set /steps:9\n/recipe #Ink an ink drawing of $prompt\n/render x\n")
    configuration = loaded(folder, 'recipes = ["*.prompt", "*/*.prompt", "../secret.prompt", "none/*", "**x"]\n')
    assert [(each.name, each.path.name, each.text) for each in configuration.project.recipes] == [
        ("Ink", "a.prompt", "/recipe #Ink an ink drawing of $prompt\n")
    ]
    wrong = [(rule, text) for rule, _, text in said(configuration)]
    assert ("config/bad-value", '"../secret.prompt"') in wrong
    assert ("config/missing-path", '"none/*"') in wrong


def test_shared_recipes_count_where_a_file_has_none_of_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text("/recipe #bright /parser:new /steps:7 (bright:1.3) $prompt\n/recipe #odd #odd\n")
    (tmp_path / "b.prompt").write_text("/recipe #dim /steps:8\n")
    project = loaded(tmp_path, 'recipes = ["*.prompt"]\n').project
    (plan,) = compile("/render #bright a cow", project=project).plans
    assert plan.steps == 7
    assert "a cow" in plan.expanded
    assert [each.rule.name for each in check("/render a cow #odd", project=project)] == ["recipe/cycle"]
    assert compile("/recipe #bright $prompt\n/render #bright (a cow:1.3)", project=project).plans[0].steps != 7
    own = (tmp_path / "a.prompt").read_text()
    assert [each.rule.name for each in check(own, project=project)] == ["recipe/repeated"] * 2
    assert not check(own, project=project.seen_from(tmp_path / "a.prompt"))
    assert project.seen_from(tmp_path / "a.prompt") is project.seen_from(tmp_path / "a.prompt")
    assert project.seen_from(tmp_path / "c.prompt") is project
