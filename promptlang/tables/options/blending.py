"""Options that take another picture into the prompt: an image adapter, who looks at the picture, and how strongly."""

from __future__ import annotations

from promptlang.diagnostics import OURS
from promptlang.tables.options.fills import Value
from promptlang.tables.options.kinds import FilePath, Name, Number
from promptlang.tables.options.row import Option

_ADAPTER = "blend-adapter"

BLEND = Option(
    name="blend",
    title="picture to blend",
    kind=FilePath(),
    elsewhere=("ip_adapter", "ip_adapter_image", "ipadapter", "image_prompt", "reference_image"),
    fills=Value(field="blend"),
    docs="Take what another picture shows into the prompt, by an image adapter: its subject and its style, not its "
    "lines.",
    source="IP-Adapter's paper; `load_ip_adapter` of diffusers",
    default="the text alone counts",
    needs=(_ADAPTER,),
)

BLEND_ADAPTER = Option(
    name=_ADAPTER,
    title="adapter",
    kind=Name("a path, or a name that the project knows", concept="adapter"),
    elsewhere=("blend_adapter", "ip_adapter_name", "ip_adapter_model"),
    fills=Value(field="blend_adapter"),
    docs="The IP-Adapter of `/blend`: a file for the model's own family, told by its header.",
    source=OURS,
    beside=BLEND.name,
)

BLEND_ENCODER = Option(
    name="blend-encoder",
    title="image encoder",
    kind=Name("a path of a folder", concept="image-encoder"),
    elsewhere=("blend_encoder", "image_encoder", "clip_vision"),
    fills=Value(field="blend_encoder"),
    docs="The folder of the image encoder that the adapter of `/blend` was trained with: CLIP's, in the layout of "
    "transformers.",
    source="`image_encoder_folder` of diffusers",
    default="the folder `image_encoder` beside the adapter",
    beside=BLEND.name,
)

DEFAULT_BLEND_STRENGTH = 0.5
"""How strongly a picture counts beside the text where nobody says otherwise."""

BLEND_STRENGTH = Option(
    name="blend-strength",
    title="blend strength",
    kind=Number(low=0, high=1, likely=(0.5, 0.7, 1)),
    elsewhere=("blend_strength", "ip_adapter_scale", "ip_adapter_strength", "image_prompt_strength"),
    fills=Value(field="blend_strength"),
    docs="How strongly the picture of `/blend` counts beside the text: 0 not at all, 1 as the adapter was trained.",
    source="`set_ip_adapter_scale` of diffusers; 0.5 is what IP-Adapter's authors advise beside a text",
    default=f"{DEFAULT_BLEND_STRENGTH:g}",
    sweeps=True,
    beside=BLEND.name,
)
