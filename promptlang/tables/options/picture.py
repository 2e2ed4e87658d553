"""Options that say which pictures there are: how many, how large, from what noise or image, in what files."""

from __future__ import annotations

from promptlang.diagnostics import OURS, STEPS_PAGE
from promptlang.tables.models.family import ASPECTS
from promptlang.tables.options.fills import Shape, Sides, Value
from promptlang.tables.options.kinds import Choice, FilePath, Flag, Integer, Item, Number, Size
from promptlang.tables.options.row import Option
from promptlang.tables.upscalers import DEFAULT as DEFAULT_UPSCALER
from promptlang.tables.upscalers import ROWS as UPSCALER_ROWS

IMAGES = Option(
    name="images",
    kind=Integer(low=1, high=100, likely=(1, 4, 9)),
    elsewhere=(
        *("batch_size", "batch_count", "batch", "n_iter", "num_images", "num_images_per_prompt", "n", "count"),
        *(
            "image_number",
            "image_count",
            "number_of_images",
            "num_samples",
            "n_samples",
            "samples",
            "num_outputs",
            "pictures",
            "amount",
        ),
    ),
    fills=Value(field="images", otherwise=1),
    docs="How many images; image i uses the seed plus i.",
    source=f"{STEPS_PAGE}; the default of 1 is ours",
    default="1",
)

SIZE = Option(
    name="size",
    kind=Size(),
    elsewhere=(
        *("resolution", "res", "dimensions", "dims", "image_size", "width", "height", "w", "h"),
        *("ar", "aspect", "aspect_ratio", "ratio"),
    ),
    fills=Sides(),
    docs="Width and height in pixels. Far from the family's native size, subjects repeat or fall apart.",
    source="help page on sizes and seeds",
    default="the family's native square",
    sweeps=True,
)

SHAPES = tuple(
    Option(
        name=name,
        kind=Flag(),
        fills=Shape(aspect=name),
        docs=f"A {name} picture in the family's own, most compatible size.",
        source="help page on sizes and seeds; the pixels are ours",
    )
    for name in ASPECTS
)

SEEDS = 2**64
"""How many numbers there are to draw noise from."""

SEED = Option(
    name="seed",
    kind=Integer(low=0, high=SEEDS - 1, likely=(1234,), outside="leave `/seed` out, and one is drawn when it renders"),
    elsewhere=("noise_seed", "random_seed", "base_seed", "manual_seed", "rng_seed", "seed_value"),
    fills=Value(field="seed"),
    docs="The number the noise is drawn from. The same plan with the same seed gives the same picture.",
    source="help page on sizes and seeds",
    default="drawn when it renders, and recorded",
    sweeps=True,
)

DEFAULT_STRENGTH = 0.75
"""How strongly an image is drawn over where nobody says otherwise."""

STRENGTH = Option(
    name="strength",
    kind=Number(low=0, high=1, likely=(0.5, 0.7, 0.9)),
    elsewhere=(
        *("denoise", "denoising", "image_strength", "denoising_strength", "denoise_strength", "img2img_strength"),
        *("init_image_creativity", "init_strength", "creativity"),
    ),
    fills=Value(field="strength", otherwise=DEFAULT_STRENGTH),
    docs="How far `/remix` may move away from its image: 0 keeps it, 1 forgets it.",
    source="unofficial syntax catalogue",
    default=f"{DEFAULT_STRENGTH:g}",
    sweeps=True,
    commands=frozenset({"remix"}),
)

IMAGE = Option(
    name="image",
    kind=FilePath(),
    elsewhere=(
        "img",
        "init_image",
        "init_img",
        "init_images",
        "input_image",
        "source_image",
        "start_image",
        "image_path",
    ),
    fills=Value(field="image"),
    docs="The image that `/remix` starts from.",
    source=OURS,
    commands=frozenset({"remix"}),
)

_WEBUI = "“Hires. fix” of stable-diffusion-webui"

HIRES = Option(
    name="hires",
    kind=Number(low=1, high=4, likely=(1.5, 2)),
    elsewhere=("hires_upscale", "hires_scale", "hr_scale", "enable_hr", "highres_fix", "upscale", "hires_fix"),
    fills=Value(field="hires"),
    docs="Draw the picture twice: first in its size, then enlarged by this number and drawn over. It has the layout of "
    "the small picture and the detail of the large one.",
    source=_WEBUI,
    default="drawn once",
    sweeps=True,
)

DEFAULT_HIRES_STRENGTH = 0.7
"""How strongly an enlarged picture is drawn over where nobody says otherwise, as in stable-diffusion-webui."""

HIRES_STRENGTH = Option(
    name="hires-strength",
    title="hires strength",
    kind=Number(low=0, high=1, likely=(0.7, 0.5, 0.3)),
    elsewhere=("hires_strength", "hires_denoise", "hr_denoising_strength"),
    fills=Value(field="hires_strength"),
    docs="How far the second pass of `/hires` may move away from the enlarged picture. Below 0.5 latents that were "
    "enlarged as they are stay blurred.",
    source=f"denoising strength in {_WEBUI}",
    default=f"{DEFAULT_HIRES_STRENGTH:g}",
    sweeps=True,
    beside=HIRES.name,
)

HIRES_STEPS = Option(
    name="hires-steps",
    title="hires steps",
    kind=Integer(low=1, high=1000, likely=(10, 15, 20)),
    elsewhere=("hires_steps", "hr_second_pass_steps"),
    fills=Value(field="hires_steps"),
    docs="How many steps the second pass of `/hires` draws: all of them, whatever its strength.",
    source=_WEBUI,
    default="as many as `/steps`",
    sweeps=True,
    beside=HIRES.name,
)

HIRES_UPSCALER = Option(
    name="hires-upscaler",
    title="upscaler",
    kind=Choice(tuple(Item(row.name, row.docs, (row.webui,)) for row in UPSCALER_ROWS)),
    elsewhere=("hires_upscaler", "hr_upscaler", "upscaler"),
    fills=Value(field="hires_upscaler"),
    docs="What enlarges the picture between the two passes of `/hires`.",
    source=f"{_WEBUI}, without the upscalers that are models of their own",
    default=DEFAULT_UPSCALER,
    sweeps=True,
    beside=HIRES.name,
)

MASK = Option(
    name="mask",
    kind=FilePath(),
    elsewhere=("mask_image", "mask_img", "mask_path", "inpaint_mask", "inpaint"),
    fills=Value(field="mask"),
    docs="A picture of the same shape as that of `/image`: what is white in it is drawn anew, what is black is kept. "
    "Models made for inpainting see the rest while they draw; others are held to it.",
    source=OURS,
    default="all of it is drawn anew",
    commands=frozenset({"remix"}),
)

FORMAT = Option(
    name="format",
    kind=Choice((Item("png", "lossless"), Item("jpg", "small", ("jpeg",)), Item("webp", "smaller"))),
    elsewhere=("output_format", "file_format", "image_format", "filetype", "extension"),
    fills=Value(field="file_format", otherwise="png"),
    docs="The file format of the pictures.",
    source="unofficial syntax catalogue",
    default="png",
)
