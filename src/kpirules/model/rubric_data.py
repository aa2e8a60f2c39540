"""A rubric as plain data: the methods that convert it, and replace a part of it by its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from kpirules._internal.above import above
from kpirules.model.values import Value


class RubricData(Value):
    """What a rubric offers beside its fields; the layers above implement it."""

    __slots__ = ()

    def to_dict(self, *, json: bool = False) -> dict[str, Any]:
        """Return the rubric as the tree of its file: what a TOML parser gives for ``dumps``.

        It consists of new dicts and lists, ``str``, ``int``, ``Decimal``, ``bool`` and ``date``;
        values that are defaults are omitted. With ``json=True`` it is ready for JSON: a number that
        is not whole is a ``float``, whose shortest notation is the number, and a date is an ISO
        text.

        Raises :class:`ValueError` for a number that no ``float`` holds exactly, with ``json=True``;
        ``dumps`` writes all numbers.

        >>> from kpirules import Rubric, loads
        >>> rubric = loads('''
        ... schema = 1
        ... id = "desk"
        ... effective_from = 2027-01-01
        ... criterion = [{ id = "work", weight = 100, scale = 2.5 }]
        ... ''')
        >>> rubric.to_dict()["criterion"]
        [{'id': 'work', 'weight': 100, 'scale': Decimal('2.5')}]
        >>> rubric.to_dict(json=True)["criterion"], rubric.to_dict(json=True)["effective_from"]
        ([{'id': 'work', 'weight': 100, 'scale': 2.5}], '2027-01-01')
        >>> Rubric.from_dict(rubric.to_dict(json=True)) == rubric
        True
        """
        tree: dict[str, Any] = above("toml.data", "tree_of")(self, json=json)
        return tree

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> Self:
        """Read a rubric from the tree of a ruleset file, such as that of :meth:`to_dict`.

        A tree is read, checked and proved as a file is. Numbers may have any type that is an exact
        number (a ``float`` means its shortest notation), dates may be ISO texts, lists may be
        tuples, and the tree may hold parts of a rubric, such as a ``Tier``.

        Raises :class:`~kpirules.errors.RulesetError` with all findings, as
        :func:`~kpirules.loads` does; their lines are those of the tree written as TOML.

        >>> from kpirules import Rubric, RulesetError
        >>> tree = {"schema": 1, "id": "desk", "criterion": [{"id": "work", "weight": 90}]}
        >>> try:
        ...     Rubric.from_dict(tree)
        ... except RulesetError as error:
        ...     print([(finding.code, finding.path) for finding in error.findings])
        [('weights-sum', ('criterion', 0))]
        """
        rubric: Self = above("api.from_dict", "from_dict")(tree)
        return rubric

    def replace(self, place: str, value: object) -> Self:
        """Return a copy with another value at a place, named as findings name it.

        ``value`` is a value as in :meth:`from_dict`; None removes the key, the item or the part.
        An optional key of the language may be absent before. An index that is the length of its
        list appends an item, and a new name in a table by name (``inputs``, ``outcome``) adds a
        part. The values are checked, the scheme is not: :func:`~kpirules.check` does so, and the
        first evaluation.

        Raises :class:`~kpirules.errors.PlaceError` for a place that the rubric does not have, and
        :class:`~kpirules.errors.RulesetError` for a value that is not allowed there.

        >>> from kpirules import load
        >>> rubric = load("customer-service").replace("tier.good.pay", 250)
        >>> [(tier.id, str(tier.pay)) for tier in rubric.tiers][1]
        ('good', '250')
        """
        rubric: Self = above("toml.data", "replaced")(self, place, value)
        return rubric
