"""The sandbox: real processes, and what foreign code can and cannot do in them."""

import asyncio
import contextlib
import os
import sys
import time

import pytest

from peersim.answers import Failed
from peersim.events.deeds import Checked
from peersim.tasks.checks import Case, Check
from peersim.tasks.sandbox.child import MODULES
from peersim.tasks.sandbox.run import Limits, Sandbox

SECRET = "sk-planted-secret"
# The way to the modules of the process that an allowed one leaves open.
SYSTEM = "import collections\nsystem = collections._sys.modules\n"
ENDLESS = "def f(x):\n    while True:\n        x += 1\n"


def check(code, *cases, function="f"):
    cases = cases or ((1, 2),)
    made = tuple(Case(inputs=(given,), output=output) for given, output in cases)
    return Check(round=3, agent="Ada", code=code, function=function, cases=made)


def run(code, *cases, **limits):
    return asyncio.run(Sandbox(Limits(**limits)).run(check(code, *cases)))


def says(code, output, **limits):
    """Whether a function of one argument returns something."""
    return run(code, (1, output), **limits).cases == (True,)


def problem(code, **limits):
    checked = run(code, **limits)
    assert checked.cases == (False,)
    return checked.problem


def test_right_code_passes_every_case():
    checked = run("def f(x):\n    return x + 1", (1, 2), (5, 6))
    assert checked == Checked(round=3, agent="Ada", function="f", cases=(True, True))


def test_wrong_outputs_are_told_from_right_ones_case_by_case():
    code = "def f(x):\n    if x == 2:\n        raise KeyError(x)\n    return abs(x)"
    checked = run(code, (1, 1), (2, 2), (-3, -3), (-4, 4))
    assert checked.cases == (True, False, False, True)
    assert checked.problem == "KeyError"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(x:\n", "SyntaxError"),
        ("def f(x): return 2\0", "SyntaxError"),
        ("", "no such function"),
        ("def g(x):\n    return 2", "no such function"),
        ("f = 3", "TypeError"),
        ("def f():\n    return 2", "TypeError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def f(x):\n    return f(x)", "RecursionError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("def f(x):\n    raise SystemExit(0)", "SystemExit"),
        ("def f(x):\n    raise KeyboardInterrupt", "KeyboardInterrupt"),
        (SYSTEM + "def f(x):\n    system['os']._exit(0)", "ended itself"),
        ("class E(Exception): pass\nE.__name__ = 'n' * 9999\nraise E", "n" * 80),
    ],
)
def test_code_that_does_not_run_passes_nothing_and_says_why(code, found):
    assert problem(code) == found


@pytest.mark.parametrize(
    "made",
    [
        "object()",
        "{1, 2}",
        "float('nan')",
        "float('inf')",
        "(one for one in 'ab')",
        "f",
        "b'bytes'",
        "10 ** 5000",
        "[loop, loop.append(loop)]",
    ],
)
def test_what_is_no_json_is_no_output(made):
    code = f"def f(x):\n    loop = []\n    return {made}"
    assert problem(code) == "the output is no JSON"


def test_outputs_are_compared_as_json():
    assert says("def f(x):\n    return (1, 2)", [1, 2])
    assert says("def f(x):\n    return 2.0", 2)
    assert not says("def f(x):\n    return True", 1)
    assert not says("def f(x):\n    return 0", False)
    assert says("def f(x):\n    return '\\ud800'", "\ud800")


@pytest.mark.parametrize(
    "loop",
    [
        "while True:\n        x += 1",
        "while True: x += 1",
        "for x in itertools.count(): pass",
        "return [0 for x in itertools.count() if x < 0]",
        "return sum(0 for x in itertools.count())",
        "while True:\n        try:\n            x += 1\n        except BaseException: pass",
    ],
)
def test_an_endless_loop_is_ended_by_its_steps_and_not_by_a_clock(loop):
    limits = {"steps": 50_000, "cpu_seconds": 60, "wall_seconds": 60}
    began = time.monotonic()
    assert problem(f"import itertools\ndef f(x):\n    {loop}", **limits) == "timed out"
    assert time.monotonic() - began < 20


def test_steps_are_counted_over_all_cases_and_what_came_before_stays():
    code = "def f(x):\n    while x:\n        x -= 1\n    return x"
    checked = run(code, *[(3000, 0)] * 4, steps=15_000)
    assert checked.cases == (True, True, False, False)
    assert checked.problem == "timed out"


def test_an_endless_loop_outside_of_the_function_is_ended_too():
    assert problem("while True:\n    len('')", steps=50_000) == "timed out"


def test_long_work_inside_the_library_is_ended_by_processor_seconds():
    code = "def f(x):\n    return sum(range(10 ** 13))"
    assert problem(code, cpu_seconds=1) == "timed out"


def test_a_standstill_is_ended_by_seconds_on_the_wall():
    # A lock that is taken twice: no line runs, and no processor time goes by.
    code = SYSTEM + "def f(x):\n    lock = system['_thread'].allocate_lock()\n"
    code += "    lock.acquire()\n    lock.acquire()"
    assert problem(code, wall_seconds=0.3) == "timed out"


@pytest.mark.parametrize("made", ["'x' * 2 ** 40", "[0] * 2 ** 31", "bytearray(2 ** 29)"])
def test_memory_has_a_bound(made):
    assert problem(f"def f(x):\n    return len({made})") == "MemoryError"


def test_memory_that_grows_has_a_bound():
    code = "def f(x):\n    kept = []\n    while True:\n        kept.append('x' * 2 ** 24)"
    assert problem(code) == "MemoryError"


def test_more_output_than_can_be_is_none():
    code = "def f(x):\n    return 'x' * 5000"
    assert problem(code, output_bytes=2048) == "too much output"
    assert says(code, "x" * 5000, output_bytes=8192)


def test_output_without_end_ends_the_process():
    code = "def f(x):\n    return 'x' * 1000"
    checked = run(code, *[(n, "x" * 1000) for n in range(8)], output_bytes=1024)
    assert checked.problem == "too much output"
    assert not all(checked.cases)


@pytest.mark.parametrize(
    "line",
    [
        "print('much ' * 10 ** 5)",
        'print(\'{"case": 0, "output": 7}\')',
        "print('{\"done\": true}', flush=True)",
    ],
)
def test_printing_does_no_harm_and_counts_for_nothing(line):
    assert says(f"{line}\ndef f(x):\n    {line}\n    return 2", 2)


def test_forged_lines_are_outputs_that_were_found_and_nothing_more():
    # Whoever gets hold of the line still has to know the right output, as for any other code.
    forged = '{"case": 0, "output": 7}\\n{"cases": [true], "passed": 1, "done": true}\\n'
    code = SYSTEM + (
        "def f(x):\n"
        "    for end in range(3, 12):\n"
        "        try:\n"
        f"            system['os'].write(end, b'{forged}')\n"
        "        except OSError:\n"
        "            pass\n"
        "    return 2"
    )
    assert run(code, (1, 2)).cases == (False,)
    assert run(code, (1, 2), (1, 2)).cases == (False, True)


@pytest.mark.parametrize(
    ("rubbish", "found"),
    [
        ("no JSON at all", "garbled output"),
        ("[1]", "garbled output"),
        ("[" * 5000, "garbled output"),
        ('{"case": 99, "output": 2}', "ended itself"),
        ('{"case": "0", "output": 2}', "ended itself"),
    ],
)
def test_rubbish_on_the_line_passes_nothing(rubbish, found):
    code = SYSTEM + (
        "for end in range(3, 12):\n"
        "    try:\n"
        f"        system['os'].write(end, b'{rubbish}\\n')\n"
        "    except OSError:\n"
        "        pass\n"
        "system['os']._exit(0)"
    )
    assert problem(code) == found


IMPORTS = [
    "os",
    "sys",
    "subprocess",
    "socket",
    "ctypes",
    "_ctypes",
    "builtins",
    "importlib",
    "pathlib",
    "shutil",
    "threading",
    "_thread",
    "multiprocessing",
    "random",
    "time",
    "datetime",
    "peersim",
    "pydantic",
    "os.path",
]


@pytest.mark.parametrize("name", IMPORTS)
def test_other_modules_are_not_to_be_had(name):
    assert problem(f"import {name}\ndef f(x):\n    return 2") == "ImportError"


def test_the_other_ways_to_import_are_shut_too():
    assert problem("def f(x):\n    return __import__('os').getpid()") == "ImportError"
    assert problem("from os import system") == "ImportError"
    assert problem("from . import os") == "ImportError"
    loader = "def f(x):\n    return system['importlib'].import_module('socket')"
    assert problem(SYSTEM + loader) in ("ImportError", "KeyError")


def test_the_allowed_modules_work():
    code = f"import {', '.join(MODULES)}\n" + (
        "from collections import Counter, namedtuple\n"
        "Point = namedtuple('Point', 'x y')\n"
        "class Colour(enum.Enum):\n"
        "    RED = 1\n"
        "@functools.lru_cache\n"
        "def f(x):\n"
        "    found = re.sub('a+', 'b', 'caat') + json.dumps(Counter('aa')) + Colour.RED.name\n"
        "    parts = fractions.Fraction(1, 3) + 1, decimal.Decimal('1.5') * 2\n"
        "    more = statistics.median([1, 5, 2]), heapq.nsmallest(2, [3, 1, 2]), math.floor(2.5)\n"
        "    return [found, str(parts[0]), str(parts[1]), *more, Point(1, 2), f'{2.5:.2f}']"
    )
    expected = ['cbt{"a": 2}RED', "4/3", "3.0", 2, [1, 2], 2, [1, 2], "2.50"]
    assert run(code, (1, expected)) == Checked(round=3, agent="Ada", function="f", cases=(True,))


@pytest.mark.parametrize(
    "deed",
    [
        "open({there!r}, 'w').write('x')",
        "open({there!r}, 'a')",
        "system['os'].mkdir({there!r})",
        "system['os'].system('touch {there}')",
        "system['posix'].system('touch {there}')",
        "system['os'].popen('touch {there}')",
        "system['io'].FileIO({there!r}, 'w')",
        "system['os'].open({there!r}, 65)",
        "system['os'].symlink('/', {there!r})",
        "system['os'].execv('/bin/touch', ['touch', {there!r}])",
        "system['os'].posix_spawn('/bin/touch', ['touch', {there!r}], dict())",
        "eval(\"open({there!r}, 'w')\")",
        "exec(\"open({there!r}, 'w')\")",
    ],
)
def test_nothing_outside_the_process_is_touched(tmp_path, deed):
    there = tmp_path / "sentinel"
    code = SYSTEM + f"def f(x):\n    {deed.format(there=str(there))}\n    return 2"
    assert problem(code) == "Refused"
    assert not there.exists()


WALK = """
def f(x):
    for kind in object.__subclasses__():
        if kind.__name__ == "_wrap_close":
            kind.__init__.__globals__["system"]("touch THERE")
            return 2
"""


def test_a_walk_over_all_classes_to_the_system_is_refused(tmp_path):
    there = tmp_path / "sentinel"
    assert problem(WALK.replace("THERE", str(there))) == "Refused"
    assert not there.exists()


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/hostname').read()",
        "system['os'].listdir('/')",
        "system['os'].fork()",
        "system['os'].kill(system['os'].getppid(), 9)",
        "system['os'].killpg(0, 9)",
        "system['_thread'].start_new_thread(print, ())",
        "system['_thread'].start_new(print, ())",
        "collections._sys.settrace(None)",
        "collections._sys.setprofile(print)",
        "collections._sys._getframe(1)",
        "[1 / 0 for _ in 'a']",
        "input()",
        "breakpoint()",
    ],
)
def test_processes_threads_and_this_programs_own_frames_are_out_of_reach(deed):
    code = SYSTEM + f"def f(x):\n    {deed}\n    return 2"
    found = problem(code)
    assert found in ("Refused", "ImportError", "RuntimeError", "ZeroDivisionError")
    assert (found == "ZeroDivisionError") == ("1 / 0" in deed)


def test_the_frame_of_an_error_leads_nowhere():
    code = (
        "def f(x):\n"
        "    try:\n"
        "        1 / 0\n"
        "    except ZeroDivisionError as error:\n"
        "        return str(error.__traceback__.tb_frame.f_back.f_locals)"
    )
    assert problem(code) == "Refused"


def test_a_refusal_that_the_code_swallows_is_one_all_the_same(tmp_path):
    there = tmp_path / "sentinel"
    code = (
        "def f(x):\n"
        "    try:\n"
        f"        open({str(there)!r}, 'w')\n"
        "    except BaseException:\n"
        "        return 2"
    )
    assert says(code, 2)
    assert not there.exists()


def test_no_environment_variable_of_ours_gets_there(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    code = SYSTEM + "def f(x):\n    return sorted(system['os'].environ)"
    # Python itself may add the one of the locale.
    assert says(code, ["PYTHONHASHSEED"]) or says(code, ["LC_CTYPE", "PYTHONHASHSEED"])
    assert not says(SYSTEM + f"def f(x):\n    return {SECRET!r} in str(system['os'].environ)", True)


def test_no_right_output_gets_there():
    code = SYSTEM + "def f(x):\n    return system['__main__'].job"
    assert problem(code) == "AttributeError"


def test_the_verdict_hangs_on_neither_hash_order_nor_chance():
    hashed = "def f(x):\n    return list({'pear', 'fig', 'plum', 'apple', 'quince'})"
    drawn = "import statistics\ndef f(x):\n    return statistics.NormalDist(0, 1).samples(3)"
    for code in (hashed, drawn):
        outputs = [_output(code) for _ in range(2)]
        assert outputs[0] == outputs[1]


def _output(code):
    """What the function returned, found by letting a sentence of it be an exception's name."""
    named = code + "\ng = f\ndef f(x):\n    raise type(str(g(x)), (Exception,), {})()"
    return problem(named)


@pytest.mark.parametrize("code", [ENDLESS, "def f(x):\n    return x", "def f(x): return 1 / 0"])
def test_the_same_code_gets_the_same_verdict_twice(code):
    assert run(code, (1, 1), (2, 3)) == run(code, (1, 1), (2, 3))


def test_inputs_are_the_codes_own_to_change():
    assert run("def f(x):\n    x.append(3)\n    return x", ([1], [1, 3])).cases == (True,)


def test_many_checks_at_once_keep_apart():
    sandbox = Sandbox(at_once=2)
    codes = [f"def f(x):\n    return x + {n}" for n in range(6)]

    async def all_of_them():
        return await asyncio.gather(*(sandbox.run(check(code, (1, 4))) for code in codes))

    found = asyncio.run(all_of_them())
    assert [checked.cases for checked in found] == [(n == 3,) for n in range(6)]


@contextlib.contextmanager
def watched(monkeypatch):
    """The processes that are started from here on."""
    started, start = [], asyncio.create_subprocess_exec

    async def starting(*arguments, **options):
        process = await start(*arguments, **options)
        started.append(process)
        return process

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "create_subprocess_exec", starting)
        yield started


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_being_cancelled_ends_the_process(monkeypatch):
    limits = Limits(steps=10**12, cpu_seconds=60, wall_seconds=60)

    async def begin_and_cancel(started):
        running = asyncio.create_task(Sandbox(limits).run(check(ENDLESS)))
        while not started:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert not gone(started[0].pid)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        return running.cancelled()

    with watched(monkeypatch) as started:
        assert asyncio.run(begin_and_cancel(started))
        (process,) = started
        assert gone(process.pid)


@pytest.mark.parametrize("code", ["def f(x):\n    return 2", ENDLESS, "f ="])
def test_nothing_is_left_of_a_check(monkeypatch, code):
    with watched(monkeypatch) as started:
        run(code, steps=50_000)
        assert [gone(process.pid) for process in started] == [True]


def interpreter(tmp_path, script):
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        (None, "no process could be started"),
        ("exit 1", "it said nothing"),
        ("echo 'no such thing' >&2; exit 2", "no such thing"),
    ],
)
def test_an_interpreter_that_does_not_start_is_a_failure_of_the_environment(
    monkeypatch, tmp_path, script, detail
):
    broken = str(tmp_path / "missing") if script is None else interpreter(tmp_path, script)
    monkeypatch.setattr(sys, "executable", broken)
    failed = run("def f(x):\n    return 2")
    assert isinstance(failed, Failed)
    assert (failed.origin, failed.cause) == ("environment", "sandbox")
    assert detail in failed.detail


def test_an_interpreter_that_is_never_ready_is_no_fault_of_the_code(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", interpreter(tmp_path, "exec sleep 60"))
    failed = run("def f(x):\n    return 2", start_seconds=0.3)
    assert isinstance(failed, Failed)
    assert "ready in time" in failed.detail


def test_nothing_is_left_in_the_temporary_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert says("def f(x):\n    return 2", 2)
    assert not list(tmp_path.iterdir())


SYSTEM_BY_MODULES = "import collections\nos = collections._sys.modules['os']\n"
REFUSED = "    except PermissionError:\n        return 'refused'\n"


@pytest.mark.parametrize(
    "deed",
    [
        "os.getppid()",
        "os.mkfifo('pipe')",
        "os.kill(os.getppid(), 0)",
        "os.pidfd_open(1)",
        "collections._sys.modules['time'].time()",
        "collections._sys.modules['_signal'].raise_signal(2)",
        "os.environ.copy() and os.getpid()",
    ],
)
def test_the_system_is_shut_even_to_those_who_find_it(deed):
    body = f"def f(x):\n    try:\n        {deed}\n        return 'done'\n{REFUSED}"
    assert not says(SYSTEM_BY_MODULES + body, "done")


def test_what_stands_for_import_holds_no_way_to_load_more():
    code = (
        "def f(x):\n"
        "    cells = [cell.cell_contents for cell in __import__.__closure__]\n"
        "    return [cell for cell in cells if callable(cell)] == []\n"
    )
    assert says(code, True)


def test_dotted_modules_are_imported_as_python_has_it():
    code = (
        "import collections.abc\n"
        "from collections.abc import Mapping\n"
        "def f(x):\n"
        "    return [collections.OrderedDict.__name__, Mapping is collections.abc.Mapping]\n"
    )
    assert says(code, ["OrderedDict", True])
