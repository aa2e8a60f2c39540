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

    from kpirules.findings import Finding


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
    """What a ruleset's test fails with: findings, which say all there is without a traceback."""


class RulesetFile(pytest.File):
    """One ruleset file: its check, and its examples."""

    def collect(self) -> Iterator[pytest.Item]:
        """Read and check the file, once for all of its tests."""
        from kpirules.findings import Finding, Spot  # noqa: PLC0415 - see the module
        from kpirules.loading import FileError, examine, read_bytes  # noqa: PLC0415 - the same
        from kpirules.texts import printable  # noqa: PLC0415 - the same

        name = _shown(self.path, self.config.invocation_params.dir)
        try:
            reading, findings = examine(read_bytes(self.path), name)
        except FileError as error:
            spot = Spot(file=name, line=1, column=1, end_column=2, source="")
            found = Finding(code="unreadable", message=str(error), spots=(spot,))
            yield RulesetItem.of(self, "check", (found,))
            return
        grave = ("error", "warning") if self.config.getini("kpirules_strict") else ("error",)
        failing = tuple(f for f in findings if f.counts and f.severity in grave)
        own = {f.path[1]: f for f in failing if f.code == "example-fails"}
        rest = tuple(f for f in failing if f.code != "example-fails")
        yield RulesetItem.of(self, "check", rest)
        names: Counter[str] = Counter()
        for i, example in enumerate(reading.rubric.examples if reading.rubric else ()):
            title = f'example "{printable(example.name)}"'
            names[title] += 1
            title += f" [{names[title]}]" if names[title] > 1 else ""
            found_here = (own[i],) if i in own else ()
            # the rest of a faulty file may be what the example is about
            unsure = any(f.severity == "error" for f in rest) and not found_here
            line = _line_of(reading.text, i)
            yield RulesetItem.of(self, title, found_here, line=line, unsure=unsure)


def _shown(path: Path, base: Path) -> str:
    """Give a file's name from where pytest was started, as its own messages do."""
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


def _line_of(text: str, index: int) -> int:
    """Give the line on which an example begins."""
    from kpirules.document.positions import find_places  # noqa: PLC0415 - see the module

    return find_places(text)["example", index].key.line


class RulesetItem(pytest.Item):
    """One test of a ruleset file, whose outcome is known since it was collected."""

    findings: tuple[Finding, ...] = ()
    line: int = 1
    unsure: bool = False

    @classmethod
    def of(
        cls,
        parent: RulesetFile,
        name: str,
        findings: tuple[Finding, ...],
        *,
        line: int = 1,
        unsure: bool = False,
    ) -> RulesetItem:
        """Make an item of a file."""
        item: RulesetItem = cast("Any", cls).from_parent(parent, name=name)
        item.findings, item.line, item.unsure = findings, line, unsure
        return item

    def runtest(self) -> None:
        """Fail with what was found."""
        if self.findings:
            raise FoundError("\n\n".join(map(str, self.findings)))
        if self.unsure:
            pytest.skip("the ruleset has errors: see its check")

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
