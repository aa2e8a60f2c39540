"""A stored result read back from its JSON, each field by a function that knows its path.

A stored text is not trusted: whatever is in it, reading gives a result or one
:class:`~kpirules.errors.StoredResultError` that names the place. Sizes are bounded, so that all
that is done with a result afterwards (its sums, its explanation) takes little time.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

import attrs

from kpirules._internal.typeguards import is_dict
from kpirules.arithmetic.number import Exact
from kpirules.compiler.row_condition import Condition
from kpirules.errors import ModelError, StoredResultError
from kpirules.evaluation.json_nodes import MAX_DIGITS, Node, Repeated, given_value, parse, size
from kpirules.evaluation.result_json import VERSION
from kpirules.evaluation.result_parts import (
    EFFECTS,
    Demoted,
    Form,
    GateHeld,
    Heading,
    Line,
    ListStep,
    Membership,
    QuotaPlace,
    ShareOf,
    Step,
    TierReached,
    Verdict,
)
from kpirules.model.inputs import Cohort, History
from kpirules.model.provenance import Package
from kpirules.model.quota import Quota
from kpirules.model.rubric import Text
from kpirules.translations.message import Message, reason_of


if TYPE_CHECKING:
    from kpirules.evaluation.result_parts import Given
    from kpirules.model.inputs import Gathering
    from kpirules.model.rubric import Entry

#: the longest text of a result, in characters
MAX_LENGTH = 4_000_000
#: why a line was left out
_LEFT_OUT: Final[dict[str, Literal["", "missing", "weight"]]] = {
    "": "",
    "missing": "missing",
    "weight": "weight",
}


class Parts(TypedDict):
    """The fields of a :class:`~kpirules.evaluation.result_content.ResultContent`."""

    form: Form
    inputs: dict[str, Given]
    lines: tuple[Line, ...]
    derived: dict[str, Step | ListStep]
    verdict: Verdict
    memberships: dict[str, Membership]


def load(text: str | bytes) -> Parts:
    """Read the parts of a result from its JSON text."""
    return read(tree_of(text))


def tree_of(text: object) -> object:
    """Parse the JSON text of one result."""
    if not isinstance(text, (str, bytes)):
        reason = Message.of("stored.no-text", kind=type(text).__name__)
        raise StoredResultError(reason=reason)
    if len(text) > MAX_LENGTH:
        reason = Message.of("stored.too-long", length=len(text), most=MAX_LENGTH)
        raise StoredResultError(reason=reason)
    try:
        return parse(text)
    except ValueError as error:
        reason = Message.of("stored.no-json", reason=reason_of(error))
        raise StoredResultError(reason=reason) from None


def form_of(tree: object) -> Form:
    """Read what all results of a rubric share from its own tree."""
    node = Node(tree)
    return _Reader().with_gathered(node, node)


def read(tree: object) -> Parts:
    """Read the parts of a result from the tree of its JSON."""
    node = Node(tree)
    if not isinstance(tree, Repeated) and not (is_dict(tree) and "kpirules" in tree):
        raise StoredResultError(reason=Message("stored.no-version"))
    version = node["kpirules"].index()
    if version > VERSION:
        node["kpirules"].wrong("later-version", version=version, last=VERSION)
    if version < 1:
        node["kpirules"].wrong("version", last=VERSION)
    return (_Reader() if version == VERSION else _ReaderOfVersion1()).result(node)


class _Reader:
    """Reads results of the current version."""

    def pairs(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Yield names with their values, in their order."""
        for pair in node.items():
            parts = pair.items()
            if len(parts) != 2:  # noqa: PLR2004 - a pair
                pair.wrong("no-pair")
            yield parts[0].text(), parts[1]

    def condition(self, node: Node) -> Condition:
        """Read when something holds."""
        if node.value is None:
            return Condition()
        table = node.table()
        if "asked" in table:
            pairs = self.pairs(node["asked"])
            return Condition(asked=tuple((name, each.each(_entry)) for name, each in pairs))
        if "rating" in table:
            return Condition(rating=node["rating"].range())
        if "text" in table:
            return Condition(text=node["text"].text())
        return Condition(otherwise=node["otherwise"].flag())

    def result(self, node: Node) -> Parts:
        """Read the parts of a result."""
        form = self.with_gathered(node["rubric"], node)
        verdict = Verdict(
            raw_total=node["raw_total"].number(),
            subtotals=node["settled"].each(self.sum),
            adjustments=node["adjustments"].each(self.sum),
            before=node["before"].maybe(self.sum),
            tier_before=node["tier_before"].maybe(self.tier),
            gates=node["gates"].each(self.gate),
            # written only if a quota demoted the record
            demoted=node.member("demoted").maybe(lambda each: each.each(self.demoted)) or (),
            total=node["total"].maybe(Node.number),
            unratable=node["unratable"].flag(),
            tier=node["tier"].maybe(self.tier),
            outcomes=node["outcomes"].each(self.step),
        )
        derived = {step.name: step for step in node["derived"].each(self.derived)}
        lines = node["lines"].each(self.line)
        sections = {heading.id for heading in form.sections}
        for i, line in enumerate(lines):
            if line.section is not None and line.section not in sections:
                place = node["lines"].items()[i]["section"]
                place.wrong("no-section", value=given_value(line.section))
        inputs = node["inputs"]
        given = {name: inputs.member(name).given() for name in inputs.table()}
        # what is computed from other fields says nothing of its own: it is held to its type alone
        for name in node["subtotals"].table():
            node["subtotals"].member(name).number()
        _hold_sums(node, lines, verdict)
        return Parts(
            form=form,
            inputs=given,
            lines=lines,
            derived=derived,
            verdict=verdict,
            memberships=self.memberships(node),
        )

    def memberships(self, node: Node) -> dict[str, Membership]:
        """Read the groups of what was gathered, by the input."""
        every = node.member("gathered").maybe(Node.items) or ()
        return {
            each["name"].text(): self.membership(each["group"])
            for each in every
            if "group" in each.table()
        }

    def membership(self, node: Node) -> Membership:
        """Read the group of a record."""
        return Membership(
            group=tuple((name, _common(value)) for name, value in self.pairs(node["within"])),
            heads=node["heads"].index(),
            same=node["same"].index(),
            default=node["default"].flag(),
            quota=self.quota_place(node) if "allowed" in node.table() else None,
            share=self.share_of(node) if "amount" in node.table() else None,
        )

    def quota_place(self, node: Node) -> QuotaPlace:
        """Read the place of a record among those in the tiers of a quota."""
        return QuotaPlace(
            allowed=node["allowed"].maybe(Node.number),
            place=node["place"].maybe(Node.index),
            last=node["last"].each(Node.number),
        )

    def share_of(self, node: Node) -> ShareOf:
        """Read of what a record has a share."""
        return ShareOf(**{name: node[name].number() for name in ("amount", "claim", "claims")})

    def with_gathered(self, form: Node, node: Node) -> Form:
        """Read what all results of a rubric share, and which inputs are gathered."""
        gathered = node.member("gathered").maybe(lambda each: each.each(self.gathered)) or ()
        return attrs.evolve(self.form(form), gathered=gathered)

    def gathered(self, node: Node) -> tuple[str, Gathering]:
        """Read an input that is gathered."""
        node["values"].each(Node.given)
        if "cohort" in node.table():
            return node["name"].text(), self.cohort(node["cohort"])
        if "quota" in node.table():
            return node["name"].text(), self.quota(node["quota"])
        how = node["history"]
        window = how["window"]
        fields: dict[str, Any] = {
            "rubric": how["rubric"].maybe(Node.text),
            "take": how["take"].text(),
            "each": how["each"].maybe(Node.text),
            "window": window.text() if isinstance(window.value, str) else window.index(),
            "missing": how["missing"].given(),
        }
        try:
            return node["name"].text(), History(**fields)
        except ModelError as error:
            how.wrong("model", reason=error)

    def rounding(self, node: Node) -> dict[str, Any]:
        """Read how shares are rounded."""
        return {"to": node["to"].number(), "mode": node["mode"].text()}

    def cohort(self, node: Node) -> Cohort:
        """Read what is gathered of all records."""
        asked = self.condition(node["where"]).asked
        fields: dict[str, Any] = {
            "formula": node["formula"].maybe(Node.text),
            "rank": node["rank"].each(Node.text),
            "ties": node["ties"].maybe(Node.text),
            "share": node["share"].maybe(Node.text),
            "by": node["by"].maybe(Node.text),
            "round": node["round"].maybe(self.rounding),
            "otherwise": node["otherwise"].maybe(Node.text),
            "within": node["within"].each(Node.text),
            "where": dict(asked) or None,
            "missing": node["missing"].text(),
        }
        try:
            return Cohort(**fields)
        except ModelError as error:
            node.wrong("model", reason=error)

    def quota(self, node: Node) -> Quota:
        """Read a demoting quota."""
        asked = self.condition(node["where"]).asked
        fields: dict[str, Any] = {
            "id": node["id"].text(),
            "label": node["label"].maybe(self.text),
            "tier": node["tier"].each(Node.text),
            "at_most": node["at_most"].text(),
            "by": node["by"].each(Node.text),
            "ties": node["ties"].text(),
            "within": node["within"].each(Node.text),
            "where": dict(asked) or None,
        }
        try:
            return Quota(**fields, excess="demote")
        except ModelError as error:
            node.wrong("model", reason=error)

    def form(self, node: Node) -> Form:
        """Read what all results of a rubric share."""
        options = node.member("options").maybe(self.pairs) or ()
        return Form(
            rubric=node["id"].text(),
            label=node["label"].maybe(self.text),
            effective_from=node["effective_from"].maybe(Node.date),
            fingerprint=node["fingerprint"].text(),
            currency=node["currency"].maybe(Node.text),
            full_marks=node["full_marks"].number(),
            sections=node["sections"].each(self.heading),
            labels=self.texts(node["labels"]),
            components=node["components"].each(Node.text),
            # a result that was stored before they were kept has none
            options=tuple((name, self.texts(codes)) for name, codes in options),
            package=node.member("package").maybe(_package),
        )

    def heading(self, node: Node) -> Heading:
        """Read a section."""
        label = node["label"].maybe(self.text)
        return Heading(id=node["id"].text(), label=label, weight=node["weight"].number())

    def text(self, node: Node) -> Text:
        """Read a label."""
        texts = tuple((lang, text.text()) for lang, text in self.pairs(node))
        made = _text(texts)
        return made if isinstance(made, Text) else node.wrong("model", reason=made)

    def texts(self, node: Node) -> tuple[tuple[str, Text], ...]:
        """Read labels by name."""
        return tuple((name, self.text(label)) for name, label in self.pairs(node))

    def used(self, node: Node) -> tuple[tuple[str, Given], ...]:
        """Read what something was computed from."""
        return tuple((name, value.given()) for name, value in self.pairs(node))

    def tier(self, node: Node) -> TierReached:
        """Read a tier."""
        return TierReached(id=node["id"].text(), label=node["label"].maybe(self.text))

    def derived(self, node: Node) -> Step | ListStep:
        """Read a derived fact."""
        if "values" not in node.table():
            return self.step(node)
        values = node["values"].each(Node.value_of)
        raw = node["raw"].maybe(lambda each: each.each(Node.number))
        if raw is not None and len(raw) != len(values):
            node["raw"].wrong("raw", count=len(raw), values=len(values))
        return ListStep(
            name=node["name"].text(),
            label=node["label"].maybe(self.text),
            values=values,
            raw=raw,
            used=self.used(node["used"]),
        )

    def step(self, node: Node) -> Step:
        """Read a step."""
        return Step(
            name=node["name"].text(),
            label=node["label"].maybe(self.text),
            value=node["value"].value_of(),
            raw=node["raw"].maybe(Node.number),
            band=node["band"].maybe(Node.index),
            band_label=node["band_label"].maybe(self.text),
            condition=self.condition(node["condition"]),
            used=self.used(node["used"]),
            skipped=node["skipped"].flag(),
        )

    def sum(self, node: Node) -> Step:
        """Read a step that is a part of the total: its value is a number."""
        node["value"].number()
        return self.step(node)

    def gate(self, node: Node) -> GateHeld:
        """Read a gate that held."""
        return GateHeld(
            gate=node["gate"].index(),
            condition=self.condition(node["condition"]),
            effect=tuple((key, _effect(key, value)) for key, value in self.pairs(node["effect"])),
            reason=node["reason"].maybe(self.text),
            used=self.used(node["used"]),
        )

    def demoted(self, node: Node) -> Demoted:
        """Read a quota that demoted the record."""
        return Demoted(
            quota=node["quota"].text(),
            label=node["label"].maybe(self.text),
            tier=self.tier(node["tier"]),
            below=self.tier(node["below"]),
        )

    def line(self, node: Node) -> Line:
        """Read a line."""
        return Line(
            criterion=node["criterion"].text(),
            label=node["label"].maybe(self.text),
            section=node["section"].maybe(Node.text),
            cite=node["cite"].maybe(self.text),
            band=node["band"].maybe(Node.index),
            band_label=node["band_label"].maybe(self.text),
            condition=self.condition(node["condition"]),
            points=node["points"].maybe(Node.number),
            raw=node["raw"].maybe(Node.number),
            scale=node["scale"].maybe(Node.number),
            weight=node["weight"].maybe(Node.number),
            contribution=node["contribution"].number(),
            used=self.used(node["inputs"]),
            remark=node["remark"].maybe(Node.text),
            left_out=_left_out(node["left_out"]),
            assumed=node["assumed"].flag(),
        )


class _ReaderOfVersion1(_Reader):
    """Reads results of version 1, in which objects had an order and conditions were texts."""

    def pairs(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Yield the members of an object."""
        for key in node.table():
            yield key, node.member(key)

    def condition(self, node: Node) -> Condition:
        """Read a condition in the words of the ruleset file."""
        text = node.text()
        return Condition(otherwise=True) if text == "otherwise" else Condition(text=text)


def _entry(node: Node) -> Entry:
    """Read an entry of a condition."""
    if isinstance(node.value, bool):
        return node.value
    return node["range"].range() if is_dict(node.value) else node.text()


def _common(node: Node) -> str | bool:
    """Read a value that the records of a group have in common."""
    return node.value if isinstance(node.value, bool) else node.text()


def _effect(key: str, node: Node) -> Exact | str | bool | int:
    """Read something that a gate does."""
    if key not in EFFECTS:
        node.wrong("no-effect", value=given_value(key), effects=tuple(EFFECTS))
    kind = EFFECTS[key]
    if kind is str:
        return node["text"].text()
    return node.flag() if kind is bool else node.index() if kind is int else node.number()


def _left_out(node: Node) -> Literal["", "missing", "weight"]:
    """Read why a line was left out."""
    why = _LEFT_OUT.get(node.text())
    return node.expected("left-out") if why is None else why


def _package(node: Node) -> Package:
    """Read the package that a rubric came from."""
    return Package(name=node["name"].text(), version=node["version"].text())


def _text(texts: tuple[tuple[str, str], ...]) -> Text | Message | str:
    """Return a label, or what is wrong with its texts."""
    try:
        return Text(texts)
    except ModelError as error:
        return error.problems[0][2]


def _hold_sums(node: Node, lines: tuple[Line, ...], verdict: Verdict) -> None:
    """Check that sums of the numbers, which explanations show, have not too many digits either."""
    added = [step.value for step in verdict.adjustments]
    numbers = (
        ("lines", [line.contribution for line in lines]),
        ("lines", [line.weight for line in lines]),
        ("adjustments", [verdict.raw_total, *added]),
    )
    for key, each in numbers:
        total = Fraction()
        for number in each:
            total += number.exact if isinstance(number, Exact) else 0
            if size(total) > 2 * MAX_DIGITS:
                node[key].wrong("sum-digits", most=2 * MAX_DIGITS)
