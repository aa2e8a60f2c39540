"""The pytest plugin: ``pytest rulesets/`` makes a test of each file's check and of each example.

pytest imports this module at every start. Therefore the plugin imports the engine only when it
collects a ruleset file.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import Finding
    from kpirules.model.rubric import Rubric
    from kpirules.toml.parser import Reading
    from kpirules.translations.message import Joined


#: the suffix of ruleset files; a copy, because importing the registry's constant loads the engine
SUFFIX = ".rubric.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option of the configuration file."""
    description = "fail the check of a ruleset on a warning that no ruling accepts, too"
    parser.addini("kpirules_strict", description, type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RulesetFile | None:
    """Collect ruleset files."""
    if not file_path.name.endswith(SUFFIX):
        return None
    # pytest leaves the parameters of from_parent untyped
    made: RulesetFile = cast("Any", RulesetFile).from_parent(parent, path=file_path)
    return made


class FindingsError(AssertionError):
    """The failure of a ruleset's test; its text is the whole report, without a traceback."""


class RulesetFile(pytest.File):
    """A ruleset file, with one test for its check and one for each example."""

    def collect(self) -> Iterator[pytest.Item]:
        """Read and check the file once, and yield its tests."""
        from kpirules._internal.display import printable  # noqa: PLC0415 - the same
        from kpirules.api.load import examined, unreadable  # noqa: PLC0415 - the same
        from kpirules.errors import FileError  # noqa: PLC0415 - the same
        from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - see the module
        from kpirules.toml.locate import place  # noqa: PLC0415 - the same
        from kpirules.toml.positions import find_places  # noqa: PLC0415 - the same

        shown = _shown(self.path, self.config.invocation_params.dir)
        try:
            reading = examined(read_bytes(self.path), shown, self.path)
        except FileError as error:
            yield RulesetItem.of(self, "check", text=str(unreadable(shown, error)))
            return
        grave = ("error", "warning") if self.config.getini("kpirules_strict") else ("error",)
        rubric, every = _examined(reading)
        failing = [f for f in every if f.counts and f.severity in grave]
        own = {f.path[1]: f for f in failing if f.code == "example-fails"}
        rest = [f for f in failing if f.code != "example-fails"]
        located = place(rest, reading.origin)
        yield RulesetItem.of(self, "check", text="\n\n".join(map(str, located)))
        errors = {f.path[:2] for f in rest if f.severity == "error"}
        names: Counter[str] = Counter()
        for i, example in enumerate(rubric.examples if rubric else ()):
            path = ("example", i)
            places = find_places(reading.origin.texts[0].text)
            # examples under a mistyped key are read, but have no position under the right key
            line = places[path].key.line if path in places else 1
            name = title = f'example "{printable(example.name)}"'
            names[name] += 1
            title += f" [{names[name]}]" if names[name] > 1 else ""
            # a finding about the example itself may explain its failure
            wrong = None if path in errors else own.get(i)
            text = ""
            if wrong is not None:
                head = f"{printable(shown)}:{line}: {name}: "
                text = "\n".join(f"{head}{each}" for each in _differences(wrong))
            # the example may depend on an invalid part of the file
            why = f"{printable(shown)} has errors: see its check" if errors else ""
            yield RulesetItem.of(self, title, text=text, line=line, skipped=why)


def _examined(reading: Reading) -> tuple[Rubric | None, tuple[Finding, ...]]:
    """Return the rubric of a file as far as it can be read, and all its findings."""
    import attrs  # noqa: PLC0415 - see the module

    from kpirules.checks.runner import findings_of  # noqa: PLC0415 - the same

    if reading.rubric is None:
        return None, reading.findings
    # For a rubric with its text, only the first findings are reported, whatever their severity. A
    # copy has no text, so all errors and all failing examples are included.
    rubric = attrs.evolve(reading.rubric)
    return rubric, findings_of(rubric, reading.findings, reading.lost)


def _differences(finding: Finding) -> tuple[object, ...]:
    """Return the differences between an example's expected and actual results."""
    return cast("Joined", finding.params["differences"]).values


def _shown(path: Path, base: Path) -> str:
    """Return a file's path relative to the directory where pytest was started, as pytest does."""
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


class RulesetItem(pytest.Item):
    """A test of a ruleset file, whose outcome is known from collection."""

    text: str = ""
    line: int = 1
    skipped: str = ""

    @classmethod
    def of(
        cls, parent: RulesetFile, name: str, *, text: str, line: int = 1, skipped: str = ""
    ) -> RulesetItem:
        """Make a test of a file, with the text of its failure, or else the reason to skip it."""
        item: RulesetItem = cast("Any", cls).from_parent(parent, name=name)
        item.text, item.line, item.skipped = text, line, skipped
        return item

    def runtest(self) -> None:
        """Fail or skip as determined by the collection."""
        if self.text:
            raise FindingsError(self.text)
        if self.skipped:
            pytest.skip(self.skipped)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's own type
    ) -> Any:  # noqa: ANN401 - as above
        """Return findings unchanged, and any other failure as pytest formats it."""
        if isinstance(excinfo.value, FindingsError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the location of the test: the file, the line counted from 0, the name."""
        return self.path, self.line - 1, self.name
