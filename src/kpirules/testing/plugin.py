"""The pytest plugin: ``pytest rulesets/`` makes a test of each file's check and of each example.

pytest imports this module at every start, so it imports nothing of the engine: that happens when a
ruleset file is collected.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import Finding
    from kpirules.model.rubric import Example, Rubric
    from kpirules.toml.parser import Reading


#: how a ruleset file's name ends; the catalog's own word for it would import the engine
SUFFIX = ".rubric.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option of the configuration file."""
    said = "fail the check of a ruleset on a warning that no ruling accepts, too"
    parser.addini("kpirules_strict", said, type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RulesetFile | None:
    """Collect ruleset files."""
    if not file_path.name.endswith(SUFFIX):
        return None
    # pytest's own types leave open what from_parent takes
    made: RulesetFile = cast("Any", RulesetFile).from_parent(parent, path=file_path)
    return made


class FoundError(AssertionError):
    """What a ruleset's test fails with: its text says all there is, without a traceback."""


class RulesetFile(pytest.File):
    """One ruleset file: its check, and its examples."""

    def collect(self) -> Iterator[pytest.Item]:
        """Read and check the file, once for all of its tests."""
        from kpirules._internal.display import printable  # noqa: PLC0415 - the same
        from kpirules.api.load import examined  # noqa: PLC0415 - the same
        from kpirules.diagnostics.finding import Finding, Spot  # noqa: PLC0415 - the same
        from kpirules.errors import FileError  # noqa: PLC0415 - the same
        from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - see the module
        from kpirules.toml.locate import place  # noqa: PLC0415 - the same
        from kpirules.toml.positions import find_places  # noqa: PLC0415 - the same

        shown = _shown(self.path, self.config.invocation_params.dir)
        try:
            reading = examined(read_bytes(self.path), shown, self.path)
        except FileError as error:
            spot = Spot(file=shown, line=1, column=1, end_column=2, source="")
            message = f"cannot be read: {error.reason}"
            found = Finding(code="unreadable", message=message, spots=(spot,))
            yield RulesetItem.of(self, "check", text=str(found))
            return
        grave = ("error", "warning") if self.config.getini("kpirules_strict") else ("error",)
        rubric, every = _examined(reading)
        failing = [f for f in every if f.counts and f.severity in grave]
        own = {f.path[1]: f for f in failing if f.code == "example-fails"}
        rest = [f for f in failing if f.code != "example-fails"]
        said = place(rest, reading.origin)
        yield RulesetItem.of(self, "check", text="\n\n".join(map(str, said)))
        errors = {f.path[:2] for f in rest if f.severity == "error"}
        # what is left of a faulty file gives no result
        rules = None if errors else rubric
        names: Counter[str] = Counter()
        for i, example in enumerate(rubric.examples if rubric else ()):
            path = ("example", i)
            places = find_places(reading.origin.texts[0].text)
            # the examples of a mistyped key are read, and stand nowhere under their own
            line = places[path].key.line if path in places else 1
            name = title = f'example "{printable(example.name)}"'
            names[name] += 1
            title += f" [{names[name]}]" if names[name] > 1 else ""
            # what the check says of an example itself may be why it fails
            wrong = None if path in errors else own.get(i)
            text = ""
            if wrong is not None:
                head = f"{printable(shown)}:{line}: {name}: "
                text = "\n".join(f"{head}{each}" for each in _differences(wrong, example, rules))
            # the rest of a faulty file may be what the example is about
            why = f"{printable(shown)} has errors: see its check" if errors else ""
            yield RulesetItem.of(self, title, text=text, line=line, skipped=why)


def _examined(reading: Reading) -> tuple[Rubric | None, tuple[Finding, ...]]:
    """Give what could be read of a file, and everything found in it, however much."""
    import attrs  # noqa: PLC0415 - see the module

    from kpirules.checks.runner import findings_of  # noqa: PLC0415 - the same

    if reading.rubric is None:
        return None, reading.findings
    # Of a rubric that knows its text the first findings alone are given, of whatever severity. A
    # copy knows no text: no error, and no example that fails, is lost behind them.
    rubric = attrs.evolve(reading.rubric)
    return rubric, findings_of(rubric, reading.findings, reading.lost)


def _differences(finding: Finding, example: Example, rubric: Rubric | None) -> list[str]:
    """Say what of an example did not come out, each difference by itself."""
    from kpirules._internal.display import brief, printable  # noqa: PLC0415 - the same
    from kpirules.api.evaluate import program_of  # noqa: PLC0415 - see the module
    from kpirules.evaluation.examples import differences, run  # noqa: PLC0415 - the same

    wrong: list[object] = []
    if rubric is not None:
        score = program_of(rubric).evaluate
        wrong += differences(dict(example.expect), run(dict(example.ratings), score))
    # in a faulty file an example is held to what the rest gives, which the finding alone knows
    message = finding.message.removeprefix(f"{brief(example.name)}: ")
    return [printable(str(each)) for each in wrong or [message]]


def _shown(path: Path, base: Path) -> str:
    """Give a file's name from where pytest was started, as its own messages do."""
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


class RulesetItem(pytest.Item):
    """One test of a ruleset file, whose outcome is known since it was collected."""

    text: str = ""
    line: int = 1
    skipped: str = ""

    @classmethod
    def of(
        cls, parent: RulesetFile, name: str, *, text: str, line: int = 1, skipped: str = ""
    ) -> RulesetItem:
        """Make an item of a file: what it fails with, or else why it is skipped."""
        item: RulesetItem = cast("Any", cls).from_parent(parent, name=name)
        item.text, item.line, item.skipped = text, line, skipped
        return item

    def runtest(self) -> None:
        """Fail with what was found."""
        if self.text:
            raise FoundError(self.text)
        if self.skipped:
            pytest.skip(self.skipped)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's own words for it
    ) -> Any:  # noqa: ANN401 - as above
        """Show findings as they are, and anything else as pytest does."""
        if isinstance(excinfo.value, FoundError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the test stands: the file, the line from 0, its name."""
        return self.path, self.line - 1, self.name
