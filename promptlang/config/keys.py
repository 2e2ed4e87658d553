"""The keys of `promptlang.toml`: one row each, read by the loader, by suggestions and by `docs/configuration.md`."""

from __future__ import annotations

from typing import Literal

from promptlang.meaning.project import EMPTY_PROJECT
from promptlang.sentences import listed
from promptlang.tables import editions
from promptlang.values import dataclass

Shape = Literal[
    "text",
    "inside",
    "texts",
    "path",
    "folders",
    "files",
    "patterns",
    "flag",
    "count",
    "limit",
    "edition",
    "severity",
    "option",
    "concept",
    "concept table",
]
KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One row; a `*` in the path stands for a name of the writer's own."""

    path: KeyPath
    shape: Shape
    docs: str
    default: str
    example: str

    @property
    def dotted(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)


_EDITIONS = listed((f"`{row.name}`" for row in editions.ROWS), "or")

KEYS: tuple[Key, ...] = (
    Key(
        path=("extend",),
        shape="path",
        docs="Another project file that this one builds on. What stands here wins; paths there stay relative to there.",
        default="none",
        example='extend = "../promptlang.toml"',
    ),
    Key(
        path=("edition",),
        shape="edition",
        docs=f"Which attested state of the language the prompts are written in: {_EDITIONS}.",
        default=EMPTY_PROJECT.edition,
        example='edition = "guide"',
    ),
    Key(
        path=("concept",),
        shape="text",
        docs="The model that draws where a prompt names none.",
        default=EMPTY_PROJECT.concept,
        example='concept = "dreamshaper-8"',
    ),
    Key(
        path=("out",),
        shape="inside",
        docs="The folder that pictures go to, inside the project; `render --out` may name any.",
        default=EMPTY_PROJECT.out,
        example='out = "pictures"',
    ),
    Key(
        path=("recipes",),
        shape="patterns",
        docs="Files whose recipes every prompt of the project may call, `*` for any text in a name. They lie in the "
        "folder of this project file or below it.",
        default="none",
        example='recipes = ["*.prompt", "styles/*.prompt"]',
    ),
    Key(
        path=("concepts", "folders"),
        shape="folders",
        docs="Folders with model files. `<name>` finds a file by its name; only headers are read, and only if needed.",
        default="none",
        example='folders = ["models"]',
    ),
    Key(
        path=("concepts", "names", "*"),
        shape="concept",
        docs="A model by name. Every part is optional: `path`, `family`, `kind`, `variant`, `layers`, `options` "
        "(recommended values), `triggers`, `tags`, `preview`, and for a checkpoint in several files `text-encoder` "
        "(one path or a list) and `vae` (a path). `refiner` names the model that finishes pictures of Stable Diffusion "
        "XL. What is not said is read from the file; "
        "without a file, a family is that of a checkpoint.",
        default="none",
        example='cow = { path = "models/cow.safetensors", family = "sd1", options = { clipskip = 2 } }',
    ),
    Key(
        path=("concepts", "*"),
        shape="concept table",
        docs="The same as a table of its own, `[concepts.zimage]`. No model is called `folders` or `names` here.",
        default="none",
        example='zimage = { path = "z_image.safetensors", text-encoder = "qwen_3_4b.safetensors" }',
    ),
    Key(
        path=("rules", "*"),
        shape="severity",
        docs="How a rule, or all rules of a subject (`clipskip/*`), is reported: `off`, `hint`, `information`, "
        "`warning` or `error`.",
        default="the rule's own",
        example='"clipskip/high" = "off"',
    ),
    Key(
        path=("per-file-ignores", "*"),
        shape="texts",
        docs="Rules that stay silent in files whose path matches.",
        default="none",
        example='"sketches/*.prompt" = ["guidance/*"]',
    ),
    Key(
        path=("options", "*"),
        shape="option",
        docs="An option for every prompt of the project, weaker than `/set` and the prompt itself. Flags are `true`.",
        default="none",
        example='sampler = "ddim"',
    ),
    Key(
        path=("limits", "images"),
        shape="count",
        docs="How many images one statement may make.",
        default=f"{EMPTY_PROJECT.image_limit}",
        example="images = 200",
    ),
    Key(
        path=("limits", "steps"),
        shape="limit",
        docs="How many steps a number may ask for; `false` leaves it to the backend.",
        default=f"{EMPTY_PROJECT.step_limit}",
        example="steps = false",
    ),
    Key(
        path=("settings", "force-clip-skip"),
        shape="flag",
        docs="Pass clip skip on where the language drops it (Stable Diffusion 2), for backends that differ.",
        default="false",
        example="force-clip-skip = true",
    ),
    Key(
        path=("settings", "allow-pickle"),
        shape="flag",
        docs="Say nothing of pickled files (`.ckpt`, `.pt`) in concept folders until a prompt calls one. None is ever "
        "opened, because loading one can run code that is hidden in it.",
        default="false",
        example="allow-pickle = false",
    ),
    Key(
        path=("settings", "wildcards"),
        shape="folders",
        docs="Folders with wildcard files, for `__name__` under `/variants`.",
        default="none",
        example='wildcards = ["wildcards"]',
    ),
    Key(
        path=("settings", "tags"),
        shape="files",
        docs="Word lists (CSV) that completion offers in prompts.",
        default="none",
        example='tags = ["tags/danbooru.csv"]',
    ),
)

CONCEPT_KINDS = ("checkpoint", "lora", "inversion", "vae", "hypernet", "unknown")
CONCEPT_PARTS = (
    "path",
    "text-encoder",
    "vae",
    "family",
    "kind",
    "variant",
    "refiner",
    "layers",
    "options",
    "triggers",
    "tags",
    "preview",
)


def key(path: KeyPath) -> Key | None:
    """The row of a key."""
    return next((row for row in KEYS if len(row.path) == len(path) and _begins(row.path, path)), None)


def below(path: KeyPath) -> tuple[str, ...]:
    """The names that may stand directly under a table; empty where it is no table."""
    rows = (row.path for row in KEYS if len(row.path) > len(path) and _begins(row.path, path))
    return tuple(dict.fromkeys(row[len(path)] for row in rows))


def _begins(row: KeyPath, path: KeyPath) -> bool:
    pairs = enumerate(zip(row, path, strict=False))
    return all(wanted == name or (wanted == "*" and not _is_ours((*row[:at], name))) for at, (wanted, name) in pairs)


def _is_ours(path: KeyPath) -> bool:
    """Whether a row spells out this name, so that no writer can take it."""
    return any(row.path[: len(path)] == path for row in KEYS)
