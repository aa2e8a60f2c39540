"""Between the parsed tree of a ruleset file and the model, both ways, by cattrs."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from kpirules import model
from kpirules.document.trees import is_list, is_table
from kpirules.findings import Finding, KeyPath
from kpirules.model import NAMED, Condition, Entry, Option, Rubric, Text, When
from kpirules.numbers import NotExactError, decimal_of, exact
from kpirules.ranges import Range, RangeSyntaxError
from kpirules.texts import brief, similar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


#: the shape of an id or name; ids of rubrics and tiers may have a hyphen as well
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)

#: unknown keys of one table for which what was meant is looked for
MOST_GUESSES = 50

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (Decimal, "a number"),
    (str, "a text"),
    (dict, "a table"),
    (list, "a list"),
)


def _got(value: object) -> str:
    """Say what stands in the file instead of what was wanted."""
    kind = next((name for cls, name in _KINDS if isinstance(value, cls)), "a date or time")
    return f"not {kind}"


def _number(value: object, _: object = None) -> Decimal:
    """Take an exact number of the file."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"must be a number, {_got(value)}")
    number = decimal_of(exact(value))
    if not isinstance(number, Decimal):  # pragma: no cover - a file's number always has decimals
        raise NotExactError("has no finite decimal form")
    return number


def _whole(value: object, _: object = None) -> int:
    """Take a whole number that is not negative."""
    number = _number(value)
    if number < 0 or number != int(number):
        raise ValueError("must be a whole number, 0 or more")
    return int(number)


def _text(value: object, _: object = None) -> str:
    """Take a text as it is; numbers do not turn into texts."""
    if not isinstance(value, str):
        raise ValueError(f"must be a text in quotes, {_got(value)}")
    return value


def _flag(value: object, _: object = None) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, {_got(value)}")
    return value


def _date(value: object, _: object = None) -> date:
    """Take a date without a time."""
    if type(value) is not date:
        raise ValueError(f"must be a date such as 2025-01-01, {_got(value)}")
    return value


def _number_or_text(value: object, _: object = None) -> Decimal | str | None:
    """Take a number, or a text where a text makes sense."""
    return value if isinstance(value, str) else _number(value)


def _scalar(value: object, _: object = None) -> Decimal | str | bool:
    """Take a number, a text or a flag."""
    return value if isinstance(value, (str, bool)) else _number(value)


def _range(value: object, _: object = None) -> Range:
    """Take a range text."""
    if not isinstance(value, str):
        raise ValueError(f'must be a range in quotes, such as "0..10", {_got(value)}')
    return Range.parse(value)


def _span(value: object, _: object = None) -> Range:
    """Take a number or a range text as a range."""
    return _range(value) if isinstance(value, str) else Range.exactly(exact(_number(value)))


def _number_or_range(value: object, _: object = None) -> Decimal | Range:
    """Take a number, or a range to award within."""
    return _range(value) if isinstance(value, str) else _number(value)


def _label(value: object, _: object = None) -> Text:
    """Take a text, or a table of texts by language tag."""
    if isinstance(value, str):
        return Text.of(value)
    if not is_table(value):
        raise ValueError(
            f'must be a text or a table by language such as {{ zh = "...", en = "..." }}, '
            f"{_got(value)}"
        )
    if not value:
        raise ValueError("has no text in any language")
    for tag in value:
        if not _TAG.fullmatch(tag):
            raise ValueError(f'{brief(tag)} is no language tag such as "zh" or "en-GB"')
    return Text.of({tag: _text(text) for tag, text in value.items()})


def _entry(value: object) -> Entry:
    """Take one entry of a ``when``: a text that reads as a range is one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return Range.parse(value)
        except RangeSyntaxError:
            return value
    return Range.exactly(exact(_number(value)))


def _entries(value: object) -> tuple[Entry, ...]:
    """Take an entry or a list of them."""
    if is_list(value):
        if not value:
            raise ValueError("an empty list never holds: name at least one entry")
        return tuple(map(_entry, value))
    return (_entry(value),)


def _when(value: object, _: object = None) -> When:
    """Take the table of a ``when``, or ``"otherwise"``, or the bare entry that ``of`` names."""
    if value == "otherwise":
        return When(otherwise=True)
    if not is_table(value):
        return When(conditions=(Condition(name="", entries=_entries(value)),))
    if not value:
        raise ValueError('has no condition; what always holds is written "otherwise"')
    return When(
        conditions=_each(
            ((name, name, entry) for name, entry in _flat(value)),
            lambda name, entry: Condition(name=name, entries=_entries(entry)),
            When,
        )
    )


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give the leaves of a table of dotted names; nested and dotted are the same."""
    for key, value in tree.items():
        if is_table(value) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _each(
    items: Iterator[tuple[str | int, Any, Any]], make: Callable[[Any, Any], Any], cls: type
) -> tuple[Any, ...]:
    """Make a value of each (step, first, second); collect all errors, each with its step."""
    made: list[Any] = []
    errors: list[Exception] = []
    for step, first, second in items:
        try:
            made.append(make(first, second))
        except Exception as error:  # noqa: BLE001 - all are kept, none is hidden
            error.add_note(IterableValidationNote(f"@ {step}", step, cls))
            errors.append(error)
    if errors:
        raise IterableValidationError("", errors, cls)
    return tuple(made)


def _example_value(value: object) -> model.ExampleValue:
    """Take a value of an example: a scalar or a list of them."""
    if is_list(value):
        return tuple(map(_example_value, value))
    return _scalar(value)


def _pairs(value: object, _: object = None) -> tuple[tuple[str, model.ExampleValue], ...]:
    """Take the record or the expectation of an example."""
    if not is_table(value):
        raise ValueError(f"must be a table, {_got(value)}")
    return _each(
        ((name, name, item) for name, item in _flat(value)),
        lambda name, item: (name, _example_value(item)),
        tuple,
    )


def _options(value: object, _: object = None) -> tuple[Option, ...]:
    """Take options as a list of codes, or as a table from code to label."""
    if is_table(value):
        return _each(
            ((code, code, label) for code, label in value.items()),
            lambda code, label: Option(code=code, label=_label(label)),
            Option,
        )
    if not is_list(value):
        raise ValueError(f"must be a list of codes or a table of code = label, {_got(value)}")
    return _each(
        ((i, i, code) for i, code in enumerate(value)),
        lambda _i, code: Option(code=_text(code)),
        Option,
    )


def _spans(value: object, _: object = None) -> tuple[Range, ...]:
    """Take one number or range, or a list of them."""
    items = value if is_list(value) else [value]
    return _each(((i, i, item) for i, item in enumerate(items)), lambda _i, v: _span(v), Range)


def _name(value: object, _: object = None) -> str:
    """Take an id: letters, digits and ``_``, not starting with a digit."""
    text = _text(value)
    if not NAME.fullmatch(text):
        raise ValueError(
            f"{brief(text)} is no id: write letters a-z, digits and _, not starting with a digit"
        )
    return text


def _hyphened(value: object, _: object = None) -> str:
    """Take the id of a rubric or tier, which may have hyphens."""
    text = _text(value)
    _name(text.replace("-", "_"))
    return text


def _schema(value: object, _: object = None) -> int:
    """Take the version of the language."""
    if _whole(value) != 1:
        raise ValueError(f"this is schema {value}; this version of kpirules reads schema 1")
    return 1


def _policy(value: object, allowed: tuple[str, ...], *, points: bool = False) -> Decimal | str:
    """Take a policy for missing values, or a number of points where that is one."""
    if isinstance(value, str) and value in allowed:
        return value
    if points and not isinstance(value, (str, bool)):
        return _number(value)
    words = ", ".join(f'"{word}"' for word in allowed)
    raise ValueError(f"must be {words}{' or a number of points' if points else ''}")


def _criterion_missing(value: object, _: object = None) -> Decimal | str:
    """Take a criterion's policy."""
    return _policy(value, ("error", "zero", "exclude"), points=True)


def _part_missing(value: object, _: object = None) -> Decimal | str:
    """Take the policy of an adjustment, gate or outcome."""
    return _policy(value, ("error", "skip"))


#: fields that are not structured by their type alone: (class, field) to hook
_SPECIAL: dict[tuple[type, str], Callable[..., Any]] = {
    (Rubric, "id"): _hyphened,
    (Rubric, "schema"): _schema,
    (Rubric, "effective_from"): _date,
    (Rubric, "effective_until"): _date,
    (model.Tier, "id"): _hyphened,
    (model.Tier, "total"): _spans,
    (model.Section, "id"): _name,
    (model.Criterion, "id"): _name,
    (model.Criterion, "missing"): _criterion_missing,
    (model.Adjustment, "id"): _name,
    (model.Adjustment, "missing"): _part_missing,
    (model.Gate, "missing"): _part_missing,
    (model.Outcome, "missing"): _part_missing,
    (model.Input, "options"): _options,
    (model.Example, "ratings"): _pairs,
    (model.Example, "expect"): _pairs,
}
#: the way to write each quantity's plain value: ``points`` here, ``value`` everywhere else
_IN_POINTS = (model.Criterion, model.Adjustment)


def _literal(value: object, kind: Any) -> str:  # noqa: ANN401 - a Literal is no type
    """Take one of a few words."""
    words = get_args(kind)
    if value not in words or not isinstance(value, str):
        near = similar(value, words) if isinstance(value, str) else None
        hint = f'; did you mean "{near}"?' if near else ""
        listed = ", ".join(f'"{word}"' for word in words)
        raise ValueError(f"must be one of {listed}{hint}")
    return value


def keys_of(cls: type) -> dict[str, str]:
    """Give the keys of a class's table in the file, each with its field's name."""
    hidden: set[str] = {"name"} if cls in NAMED else set()
    if issubclass(cls, model.Quantity):
        hidden.add("value" if cls in _IN_POINTS else "points")
    return {
        field.metadata.get("key", field.name): field.name
        for field in attrs.fields(cls)
        if field.name not in hidden and field.init
    }


def _list_of(kind: type, converter: Converter) -> Callable[..., Any]:
    """Take a list of tables (or texts), or the tables by name that some parts are written as."""
    (item, *_) = get_args(kind)

    def take_list(value: object, _: object = None) -> tuple[Any, ...]:
        if not is_list(value):
            raise ValueError(f"must be a list, {_got(value)}")
        pairs = ((i, i, each) for i, each in enumerate(value))
        return _each(pairs, lambda _i, each: converter.structure(each, item), item)

    def take_table(value: object, _: object = None) -> tuple[Any, ...]:
        if not is_table(value):
            raise ValueError(f"must be a table by name, {_got(value)}")
        pairs = ((name, name, each) for name, each in value.items())
        return _each(pairs, lambda name, each: _named(converter, item, name, each), item)

    return take_table if item in NAMED else take_list


def _named(converter: Converter, cls: type, name: str, value: object) -> object:
    """Structure a table ``[part.NAME]``."""
    _name(name)
    if not is_table(value):
        if cls is not model.Rater:
            raise ValueError(f"must be a table, {_got(value)}")
        return model.Rater(name=name, weight=_number(value))
    if "name" in value:
        raise ForbiddenExtraKeysError("", cls, {"name"})
    return converter.structure({"name": name, **value}, cls)


def _table_of(cls: type, converter: Converter) -> Callable[..., Any]:
    """Take a table as a class of the model."""
    known = keys_of(cls)
    fields: dict[str, Any] = {
        field: override(rename=key, struct_hook=_SPECIAL.get((cls, field)))
        for key, field in known.items()
    }
    for field in attrs.fields(cls):
        if field.name not in fields:
            fields[field.name] = override(omit=field.name != "name")
    take: Callable[..., Any] = make_dict_structure_fn(
        cls,
        converter,
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=True,
        **fields,
    )

    def take_table(value: object, _: object = None) -> object:
        if not is_table(value):
            raise ValueError(f"must be a table, {_got(value)}")
        return take(value, cls)

    return take_table


#: hooks by the exact type of a field
_BY_TYPE: tuple[tuple[Any, Callable[..., Any]], ...] = (
    (str, _text),
    (bool, _flag),
    (int, _whole),
    (Decimal, _number),
    (Text, _label),
    (Range, _range),
    (When, _when),
    (Decimal | str | None, _number_or_text),
    (Decimal | str | bool | None, _scalar),
    (Decimal | Range | None, _number_or_range),
)


@cache
def converter() -> Converter:
    """Make the one converter between trees and models."""
    made = Converter(detailed_validation=True, forbid_extra_keys=True, omit_if_default=True)

    def bands(value: object, _: object = None) -> object:
        if isinstance(value, str):
            return value
        return made.structure(value, tuple[model.Band, ...])

    def table(cls: Any) -> Callable[..., Any]:  # noqa: ANN401 - cattrs passes any type
        return _table_of(cls, made)

    def items(kind: Any) -> Callable[..., Any]:  # noqa: ANN401 - cattrs passes any type
        return _list_of(kind, made)

    def tree(cls: Any) -> Callable[..., Any]:  # noqa: ANN401 - cattrs passes any type
        return _tree_of(cls, made)

    def is_tuple(kind: Any) -> bool:  # noqa: ANN401 - cattrs passes any type
        return get_origin(kind) is tuple

    made.register_structure_hook_factory(attrs.has, table)
    made.register_structure_hook_factory(is_tuple, items)
    made.register_structure_hook_func(lambda kind: str(kind).startswith("typing.Literal"), _literal)
    made.register_structure_hook_func(
        lambda kind: kind == tuple[model.Band, ...] | str | None, bands
    )
    for kind, hook in _BY_TYPE:
        made.register_structure_hook_func(lambda k, kind=kind: k == kind, hook)
    made.register_unstructure_hook_factory(attrs.has, tree)
    made.register_unstructure_hook(Text, _text_tree)
    made.register_unstructure_hook(Range, _range_tree)
    made.register_unstructure_hook(When, _when_tree)
    return made


def structure(tree: dict[str, Any]) -> Rubric:
    """Make a rubric from the parsed tree of its file; a cattrs error holds everything wrong."""
    rubric: Rubric = converter().structure(_with_defaults(tree), Rubric)
    return rubric


def _with_defaults(tree: dict[str, Any]) -> dict[str, Any]:
    """Write the ``[defaults]`` into each criterion that does not say otherwise."""
    defaults = tree.get("defaults")
    if not is_table(defaults):
        return tree
    ways = {"points", "formula", "bands"}

    def fill(criterion: object) -> object:
        if not is_table(criterion):
            return criterion
        own = bool(ways & criterion.keys())
        taken = {k: v for k, v in defaults.items() if not (own and k in {*ways, "of"})}
        return {**taken, **criterion}

    def fill_all(holder: dict[str, Any]) -> dict[str, Any]:
        criteria = holder.get("criterion")
        if not is_list(criteria):
            return holder
        return {**holder, "criterion": [fill(c) for c in criteria]}

    filled = fill_all({k: v for k, v in tree.items() if k != "defaults"})
    sections = filled.get("section")
    if is_list(sections):
        filled["section"] = [fill_all(s) if is_table(s) else s for s in sections]
    return filled


# ---------------------------------------------------------------- what is wrong


def problems(error: Exception, path: KeyPath = ()) -> Iterator[Finding]:
    """Turn what cattrs raised into findings, each with the path of keys that it is about."""
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            step = _step(each, error.cl)
            inner = path if step is None else (*path, *step)
            yield from problems(each, inner)  # type: ignore[arg-type]
    elif isinstance(error, ForbiddenExtraKeysError):
        known = tuple(keys_of(error.cl))
        for i, extra in enumerate(sorted(error.extra_fields)):
            # looking for what was meant takes time: not for each of ten thousand
            near = similar(extra, known) if i < MOST_GUESSES else None
            yield Finding(
                code="unknown-key",
                message=f'unknown key "{brief(extra)[1:-1]}"',
                help=f'did you mean "{near}"?' if near else f"the keys are {', '.join(known)}",
                path=(*path, extra),
            )
    elif isinstance(error, KeyError):
        yield Finding(
            code="missing-key",
            message=f'the key "{path[-1]}" is missing',
            path=path[:-1],
        )
    else:
        yield Finding(code="value", message=str(error), path=path)


def _step(error: BaseException, cls: type) -> KeyPath | None:
    """Read the note that says at which key or index an error happened."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return tuple(note.index.split(".")) if isinstance(note.index, str) else (note.index,)
        if isinstance(note, AttributeValidationNote):
            field = attrs.fields_dict(cls)[note.name]
            return (field.metadata.get("key", field.name),)
    return None


# ---------------------------------------------------------------- back to a tree


def _tree_of(cls: type, converter_: Converter) -> Callable[..., Any]:
    """Give a model value as a table, defaults left out."""
    fields: dict[str, Any] = {f: override(rename=k) for k, f in keys_of(cls).items()}
    for field in attrs.fields(cls):
        if field.name not in fields:
            fields[field.name] = override(omit=True)
    for name in ("ratings", "expect"):
        if cls is model.Example:
            fields[name] = override(unstruct_hook=_pairs_tree)
    if cls is model.Input:
        fields["options"] = override(unstruct_hook=_options_tree)
    for field in attrs.fields(cls):
        item = next(iter(get_args(field.type)), None)
        if get_origin(field.type) is tuple and item in NAMED:
            rename = fields[field.name].rename
            fields[field.name] = override(
                rename=rename,
                unstruct_hook=lambda parts: {p.name: converter_.unstructure(p) for p in parts},
            )
    if cls is model.Tier:
        fields["total"] = override(unstruct_hook=_spans_tree)
    if cls is Rubric:
        # written even where it is the default: a file without it cannot be read
        fields["schema"] = override(omit_if_default=False)
    return make_dict_unstructure_fn(cls, converter_, _cattrs_omit_if_default=True, **fields)


def _text_tree(text: Text) -> object:
    """Give a text as a string or a table by language."""
    texts = dict(text.by_language)
    return texts[""] if list(texts) == [""] else texts


def _range_tree(span: Range) -> object:
    """Give a range as its text; see :func:`_number_tree` where a bare number stands for one."""
    return str(span) if span.only is None else f"{span}..{span}"


def _number_tree(span: Entry) -> object:
    """Give an entry: a range of one number as the number."""
    if isinstance(span, Range):
        return str(span) if span.only is None else decimal_of(span.only)
    return span


def _one_or_list(items: list[object]) -> object:
    """Give one item as itself, several as a list."""
    return items[0] if len(items) == 1 else items


def _spans_tree(spans: tuple[Range, ...]) -> object:
    """Give the ranges of a tier."""
    return _one_or_list([_number_tree(span) for span in spans])


def _when_tree(when: When) -> object:
    """Give a ``when`` as it is written."""
    if when.otherwise:
        return "otherwise"
    entries = {c.name: _one_or_list([_number_tree(e) for e in c.entries]) for c in when.conditions}
    return entries[""] if list(entries) == [""] else entries


def _pairs_tree(pairs: tuple[tuple[str, model.ExampleValue], ...]) -> dict[str, object]:
    """Give the table of an example."""
    return {name: _listed(value) for name, value in pairs}


def _listed(value: model.ExampleValue) -> object:
    """Give a value of an example, tuples as lists."""
    return [_listed(v) for v in value] if isinstance(value, tuple) else value


def _options_tree(options: tuple[Option, ...]) -> object:
    """Give options as a table where any has a label, else as a list."""
    if any(o.label is not None for o in options):
        return {o.code: o.code if o.label is None else _text_tree(o.label) for o in options}
    return [o.code for o in options]


def unstructure(rubric: Rubric) -> dict[str, Any]:
    """Give the tree of a rubric, as its file would have it."""
    tree: dict[str, Any] = converter().unstructure(rubric)
    return tree
