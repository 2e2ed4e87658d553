"""Options that hold a picture to the lines of another one: a ControlNet, its map, and how strongly and how long."""

from __future__ import annotations

from promptlang.diagnostics import OURS
from promptlang.tables.options.fills import Value
from promptlang.tables.options.kinds import Choice, FilePath, Item, Name, Number
from promptlang.tables.options.row import Option

CONTROL_MAPS = Choice(
    (
        Item("map", "the picture as it is: a map that was prepared before, of whatever kind the ControlNet reads"),
        Item("canny", "edges that Canny's method finds in the picture, white on black"),
    )
)
_NET, _IMAGE = "control-net", "control-image"

CONTROL = Option(
    name="control",
    kind=CONTROL_MAPS,
    elsewhere=("controlnet", "cn", "control_type"),
    fills=Value(field="control"),
    docs="Hold the picture to the lines of another one, by a ControlNet. The value says how its map is made. Maps of "
    "depth or of poses take models of their own to make: they are prepared elsewhere, and given as `map`.",
    source="ControlNet pipelines of diffusers",
    default="nothing holds it",
    sweeps=True,
    needs=(_NET, _IMAGE),
)

CONTROL_NET = Option(
    name=_NET,
    title="ControlNet",
    kind=Name("a path, or a name that the project knows", concept="controlnet"),
    elsewhere=("control_net", "controlnet_model", "control_model"),
    fills=Value(field="control_net"),
    docs="The ControlNet of `/control`: a file or a folder of the model's own family, told by its header.",
    source=OURS,
    beside=CONTROL.name,
)

CONTROL_IMAGE = Option(
    name=_IMAGE,
    title="control image",
    kind=FilePath(),
    elsewhere=("control_image", "controlnet_image"),
    fills=Value(field="control_image"),
    docs="The picture whose lines `/control` holds to. It is cropped and scaled to the size that is drawn.",
    source=OURS,
    beside=CONTROL.name,
)

CONTROL_STRENGTH = Option(
    name="control-strength",
    title="control strength",
    kind=Number(low=0, high=2, likely=(1, 0.7, 0.5)),
    elsewhere=("control_strength", "control_weight", "controlnet_conditioning_scale", "cg"),
    fills=Value(field="control_strength"),
    docs="How strongly `/control` holds: 0 not at all, 1 as the ControlNet was trained.",
    source="`controlnet_conditioning_scale` of diffusers, control weight of webui",
    default="1",
    sweeps=True,
    beside=CONTROL.name,
)

CONTROL_START = Option(
    name="control-start",
    title="control start",
    kind=Number(low=0, high=1, likely=(0, 0.2)),
    elsewhere=("control_start", "control_guidance_start", "guidance_start"),
    fills=Value(field="control_start"),
    docs="After which share of the steps `/control` begins to hold.",
    source="`control_guidance_start` of diffusers, starting control step of webui",
    default="0",
    sweeps=True,
    beside=CONTROL.name,
)

CONTROL_END = Option(
    name="control-end",
    title="control end",
    kind=Number(low=0, high=1, likely=(1, 0.8, 0.5)),
    elsewhere=("control_end", "control_guidance_end", "guidance_end"),
    fills=Value(field="control_end"),
    docs="After which share of the steps `/control` lets go, so that detail may leave the lines.",
    source="`control_guidance_end` of diffusers, ending control step of webui",
    default="1",
    sweeps=True,
    beside=CONTROL.name,
)
