"""How much of ComfyUI's own templates is read: `python -m tests.importers.templates` prints the figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from promptlang.importers.imported import Reading
from promptlang.importers.reading import read_file

PACKAGE = "comfyui_workflow_templates_json"
WANTED = ("steps", "guidance", "sampler", "seed", "size")
SHARE = 0.95


def folder() -> Path | None:
    """Where the templates lie; None where the package is not installed."""
    found = find_spec(PACKAGE)
    return Path(found.origin).parent / "templates" if found and found.origin else None


def names(templates: Path) -> Iterator[str]:
    """The templates that draw a picture from words alone, with a model that can be had."""
    for category in json.loads((templates / "index.json").read_text(encoding="utf-8")):
        for each in category["templates"]:
            over_a_picture = bool(each.get("io", {}).get("inputs"))
            if each.get("openSource") and "Text to Image" in each.get("tags", ()) and not over_a_picture:
                yield each["name"]


def missing(reading: Reading) -> list[str]:
    """What is not known of the picture."""
    if not reading.found:
        return ["a sampler"]
    found = reading.found[0]
    options, others = dict(found.options), {each.name for each in found.rest}
    lacking = [name for name in WANTED if name not in options]
    lacking += [] if "schedule" in options or "scheduler" in others else ["schedule"]
    lacking += [] if found.model else ["model"]
    return lacking + ([] if found.positive else ["prompt"])


def main() -> None:
    """Print the share of templates that are read, and what the others lack."""
    templates = folder()
    if templates is None:
        raise SystemExit("install comfyui-workflow-templates-json")
    count = whole = 0
    for name in names(templates):
        reading = read_file(templates / f"{name}.json")
        lacking = missing(reading)
        count, whole = count + 1, whole + (not lacking)
        if lacking:
            print(f"{name}: {', '.join(lacking)}; {'; '.join(reading.remarks)}")
    print(f"{whole} of {count} text-to-image templates are read whole ({whole / count:.1%})")


if __name__ == "__main__":
    main()
