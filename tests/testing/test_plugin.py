"""The pytest plugin, run by pytest within pytest."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from kpirules.registry import catalog, sources
from kpirules.testing import plugin


SOUND = """schema = 1
id = "sound"
[[criterion]]
id = "work"
weight = 100

[[example]]
name = "all"
ratings = { work = 100 }
expect = { total = 100 }
"""
#: an example of the sound file that expects too much
WRONG = SOUND.replace("total = 100", "total = 101")
#: weights with a wrong sum
UNSOUND = SOUND.replace("weight = 100", "weight = 90").replace("work = 100 }", "work = 50 }")
#: an unused input
WARNED = SOUND.replace("[[criterion]]", 'inputs.spare = { type = "flag" }\n[[criterion]]')


@pytest.fixture
def run(pytester):
    """Run pytest in a folder with these files, warnings as errors; return the result."""

    def call(*arguments, ini="", **files):
        pytester.makefile(".toml", pytest=f"[pytest]\n{ini}")
        for name, text in files.items():
            (pytester.path / f"{name}.rubric.toml").write_text(text, encoding="utf-8")
        return pytester.runpytest_inprocess("-W", "error", "-p", "no:cacheprovider", *arguments)

    return call


def test_a_sound_file_gives_a_test_for_its_check_and_one_for_each_example(run):
    """Each test has a name, so that it can be run alone."""
    result = run("-v", one=SOUND)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["one.rubric.toml::check PASSED*", 'one.rubric.toml::example "all" PASSED*']
    )
    run("one.rubric.toml::check", one=SOUND).assert_outcomes(passed=1)


def test_a_failing_check_shows_its_findings_and_no_traceback(run):
    """File, line, message, witness; examples that may depend on it are skipped with a reason."""
    result = run("-rs", one=UNSOUND)
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "one.rubric.toml:3:1: error[[]weights-sum[]]: the weights of the criteria are 90 (work) = 90, 10 less than 100",
            "  witness: weights = 90",
            "*one.rubric.toml has errors: see its check",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "plugin.py" not in result.stdout.str().split("SKIPPED")[0]


def test_a_failing_example_is_its_own_test(run):
    """The check passes; the example reports the expected value, at its line."""
    result = run(one=WRONG)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            '*_ example "all" _*',
            'one.rubric.toml:7: example "all": total: expected 101, got 100',
            "*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "plugin.py" not in result.stdout.str()


def test_each_difference_of_an_example_has_its_line(run):
    """One line for each difference, and no other lines between them."""
    result = run(one=WRONG.replace("total = 101", 'total = 101, pay = 7, "points.work" = 3'))
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            'one.rubric.toml:7: example "all": total: expected 101, got 100',
            'one.rubric.toml:7: example "all": pay: expected 7, got nothing',
            'one.rubric.toml:7: example "all": points.work: expected 3, got 100',
        ],
        consecutive=True,
    )


def test_an_example_that_is_refused_says_why(run):
    """The record's problem is reported in place of the total."""
    result = run(one=SOUND.replace("work = 100 }", "work = 101 }"))
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            'one.rubric.toml:7: example "all": record: expected a result, got a rejection: work = 101: *'
        ]
    )


def test_a_failing_example_of_a_faulty_file_is_shown_as_well(run):
    """One error does not hide another."""
    text = UNSOUND.replace("total = 100", "points.work = 99")
    result = run(one=text)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ['one.rubric.toml:7: example "all": points.work: expected 99, got 50']
    )


def test_a_fault_of_an_example_fails_once(run):
    """An unknown result name is an error of the check; the missing result is not a second one."""
    result = run("-rs", one=SOUND.replace("total = 100", "totl = 100"))
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["one.rubric.toml:10:*: error[[]unknown-name[]]: *"])


def test_examples_under_a_mistyped_key_are_read_as_the_check_reads_them(run):
    """They have no position under the right key, which affects neither this file nor the others."""
    result = run(one=WRONG.replace("[[example]]", "[[exmaple]]"), two=SOUND)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["one.rubric.toml:7:*: error[[]unknown-key[]]: *"])


def test_no_example_that_fails_is_lost_behind_as_many_others(run):
    """More examples fail than are listed for one file."""
    (_, example) = WRONG.split("[[example]]")
    result = run("-q", one=SOUND + f"[[example]]{example}" * 250)
    result.assert_outcomes(passed=2, failed=250)


def test_no_error_is_lost_behind_many_warnings(run):
    """The check fails with the error, although more warnings than are listed come before it."""
    many = "".join(f'inputs.spare{i} = {{ type = "flag" }}\n' for i in range(250))
    result = run(one=UNSOUND.replace("[[criterion]]", f"{many}[[criterion]]"))
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["one.rubric.toml:253:1: error[[]weights-sum[]]: *"])
    assert "unused-input" not in result.stdout.str()


def test_a_warning_that_a_ruling_accepts_fails_nowhere(run):
    """Not even if warnings fail: an accepted warning is not counted."""
    ruling = '[[ruling]]\nclause = "1"\nconflict = "c"\ndecision = "d"\n'
    text = f'{WARNED}{ruling}accepts = ["unused-input inputs.spare"]\n'
    run(one=text, ini="kpirules_strict = true\n").assert_outcomes(passed=2)


def test_warnings_fail_where_the_configuration_says_so(run):
    """kpirules_strict in the configuration file."""
    run(one=WARNED).assert_outcomes(passed=2)
    result = run(one=WARNED, ini="kpirules_strict = true\n")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["one.rubric.toml:3:1: warning[[]unused-input[]]: *"])


def test_a_file_that_cannot_be_read_fails_its_check_alone(run, pytester):
    """Not TOML, not a text, or not a file: all other files are tested."""
    (pytester.path / "link.rubric.toml").symlink_to("nowhere")
    (pytester.path / "bytes.rubric.toml").write_bytes(b"\xff\xfe\x00")
    result = run("bytes.rubric.toml", "one.rubric.toml", "two.rubric.toml", one="= 1", two=SOUND)
    result.assert_outcomes(failed=2, passed=2)
    result.stdout.fnmatch_lines(["one.rubric.toml:1:1: error[[]syntax[]]: *"])


def test_a_file_that_cannot_be_opened_fails_its_check(run, monkeypatch):
    """The test shows the reason of the operating system."""
    from kpirules.errors import FileError

    # the module that an import finds: an earlier run may have left another one in the package
    limits = importlib.import_module("kpirules.toml.limits")

    def refuse(path):
        raise FileError(file=str(path), reason="Permission denied")

    monkeypatch.setattr(limits, "read_bytes", refuse)
    result = run(one=SOUND)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["one.rubric.toml:1:1: error[[]unreadable[]]: cannot be read: Permission denied"]
    )


def test_names_are_told_apart_and_harmless(run):
    """Two examples of one name, one in Chinese, one with a control character."""
    names = "全勤", "all", "all", "\\u001b[31m", "a\\nb"
    more = "".join(
        f'[[example]]\nname = "{n}"\nratings = {{ work = 1 }}\nexpect = {{ }}\n' for n in names
    )
    result = run("-v", one=SOUND + more)
    result.assert_outcomes(passed=7)
    shown = result.stdout.str()
    assert "\x1b" not in shown
    for name in ("全勤", 'all" [2]', 'all" [3]', "\\x1b[31m", "a\\nb"):
        assert name in shown


def test_what_an_example_fails_with_is_harmless(run):
    """A control character of its name is shown as an escape, a Chinese one unchanged."""
    result = run(one=WRONG.replace('"all"', '"全\\u001b[31m"'))
    result.assert_outcomes(passed=1, failed=1)
    assert "\x1b" not in result.stdout.str()
    assert ':7: example "全\\x1b[31m": total: expected 101' in result.stdout.str()


def test_an_item_says_where_it_stands(run, pytester):
    """The file, the line from 0, the name."""
    run(one=SOUND)
    items, _ = pytester.inline_genitems("one.rubric.toml")
    path = pytester.path / "one.rubric.toml"
    expected = [(path, 0, "check"), (path, 6, 'example "all"')]
    assert expected == [item.reportinfo() for item in items]


def test_a_file_that_is_given_twice_is_tested_once(run):
    """By its own name, and by that of its folder."""
    run("one.rubric.toml", "./one.rubric.toml", one=SOUND).assert_outcomes(passed=2)
    run(".", "one.rubric.toml", one=SOUND).assert_outcomes(passed=2)


def test_a_folder_without_rulesets_has_no_tests(run, pytester):
    """The plugin reports no error."""
    pytester.mkdir("empty")
    result = run("empty", one=SOUND)
    assert pytest.ExitCode.NO_TESTS_COLLECTED == result.ret


@pytest.mark.parametrize("name", ["doctest", "skipping", "junitxml", "assertion"])
def test_it_needs_no_other_plugin(run, name):
    """For example plugins that people often turn off."""
    run("-p", f"no:{name}", one=UNSOUND, two=SOUND).assert_outcomes(passed=2, failed=1, skipped=1)


def test_it_can_be_turned_off(pytester):
    """By the name of its entry point, like every plugin; in a process that does not load it."""
    (pytester.path / "one.rubric.toml").write_text(SOUND, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:kpirules", "-p", "no:cacheprovider")
    assert pytest.ExitCode.NO_TESTS_COLLECTED == result.ret


def test_other_toml_files_are_left_alone(run, pytester):
    """Only the suffix of the name counts."""
    pytester.makefile(".toml", other="= 1")
    result = run()
    assert pytest.ExitCode.NO_TESTS_COLLECTED == result.ret


@pytest.mark.thorough("the plugin in several processes")
def test_it_works_with_xdist(run):
    """Every worker collects the same tests."""
    run("-n", "2", one=SOUND, two=SOUND).assert_outcomes(passed=4)
    result = run("-n", "2", one=WRONG.replace('"all"', '"全勤"'), two=UNSOUND)
    result.assert_outcomes(passed=1, failed=2, skipped=1)
    result.stdout.fnmatch_lines(['one.rubric.toml:7: example "全勤": total: expected 101, got 100'])


def test_what_is_no_finding_is_shown_as_pytest_does(run, monkeypatch):
    """An error of the plugin itself is shown with its traceback."""

    def burst(_):
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(plugin.RulesetItem, "runtest", burst)
    result = run(one=SOUND)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*ZeroDivisionError: boom*"])


def test_the_shipped_rulesets_pass(pytester):
    """A test for each check and each example, from any start directory."""
    result = pytester.runpytest_inprocess("-q", str(sources.shipped()))
    assert 0 == result.ret
    assert 20 <= result.parseoutcomes()["passed"]


def test_it_costs_nothing_at_start_up():
    """Neither the engine nor Hypothesis is imported before a ruleset file is collected."""
    probe = (
        "import kpirules.testing.plugin, sys; "
        "print(sorted({m.split('.')[1] for m in sys.modules if m.startswith('kpirules.')}), "
        "'cattrs' in sys.modules, 'hypothesis' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert "['testing'] False False\n" == shown.stdout


def test_the_ending_is_the_catalogs():
    """The plugin has a copy of it, so as not to import the engine."""
    assert catalog.SUFFIX == plugin.SUFFIX
