"""Speed of the language server, over real pipes with a raw client: `python -m benchmarks.lsp [SECTION …] [--quick]`.

A bare pygls server and, where it is installed, ruff's server run in the same session as a measure of the machine. What
an hour of typing does to it is the matter of `benchmarks.soak`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

from client import COMMAND, Client  # noqa: E402 - the tests' client

from benchmarks.soak import memory  # noqa: E402

BARE = (
    sys.executable,
    "-c",
    "from pygls.lsp.server import LanguageServer\n"
    "from lsprotocol import types\n"
    "server = LanguageServer('bare', '1')\n"
    "@server.feature(types.TEXT_DOCUMENT_HOVER)\n"
    "def hover(ls, params): return types.Hover(contents='x')\n"
    "server.start_io()\n",
)
WORDS = "cow,red barn,meadow,morning light,oil painting,highly detailed,wide angle,storm clouds,golden hour,soft focus"

FILES = 20_000
MANY = 140_000  # words
READING = 5  # seconds in which a server has read them

Times = list[float]
Row = tuple[str, Times, str]  # what was measured, each measurement in milliseconds, what it must reach


@dataclass(frozen=True, slots=True)
class Setting:
    """How often everything is measured, and where files may lie."""

    runs: int
    starts: int
    folder: Path


def prompt(number: int) -> str:
    """One statement of the long file; all are different."""
    words = WORDS.split(",")
    picked = ", ".join(words[(number + step) % len(words)] for step in range(3))
    return f"/render /parser:new /seed:{number} a cow number {number}, ({picked}:1.2), grazing\n"


SMALL = "".join(prompt(number) for number in range(22))  # about 2 KB
LONG = "".join(prompt(number) for number in range(10_000))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def starts(command: tuple[str, ...], runs: int) -> Times:
    """Spawn until `initialize` is answered."""
    times: Times = []
    for _ in range(runs):
        began = time.perf_counter()
        client = Client(command)
        client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        times.append((time.perf_counter() - began) * 1000)
        client.close()
    return times


class Typing:
    """Somebody types in the middle of a text: one letter comes, the next goes."""

    def __init__(self, client: Client, text: str, line: int) -> None:
        self.client = client
        self.uri = client.open(text, f"file:///tmp/bench/{len(text)}.prompt")
        self.line, self.version = line, 1
        self.inserted = False
        self.column = text.split("\n")[line].index("a cow")

    def stroke(self) -> None:
        """Send one change."""
        self.version += 1
        here = {"line": self.line, "character": self.column}
        there = {"line": self.line, "character": self.column + 1}
        change = {"range": {"start": here, "end": here}, "text": "x"}
        if self.version % 2:
            change = {"range": {"start": here, "end": there}, "text": ""}
        self.client.change(self.uri, self.version, change)

    def toggled(self, line: int, text: str) -> None:
        """Put a line in, or take it out again, and wait for the last diagnostics of that version."""
        self.version += 1
        here, below = {"line": line, "character": 0}, {"line": line + 1, "character": 0}
        change = {"range": {"start": here, "end": here}, "text": text}
        if self.inserted:
            change = {"range": {"start": here, "end": below}, "text": ""}
        self.inserted = not self.inserted
        self.client.change(self.uri, self.version, change)
        version = self.version
        self.client.notification("textDocument/publishDiagnostics", lambda params: params["version"] == version)

    def diagnosed(self) -> None:
        """A change, and the diagnostics of that version."""
        self.stroke()
        version = self.version
        self.client.notification("textDocument/publishDiagnostics", lambda params: params["version"] == version)


def session(setting: Setting, tags: Path | None = None, folder: Path | None = None) -> Client:
    """Our server after the opening."""
    client = Client(COMMAND)
    options = {"completion": {"tags": [str(tags)]}} if tags else {}
    lists = {"completion": {"completionList": {"itemDefaults": ["editRange"]}}}
    client.initialize({"textDocument": lists}, folder or setting.folder, options)
    return client


def last_diagnostics(client: Client, uri: str, count: int) -> None:
    """Wait until so many findings of a text are shown: of a long text they come in parts."""
    client.notification(
        "textDocument/publishDiagnostics", lambda params: params["uri"] == uri and len(params["diagnostics"]) == count
    )


def start(setting: Setting) -> Iterator[Row]:
    """Spawn until `initialize` is answered, ours and a bare pygls server in turn."""
    ours: Times = []
    bare: Times = []
    for _ in range(setting.starts):
        bare += starts(BARE, 1)
        ours += starts(COMMAND, 1)
    yield "bare pygls: spawn to initialize", bare, ""
    yield "spawn to initialize", ours, f"p50 {statistics.median(bare) * 0.8:.0f}, 0.8 x bare pygls"


def answers(setting: Setting) -> Iterator[Row]:
    """A text of 2 KB: typing, hover and definition, beside a hover that does nothing."""
    client = session(setting)
    small = Typing(client, SMALL, 10)
    client.notification("textDocument/publishDiagnostics")
    small.diagnosed()
    yield "keystroke to diagnostics, 2 KB", [timed(small.diagnosed) for _ in range(setting.runs)], "p50 8, p99 25"

    def at(method: str, line: int, column: int) -> Callable[[], object]:
        return lambda: client.at(method, small.uri, line, column)

    column = SMALL.split("\n")[3].index("(") + 3
    for method in ("hover", "definition"):
        yield method, [timed(at(method, 3, column)) for _ in range(setting.runs)], "p50 2"
    yield "completion of all options", list(offers(client, setting.runs)), "p50 12, p99 40"
    client.close()
    client = Client(BARE)
    client.initialize()
    uri = client.open("x")
    client.at("hover", uri, 0, 0)
    yield "bare pygls: hover", [timed(lambda: client.at("hover", uri, 0, 0)) for _ in range(setting.runs)], ""
    client.close()


def offers(client: Client, runs: int) -> Iterator[float]:
    """The whole list of options in statements that were never seen before."""
    for number in range(runs):
        text = f"/render a cow number {number}, red barn, meadow, (golden light:1.2) /"
        uri = client.open(text, f"file:///tmp/bench/options{number}.prompt")
        client.notification("textDocument/publishDiagnostics", lambda params, uri=uri: params["uri"] == uri)
        yield timed(partial(client.at, "completion", uri, 0, len(text)))


def long(setting: Setting) -> Iterator[Row]:
    """A text of 10,000 statements: opening it, hovering meanwhile, typing in it, and edits of its structure."""
    client = session(setting)
    flawed = LONG.replace("/seed:5 ", "/sed:5 ").replace("/seed:9995 ", "/sed:9995 ")
    small = Typing(client, SMALL, 10)
    client.notification("textDocument/publishDiagnostics")
    small.diagnosed()
    before = processor(client.process.pid)
    began = time.perf_counter()
    typing = Typing(client, flawed, 5000)
    last_diagnostics(client, typing.uri, 1)
    first = (time.perf_counter() - began) * 1000
    hovers: Times = []
    while not any(len(each["params"]["diagnostics"]) == 2 for each in client.seen if is_published(each)):
        hovers.append(timed(lambda: client.at("hover", typing.uri, 3, 60)))
    yield "open to first diagnostics, 10,000 statements", [first], ""
    yield "open to all diagnostics, 10,000 statements", [(time.perf_counter() - began) * 1000], ""
    yield "… its processor time, reading the hovers too", [(processor(client.process.pid) - before) * 1000], ""
    yield "… processor time of `promptlang check` on it", [checked(setting.folder, flawed)], ""
    yield "hover meanwhile", hovers, ""
    client.seen.clear()
    near, far = interleaved(small, typing, setting.runs)
    yield "keystroke to diagnostics, 2 KB, in turn with", near, ""
    yield (
        "keystroke to diagnostics, 10,000 statements",
        far,
        f"p50 {2 * statistics.median(near):.1f}, 2 x the 2 KB figure",
    )
    yield from deltas(client, small, "2 KB", setting.runs)
    yield from deltas(client, typing, "10,000 statements", setting.runs)
    for name, line, text in (
        ("newline in the middle", 5000, "\n"),
        ("`/render` line in the middle", 5000, "/render a cow\n"),
        ("`/recipe` line in the middle", 5000, "/recipe #new blue\n"),
        ("`# promptlang: ignore` line in the middle", 5000, "# promptlang: ignore[clipskip/*]\n"),
        ("`/set` line in the middle, first diagnostics", 5000, "/set /guidance:8\n"),
    ):
        toggle = partial(typing.toggled, line, text)
        yield f"… {name}", [timed(toggle) for _ in range(setting.starts)], ""
    client.close()


def processor(process: int) -> float:
    """Seconds of processor time that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def checked(folder: Path, text: str) -> float:
    """Milliseconds of processor time that the command line takes for a file."""
    file = folder / "long.prompt"
    file.write_text(text, encoding="utf-8")
    before = os.times()
    subprocess.run([sys.executable, "-m", "promptlang", "check", str(file)], cwd=ROOT, capture_output=True, check=False)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000


def is_published(message: dict[str, object]) -> bool:
    """Whether a message brings diagnostics."""
    return message.get("method") == "textDocument/publishDiagnostics"


def interleaved(one: Typing, other: Typing, runs: int) -> tuple[Times, Times]:
    """Keystrokes in two texts in turn, so that both meet the same machine."""
    pairs = [(timed(one.diagnosed), timed(other.diagnosed)) for _ in range(runs)]
    return [near for near, _ in pairs], [far for _, far in pairs]


def deltas(client: Client, typing: Typing, size: str, runs: int) -> Iterator[Row]:
    """Semantic tokens after one character."""
    params = {"textDocument": {"uri": typing.uri}}
    result = client.request("textDocument/semanticTokens/full", params)["resultId"]
    times: Times = []
    for _ in range(runs):
        typing.diagnosed()
        began = time.perf_counter()
        delta = client.request("textDocument/semanticTokens/full/delta", {**params, "previousResultId": result})
        times.append((time.perf_counter() - began) * 1000)
        result = delta["resultId"]
    yield f"semantic tokens delta, {size}", times, "p50 5"


def words(setting: Setting) -> Iterator[Row]:
    """Completion against a long list of words, and the memory with a text of 10,000 statements beside it."""
    corpus = ROOT.parent / "shared" / "corpus" / "tags.csv"
    tags = longer(corpus, setting.folder / "tags.csv") if corpus.exists() else None
    yield "first completion of a session, with the words", [first(setting, tags) for _ in range(setting.starts)], "300"
    client = session(setting, tags)
    typed = ["l", "lo", "lon", "long", "long h", "blu", "blue ey", "swrd", "detco", "1g", "hatsu", "smil", "a", "st"]
    queries = [
        client.open(f"/render a cow, {word}", f"file:///tmp/bench/q{number}.prompt")
        for number, word in enumerate(typed)
    ]
    choice = random.Random(1)

    def complete() -> None:
        number = choice.randrange(len(typed))
        client.at("completion", queries[number], 0, len("/render a cow, ") + len(typed[number]))

    complete()
    time.sleep(READING)
    name = f"completion, {MANY if tags else 0} words"
    yield name, [timed(complete) for _ in range(setting.runs)], "p50 8, p99 40"
    flawed = LONG.replace("/seed:9995 ", "/sed:9995 ")
    last_diagnostics(client, client.open(flawed, "file:///tmp/bench/long.prompt"), 1)
    client.request("textDocument/semanticTokens/full", {"textDocument": {"uri": "file:///tmp/bench/long.prompt"}})
    yield "memory with 10,000 statements and the words, MB", [memory(client.process.pid)], "150"
    client.close()


def longer(corpus: Path, file: Path) -> Path:
    """A list of as many words as the largest that people use, made of a shorter one."""
    lines = [line for line in corpus.read_text("utf-8").splitlines() if not line.startswith('"')]
    more = (f"{name}_{number},{rest}" for number in count(2) for name, rest in (line.split(",", 1) for line in lines))
    file.write_text("\n".join((*lines, *islice(more, MANY - len(lines)))), "utf-8")
    return file


def first(setting: Setting, tags: Path | None) -> float:
    """Milliseconds of the first completion, asked for as soon as the server has answered."""
    client = session(setting, tags)
    uri = client.open("/render a cow, lon", "file:///tmp/bench/first.prompt")
    began = time.perf_counter()
    client.at("completion", uri, 0, len("/render a cow, lon"))
    took = (time.perf_counter() - began) * 1000
    client.close()
    return took


def folder(setting: Setting) -> Iterator[Row]:
    """A folder of 20,000 prompts: the first answer, the whole report, and the next one."""
    for number in range(FILES):
        place = setting.folder / "many" / str(number // 200)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.prompt").write_text(prompt(number), encoding="utf-8")
    client = Client(COMMAND)
    watching = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    began = time.perf_counter()
    client.initialize(watching, setting.folder / "many")
    uri = client.open(SMALL)
    client.at("hover", uri, 3, 60)
    yield "spawn to first hover, 20,000 prompts", [(time.perf_counter() - began) * 1000], ""
    began = time.perf_counter()
    number = client.ask("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "part"})
    hovers: Times = []
    while not any(each.get("id") == number for each in client.seen):
        hovers.append(timed(lambda: client.at("hover", uri, 3, 60)))
    yield "workspace diagnostics, 20,000 prompts", [(time.perf_counter() - began) * 1000], ""
    yield "hover meanwhile", hovers, ""
    again = lambda: client.request("workspace/diagnostic", {"previousResultIds": []})  # noqa: E731
    yield "workspace diagnostics again, nothing changed", [timed(again) for _ in range(setting.starts)], ""
    client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    yield "workspace diagnostics again, something changed", [timed(again)], ""
    yield "workspace symbols, none fits", [timed(lambda: client.request("workspace/symbol", {"query": "zzzz"}))], ""
    yield "memory with 20,000 prompts, MB", [memory(client.process.pid)], ""
    client.close()


def ruff(setting: Setting) -> Iterator[Row]:
    """The same kind of edit in ruff's server."""
    found = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    if not Path(found).exists():
        return
    yield "ruff server: spawn to initialize", starts((found, "server"), setting.starts), ""
    client = Client((found, "server"))
    client.initialize({"textDocument": {"diagnostic": {}}}, setting.folder)
    text = "".join(f"import os{number}\n" for number in range(120))
    uri = client.open(text, (setting.folder / "a.py").as_uri())
    version = 1

    def stroke() -> None:
        nonlocal version
        version += 1
        here = {"line": 60, "character": 0}
        change = {
            "range": {"start": here, "end": {**here, "character": (version + 1) % 2}},
            "text": "" if version % 2 else "#",
        }
        client.change(uri, version, change)
        client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})

    stroke()
    yield "ruff server: keystroke to diagnostics, 2 KB", [timed(stroke) for _ in range(setting.runs)], ""
    client.close()


SECTIONS: Mapping[str, Callable[[Setting], Iterator[Row]]] = {
    "start": start,
    "answers": answers,
    "long": long,
    "words": words,
    "folder": folder,
    "ruff": ruff,
}


def main() -> int:
    """Print the table as it comes."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sections", nargs="*", choices=(*SECTIONS, []), help="which parts of the table; all of them")
    arguments.add_argument("--quick", action="store_true", help="measure less often")
    arguments.add_argument("--json", action="store_true", help="the table as JSON in the end")
    options = arguments.parse_args()
    results: list[dict[str, object]] = []
    print(f"{'milliseconds':56}{'p50':>11}{'p99':>11}{'least':>11}{'most':>11}   must reach")
    with tempfile.TemporaryDirectory() as name:
        setting = Setting(50 if options.quick else 300, 3 if options.quick else 10, Path(name))
        for section in options.sections or SECTIONS:
            for title, times, target in SECTIONS[section](setting):
                ordered = sorted(times)
                p50, p99 = statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
                print(f"{title:56}{p50:11.2f}{p99:11.2f}{ordered[0]:11.2f}{ordered[-1]:11.2f}   {target}", flush=True)
                results.append({"name": title, "p50": p50, "p99": p99, "runs": len(times), "target": target})
    if options.json:
        print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
