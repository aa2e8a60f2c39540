"""Measure how many small faults of the engine the tests find. ``python tests/mutation.py`` runs it.

A *mutant* is a module with one change: another comparison, another number, a negated condition, a
deleted statement. A mutant is *killed* if a test fails or does not end, else it *survives*: a test
is missing, or the code is not needed. The script prints the score of each module and the survivors.

Each mutant runs in its own process, against the tests that run the changed line: those of the
module's test file first, quick ones before slow ones. The tests are imported once, and a fork
exchanges the code of the changed function; a change outside of functions needs new imports.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from itertools import islice
from pathlib import Path
from types import CodeType, FunctionType

import coverage
import pytest
from mutation_equivalents import EQUIVALENT


ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
MODULES = (
    *(
        "arithmetic/number",
        "arithmetic/range",
        "arithmetic/domain",
        "arithmetic/decision_table",
        "arithmetic/interval",
        "formula/nodes",
    ),
    *(
        "formula/parser",
        "formula/prover",
        "compiler/quantities",
        "compiler/criteria",
        "compiler/rater_means",
        "compiler/weighting",
        "compiler/totals",
    ),
)
#: tests of the whole engine, run in addition to the test file of each module
TESTS = (
    *(
        "checks/test_checks",
        "evaluation/test_evaluation",
        "properties/test_theorems",
        "properties/test_whole_language",
        "language/test_stages",
        "checks/test_soundness",
        "limits/test_budget",
    ),
    *(
        "language/test_formulas",
        "rulesets/test_real_forms",
        "model/test_values",
        "cli/io/test_tables",
        "limits/test_regular",
        "rulesets/test_roles",
        "formula/test_formula",
    ),
)
#: maximum seconds of tests for each mutant
MAX_SECONDS = 15
#: the time limit of a mutant: a multiple of the time of its tests, plus some seconds
PATIENCE, MORE = 4, 5
MAX_MEMORY = 4 << 30
#: exit codes of the process of a mutant; a signal ends one that exceeds its time
SURVIVES, KILLED, BROKEN = 0, 1, 3

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
FUNCTIONS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
}


# ---------------------------------------------------------------- mutants


class Mutant:
    """A module with one change."""

    def __init__(self, path, lines, before, after, code):
        self.path, self.lines, self.before, self.after, self.code = path, lines, before, after, code

    def __str__(self):
        where = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path.name
        return f"{where}:{min(self.lines)}: {self.text}"

    @property
    def text(self):
        """The change alone, independent of line numbers."""
        return f"{self.before} -> {self.after}"


def changed(node, parent):
    """Yield the nodes that can replace a node."""
    match node:
        case ast.Compare():
            for i, op in enumerate(node.ops):
                for other in COMPARISONS[type(op)]:
                    yield replaced(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])
        case ast.BinOp() | ast.AugAssign() if type(node.op) in ARITHMETIC:
            yield replaced(node, op=ARITHMETIC[type(node.op)]())
        case ast.BoolOp():
            yield replaced(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.UnaryOp():
            yield node.operand
        case ast.Constant(value=bool()):
            yield replaced(node, value=not node.value)
        case ast.Constant(value=int()):
            yield replaced(node, value=node.value + 1)
            # index -1 is the last item: often the same one
            if not isinstance(parent, ast.Subscript) or node.value:
                yield replaced(node, value=node.value - 1)
        case ast.Constant(value=str()):
            yield replaced(node, value=f"XX{node.value}")
        case ast.JoinedStr():
            yield replaced(node, values=[ast.Constant("XX"), *node.values])
        case ast.Name(id=name, ctx=ast.Load()) if name in FUNCTIONS:
            yield replaced(node, id=FUNCTIONS[name])
        case ast.Return(value=ast.expr()) if not is_no(node.value):
            yield replaced(node, value=ast.Constant(None))
        case ast.Continue() | ast.Break():
            yield ast.Break() if isinstance(node, ast.Continue) else ast.Continue()
    match node:
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Compare):
            yield replaced(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension():
            for i, test in enumerate(node.ifs):
                if not isinstance(test, ast.Compare):
                    negated = ast.UnaryOp(ast.Not(), test)
                    yield replaced(node, ifs=[*node.ifs[:i], negated, *node.ifs[i + 1 :]])
        case ast.AugAssign() | ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.Pass()


def replaced(node, **fields):
    """Return a copy of a node with other fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def is_no(node):
    """Return whether a value is None or False, which count as equal."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def children(node):
    """Yield the executed children of a node: (field, index or None, child)."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "format_spec", "type_params"):
            continue
        # the first argument of a cast is a type
        first = (
            1
            if isinstance(node, ast.Call)
            and field == "args"
            and getattr(node.func, "id", "") == "cast"
            else 0
        )
        for i, child in enumerate(value if isinstance(value, list) else [value]):
            # these only forbid uses that do not occur
            if isinstance(child, ast.keyword) and child.arg in ("strict", "kw_only"):
                continue
            is_text = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
            if isinstance(child, ast.AST) and not is_idle(child) and i >= first and not is_text:
                yield field, i if isinstance(value, list) else None, child


def is_idle(node):
    """Return whether a node has no effect at run time: it is for type checkers and readers."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def mutants_of(path):
    """Return all mutants of a module, in the order of the source."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    text = source.splitlines()
    found = []

    def shown(node, shape):
        """Return the source of the lines of a node, before and after its replacement."""
        if node.lineno != node.end_lineno or not isinstance(node, ast.expr):
            return first_line(ast.unparse(node)), first_line(ast.unparse(shape))
        line = text[node.lineno - 1].encode()
        new = ast.unparse(shape).encode()
        if isinstance(shape, ast.BoolOp | ast.UnaryOp | ast.IfExp | ast.Compare):
            new = b"(" + new + b")"
        after = line[: node.col_offset] + new + line[node.end_col_offset :]
        return line.decode().strip(), after.decode().strip()

    def visit(node, statement, whole):
        for field, index, child in children(node):
            around = child if isinstance(child, ast.stmt) else statement
            # the parts of an f-string have no positions
            for shape in changed(child, node):
                ast.copy_location(shape, child)
                put(node, field, index, shape)
                ast.fix_missing_locations(tree)
                code = compile(tree, str(path), "exec", dont_inherit=True)
                if isinstance(child, ast.comprehension):
                    before, after = ast.unparse(child).strip(), ast.unparse(shape).strip()
                    lines = {child.target.lineno, around.lineno}
                elif whole is not None:
                    after = ast.unparse(whole)
                    put(node, field, index, child)
                    before = ast.unparse(whole)
                    lines = {*range(whole.lineno, whole.end_lineno + 1), around.lineno}
                else:
                    before, after = shown(child, shape)
                    end = (
                        child.test.end_lineno
                        if isinstance(child, (ast.If, ast.While))
                        else child.end_lineno
                    )
                    lines = {*range(child.lineno, end + 1), around.lineno}
                put(node, field, index, child)
                found.append(Mutant(path, lines, before, after, code))
            visit(child, around, whole or (child if isinstance(child, ast.JoinedStr) else None))

    visit(tree, tree, None)
    return found


def put(node, field, index, child):
    """Set a child of a node."""
    if index is None:
        setattr(node, field, child)
    else:
        getattr(node, field)[index] = child


def first_line(text):
    return text.splitlines()[0]


# ---------------------------------------------------------------- exchanging code


class NotInFunctionsError(Exception):
    """A change outside of functions that exist after the import."""


def pairs_of(old, new):
    """Yield the changed functions of a module: (code, other code)."""
    if old.co_flags & 1:  # of a function
        if old != new:
            yield old, new
        return

    def own(code):
        rest = [c for c in code.co_consts if not isinstance(c, CodeType)]
        return code.co_code, repr(rest), code.co_names

    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (old, new)]
    if own(old) != own(new) or len(inner[0]) != len(inner[1]):
        raise NotInFunctionsError
    for a, b in zip(*inner, strict=True):
        yield from pairs_of(a, b)


def key_of(code):
    """Return a key that identifies a function of a file, also one of several lambdas of a line."""
    return code.co_filename, code.co_qualname, tuple(code.co_positions())


def functions(paths):
    """Return the existing functions, by their code."""
    found = defaultdict(list)
    names = {str(path) for path in paths}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename in names:
            found[key_of(each.__code__)].append(each)
    return found


def swaps_of(mutant, original, there):
    """Return the functions whose code a mutant exchanges, with the new code."""
    swaps = []
    for old, new in pairs_of(original, mutant.code):
        if key_of(old) not in there or old.co_freevars != new.co_freevars:
            raise NotInFunctionsError
        swaps += [(function, new) for function in there[key_of(old)]]
    if not swaps:
        raise NotInFunctionsError
    return swaps


class Loader(importlib.machinery.SourceFileLoader):
    """An import hook that imports the mutant in place of its module."""

    def __init__(self, mutant):
        self.mutant = mutant
        super().__init__(module_of(mutant.path), str(mutant.path))

    def find_spec(self, name, _path=None, _target=None):
        if name == self.name:
            return importlib.util.spec_from_file_location(name, self.path, loader=self)
        return None

    def get_code(self, _name):
        return self.mutant.code


def module_of(path):
    """Return the import name of a module."""
    if path.is_relative_to(SOURCE):
        return ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    return path.stem


# ---------------------------------------------------------------- running tests


def forked(tasks, jobs):
    """Run each (name, task) in its own process; yield (name, exit code or minus a signal)."""
    tasks, running = iter(tasks), {}
    while True:
        for name, task in islice(tasks, jobs - len(running)):
            pid = os.fork()
            if not pid:
                ended(task)
            running[pid] = name
        if not running:
            return
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        if code == BROKEN:
            raise SystemExit(f"cannot run {running[pid]}")
        yield running.pop(pid), code


def ended(task):
    """Run a task and end this process with an exit code; print errors."""
    code = BROKEN
    try:
        code = task()
    except BaseException:  # noqa: BLE001 - any error ends the process
        traceback.print_exc()
    finally:
        os._exit(code)


def silent():
    """Discard the output of this process."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def limited(seconds):
    """Discard the output of this process, and limit its time and memory: a signal ends it."""
    silent()
    seconds = int(seconds * PATIENCE) + MORE
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(10 * seconds)


class Session:
    """A pytest plugin that calls a function with the collected tests instead of running them."""

    def __init__(self, loop):
        self.loop = loop

    def pytest_load_initial_conftests(self):
        """Register a profile with few examples: one failing example is enough."""
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            "mutation",
            max_examples=40,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        os.environ["HYPOTHESIS_PROFILE"] = "mutation"

    def pytest_runtestloop(self, session):
        self.loop({item.nodeid: item for item in session.items})
        return True


def collected(paths, loop):
    """Collect tests, and call a function with them."""
    arguments = ["-q", "--no-header", "-p", "no:cacheprovider", "--assert=plain", *map(str, paths)]
    return pytest.main(arguments, plugins=[Session(loop)])


def run(items):
    """Run tests one after the other; the first failure ends this process."""

    class Failing:
        def pytest_runtest_logreport(self, report):
            if report.failed:
                os._exit(KILLED)

    items[0].config.pluginmanager.register(Failing())
    for item, after in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
    return 0


def baseline(items, paths, out):
    """Run all tests without a change; store the lines and the time of each."""
    cover = coverage.Coverage(data_file=None, config_file=False, include=[str(p) for p in paths])
    took, failed = {}, []

    class Failing:
        def pytest_runtest_logreport(self, report):
            if report.failed:
                failed.append(f"{report.nodeid}\n{report.longreprtext}")

    every = list(items.values())
    every[0].config.pluginmanager.register(Failing())
    cover.start()
    for item, after in zip(every, [*every[1:], None], strict=True):
        cover.switch_context(item.nodeid)
        start = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        took[item.nodeid] = time.process_time() - start
    cover.stop()
    data = cover.get_data()
    lines = {str(path): data.contexts_by_lineno(str(path)) for path in paths}
    out.write_text(json.dumps({"took": took, "lines": lines, "failed": failed}), encoding="utf-8")
    return 0


class Plan:
    """The tests of each mutant, with their times."""

    def __init__(self, path):
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["failed"]:
            raise SystemExit("the tests fail without a change:\n" + "\n".join(found["failed"]))
        self.took, self.lines = found["took"], found["lines"]

    def tests_of(self, mutant, *, whole):
        """Return the tests of a line, or of the ``whole`` module, and their time in seconds."""
        lines = self.lines[str(mutant.path)]
        wanted = lines if whole else map(str, mutant.lines)
        names = {name for line in wanted for name in lines.get(line, ()) if name}
        files = {f"test_{mutant.path.stem}.py", f"test_{mutant.path.parent.stem}.py"}
        own = {name for name in self.took if not files.isdisjoint(name.split("::")[0].split("/"))}
        # a test may use values of a module without running any of its lines
        names |= own if whole else set()
        chosen, seconds = [], 0
        for name in sorted(names, key=lambda n: (n not in own, self.took[n], n)):
            seconds += self.took[name]
            if chosen and seconds > MAX_SECONDS:
                break
            chosen.append(name)
        return chosen, seconds


def fates(mutants, paths, tests, jobs):
    """Return (mutant, exit code of its process) for all mutants, in their order."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = home
        notes, results = Path(home, "baseline.json"), Path(home, "results.json")

        def serve(items):
            """Measure the tests, and run the mutants whose functions can be exchanged."""
            list(forked([("the tests", lambda: baseline(items, paths, notes))], 1))
            plan = Plan(notes)
            original = {
                p: compile(p.read_bytes(), str(p), "exec", dont_inherit=True) for p in paths
            }
            there = functions(paths)
            late, tasks = [], []
            for i, mutant in enumerate(mutants):
                try:
                    swaps = swaps_of(mutant, original[mutant.path], there)
                except NotInFunctionsError:
                    late.append(i)
                    continue
                tasks.append((i, lambda m=mutant, s=swaps: exchanged(plan, items, m, s)))
            known = []
            for i, code in forked(tasks, jobs):
                known.append([i, code])
                progress(len(known), len(mutants))
            results.write_text(json.dumps([known, late]), encoding="utf-8")

        def collecting():
            os.dup2(2, 1)  # the output of pytest is not needed
            collected([*paths, *tests], serve)
            return 0

        list(forked([("the tests", collecting)], 1))
        known, late = json.loads(results.read_text(encoding="utf-8"))
        plan = Plan(notes)
        tasks = ((i, lambda m=mutants[i]: imported(plan, m)) for i in late)
        for i, code in forked(tasks, jobs):
            known.append([i, code])
            progress(len(known), len(mutants))
        return [(mutants[i], code) for i, code in sorted(known)]


def exchanged(plan, items, mutant, swaps):
    """Exchange the code of a mutant, and run its tests in this process."""
    names, seconds = plan.tests_of(mutant, whole=False)
    if not names:
        return 0
    limited(seconds)
    for function, code in swaps:
        function.__code__ = code
    return run([items[name] for name in names])


def imported(plan, mutant):
    """Import a mutant, and run its tests in this process."""
    names, seconds = plan.tests_of(mutant, whole=True)
    limited(seconds + 10)
    sys.meta_path.insert(0, Loader(mutant))
    files = dict.fromkeys(name.split("::")[0] for name in names)
    codes = []

    def loop(items):
        # a parameter that is computed by the changed code has another name now
        of = defaultdict(list)
        for name, item in items.items():
            of[name.split("[")[0]].append(item)
        wanted = dict.fromkeys(name.split("[")[0] for name in names)
        codes.append(run([item for name in wanted for item in of[name]]))

    collected(files, loop)
    # a mutant that cannot be imported counts as killed
    return codes[0] if codes else KILLED


def progress(done, of):
    """Print the progress."""
    if sys.stderr.isatty():
        print(f"{done} of {of}", end="\r", file=sys.stderr)


# ---------------------------------------------------------------- the command


def options(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modules", default=",".join(MODULES), help="names or paths, by commas")
    parser.add_argument("--tests", default="", help="files of tests, by commas, instead of all")
    parser.add_argument("--sample", type=int, help="at most so many mutants of each module")
    parser.add_argument("--seed", type=int, default=0, help="what the sample is drawn by")
    parser.add_argument("--only", default="", help="only mutants in whose text this is found")
    parser.add_argument("--jobs", type=int, default=2, help="so many processes")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run mutants, and print the score of each module and the survivors."""
    given = options(arguments)
    paths = [path_of(name) for name in given.modules.split(",")]
    own = [test for path in paths for test in tests_of(path)]
    every = [*own, *(ROOT / "tests" / f"{name}.py" for name in TESTS)]
    tests = [Path(name).resolve() for name in given.tests.split(",") if name]
    tests = tests or [test for test in dict.fromkeys(every) if test.exists()]
    mutants = []
    for path in paths:
        found = [mutant for mutant in mutants_of(path) if given.only in mutant.text]
        if given.sample is not None and given.sample < len(found):
            chosen = random.Random(given.seed).sample(range(len(found)), given.sample)
            found = [found[i] for i in sorted(chosen)]
        mutants += found
    report(paths, fates(mutants, paths, tests, given.jobs))


def path_of(name):
    """Return the path of a module, by its name or itself."""
    path = SOURCE / "kpirules" / f"{name}.py"
    return path if path.exists() else Path(name).resolve()


def tests_of(path):
    """Return the test files of a module and of its layer."""
    package = SOURCE / "kpirules"
    if not path.is_relative_to(package):
        return [path.with_name(f"test_{path.stem}.py")]
    folder = ROOT / "tests" / path.relative_to(package).parent
    return [folder / f"test_{name}.py" for name in (path.stem, folder.name)]


def report(paths, found):
    """Print the survivors, and the score of each module."""
    lines = []
    for path in paths:
        mine = [(mutant, code) for mutant, code in found if mutant.path == path]
        equivalent = EQUIVALENT.get(path.stem, {})
        survivors = [mutant for mutant, code in mine if code == SURVIVES]
        same = [m for m in survivors if any(m.text.startswith(text) for text in equivalent)]
        count, alive = len(mine) - len(same), len(survivors) - len(same)
        for mutant in survivors:
            if mutant not in same:
                print(mutant)
        hung = sum(code < 0 for _, code in mine)
        share = 100 * (count - alive) / count if count else 100
        lines.append(
            f"{path.stem}: {share:.1f} % killed, {count - alive} of {count}"
            f" ({hung} by a limit of time or memory; {len(same)} equivalent left out)"
        )
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
