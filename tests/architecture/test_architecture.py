"""The structure: arrows point down, fences hold, rooms keep to their size and manners."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "peersim"

# A room may import from its own level's rooms below it in this list, never from one above.
LEVELS = (
    ("cli",),
    ("commands",),
    ("report",),
    ("validation",),
    ("analysis", "config"),
    ("study",),
    ("store",),
    ("tracking", "trial", "readings"),
    ("asking",),
    ("record", "lab"),
    ("beliefs", "briefing"),
    ("spec",),
    ("history",),
    ("tasks", "oversight"),
    ("agents", "memory"),
    ("models",),
    ("relations",),
    ("events",),
    ("prompts", "stats"),
    ("answers",),
    ("frozen", "ids", "known", "seeding", "errors", "beside", "steady"),
)
LEVEL = {room: depth for depth, rooms in enumerate(LEVELS) for room in rooms}
# Arrows between rooms of one level, on purpose: the tracker shows what the readings say.
SIDEWAYS = {("tracking", "readings")}
FENCES = {
    "autogen_agentchat": ("agents/",),
    "autogen_core": ("agents/",),
    "litellm": ("models/litellm.py", "models/spared.py", "models/unresent.py"),
    "wandb": ("tracking/wandb.py",),
    "hydra": ("config/",),
    "omegaconf": ("config/",),
    "networkx": ("relations/", "report/"),
    "sqlite3": ("store/",),
}
BROAD = {"models/litellm.py", "study/crew.py"}


@cache
def sources():
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imports(tree):
    """Yield every imported module, with the names taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(name):
    return Path(name).parts[0].removesuffix(".py")


def arrows():
    for name, tree in sources().items():
        for module in imports(tree):
            parts = module.split(".")
            if parts[0] == "peersim" and len(parts) > 1 and parts[1] in LEVEL:
                yield name, room_of(name), parts[1]


def test_every_room_has_its_level():
    rooms = {room_of(name) for name in sources()} - {"__init__", "__main__"}
    assert rooms == set(LEVEL)


def test_arrows_point_down():
    wrong = {
        f"{name} imports {to}"
        for name, room, to in arrows()
        if room in LEVEL and room != to and LEVEL[to] <= LEVEL[room] and (room, to) not in SIDEWAYS
    }
    assert wrong == set()
    assert {(room, to) for _, room, to in arrows()} >= SIDEWAYS


@pytest.mark.parametrize("library", FENCES)
def test_fences_hold(library):
    outside = {
        name
        for name, tree in sources().items()
        if any(module.split(".")[0] == library for module in imports(tree))
        and not name.startswith(FENCES[library])
    }
    assert outside == set()


def test_simulated_models_know_nothing_but_the_port():
    allowed = {
        "peersim.models.asked",
        "peersim.models.base",
        "peersim.models.money",
        "peersim.models.simulated",
        "peersim.frozen",
        "peersim.errors",
    }
    for name, tree in sources().items():
        if name.startswith("models/simulated/"):
            own = {module for module in imports(tree) if module.startswith("peersim.")}
            strange = {m for m in own if not any(m == a or m.startswith(a + ".") for a in allowed)}
            assert strange == set(), name


def test_broad_excepts_stand_at_the_two_boundaries_only():
    found = {
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    }
    assert found == BROAD


def test_files_keep_to_a_comfortable_size():
    long = {
        name: length
        for name in sources()
        if (length := len((PACKAGE / name).read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
    assert len((PACKAGE / "trial.py").read_text(encoding="utf-8").splitlines()) <= 120


def test_nothing_draws_from_the_global_generator_or_the_clock_on_the_way_to_a_record():
    clocks = {"store/clock.py", "store/writer.py", "tracking/progress.py", "tracking/wandb.py"}
    clocks |= {
        "steady.py",
        "tasks/sandbox/child.py",
    }  # it takes the clock away from the code it runs
    named = ("time", "uuid", "datetime")
    users = {
        name
        for name, tree in sources().items()
        if any(module.split(".")[0] in named for module in imports(tree))
    }
    assert users - clocks - {n for n in users if n.startswith(("report/", "commands/"))} == {
        n for n in users if n in {"models/failures.py"}
    }


def printed(code):
    """What a process of its own prints that runs some code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_help_is_quick_because_nothing_heavy_is_imported():
    code = (
        "import sys, peersim.cli;"
        "heavy = {'pydantic', 'litellm', 'hydra', 'wandb', 'scipy', 'statsmodels', 'networkx',"
        " 'autogen_core', 'numpy', 'plotly', 'jinja2'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert printed(code) == "[]"


def test_a_command_that_reckons_nothing_loads_no_statistics():
    code = (
        "import sys\n"
        "from peersim.cli import main\n"
        "sys.argv = ['peersim', 'run', 'nonsense=1']\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        "    print(sorted({'numpy', 'pandas', 'scipy', 'statsmodels'} & set(sys.modules)))"
    )
    assert printed(code) == "[]"


def test_the_public_names_of_the_package():
    import peersim

    public = [name for name in vars(peersim) if not name.startswith("_")]
    assert [name for name in public if not isinstance(vars(peersim)[name], type(ast))] == []
    assert peersim.__version__ == "0.2.0"
