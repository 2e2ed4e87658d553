"""What a plan calls for is known to be missing before anything is loaded."""

from __future__ import annotations

import pytest

import promptlang
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.places import find_all


@pytest.mark.parametrize("text", ["a cow <demo>", "a cow <neon:0.5> <blueprint>"])
def test_the_bundled_files_are_found(text: str) -> None:
    find_all(promptlang.compile(f"/render /parser:new {text}").plans[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a cow <unknown-thing>", "nothing is known of the model <unknown-thing>"),
        ("a cow <unknown-thing:0.7>", "nothing is known of <unknown-thing>"),
    ],
)
def test_a_name_without_a_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        find_all(promptlang.compile(f"/render /parser:new {text}").plans[0])
