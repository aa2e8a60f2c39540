"""The signature of a stored result: who has the key stored it, and nothing in it was changed."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, Result, evaluate, loads, verify
from kpirules.evaluation import signature
from kpirules.evaluation.json_nodes import parse
from kpirules.testing import records, rubrics
from tests import ROOT


KEY = b"0123456789abcdef"
TEXT = 'schema = 1\nid = "x"\n[criterion]\n'


@pytest.fixture(scope="module")
def rubric():
    return loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "a", label = { zh = "甲" }, weight = 100 }]'
    )


@pytest.fixture(scope="module")
def result(rubric):
    return evaluate(rubric, {"a": "70"})


def jsonb(text):
    """Return what PostgreSQL makes of JSON: keys by length and bytes, a space after each colon."""

    def ordered(value):
        if isinstance(value, dict):
            keys = sorted(value, key=lambda k: (len(k.encode()), k.encode()))
            return {key: ordered(value[key]) for key in keys}
        return [ordered(each) for each in value] if isinstance(value, list) else value

    return json.dumps(ordered(json.loads(text)), ensure_ascii=False)


def test_a_signed_result_verifies_with_its_key(result, rubric):
    """The same key as text or bytes; in any layout of the JSON that is stored."""
    signed = result.sign(KEY)
    assert signed == result.sign(KEY.decode()) == Result.from_json(result.to_json()).sign(KEY)
    for stored in (result.to_json(), jsonb(result.to_json()), result.to_json().encode()):
        done = verify(stored, rubric=rubric, key=KEY, signature=signed)
        assert ("same", True) == (done.outcome, done.signed)
    done = verify(result.to_json(), rubric=rubric)
    assert ("same", False) == (done.outcome, done.signed)


def test_the_signature_is_an_hmac_of_the_canonical_form(result):
    """Computed by hand: anyone can check it without kpirules."""
    import hashlib
    import hmac

    form = json.dumps(json.loads(result.to_json()), sort_keys=True, separators=(",", ":"))
    text = b"kpirules result v1\n" + form.encode("ascii")
    assert "v1:" + hmac.new(KEY, text, hashlib.sha256).hexdigest() == result.sign(KEY)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (None, "unsigned"),
        ("", "unsigned"),
        ("v1:", "wrong-signature"),
        ("签", "wrong-signature"),
        ("\ud800", "wrong-signature"),
        ("v2:" + "0" * 64, "wrong-signature"),
    ],
    ids=repr,
)
def test_a_missing_or_a_wrong_signature_is_an_outcome_of_its_own(result, rubric, given, outcome):
    """Nothing is computed then."""
    done = verify(result.to_json(), rubric=rubric, key=KEY, signature=given)
    assert (outcome, False, ()) == (done.outcome, done.signed, done.differences)


def test_another_key_or_a_changed_result_is_a_wrong_signature(result, rubric):
    """Also a change that is as consistent, which a recomputation cannot find."""
    signed = result.sign(KEY)
    other = evaluate(rubric, {"a": 90})
    for stored, key in (
        (other.to_json(), KEY),
        (result.to_json(), b"another key of 16 bytes"),
        (result.to_json()[:-1] + ', "more": [[1.5]]}', KEY),
        (result.to_json()[:-1] + ', "more": {"a": 1, "a": 2}}', KEY),
        (result.to_json()[:-1] + ', "more": 1e400}', KEY),
    ):
        done = verify(stored, rubric=rubric, key=key, signature=signed)
        assert "wrong-signature" == done.outcome
    assert "x, fingerprint " + result.fingerprint[:12] + ": the signature is wrong" == str(done)
    assert "签名不对" in done.text("zh")


def test_a_signed_result_may_differ_or_have_no_rubric(result):
    """It is reported as without a signature, and that the signature is right."""
    changed = loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100, label = { zh = "乙" } }]'
    )
    done = verify(result.to_json(), rubric=changed, key=KEY, signature=result.sign(KEY))
    assert ("no-rubric", True) == (done.outcome, done.signed)
    tree = parse(result.to_json().replace('"total": "70"', '"total": "90"'))
    done = verify(
        json.dumps(tree),
        rubric=loads(
            'schema = 1\nid = "x"\ncriterion = [{ id = "a", label = { zh = "甲" }, weight = 100 }]'
        ),
        key=KEY,
        signature=signature.sign(tree, KEY),
    )
    assert ("differs", True) == (done.outcome, done.signed)


@pytest.mark.parametrize(
    ("key", "error", "said"),
    [
        (b"too short", ValueError, "the key has 9 bytes; at least 16 are needed"),
        ("", ValueError, "the key has 0 bytes"),
        ("密钥密钥密", ValueError, "the key has 15 bytes"),
        (None, TypeError, "key: expected str or bytes, not a value of type NoneType"),
        (12345678901234567890, TypeError, "not a value of type int"),
        (bytearray(KEY), TypeError, "not a value of type bytearray"),
    ],
)
def test_a_key_is_a_text_or_bytes_of_some_length(result, rubric, key, error, said):
    """The error does not show the key."""
    with pytest.raises(error) as caught:
        result.sign(key)
    assert said in str(caught.value)
    assert "1234567890" not in str(caught.value)
    if key is not None:
        with pytest.raises(error):
            verify(result.to_json(), rubric=rubric, key=key, signature="v1:")


def test_a_signature_without_a_key_is_wrong_use(result):
    """It would not be checked."""
    with pytest.raises(TypeError, match="a signature can only be checked with its key"):
        verify(result.to_json(), signature=result.sign(KEY))
    with pytest.raises(TypeError, match="expected the text of a signature"):
        verify(result.to_json(), key=KEY, signature=b"v1:")


def test_a_result_of_version_1_is_signed_as_it_is_stored():
    """A signature covers the JSON that is stored, whatever version it has."""
    stored = (ROOT / "tests" / "stored" / "version-1-thirds.json").read_text(encoding="utf-8")
    signed = signature.sign(parse(stored), KEY)
    assert verify(stored, key=KEY, signature=signed).signed
    assert (
        "wrong-signature"
        == verify(stored, key=KEY, signature=Result.from_json(stored).sign(KEY)).outcome
    )


@given(st.data())
def test_every_result_survives_a_database_and_no_change_does(data):
    """The law, for random rubrics and records: any reordering verifies, any other digit does not."""
    rubric = data.draw(rubrics())
    record = data.draw(records(rubric))
    try:
        result = evaluate(rubric, record)
    except InputError:
        return
    signed, stored = result.sign(KEY), jsonb(result.to_json())
    assert "same" == verify(stored, rubric=rubric, key=KEY, signature=signed).outcome
    digits = [i for i, c in enumerate(stored) if c.isdigit()]
    i = random.Random(data.draw(st.integers(0, 9))).choice(digits)
    changed = stored[:i] + str((int(stored[i]) + 1) % 10) + stored[i + 1 :]
    try:
        tree = parse(changed)
    except ValueError:
        # a leading zero
        return
    assert not signature.is_signature(signed, tree, KEY)
