"""Wildcard files: what is read of them, what is left out and said, and what a hostile one may cost."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang import Project, check, compile
from promptlang.checks.review import review
from promptlang.variants.entries import Value
from promptlang.variants.structured import MOST_ENTRIES, Unreadable, read_yaml
from promptlang.variants.wildcards import LARGEST_STRUCTURED, Wildcards, read_file

Held = Callable[[str, str], dict[str, list[str]]]


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """Writes one wildcard file and gives the texts of every name in it."""

    def write(name: str, text: str) -> dict[str, list[str]]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return {
            each.name: [value.text for value in each.values] for each in read_file(tmp_path / name, tmp_path).wildcards
        }

    return write


def said(tmp_path: Path, prompt: str) -> list[tuple[str, str, str]]:
    """Rule, message and help of what `check` says with that folder of wildcards."""
    project = Project(root=tmp_path, wildcards=(tmp_path,))
    return [
        (each.rule.name, each.message, each.help) for each in check(f"/render /variants:all {prompt}", project=project)
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a: [x, 'y, z']\n", {"a": ["x", "y, z"]}),
        ("- one\n- 'two'\n- \"three\\n\"\n- four # comment\n", {"f": ["one", "two", "three\n", "four"]}),
        ("a:\n- b\n- c:d\ne: tea\n", {"a": ["b", "c:d"], "e": ["tea"]}),
        ("style:\n- >-\n  oil painting,\n  canvas\n- plain\n", {"style": ["oil painting, canvas", "plain"]}),
        ("style:\n- |-\n  two\n  lines\n", {"style": ["two\nlines"]}),
        ("1:\n- red\n", {"1": ["red"]}),
        ("yes:\n- no way\n1.50: [half]\n", {"yes": ["no way"], "1.50": ["half"]}),
        ("base: &b [red, blue]\nmore: *b\n", {"base": ["red", "blue"], "more": ["red", "blue"]}),
        ("a: &a\n  x: [red]\nb:\n  <<: *a\n  y: [blue]\n", {"a/x": ["red"], "b/x": ["red"], "b/y": ["blue"]}),
        ("\ufeffa:\n- one\n", {"a": ["one"]}),
        ("# nothing but a comment\n", {}),
        ("", {}),
    ],
)
def test_yaml_as_people_write_it(held: Held, text: str, names: dict[str, list[str]]) -> None:
    """Block texts, anchors, merges, keys that look like numbers or truth values: the names are as written."""
    assert held("f.yaml", text) == names


def test_a_byte_order_mark_is_no_part_of_a_word(held: Held) -> None:
    assert held("f.txt", "\ufeffone\ntwo\n") == {"f": ["one", "two"]}
    assert held("f.json", '\ufeff["one"]') == {"f": ["one"]}


def test_a_weight_without_words_is_an_entry_that_says_nothing(tmp_path: Path) -> None:
    """As the owner reads it: now and then nothing stands there."""
    (tmp_path / "f.json").write_text('["red", "2::", ""]', encoding="utf-8")
    (found,) = read_file(tmp_path / "f.json", tmp_path).wildcards
    assert found.values == (Value("red"), Value("", 2.0))


@pytest.mark.parametrize(
    ("entry", "problem", "help"),
    [
        ("{A|B|C}", "is no text", "put it in quotes"),
        ("12", "is no text", "put it in quotes"),
        ("no", "is no text", "put it in quotes"),
        ("2026-11-25", "is no text", "put it in quotes"),
        ("[a, b]", "is a list inside a list", "write its entries below the name"),
        ("{text: x, weight: -5}", "has the weight -5", "write a weight from 0 to 10000"),
        ("1e9::x", "has the weight 1e+09", "write a weight from 0 to 10000"),
        ("{text: x, weight: much}", "has a weight that is no number", "write a number such as 2"),
        ("{text: x, weight: .nan}", "has a weight that is no number", "write a number such as 2"),
    ],
)
def test_an_entry_that_is_no_text_is_said_with_its_line(tmp_path: Path, entry: str, problem: str, help: str) -> None:
    """The other entries count, and the name is never suggested for itself."""
    (tmp_path / "pets.yaml").write_text(f"test:\n- {entry}\n", encoding="utf-8")
    assert said(tmp_path, "a __test__ hat") == [
        ("variants/entry-left-out", f"line 2 of `pets.yaml` {problem}, so it is left out", f"{help}, in `pets.yaml`")
    ]
    more = tmp_path / "more"
    more.mkdir()
    (more / "pets.yaml").write_text(f"test:\n- cat\n- {entry}\n- {entry}\n", encoding="utf-8")
    ((rule, message, _),) = said(more, "a __test__ hat")
    assert (rule, message.rpartition(", and")[2]) == ("variants/entry-left-out", " so is 1 more")
    assert Wildcards((more,)).values("test") == (Value("cat"),)


def test_a_weight_below_nothing_breaks_no_plan(tmp_path: Path) -> None:
    (tmp_path / "pets.json").write_text(json.dumps({"pet": [{"text": "x", "weight": -5}, "cat"]}), encoding="utf-8")
    project = Project(root=tmp_path, wildcards=(tmp_path,))
    for mode in ("all", "random"):
        plans = compile(f"/render /variants:{mode} /seed:1 a __pet__", project=project).plans
        assert [plan.positive.branches[0].segments[0].runs[0].text for plan in plans] == ["a cat"]


def test_a_file_that_is_no_data_is_left_out(tmp_path: Path) -> None:
    """The other files still count, and the reason is told."""
    (tmp_path / "bad.yaml").write_text("a: [1\n", encoding="utf-8")
    (tmp_path / "tag.yaml").write_text("a: !!python/object/apply:os.system [echo]\n", encoding="utf-8")
    (tmp_path / "bad.json").write_text('{"a": }', encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes("a: caf\xe9".encode("latin-1"))
    (tmp_path / "wide.txt").write_bytes("café\n".encode("utf-16"))
    (tmp_path / "good.txt").write_text("a\n", encoding="utf-8")
    found = Wildcards((tmp_path,))
    assert list(found.collections) == ["good"]
    assert {path.name: why for path, why in found.unreadable} == {
        "bad.yaml": "line 2 is not YAML: did not find expected ',' or ']'",
        "tag.yaml": "line 1 has the tag `!!python/object/apply:os.system`, which wildcards do not have",
        "bad.json": "line 1 is not JSON: expecting value",
        "latin.yaml": "it is not UTF-8: byte 0xE9 at offset 6",
        "wide.txt": "it is no text in UTF-8",
    }


def test_letters_of_another_encoding_are_left_out_and_said(tmp_path: Path) -> None:
    """As dynamicprompts leaves them out, which says nothing."""
    (tmp_path / "s.txt").write_bytes("one\ncafé\n".encode("latin-1"))
    project = Project(root=tmp_path, wildcards=(tmp_path,))
    text = "/render /variants:all __s__"
    assert [plan.positive.branches[0].segments[0].runs[0].text for plan in compile(text, project=project).plans] == [
        "caf",
        "one",
    ]
    (found,) = review(text, project=project)
    assert found.message == "line 2 of `s.txt` has bytes that are not UTF-8, so they are left out"


BOMB = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, f"line 6: the file holds more than {MOST_ENTRIES:,} entries, aliases written out"),
        ("- " * 1000 + "x", "line 1 is nested more than 40 deep"),
        ("[" * 60 + "]" * 60, "line 1 is nested more than 40 deep"),
        ("a: &a [*a]", "line 1: `*a` stands inside what it names, or before it"),
        ("a: *b", "line 1: `*b` stands inside what it names, or before it"),
        ("? [a]\n: b\n", "line 1 has a list or a table for a name"),
        ("a: 1\n---\nb: 2\n", "line 2 is not YAML: but found another document"),
    ],
)
def test_what_a_yaml_file_may_cost_is_counted_first(text: str, problem: str) -> None:
    tracemalloc.start()
    with pytest.raises(Unreadable) as refused:
        read_yaml(text)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(refused.value) == problem
    assert most < 64 * 1024**2


def test_deeper_than_any_reader_goes() -> None:
    with pytest.raises(Unreadable, match=r"^line 1 .* nest"):
        read_yaml("[" * 100_000)


def test_a_huge_file_is_not_opened(tmp_path: Path) -> None:
    for name in ("huge.yaml", "huge.json"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(50 * 1024**2)
        why = read_file(tmp_path / name, tmp_path).problem
        assert why == f"it is larger than {LARGEST_STRUCTURED // 1024**2} MiB"


def test_deep_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000 + "]" * 100_000, encoding="utf-8")
    assert read_file(tmp_path / "deep.json", tmp_path).problem == "it is nested too deep"
