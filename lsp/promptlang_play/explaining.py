"""What `promptlang explain` says of one statement of the page, with the plans behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.commands.explain import record
from promptlang.cli.inputs import Projects
from promptlang.lowering.explaining import explain_file
from promptlang.plans.json import to_data
from promptlang_play.orders import alone, order

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection


def answer(file: Path, connection: ServerConnection) -> None:
    """Explain whatever the page asks about: `{"text", "line"}`, one statement at a time."""
    from websockets.exceptions import ConnectionClosed

    try:
        for message in connection:
            asked = order(message)
            if asked is not None:
                connection.send(json.dumps(explained(file, alone(*asked))))
    except ConnectionClosed:
        return


def explained(file: Path, text: str) -> dict[str, object]:
    """The explanation of the statement that draws, as data, and its plans; a message where there is nothing to draw."""
    if not text.strip():
        return {"message": "There is nothing to draw yet."}
    found = explain_file(text, project=Projects().of(file))
    if not found:
        return {"message": "This statement draws nothing."}
    last = found[-1]
    return {"explanation": record(last), "plans": [to_data(plan) for plan in last.plans]}
