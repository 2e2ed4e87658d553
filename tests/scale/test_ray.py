"""Ray actors draw what this process draws, whatever happens to them and to their machines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("torch", reason="the runtime extra is not installed")
ray = pytest.importorskip("ray", reason='Ray is not installed: pip install "promptlang-diffusion[ray]"')

TEXT = "".join(f"/render /seed:{seed} /steps:{1 + seed % 3} /size:64x64 a\n" for seed in range(12))

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


def rendered(folder, out, *words, text=TEXT):
    """Start `promptlang render` on the statements."""
    (folder / "cow.prompt").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "promptlang", "render", "cow.prompt", "--device", "cpu", "--exact", "--no-sheet"]
    out_and_err = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*command, "--out", out, *words], cwd=folder, text=True, **out_and_err)


def ended(process):
    """Wait for the end: nothing is said but what we say ourselves."""
    printed, said = process.communicate(timeout=250)
    assert process.returncode == 0, said
    assert "raylet" not in printed
    assert "Traceback" not in said


def pixels(folder):
    """What each picture holds, by its name."""
    return {path.name: sha256(Image.open(path).tobytes()).hexdigest() for path in sorted(folder.glob("*.png"))}


@pytest.fixture(scope="session")
def expected(tmp_path_factory):
    """The pictures that one process draws."""
    folder = tmp_path_factory.mktemp("alone")
    ended(rendered(folder, "out"))
    return pixels(folder / "out")


def actors(cluster_of: int) -> list[int]:
    """The processes of actors below a process."""
    parents: dict[int, int] = {}
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if (entry / "cmdline").read_bytes().startswith(b"ray::Drawer"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return [each for each in found if cluster_of in ancestors(each, parents)]


def ancestors(process: int, parents: dict[int, int]) -> set[int]:
    found: set[int] = set()
    while (process := parents.get(process, 0)) and process not in found:
        found.add(process)
    return found


def when(claim, seconds=120):
    """Wait until something is so, and give it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := claim():
            return found
        time.sleep(0.1)
    raise TimeoutError


def test_actors_draw_the_same_pixels_under_the_same_names(tmp_path, expected):
    ended(rendered(tmp_path, "out", "--ray", "local"))
    assert pixels(tmp_path / "out") == expected


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("cpu", "no Ray cluster answers at `127.0.0.1:1`"),
        ("cuda:1", "on a cluster Ray chooses the GPU of an actor, and `--device cuda:1` names one"),
    ],
)
def test_a_cluster_that_is_not_there_or_cannot_do_as_it_is_told_is_said(tmp_path, device, words):
    process = rendered(tmp_path, "out", "--ray", "127.0.0.1:1", "--device", device)
    said = process.communicate(timeout=250)[1]
    assert process.returncode == 1
    assert said.startswith(f"error: {words}")


@pytest.fixture(scope="session")
def cluster():
    """A head that draws nothing, and two nodes of one CPU each."""
    from ray.cluster_utils import Cluster

    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "OMP_NUM_THREADS": "1"}
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        found.add_node(num_cpus=1)
    yield found
    found.shutdown()


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_a_cluster_without_a_gpu_is_not_waited_for_where_one_is_asked_for(tmp_path, cluster):
    process = rendered(tmp_path, "out", "--ray", cluster.address, "--device", "cuda")
    said = process.communicate(timeout=250)[1]
    assert process.returncode == 1
    assert said.startswith(f"error: no machine of the Ray cluster at `{cluster.address}` has a GPU")


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_an_actor_that_is_killed_costs_nothing(tmp_path, expected, cluster):
    process = rendered(tmp_path, "out", "--ray", cluster.address)
    when(lambda: pixels(tmp_path / "out"))
    os.kill(when(lambda: actors(os.getpid()))[0], signal.SIGKILL)
    ended(process)
    assert pixels(tmp_path / "out") == expected


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_a_node_that_goes_and_one_that_comes_cost_nothing(tmp_path, expected, cluster):
    text = "".join(f"/render /seed:{seed} /steps:20 /size:128x128 a\n" for seed in range(60))
    process = rendered(tmp_path, "out", "--ray", cluster.address, text=text)
    when(lambda: pixels(tmp_path / "out"))
    gone = next(each for each in cluster.list_all_nodes() if each is not cluster.head_node)
    cluster.remove_node(gone, allow_graceful=False)
    come = cluster.add_node(num_cpus=1)
    (raylet,) = come.all_processes["raylet"]
    assert when(lambda: actors(raylet.process.pid) or process.poll() is not None, 250) is not True, "it drew nothing"
    ended(process)
    assert len(pixels(tmp_path / "out")) == 60


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_a_driver_that_is_killed_goes_on_where_it_was(tmp_path, expected, cluster):
    process = rendered(tmp_path, "out", "--ray", cluster.address)
    when(lambda: pixels(tmp_path / "out"))
    process.kill()
    process.communicate()
    ended(rendered(tmp_path, "out", "--ray", cluster.address, "--resume"))
    assert pixels(tmp_path / "out") == expected
    assert not [path for path in (tmp_path / "out").iterdir() if path.suffix == ".part"]
