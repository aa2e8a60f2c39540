"""Help texts and usage errors, in the reader's language.

Commands are declared with keys of the translations in place of texts: :class:`Commands` replaces
them when the language of a run is known. typer's own texts are English, and its layout counts a
Chinese character as one column; so the help is written here.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from kpirules._internal.display import brief, printable, similar, width, wrapped
from kpirules.cli.process import reported_write_errors
from kpirules.cli.reader_language import OPTION, locale_language, taken_from, text, using, write
from kpirules.translations.catalog import LanguageError, languages, tag_of
from kpirules.translations.message import Joined


if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence


#: the widest column of names in a help text, and the space around it
_NAMES, _SPACE = 26, 2


@contextmanager
def _errors_of(ctx: Any) -> Generator[None]:  # noqa: ANN401 - of typer's own type
    """Add the command to its usage errors: typer leaves it out of some."""
    try:
        yield
    except typer.TyperException as error:
        vars(error)["ctx"] = ctx
        raise


class Command(TyperCommand):
    """A command with its help and usage errors in the reader's language."""

    # they are reported here, in the reader's language
    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - as above
        """Parse the arguments; raise a usage error for arguments that the command does not take."""
        with _errors_of(ctx):
            extra = super().parse_args(ctx, args)
        if extra and not ctx.resilient_parsing:
            ctx.fail(text("usage.extra", arguments=" ".join(extra)))
        return extra

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the help of the command."""
        _write_help(self, ctx, formatter)


class Commands(TyperGroup):
    """All commands: one run of the command line, in the language of the reader."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - as above
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - as above
        **extra: Any,  # noqa: ANN401 - as above
    ) -> NoReturn:
        """Run a command; exit with its code."""
        del standalone_mode
        arguments, lang = taken_from(sys.argv[1:] if args is None else args)
        with using(locale_language()):
            try:
                chosen = locale_language() if lang is None else tag_of(lang)
            except LanguageError as error:
                _write_error(text("usage.value", name=OPTION, reason=error))
                sys.exit(2)
        with using(chosen):
            _translate(self)
            for command in self.commands.values():
                _translate(command)
            try:
                code = super().main(
                    arguments,
                    prog_name,
                    complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    **extra,
                )
            except typer.TyperException as error:
                sys.exit(_report(error))
        sys.exit(code or 0)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - as above
        """Parse the arguments; without any, write the help to standard error."""
        if not args:
            sys.stderr.write(f"{ctx.get_help()}\n")
            ctx.exit(2)
        with _errors_of(ctx):
            return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        """Parse the arguments, and print the help of all commands if it is asked for."""
        with reported_write_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        """Run a command and flush its output."""
        with reported_write_errors():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """Return the command that the arguments name; raise a usage error if there is none."""
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            problem = text("usage.unknown-command", name=name)
            ctx.fail(_with_near(problem, similar(name, tuple(self.commands))))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the help of all commands."""
        _write_help(self, ctx, formatter)


# ---------------------------------------------------------------- values of options


def fail(key: str, **params: object) -> NoReturn:
    """Report a usage error, and exit."""
    _write_error(text(key, **params))
    raise typer.Exit(2)


def whole(value: str) -> int:
    """Parse a whole number of at least 1."""
    if value.isascii() and value.isdecimal() and int(value) >= 1:
        return int(value)
    raise typer.BadParameter(text("usage.whole", value=brief(value), least=1))


def choice(option: str, value: str, choices: Iterable[str]) -> None:
    """Report a usage error if the value of an option is not one of some words."""
    known = tuple(choices)
    if value not in known:
        reason = text("usage.choice", value=brief(value), choices=Joined(known))
        fail("usage.value", name=option, reason=reason)


# ---------------------------------------------------------------- usage errors


def _write_error(message: str) -> None:
    """Write an error to standard error."""
    write("cli.error", message=message)


def _report(error: typer.TyperException) -> int:
    """Write a usage error that typer found; return the exit code."""
    _write_error(_message(error))
    ctx = vars(error)["ctx"]
    write("cli.help", help=text("usage.help", command=ctx.command_path))
    return 2


def _message(error: Any) -> str:  # noqa: ANN401 - typer does not export its usage errors
    """Return the text of a usage error of typer."""
    match type(error).__name__:
        case "NoSuchOption":
            near = (error.possibilities or [None])[0]
            problem = text("usage.unknown-option", name=printable(error.option_name))
            return _with_near(problem, near)
        case "BadOptionUsage":
            options = [p for p in error.ctx.command.params if error.option_name in p.opts]
            takes = "takes-none" if any(p.is_flag for p in options) else "needs-value"
            return text(f"usage.{takes}", name=error.option_name)
        case "MissingParameter":
            is_option = error.param.param_type_name == "option"
            key = "usage.missing-option" if is_option else "usage.missing-argument"
            return text(key, name=_name_of(error.param))
        case "BadParameter":
            return text("usage.value", name=_name_of(error.param), reason=error.message)
        case _:
            return str(error.message)


def _with_near(problem: str, near: str | None) -> str:
    """Return a problem, with the name that is probably meant."""
    return problem if near is None else text("usage.near", problem=problem, near=near)


def _name_of(param: Any) -> str:  # noqa: ANN401 - an option or argument of typer
    """Return the name of an option or argument in texts."""
    return str(param.metavar if param.param_type_name == "argument" else param.opts[-1])


# ---------------------------------------------------------------- help


def _translate(command: Any) -> None:  # noqa: ANN401 - a command of typer
    """Replace the keys of a command by their texts."""
    command.help = text(command.help)
    for param in command.params:
        param.help = text(param.help)
        if (param.metavar or "").startswith("metavar."):
            param.metavar = text(param.metavar)


def _write_help(command: Any, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - of typer
    """Write the help of a command or of all commands."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    pieces = [ctx.command_path, text("metavar.options"), *(p.metavar for p in arguments)]
    commands = getattr(command, "commands", {})
    if commands:
        pieces.append(text("metavar.command"))
    lines = list(wrapped(text("usage.usage", usage=" ".join(pieces)), formatter.width))
    for paragraph in command.help.split("\n\n"):
        lines += ["", *(f"  {line}" for line in wrapped(paragraph, formatter.width - 2))]
    option_rows = [(_option_names(p), _help_of(p)) for p in options]
    option_rows += [
        (f"{OPTION} {text('metavar.language')}", text("option.lang", languages=languages())),
        ("--help", text("option.help")),
    ]
    tables = {
        "usage.arguments": [(p.metavar, _help_of(p)) for p in arguments],
        "usage.options": option_rows,
        "usage.commands": [
            (name, each.help.partition("\n\n")[0]) for name, each in commands.items()
        ],
    }
    for title, rows in tables.items():
        if rows:
            lines += ["", text(title), *_rows(rows, formatter.width)]
    formatter.write("\n".join(lines) + "\n")


def _option_names(param: Any) -> str:  # noqa: ANN401 - as above
    """Return the names of an option, with the word for its value."""
    names = ", ".join(param.opts)
    return names if param.is_flag else f"{names} {param.metavar}"


def _help_of(param: Any) -> str:  # noqa: ANN401 - as above
    """Return the help of an option or argument."""
    return text("usage.required", help=param.help) if param.required else str(param.help)


def _rows(rows: Sequence[tuple[str, str]], columns: int) -> Iterator[str]:
    """Yield the lines of names with their help; a long name has a line of its own."""
    left = min(max(width(name) for name, _ in rows), _NAMES) + 2 * _SPACE
    for name, described in rows:
        first, *more = wrapped(described, columns - left)
        begin = " " * _SPACE + name
        if width(begin) + _SPACE > left:
            yield begin
            begin = ""
        yield begin + " " * (left - width(begin)) + first
        yield from (" " * left + line for line in more)
