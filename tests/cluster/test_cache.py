"""The cache of programs holds whole entries or none."""

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from e2e.cluster.binaries import Tools
from e2e.cluster.binaries.cache import Cache
from e2e.cluster.binaries.modules import OwnModule
from e2e.cluster.errors import BuildError
from e2e.cluster.namespace import REPOSITORY
from e2e.cluster.progress import Progress
from tests.cluster.pods import eventually

HELLO = 'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("hello from go") }\n'


@dataclass
class Written:
    """A recipe that writes a file in two halves, and may be made to fail between them."""

    inputs: Sequence[str] = ("1",)
    name: str = "written"
    products: Sequence[str] = ("program",)
    fails: bool = False
    pause: threading.Event | None = None
    made: list[str] = field(default_factory=list)

    def make(self, into: Path, progress: Progress) -> None:
        progress("making")
        (into / "program").write_text("first half, ")
        if self.pause:
            self.pause.wait(timeout=20)
        if self.fails:
            raise BuildError("the second half is missing")
        (into / "program").write_text("first half, second half")
        self.made.append(self.inputs[0])


def test_a_build_is_made_once_and_then_kept(tmp_path: Path) -> None:
    recipe = Written()

    first = Cache(tmp_path).ensure(recipe, ignore)
    second = Cache(tmp_path).ensure(recipe, ignore)

    assert first == second
    assert recipe.made == ["1"]
    assert (first / "program").read_text() == "first half, second half"


def test_a_failed_build_is_never_used(tmp_path: Path) -> None:
    recipe, cache = Written(fails=True), Cache(tmp_path)

    with pytest.raises(BuildError, match="second half"):
        cache.ensure(recipe, ignore)
    assert not cache.has(recipe)
    assert leftovers(tmp_path) == []

    recipe.fails = False
    assert (cache.ensure(recipe, ignore) / "program").read_text() == "first half, second half"


def test_a_build_without_its_products_is_refused(tmp_path: Path) -> None:
    recipe, cache = Written(products=("program", "manual")), Cache(tmp_path)

    with pytest.raises(BuildError, match="without manual"):
        cache.ensure(recipe, ignore)

    assert not cache.has(recipe)


def test_other_inputs_are_another_build(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    old = cache.ensure(Written(inputs=("1", "flag")), ignore)
    new = cache.ensure(Written(inputs=("2", "flag")), ignore)

    assert old != new
    assert old.is_dir()


def test_two_who_want_the_same_build_share_one(tmp_path: Path) -> None:
    recipe = Written(pause=threading.Event())
    said: list[str] = []
    found: list[Path] = []
    ask = [
        threading.Thread(target=lambda: found.append(Cache(tmp_path).ensure(recipe, said.append)))
        for _ in range(2)
    ]
    for thread in ask:
        thread.start()
    eventually(lambda: list(said), lambda lines: any("waiting" in line for line in lines))

    assert recipe.pause is not None
    recipe.pause.set()
    for thread in ask:
        thread.join()

    assert recipe.made == ["1"]
    assert found[0] == found[1]


def test_a_build_that_was_killed_is_made_again(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.cluster.test_cache import *; "
        "Cache(Path(sys.argv[1])).ensure(Written(pause=threading.Event()), ignore)"
    )
    builder = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(builder, cwd=REPOSITORY) as victim:  # noqa: S603 - the script above
        eventually(lambda: leftovers(tmp_path), lambda found: any(p.exists() for p in found))
        victim.send_signal(signal.SIGKILL)
    recipe, cache = Written(), Cache(tmp_path)
    assert not cache.has(recipe)

    made = cache.ensure(recipe, ignore)

    assert (made / "program").read_text() == "first half, second half"
    assert leftovers(tmp_path) == []


def test_a_go_module_becomes_a_program_with_all_its_names(tmp_path: Path) -> None:
    cache, recipe = module(tmp_path, HELLO)

    made = cache.ensure(recipe, ignore)

    greeting = subprocess.check_output([made / "hi"])  # noqa: S603 - just built
    assert greeting == b"hello from go"


def test_a_module_that_does_not_compile_says_why_and_is_not_kept(tmp_path: Path) -> None:
    cache, recipe = module(tmp_path, HELLO.replace("os.Stdout", "os.Nowhere"))

    with pytest.raises(BuildError, match=r"undefined: os\.Nowhere"):
        cache.ensure(recipe, ignore)

    assert not cache.has(recipe)


def test_assets_of_the_environment_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("etcd", "kube-apiserver"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    tools = Tools(tmp_path / "never-used", ignore)

    assert tools.etcd == tmp_path / "etcd"
    assert tools.kube_apiserver == tmp_path / "kube-apiserver"
    assert not (tmp_path / "never-used").exists()


def module(directory: Path, main: str) -> tuple[Cache, OwnModule]:
    source = directory / "source"
    source.mkdir()
    (source / "go.mod").write_text("module example.test/hello\n\ngo 1.24\n")
    (source / "go.sum").touch()
    (source / "main.go").write_text(main)
    cache = Cache(directory / "cache")
    return cache, OwnModule(cache, "hello", source, ("hi",), packages=50)


def leftovers(cache: Path) -> list[Path]:
    return [half for making in cache.glob(".making-*") for half in making.iterdir()]


def ignore(_line: str) -> None:
    """Progress that nobody looks at."""
