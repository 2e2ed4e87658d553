"""Which embedding holds at which denoiser call, and how branches mix."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from promptlang.plans.plan import Conditioned, Conditioning, Run, Segment
from promptlang.tokens.layouts import LAYOUTS
from promptlang_runtime.conditioning.condition import Condition, Reader
from promptlang_runtime.conditioning.timeline import Timeline, directions, timeline
from promptlang_runtime.errors import RenderError


def embed(runs):
    """One chunk of 77 tokens for every 10 letters, filled with the number of letters."""
    letters = sum(len(run.text) for run in runs)
    return Condition(torch.full((1, 77 * max(1, -(-letters // 10)), 4), float(letters)))


READER = Reader(embed=embed, layout=LAYOUTS["a1111"])


def segment(until, text):
    return Segment(until, (Run(text),))


def test_a_segment_holds_up_to_and_including_its_call():
    found = timeline(Conditioned((segment(10, "a"), segment(20, "bb"))), embed)
    drawn = "".join("ab"[int(found.at(call).states[0, 0, 0]) - 1] for call in range(20))
    assert drawn == "aaaaaaaaaaabbbbbbbbb"  # 11 and 9, as webui draws `[a:b:0.5]` in 20 steps


def test_alternation_begins_twice_with_the_first_choice():
    segments = tuple(segment(step, "a" if step % 2 else "bb") for step in range(1, 11))
    found = timeline(Conditioned(segments), embed)
    assert "".join("ab"[int(found.at(call).states[0, 0, 0]) - 1] for call in range(10)) == "aababababa"


def test_the_last_segment_holds_to_the_end():
    found = Timeline((3,), (embed((Run("a"),)),))
    assert found.at(1000) is found.conditions[0]


def test_equal_texts_are_encoded_once():
    asked = []

    def counting(runs):
        asked.append(runs)
        return embed(runs)

    timeline(Conditioned(tuple(segment(step, "ab"[step % 2]) for step in range(10))), counting)
    assert len(asked) == 2


def test_a_conjunction_keeps_its_directions_and_weights(conditioning):
    found = directions(conditioning(("a", 1.0), ("bb", -0.5)), READER)
    assert [each.weight for each in found] == [1.0, -0.5]


def test_a_blend_is_one_direction_of_the_weighted_mean(conditioning):
    (found,) = directions(conditioning(("a", 3.0), ("bbbbb", 1.0), combine="blend"), READER)
    assert torch.allclose(found.timeline.at(0).states, torch.full((1, 77, 4), (3 * 1 + 5) / 4))
    (sums,) = directions(conditioning(("a", 3.0), ("bb", 1.0), combine="blend", normalized=False), READER)
    assert torch.allclose(sums.timeline.at(0).states, torch.full((1, 77, 4), 5.0))


def test_a_blend_pads_the_shorter_prompt_with_empty_chunks(conditioning):
    (found,) = directions(conditioning(("a", 1.0), ("b" * 20, 1.0), combine="blend"), READER)
    states = found.timeline.at(0).states
    assert states.shape == (1, 154, 4)
    assert states[0, 0, 0] == (1 + 20) / 2
    assert states[0, 77, 0] == (0 + 20) / 2


def test_a_blend_that_adds_up_to_nothing_is_refused(conditioning):
    with pytest.raises(RenderError, match="add up to 0"):
        directions(conditioning(("a", 1.0), ("b", -1.0), combine="blend"), READER)


def test_scheduled_branches_change_a_blend_when_one_of_them_changes():
    scheduled = Conditioned((segment(4, "a"), segment(9, "bbb")))
    steady = Conditioned((segment(9, "cc"),))
    (found,) = directions(Conditioning(branches=(scheduled, steady), combine="blend"), READER)
    assert [found.timeline.at(call).states[0, 0, 0].item() for call in (0, 4, 5, 9)] == [1.5, 1.5, 2.5, 2.5]


def test_concatenation_lays_prompts_end_to_end_and_weights_them_from_the_empty_one(conditioning):
    (found,) = directions(conditioning(("aaaa", 1.0), ("bb", 0.5), combine="concatenate"), READER)
    states = found.timeline.at(0).states
    assert states.shape == (1, 154, 4)
    assert (states[0, 0, 0].item(), states[0, 77, 0].item()) == (4.0, 1.0)


def test_an_empty_branch_is_the_empty_prompt():
    nothing = Conditioning(branches=(Conditioned((Segment(9, ()),)),))
    (found,) = directions(replace(nothing), READER)
    assert found.timeline.at(0).states[0, 0, 0] == 0
