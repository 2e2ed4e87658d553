"""Renders for the page: each a process of its own, told of picture by picture, ended when the page wants it to."""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from promptlang import compile
from promptlang.cli.inputs import Projects
from promptlang.importers.pictures.png import png_texts
from promptlang.meaning.project import Project
from promptlang_lsp.protocol.processes import RENDER, environment
from promptlang_play.orders import alone, order, shown
from promptlang_play.pictures import Pictures
from promptlang_play.runs import Labels, Run, Runs, labels, told

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

LOOK = 0.2  # seconds between two looks at the output folder
LONGEST_MESSAGE = 4000


def follow(file: Path, pictures: Pictures, runs: Runs, connection: ServerConnection) -> None:
    """Render what the page asks for, one at a time: `{"text", "line"}` begins, any other message ends the render."""
    from websockets.exceptions import ConnectionClosed

    try:
        for message in connection:
            asked = order(message)
            if asked is not None:
                _render(file, pictures, connection, alone(*asked), runs.begin(shown(*asked)))
    except ConnectionClosed:
        return


def _render(file: Path, pictures: Pictures, connection: ServerConnection, text: str, run: Run | None = None) -> None:
    """Draw a text and tell the page of it; a run of the session remembers it."""
    _Render(file, pictures, connection, run or Run(id=0, statement=text, time=0)).draw(text)


class _Render:
    """One render: its process, its run, and the page that hears of it."""

    def __init__(self, file: Path, pictures: Pictures, connection: ServerConnection, run: Run) -> None:
        self._file = file
        self._pictures = pictures
        self._connection = connection
        self._run = run
        self._project = Projects().of(file)
        self._labels: Labels = {}

    def draw(self, text: str) -> None:
        """Draw a text; what could not be drawn is said at the end."""
        plans = compile(text, project=self._project).plans
        self._labels = labels(plans)
        self._run.wanted = sum(plan.images for plan in plans)
        self._say(kind="begin", **self._run.head())
        if not self._run.wanted and not text.strip():
            self._end(1, "There is nothing to draw yet.", stopped=False)
            return
        with TemporaryDirectory(prefix="promptlang-play-") as scratch:
            file, log = Path(scratch, self._file.name), Path(scratch, "log")
            file.write_text(text, encoding="utf-8", newline="")
            self._pictures.folder.mkdir(parents=True, exist_ok=True)
            before = set(self._pictures.drawn())
            glimpse = Path(scratch, "glimpse.png")
            words = ["--out", str(self._pictures.folder), "--color", "never", *_config(self._project)]
            words += ["--preview-to", str(glimpse)]
            words += [] if len(plans) > 1 else ["--no-sheet"]
            with log.open("wb") as output:
                process = Popen(
                    [*RENDER, str(file), *words],
                    stdin=DEVNULL, stdout=output, stderr=STDOUT, cwd=self._file.parent, env=environment(),
                )  # fmt: skip
                try:
                    ended = self._watch(process, before, glimpse)
                finally:
                    process.terminate()
                    process.wait()
            message = log.read_text(encoding="utf-8", errors="replace").replace(str(file), file.name)
        self._end(process.returncode, message[-LONGEST_MESSAGE:], stopped=not ended)

    def _watch(self, process: Popen[bytes], before: set[Path], glimpse: Path) -> bool:
        """Tell of each new picture, and of how the next one looks so far, until the process ends (True) or the page
        wants it to (False).
        """
        seen = b""
        while True:
            running = process.poll() is None
            if running and (data := _bytes(glimpse)) and data != seen:
                seen = data
                step, steps = _step(data)
                url = f"data:image/png;base64,{b64encode(data).decode()}"
                self._say(kind="glimpse", url=url, step=step, steps=steps)
            for picture in sorted(self._pictures.drawn()):
                if picture not in before:
                    before.add(picture)
                    self._drawn(picture)
            if not running:
                return True
            if self._interrupted():
                return False

    def _drawn(self, picture: Path) -> None:
        found = told(picture, self._pictures.publish(picture), self._project, self._labels)
        self._run.pictures.append(found)
        self._say(kind="picture", picture=found)

    def _end(self, code: int, message: str, *, stopped: bool) -> None:
        self._run.complaint = "" if stopped or not code else message.strip()
        self._run.stopped = stopped
        self._say(kind="end", code=code, cancelled=stopped, message=message)

    def _interrupted(self) -> bool:
        """Wait a moment; whether the page said something in it."""
        try:
            self._connection.recv(timeout=LOOK)
        except TimeoutError:
            return False
        return True

    def _say(self, **facts: object) -> None:
        self._connection.send(json.dumps(facts))


def _step(picture: bytes) -> tuple[int, int]:
    """After which step of how many a picture so far is; 0 where it does not say."""
    written = next((value for name, value in png_texts(BytesIO(picture)).found if name == "Step"), "")
    step, _, steps = written.partition("/")
    return (int(step), int(steps)) if step.isdecimal() and steps.isdecimal() else (0, 0)


def _bytes(path: Path) -> bytes:
    """What a file holds; nothing where it is not there yet."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _config(project: Project | None) -> list[str]:
    return ["--config", str(project.file)] if project and project.file else []
