"""`promptlang check`: what it prints, what it changes and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from promptlang import compile, content_hash
from promptlang.fixes import Fixed
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

FLOORED = "/render /parser:new /clipskip:2.5 a cow\n"
BROKEN = "/render /parser:new /clipskip:14 a cow\n"
CLEAN = "/render /parser:new /clipskip:2 a cow\n"


def test_a_clean_file(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(CLEAN)
    assert run("check", "cow.prompt") == Outcome(0, "1 file checked: no findings\n", "")


def test_full_output(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(FLOORED)
    outcome = run("check", "cow.prompt")
    assert outcome.code == 1
    assert outcome.out == dedent("""\
        warning[clipskip/fraction-ignored]: clip skip counts whole layers, so 2.5 acts as 2
         --> cow.prompt:1:31
          |
        1 | /render /parser:new /clipskip:2.5 a cow
          |                               ^^^ read as 2
          = help: write `2`, or `3` if you meant to skip a layer
          = fix: Write `2` [*]
        1 - /render /parser:new /clipskip:2.5 a cow
        1 + /render /parser:new /clipskip:2 a cow
          = fix: Write `3` (unsafe)

        1 file checked: 1 warning; 1 fixable with --fix
        """)


def test_concise_output(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(BROKEN)
    outcome = run("check", "--output-format", "concise", "-q", "cow.prompt")
    assert outcome.out == "cow.prompt:1:31: error[clipskip/out-of-range]: clip skip must be 1 to 13, found 14\n"


def test_json_output(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(FLOORED)
    outcome = run("check", "--output-format=json", "cow.prompt")
    (record,) = json.loads(outcome.out)
    assert {name: record[name] for name in ("code", "severity", "message", "filename", "url")} == {
        "code": "clipskip/fraction-ignored",
        "severity": "warning",
        "message": "clip skip counts whole layers, so 2.5 acts as 2",
        "filename": "cow.prompt",
        "url": "docs/rules.md#clipskip/fraction-ignored",
    }
    assert record["location"] == {"row": 1, "column": 31}
    assert record["end_location"] == {"row": 1, "column": 34}
    assert record["fix"] == {
        "applicability": "safe",
        "message": "Write `2`",
        "edits": [{"content": "2", "location": {"row": 1, "column": 31}, "end_location": {"row": 1, "column": 34}}],
    }


def test_json_of_nothing_is_an_empty_list(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(CLEAN)
    assert run("check", "--output-format", "json", "cow.prompt").out == "[]\n"
    assert run("check", "--output-format", "json-lines", "cow.prompt").out == ""


def test_github_lines_escape_what_github_reads(run: Run, folder: Path) -> None:
    (folder / "a,b:100%.prompt").write_text(BROKEN)
    outcome = run("check", "--output-format", "github", "a,b:100%.prompt")
    assert outcome.out.startswith(
        "::error title=promptlang (clipskip/out-of-range),file=a%2Cb%3A100%25.prompt,line=1,col=31,endLine=1,"
        "endColumn=33::a,b:100%25.prompt:1:31: clipskip/out-of-range: "
    )
    assert outcome.out.count("\n") == 1


def test_sarif_names_rules_regions_and_fixes(run: Run, folder: Path) -> None:
    (folder / "my cow.prompt").write_text(FLOORED)
    log = json.loads(run("check", "--output-format", "sarif", "my cow.prompt").out)
    (result,) = log["runs"][0]["results"]
    rule = log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (log["version"], rule["id"], result["level"]) == ("2.1.0", "clipskip/fraction-ignored", "warning")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20cow.prompt"
    assert place["region"] == {"startLine": 1, "startColumn": 31, "endLine": 1, "endColumn": 34}
    replacement = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement == {"deletedRegion": place["region"], "insertedContent": {"text": "2"}}


def test_exit_codes(run: Run, folder: Path) -> None:
    (folder / "hint.prompt").write_text("/render /parser:new /clipskip:3 a cow\n")
    (folder / "warning.prompt").write_text(FLOORED)
    (folder / "error.prompt").write_text(BROKEN)
    assert run("check", "hint.prompt").code == 0
    assert run("check", "warning.prompt").code == 1
    assert run("check", "error.prompt").code == 1
    assert run("check", "--exit-zero", "error.prompt").code == 0
    assert run("check", "no-such.prompt").code == 2
    assert run("check", "--no-such-option").code == 2


def test_error_on_warning(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(FLOORED)
    outcome = run("check", "--error-on-warning", "--output-format", "concise", "cow.prompt")
    assert "error[clipskip/fraction-ignored]" in outcome.out
    assert outcome.out.endswith("1 file checked: 1 error; 1 fixable with --fix\n")


def test_a_missing_file_does_not_hide_the_others(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(FLOORED)
    outcome = run("check", "-q", "--output-format", "concise", "no-such.prompt", "cow.prompt")
    assert outcome.code == 2
    assert outcome.err == "error: cannot read `no-such.prompt`: no such file or directory\n"
    assert "cow.prompt:1:31" in outcome.out


def test_folders_are_searched(run: Run, folder: Path) -> None:
    for name in ("b/cow.prompt", "a/deep/cow.prompt", ".hidden/cow.prompt", "node_modules/cow.prompt", "a/notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(FLOORED)
    outcome = run("check", "-q", "--output-format", "concise", "b/cow.prompt", ".", "a")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["b/cow.prompt", "a/deep/cow.prompt"]


def test_an_empty_folder_is_no_mistake(run: Run) -> None:
    outcome = run("check")
    assert (outcome.code, outcome.err) == (0, "warning: no .prompt files found; `promptlang init` writes a first one\n")


def test_standard_input(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text('[rules]\n"clipskip/*" = "off"\n')
    outcome = run("check", "-", "--output-format", "concise", given=BROKEN.encode())
    assert outcome.out == "1 file checked: no findings\n"
    (folder / "sub").mkdir()
    (folder / "sub" / "promptlang.toml").touch()
    outcome = run("check", "-", "--stdin-filename", "sub/x.prompt", "--output-format", "concise", given=BROKEN.encode())
    assert outcome.out.startswith("sub/x.prompt:1:31: error")


def test_fixes_are_written_and_repeated(run: Run, folder: Path) -> None:
    path = folder / "cow.prompt"
    path.write_text(FLOORED)
    outcome = run("check", "--fix", "cow.prompt")
    assert path.read_text() == CLEAN
    assert outcome == Outcome(0, "1 file checked: no findings; 1 fixed\n", "")


def test_fixes_that_never_settle_leave_the_file_alone(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "cow.prompt"
    file.write_text(FLOORED)

    def unsettled(text: str, check: object, unsafe: bool) -> Fixed:
        return Fixed(f"{text} more", 20, settled=False)

    monkeypatch.setattr("promptlang.fixes.fixed", unsettled)
    outcome = run("check", "--fix", "cow.prompt")
    assert (outcome.code, file.read_text()) == (2, FLOORED)
    assert "left as it is" in outcome.err


def test_unsafe_fixes_need_asking(run: Run, folder: Path) -> None:
    path = folder / "cow.prompt"
    path.write_text("/render /clipskip:2 a cow\n")
    assert run("check", "--fix", "cow.prompt").code == 1
    assert path.read_text() == "/render /clipskip:2 a cow\n"
    assert run("check", "--fix", "--unsafe-fixes", "cow.prompt").code == 0
    assert path.read_text() == "/render /parser:new /clipskip:2 a cow\n"


def test_a_diff_changes_nothing(run: Run, folder: Path) -> None:
    path = folder / "cow.prompt"
    path.write_text(FLOORED)
    before = path.stat().st_mtime_ns
    outcome = run("check", "--diff", "cow.prompt")
    assert outcome.code == 1
    assert outcome.out == dedent("""\
        --- a/cow.prompt
        +++ b/cow.prompt
        @@ -1 +1 @@
        -/render /parser:new /clipskip:2.5 a cow
        +/render /parser:new /clipskip:2 a cow
        """)
    assert outcome.err == "would fix 1 in 1 file\n"
    assert (path.read_text(), path.stat().st_mtime_ns) == (FLOORED, before)


def test_fixing_standard_input_prints_the_text(run: Run) -> None:
    outcome = run("check", "--fix", "-", given=FLOORED.encode())
    assert (outcome.code, outcome.out) == (0, CLEAN)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_fix_keeps_line_ends_mark_mode_and_links(run: Run, folder: Path, ends: str, mark: bytes) -> None:
    text = ends.join(["# café 牛", FLOORED.strip(), "last line without an end"])
    path = folder / "cow.prompt"
    path.write_bytes(mark + text.encode())
    path.chmod(0o640)
    (folder / "link.prompt").symlink_to(path)
    assert run("check", "--fix", "link.prompt").code == 0
    assert path.read_bytes() == mark + text.replace("2.5", "2").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (folder / "link.prompt").is_symlink()
    assert sorted(os.listdir(folder)) == ["cow.prompt", "link.prompt"]


def test_a_mark_does_not_move_columns(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_bytes(b"\xef\xbb\xbf" + BROKEN.encode())
    assert run("check", "--output-format", "concise", "cow.prompt").out.startswith("cow.prompt:1:31:")


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("text", ["/render a cow\n", "/render a caf\u00e9, 🐄 牛\n", "ab"])
def test_utf_16_without_a_mark(run: Run, folder: Path, text: str, order: str) -> None:
    data = text.encode(f"utf-16-{order}")
    (folder / "cow.prompt").write_bytes(data)
    outcome = run("check", "--fix", "--unsafe-fixes", "cow.prompt")
    assert outcome.code == 1
    assert "error[file/not-utf8]: not UTF-8: " in outcome.out
    assert f"`iconv -f utf-16{order} -t utf-8` converts it" in outcome.out
    assert (folder / "cow.prompt").read_bytes() == data


def test_a_zero_alone_is_no_other_encoding(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_bytes(b"a\0 cow, red")
    assert "warning[text/invisible]: U+0000" in run("check", "cow.prompt").out


def test_latin_1(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_bytes("/render a cow\n/render a caf\u00e9\n".encode("latin-1"))
    outcome = run("check", "--fix", "-q", "cow.prompt")
    assert outcome.code == 1
    assert outcome.out == dedent("""\
        error[file/not-utf8]: not UTF-8: byte 0xE9 at offset 27
         --> cow.prompt:2:14
          |
        2 | /render a caf\ufffd
          |              ^ not a character in UTF-8
          = help: save the file as UTF-8; `iconv -f latin1 -t utf-8` converts Latin-1

        """)


def test_utf_16_and_nul(run: Run, folder: Path) -> None:
    (folder / "wide.prompt").write_bytes("/render a cow".encode("utf-16"))
    assert "begins like UTF-16" in run("check", "wide.prompt").out
    (folder / "nul.prompt").write_bytes(b"/render a \0cow /clipskip:14\n")
    outcome = run("check", "nul.prompt")
    assert "\0" not in outcome.out
    assert "a <U+0000>cow" in outcome.out


def test_no_permission_and_a_folder_as_a_file(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cow.prompt").mkdir()
    assert run("check", "cow.prompt").err == "warning: no .prompt files found; `promptlang init` writes a first one\n"
    (folder / "shut.prompt").touch()

    def refuse(path: Path, *rest: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("promptlang.files.os.open", refuse)
    outcome = run("check", "-q", "shut.prompt")
    monkeypatch.undo()
    assert (outcome.code, outcome.err) == (2, "error: cannot read `shut.prompt`: permission denied\n")


def test_a_full_disk_leaves_the_old_file(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "cow.prompt"
    path.write_text(FLOORED)

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    outcome = run("check", "--fix", "-q", "cow.prompt")
    assert outcome.code == 2
    assert outcome.err == "error: cannot write `cow.prompt`: no space left on device\n"
    assert path.read_text() == FLOORED
    assert os.listdir(folder) == ["cow.prompt"]


def test_selection(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text("/render /clipskip:2.5 /guidance:0 a cow\n")

    def rules(*words: str) -> list[str]:
        outcome = run("check", "--output-format", "json", "cow.prompt", *words)
        return [record["code"] for record in json.loads(outcome.out)]

    everything = rules()
    assert set(everything) == {"clipskip/needs-new-parser", "clipskip/fraction-ignored", "guidance/zero"}
    assert rules("--select", "guidance") == ["guidance/zero"]
    assert set(rules("--select", "clipskip/*", "--ignore", "clipskip/fraction-ignored")) == {
        "clipskip/needs-new-parser"
    }
    assert rules("--ignore", "clipskip,guidance/zero") == []
    assert rules("--ignore", "*", "--extend-select", "guidance/zero") == ["guidance/zero"]
    (folder / "promptlang.toml").write_text('[rules]\n"*" = "off"\n')
    assert rules() == []
    assert rules("--extend-select", "guidance/zero") == ["guidance/zero"]
    assert run("check", "--select", "guidnace/zero").err.endswith("help: write `guidance/zero`\n")


def test_the_project_decides(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text(
        '[rules]\n"guidance/zero" = "error"\n[per-file-ignores]\n"sketches/*" = ["guidance/*"]\n'
    )
    (folder / "sketches").mkdir()
    for name in ("cow.prompt", "sketches/cow.prompt"):
        (folder / name).write_text("/render /guidance:0 a cow\n")
    outcome = run("check", "-q", "--output-format", "concise")
    assert outcome.out == "cow.prompt:1:19: error[guidance/zero]: guidance 0 means the prompt is ignored\n"
    outcome = run("check", "-q", "--output-format", "concise", "--isolated")
    assert outcome.out.count("warning[guidance/zero]") == 2


def test_a_mistake_in_the_project_file_is_shown_once_and_fails(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text("[options]\nclipskip = 14\n")
    for name in ("a.prompt", "b.prompt"):
        (folder / name).write_text(CLEAN)
    outcome = run("check", "--output-format", "concise")
    assert outcome.code == 2
    assert outcome.out == (
        "promptlang.toml:2:12: error[config/bad-value]: clip skip must be 1 to 13, found 14\n2 files checked: 1 error\n"
    )


def test_a_project_file_is_checked_as_such(run: Run, folder: Path) -> None:
    project = folder / "promptlang.toml"
    project.write_text('edition = "guied"\n')
    outcome = run("check", "-q", "--output-format", "concise", "promptlang.toml")
    assert outcome.code == 1
    assert outcome.out.startswith("promptlang.toml:1:11: error[config/bad-value]")
    (folder / "cow.prompt").write_text(CLEAN)
    outcome = run("check", "--output-format", "concise", "promptlang.toml", "cow.prompt")
    assert outcome.out.count("config/bad-value") == 1
    assert run("check", "--fix", "--unsafe-fixes", "promptlang.toml").code == 0
    assert project.read_text() == 'edition = "guide"\n'


def test_fixes_of_a_project_file_need_its_name(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text('conzept = "demo"\n')
    (folder / "cow.prompt").write_text(CLEAN)
    assert run("check").out.endswith("1 file checked: 1 warning\n")
    assert run("check", "promptlang.toml").out.endswith("1 warning; 1 fixable with --fix --unsafe-fixes\n")


@pytest.mark.parametrize("name", ["fmt", "compile", "explain"])
def test_a_project_file_is_no_prompt(run: Run, folder: Path, name: str) -> None:
    (folder / "base.toml").write_text("edition = 'guide'\n")
    outcome = run(name, "base.toml")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "error: `base.toml` is a project file, not a prompt\n  = help: write `promptlang check base.toml`\n"
    )


def test_a_comment_before_the_first_command_inherits_nothing(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text("[options]\nclipskip = 2\n")
    (folder / "cow.prompt").write_text("# a cow\n\n/render /parser:new a cow\n")
    outcome = run("check", "-q", "--output-format", "concise", "--ignore", "config")
    assert outcome == Outcome(0, "", "")


def test_a_named_project_file(run: Run, folder: Path) -> None:
    (folder / "other.toml").write_text('[rules]\n"guidance/zero" = "off"\n')
    (folder / "cow.prompt").write_text("/render /guidance:0 a cow\n")
    assert run("check", "--config", "other.toml", "cow.prompt").code == 0
    assert run("check", "--config", "no-such.toml", "cow.prompt").code == 2
    assert run("check", "--config", "other.toml", "--isolated").code == 2


def test_statistics(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(FLOORED * 3 + "/render /guidance:0 a cow\n")
    outcome = run("check", "-q", "--statistics", "cow.prompt")
    assert outcome.out == "3  clipskip/fraction-ignored\n1  guidance/zero\n"


def test_colour(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cow.prompt").write_text(BROKEN)
    words = ("check", "cow.prompt", "--output-format", "concise")
    assert "\x1b" not in run(*words).out
    assert "\x1b[1;31m" in run(*words, "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run(*words).out
    assert "\x1b" not in run(*words, "--color", "never").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(*words).out


def test_a_closed_pipe_is_no_mistake(folder: Path) -> None:
    (folder / "cow.prompt").write_text(BROKEN * 3000)
    command = f"{sys.executable} -m promptlang check cow.prompt | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("error[clipskip/out-of-range]")
    assert done.stderr == ""


HEAVY = (
    *("rich", "torch", "pygls", "yaml", "lark"),
    *(
        "argparse",
        "ast",
        "dataclasses",
        "dis",
        "importlib.metadata",
        "inspect",
        "json",
        "linecache",
        "tokenize",
        "tomllib",
    ),
)


@pytest.mark.parametrize("text", [CLEAN, "/render /parser:a1111 a cow, (easynegative:1.2), bad_negative_v2"])
def test_a_check_loads_nothing_heavy(folder: Path, text: str) -> None:
    (folder / "cow.prompt").write_text(text)
    seldom = (*HEAVY, "promptlang.importers.typed.blocks")  # what reads pasted parameters
    code = (
        "import sys; from promptlang.cli.main import main; main(['check', 'cow.prompt']);"
        f"print([name for name in {seldom} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, env=_path())
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def _path() -> dict[str, str]:
    """An environment in which modules are found without `site`, which loads some of its own."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


MESSY = "/render /parser:new /clipskip:9 /guidance:0 a cow\n  /steps:700 in a field (a\n\n/render /clipskip:99 b\n"


def test_add_ignores_silences_what_is_found_today(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(MESSY)
    before = [content_hash(plan) for plan in compile(MESSY).plans]
    outcome = run("check", "--add-ignores", "--diff", "cow.prompt")
    assert (folder / "cow.prompt").read_text() == MESSY
    assert outcome.out.count("\n+") == 4  # three comments and the name of the file
    assert outcome.err == "would ignore 5 in 1 file with 3 comments\n"
    outcome = run("check", "--add-ignores", "cow.prompt")
    assert (outcome.code, outcome.out) == (0, "1 file checked: no findings; 5 ignored with 3 comments\n")
    text = (folder / "cow.prompt").read_text()
    assert text.startswith("# promptlang: ignore[clipskip/extreme, guidance/zero]\n/render")
    assert "  # promptlang: ignore[prompt/unclosed, steps/over-limit]\n  /steps:700" in text
    assert [content_hash(plan) for plan in compile(text).plans] == before
    assert run("check", "cow.prompt").out == "1 file checked: no findings\n"
    assert run("check", "--add-ignores", "cow.prompt").out == "1 file checked: no findings\n"
    (folder / "cow.prompt").write_text(text + "/render /guidance:0 x\n")
    assert run("check", "--output-format", "concise", "-q", "cow.prompt").out.count("guidance/zero") == 1
    assert run("check", "--add-ignores", "--fix", "cow.prompt").code == 2


def test_add_ignores_keeps_line_ends_and_project_files(run: Run, folder: Path) -> None:
    (folder / "promptlang.toml").write_text('edition = "gude"\n')
    (folder / "cow.prompt").write_bytes(b"\xef\xbb\xbf/render /guidance:0 a\r\n")
    run("check", "--add-ignores", "cow.prompt", "promptlang.toml")
    written = (folder / "cow.prompt").read_bytes()
    assert written == b"\xef\xbb\xbf# promptlang: ignore[guidance/zero]\r\n/render /guidance:0 a\r\n"
    assert (folder / "promptlang.toml").read_text() == 'edition = "gude"\n'


def test_add_ignores_never_changes_a_picture(run: Run, folder: Path) -> None:
    text = "/render /parser:new a cow\n   (in a field (a\n"  # the blanks before these words are drawn
    (folder / "cow.prompt").write_text(text)
    outcome = run("check", "--add-ignores", "cow.prompt")
    assert (outcome.code, (folder / "cow.prompt").read_text()) == (2, text)
    assert "comments in `cow.prompt` would change what it draws, so it is left as it is" in outcome.err


def test_files_are_looked_for_where_the_text_lies(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("without", "with"):
        place = folder / name
        place.mkdir()
        (place / "a.prompt").write_text("/remix /image:in.png a cow\n", encoding="utf-8")
        if name == "with":
            (place / "in.png").write_bytes(b"")
        monkeypatch.chdir(place)
        assert ("there is no image `in.png`" in run("check", "a.prompt").out) == (name == "without")


class Screen(io.StringIO):
    """A terminal that shows what is written to it."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_no_line_broken_inside_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else gets each line whole: a program looks for words in it."""
    from promptlang.cli.terminal import say
    from promptlang.reports.text import coloured

    monkeypatch.setenv("COLUMNS", "40")
    line = f"{coloured('error', 'error[a/b]')}{coloured('message', ': 牛牛牛 of a length that takes more than a line')}"
    screen, pipe = Screen(), io.StringIO()
    for stream in (screen, pipe):
        say(f"{line}\n --> short", stream)
    assert pipe.getvalue() == f"{line}\n --> short\n"
    first, second, third = screen.getvalue().splitlines()
    assert re.sub(r"\x1b\[[0-9;]*m", "", first) == "error[a/b]: 牛牛牛 of a length that"
    assert re.sub(r"\x1b\[[0-9;]*m", "", second) == "  takes more than a line"
    assert third == " --> short"
