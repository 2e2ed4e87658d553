"""Whether a VAE goes with the models of a family: by the header of a file, or by the configuration of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from promptlang.models.discover import state_of
from promptlang.models.evidence.header import Header, below
from promptlang.models.evidence.parts import LATENT_USERS, vae_key
from promptlang.models.evidence.records import BadHeader, printable, read_record
from promptlang.models.files import header_of
from promptlang.models.fitting.tensors.laid_out import mislaid
from promptlang.models.names import CLASS, CONFIGURATION
from promptlang.sentences import listed
from promptlang.tables.layouts.table import layouts_of
from promptlang.tables.models.families import family
from promptlang.tables.models.folders import folder_of

_OTHER_ENDS = (
    ("encoder", ("encoder.conv_in.weight", "encoder.conv_in.conv.weight", "encoder.conv1.weight")),
    ("end of its decoder", ("decoder.conv_out.weight", "decoder.conv_out.conv.weight", "decoder.head.2.weight")),
)
"""What a VAE has besides the beginning of its decoder, by the names of its convolutions."""
_DEEP = "AutoencoderDC"  # which is published in a layout of its own
_SIDES: Mapping[str, int] = {"AutoencoderKLQwenImage": 5, "AutoencoderKLWan": 5}  # of a convolution's tensor; else 4
_CHANNELS = ("latent_channels", "z_dim")


def vae_misfit(path: Path, family_name: str) -> str:
    """In one clause what keeps a VAE from the models of that family; empty where nothing speaks against it."""
    place = path / CONFIGURATION if path.is_dir() else path
    return _misfit(path, family_name, state_of(place))


@lru_cache(maxsize=64)
def _misfit(path: Path, family_name: str, state: tuple[int, int]) -> str:
    row = folder_of(family_name, "")
    wanted = row.classes("vae") if row else frozenset[str]()
    try:
        if path.is_dir():
            return _of_folder(path, family_name, wanted)
        return _of_file(header_of(path), family_name, wanted)
    except (BadHeader, OSError):  # of which other refusals tell
        return ""


def _of_file(header: Header, family_name: str, wanted: frozenset[str]) -> str:
    key, is_plain = vae_key(header), bool(wanted) and _DEEP not in wanted
    if not key:
        return "it has no decoder" if is_plain else ""
    begin = key[: key.index("decoder.")]
    for part, names in _OTHER_ENDS:
        if is_plain and not any(begin + name in header.tensors for name in names):
            return f"it has no {part}"
    shape = header.shape(key)
    return _of_channels(shape[1], len(shape), family_name) or mislaid(
        below(header.tensors, begin), layouts_of(wanted), begin=begin, lack="it lacks"
    )


def _of_folder(path: Path, family_name: str, wanted: frozenset[str]) -> str:
    config = read_record(path / CONFIGURATION)
    kind = config.text(CLASS)
    if wanted and kind and kind not in wanted:
        return f"it is of the class {printable(kind)}, and not {listed(sorted(wanted), 'or')}"
    channels = next((number for name in _CHANNELS if isinstance(number := config.get(name), int)), None)
    return _of_channels(channels, _SIDES.get(kind, 4), family_name) if channels else ""


def _of_channels(channels: int, sides: int, family_name: str) -> str:
    """Families whose VAEs nobody has written down are left alone."""
    if not any(family_name in users for users in LATENT_USERS.values()):
        return ""
    users = LATENT_USERS.get((channels, sides), ())
    if family_name in users:
        return ""
    whose = f"as those of {family(users[0]).title} have" if users else "as those of no family do that is known"
    return f"it decodes {channels} channels, {whose}"
