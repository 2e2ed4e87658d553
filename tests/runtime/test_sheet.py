# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportOptionalIterable=false
"""Pages show every picture once, labelled with what differs."""

from __future__ import annotations

from PIL import Image

from promptlang.plans.plan import WORDS
from promptlang_runtime.output.gather import Drawn, groups, sheet_of
from promptlang_runtime.output.sheet import LARGEST, PAPER, SMALLEST, Sheet, draw_sheet, thumbnail

RED = Image.new("RGB", (128, 128), "#d02020")


def sheets(title, pictures):
    return [sheet_of(title, group, group.read()) for group in groups(pictures)]


def drawn(plan, seed=7, picture=RED):
    return Drawn(plan=plan, seed=seed, name="cow-001.png", picture=thumbnail(picture), size=picture.size)


def swept(make_plan, **axes):
    """One plan for every combination of the values."""
    plans = [()]
    for name, values in axes.items():
        plans = [(*done, (name, value)) for done in plans for value in values]
    return [make_plan(axes=axes) for axes in plans]


def test_pictures_are_brought_to_a_readable_size():
    for size in ((8, 8), (128, 128), (512, 768), (2048, 64)):
        found = thumbnail(Image.new("RGB", size)).size
        assert SMALLEST <= max(found) <= LARGEST
        assert abs(found[0] / found[1] - size[0] / size[1]) < 0.5 * size[0] / size[1]


def test_a_sweep_over_two_options_is_a_grid_with_the_longer_axis_across(make_plan):
    (sheet,) = sheets("cow", [drawn(plan) for plan in swept(make_plan, clipskip="1234", guidance="25")])
    assert sheet.columns == ("1", "2", "3", "4")
    assert sheet.across == "clip skip"
    assert sheet.rows == ("guidance 2", "guidance 5")
    assert set(sheet.pictures) == {(row, column) for row in range(2) for column in range(4)}


def test_a_sweep_over_three_options_has_two_of_them_down(make_plan):
    plans = swept(make_plan, clipskip="123", guidance="25", steps="34")
    (sheet,) = sheets("cow", [drawn(plan) for plan in plans])
    assert sheet.columns == ("1", "2", "3")
    assert sheet.rows == ("2, 3", "2, 4", "5, 3", "5, 4")
    assert sheet.down == "guidance, steps"


def test_a_long_sweep_over_one_option_takes_several_lines(make_plan):
    (sheet,) = sheets("cow", [drawn(plan) for plan in swept(make_plan, clipskip=[str(n) for n in range(1, 14)])])
    assert sheet.columns == ()
    assert list(sheet.captions.values())[:2] == ["clip skip 1", "clip skip 2"]
    assert max(row for row, _ in sheet.pictures) == 2


def test_several_images_of_a_sweep_stand_below_each_other(make_plan):
    plans = [make_plan(axes=(("guidance", value),), images=2) for value in "25"]
    (sheet,) = sheets("cow", [drawn(plan, seed) for plan in plans for seed in (7, 8)])
    assert sheet.columns == ("2", "5")
    assert sheet.rows == ("seed 7", "seed 8")


def test_plain_pictures_share_a_contact_sheet_with_their_seeds(make_plan):
    (sheet,) = sheets("cow", [drawn(make_plan(), seed) for seed in range(5)])
    assert sheet.prompt == "a red circle on a white background"
    assert sheet.negative == "blue"
    assert sheet.captions[0, 0] == "seed 0"
    assert "guidance 4" in sheet.shared


def test_pictures_of_several_prompts_are_captioned_with_them(make_plan, conditioning):
    pictures = [drawn(make_plan(positive=conditioning(text))) for text in ("a cow", "a dog")]
    (sheet,) = sheets("cow", pictures)
    assert list(sheet.captions.values()) == ["a cow", "a dog"]


def test_a_prompt_that_stands_there_several_times_is_captioned_with_its_seed_too(make_plan, conditioning):
    cow, dog = (make_plan(positive=conditioning(text)) for text in ("a cow", "a dog"))
    (sheet,) = sheets("cow", [drawn(cow, 1), drawn(cow, 2), drawn(dog, 1)])
    assert sorted(sheet.captions.values()) == ["a cow, seed 1", "a cow, seed 2", "a dog"]


def test_what_else_differs_is_captioned_too(make_plan, conditioning):
    plain = make_plan(negative=conditioning(""))
    others = (
        make_plan(negative=conditioning("red")),
        make_plan(negative=conditioning(""), hires=1.5),
        make_plan(negative=conditioning(""), image="a/cow.png", strength=0.4, mask="a/mask.png"),
        make_plan(negative=conditioning(""), control="canny", control_net="net", control_image="a/lines.png"),
        make_plan(negative=conditioning(""), blend="a/look.png", blend_adapter="b", blend_strength=0.7),
    )
    (sheet,) = sheets("cow", [drawn(plan) for plan in (plain, *others)])
    assert list(sheet.captions.values()) == [
        "64x64",
        "without red, 64x64",
        "96x96, hires 1.5, hires strength 0.7",
        "64x64, over cow.png, strength 0.4, mask mask.png",
        "64x64, control canny of lines.png, control strength 1",
        "64x64, blend look.png, blend strength 0.7",
    ]
    (same,) = sheets("cow", [drawn(others[-1], seed) for seed in (1, 2)])
    assert "blend look.png  ·  blend strength 0.7" in same.shared


def test_a_caption_may_take_two_lines():
    short, long = (
        draw_sheet(Sheet(title="cow", pictures={(0, 0): RED}, captions={(0, 0): caption}))
        for caption in ("a cow", "a cow that stands in a meadow behind a red barn")
    )
    assert short.height < long.height


def test_sweeps_and_plain_pictures_have_pages_of_their_own(make_plan):
    pictures = [drawn(make_plan(), 1), drawn(make_plan(), 2), *map(drawn, swept(make_plan, clipskip="12"))]
    assert len(list(sheets("cow", pictures))) == 2


def test_a_single_picture_needs_no_page(make_plan):
    assert list(sheets("cow", [drawn(make_plan())])) == []


def test_every_picture_is_on_the_page(make_plan):
    (sheet,) = sheets("cow", [drawn(plan) for plan in swept(make_plan, clipskip="12", guidance="25")])
    page = draw_sheet(sheet)
    red = sum(count for count, colour in page.getcolors(1 << 24) if colour == (0xD0, 0x20, 0x20))
    assert red == 4 * 256 * 256
    assert page.getpixel((0, 0)) == Image.new("RGB", (1, 1), PAPER).getpixel((0, 0))


def test_the_same_page_is_drawn_the_same(make_plan):
    (sheet,) = sheets("cow", [drawn(plan) for plan in swept(make_plan, clipskip="12")])
    assert draw_sheet(sheet).tobytes() == draw_sheet(sheet).tobytes()


def test_words_of_any_length_and_script_fit_on_the_page():
    for prompt in ("", "x" * 5000, "word " * 2000, "赤い円 čeština ×", "line\nline\ttab\0"):
        cells = {(0, 0): RED}
        page = draw_sheet(Sheet(title=prompt, prompt=prompt, shared=prompt, pictures=cells, captions={(0, 0): prompt}))
        assert page.width <= 800
        assert page.height <= 800


def test_a_wide_grid_reduces_all_its_pictures_alike(make_plan):
    plans = swept(make_plan, guidance=[str(n) for n in range(20)], steps=[str(n) for n in range(2)])
    shapes = [(128, 128), (128, 64)]
    (sheet,) = sheets("cow", [drawn(plan, 7, Image.new("RGB", shapes[n % 2])) for n, plan in enumerate(plans)])
    assert 20 * SMALLEST / 2 < draw_sheet(sheet).width < 3600


def test_long_words_of_variants_stand_in_lines_beside_their_rows(make_plan):
    words = [
        "a red circle above a very large square in a wide field",
        "blue stars and three green hearts beside each other on one yellow background",
    ]
    plans = [
        make_plan(expanded=text, source="/render /variants:all a cow", axes=((WORDS, text), ("guidance", value)))
        for text in words
        for value in "25"
    ]
    (sheet,) = sheets("cow", [drawn(plan) for plan in plans])
    assert sheet.rows == tuple(words)
    assert sheet.prompt == "a cow"
    assert draw_sheet(sheet).width < 900


def test_variants_are_labelled_by_the_words_that_tell_them_apart(make_plan):
    words = [
        f"<demo> a {colour} circle on a {ground} background"
        for colour in ("red", "blue")
        for ground in ("white", "black")
    ]
    plans = [make_plan(expanded=text, source="/render /variants:all a cow", axes=((WORDS, text),)) for text in words]
    (sheet,) = sheets("cow", [drawn(plan) for plan in plans])
    assert sheet.columns == ("red, white", "red, black", "blue, white", "blue, black")


def test_many_variants_with_several_seeds_stand_down(make_plan):
    words = [f"a {colour} circle" for colour in "abcdefghi"]
    plans = [make_plan(images=2, expanded=text, source="/render a cow", axes=((WORDS, text),)) for text in words]
    (sheet,) = sheets("cow", [drawn(plan, seed) for plan in plans for seed in (7, 8)])
    assert sheet.columns == ("seed 7", "seed 8")
    assert sheet.rows == tuple("abcdefghi")
    assert set(sheet.pictures) == {(row, column) for row in range(9) for column in range(2)}


def test_a_tall_grid_reduces_all_its_pictures_alike(make_plan):
    plans = [make_plan(images=2, axes=((WORDS, str(number)),)) for number in range(100)]
    (sheet,) = sheets("cow", [drawn(plan, seed) for plan in plans for seed in (7, 8)])
    assert 100 * SMALLEST / 2 < draw_sheet(sheet).height < 14000


def test_pictures_of_a_comparison_are_as_large_to_each_other_as_they_are(make_plan):
    plans = swept(make_plan, size=["128x64", "256x256", "1024x512"])
    shapes = [(128, 64), (256, 256), (1024, 512)]
    (sheet,) = sheets("cow", [drawn(plan, 7, Image.new("RGB", size)) for plan, size in zip(plans, shapes, strict=True)])
    assert [each.size for each in sheet.pictures.values()] == [(48, 24), (96, 96), (384, 192)]


def test_concepts_strengths_and_words_label_a_grid(make_plan):
    axes = {"concept": ("demo", "sd15"), "<fur>": ("0.2", "0.6", "1")}
    (sheet,) = sheets("cow", [drawn(plan) for plan in swept(make_plan, **axes)])
    assert (sheet.across, sheet.columns) == ("<fur>", ("0.2", "0.6", "1"))
    assert sheet.rows == ("concept demo", "concept sd15")
    (sheet,) = sheets("cow", [drawn(plan) for plan in swept(make_plan, swap=("cow", "horse"), guidance="2")])
    assert (sheet.across, sheet.columns, sheet.rows) == ("", ("cow", "horse"), ("guidance 2",))


def test_four_hundred_cells_are_readable(make_plan):
    plans = swept(make_plan, guidance=[str(n) for n in range(20)], swap=[f"a rather long word {n}" for n in range(20)])
    (sheet,) = sheets("cow", [drawn(plan) for plan in plans])
    page = draw_sheet(sheet)
    assert len(sheet.pictures) == 400
    assert max(page.size) < 4000
    assert min(page.width, page.height) > 20 * SMALLEST / 2
