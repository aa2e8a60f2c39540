"""Results in models of pydantic and in services of FastAPI."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Annotated, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import Result, evaluate, load
from kpirules.testing import records, rubrics
from tests.drawing import share
from tests.programs import need_module


need_module("fastapi")
need_module("httpx")

import httpx  # noqa: E402 - the test file is skipped without it
from fastapi import Body, FastAPI  # noqa: E402 - the same
from pydantic import BaseModel, TypeAdapter, ValidationError  # noqa: E402 - the same


ADAPTER = TypeAdapter(Result)
APP = FastAPI()


class Month(BaseModel):
    """What an application may store."""

    name: str
    result: Result | None = None


@APP.post("/one")
def one(record: dict[str, Any]) -> Result:
    """Score a record."""
    return evaluate("customer-service", record)


@APP.post("/many")
def many(records: list[dict[str, Any]]) -> list[Month]:
    """Score several records."""
    return [Month(name="An", result=evaluate("customer-service", each)) for each in records]


@APP.post("/stored")
def stored(result: Annotated[Result, Body()]) -> dict[str, str]:
    """Take a result."""
    return {"total": str(result.total)}


def send(path, content):
    """Post JSON to the service."""

    async def sent():
        transport = httpx.ASGITransport(APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(path, json=content)

    return asyncio.run(sent())


@pytest.fixture(scope="module")
def record():
    """Return the record of the first example of the shipped ruleset."""
    return {name: str(v) for name, v in load("customer-service").examples[0].ratings}


def test_a_service_returns_results(record):
    """The answer has the tree of `to_json`, alone and within models and lists."""
    result = evaluate("customer-service", record)
    answer = send("/one", record)
    assert (200, json.loads(result.to_json())) == (answer.status_code, answer.json())
    assert result == Result.from_json(answer.text)
    both = send("/many", [record, record]).json()
    assert [json.loads(result.to_json())] * 2 == [each["result"] for each in both]


def test_a_service_takes_results(record):
    """The tree of a result is one; another body is rejected with what is wrong with it."""
    result = evaluate("customer-service", record)
    answer = send("/stored", json.loads(result.to_json()))
    assert (200, {"total": str(result.total)}) == (answer.status_code, answer.json())
    rejected = send("/stored", {"kpirules": 2})
    assert 422 == rejected.status_code
    assert 'Value error, $: has no "rubric"' == rejected.json()["detail"][0]["msg"]


def test_a_model_holds_a_result(record):
    """In Python as it is, in JSON as its tree, from which it is read back; nothing else fits."""
    result = evaluate("customer-service", record)
    month = Month(name="An", result=result)
    assert result is month.result is month.model_dump()["result"]
    assert month == Month.model_validate_json(month.model_dump_json())
    assert month == Month.model_validate(month.model_dump(mode="json"))
    for wrong in ("84", 84, [], {"total": "84"}):
        with pytest.raises(
            ValidationError, match='this is not the JSON of a result: it has no "kp'
        ):
            ADAPTER.validate_python(wrong)


@share(1 / 5)
@given(st.data(), rubrics())
def test_every_result_is_read_back_and_valid(data, rubric):
    """Whatever the rules: also unratable records, remarks, fractions, long numbers."""
    result = evaluate(rubric, data.draw(records(rubric)))
    text = ADAPTER.dump_json(result)
    assert json.loads(result.to_json()) == json.loads(text)
    assert result == ADAPTER.validate_json(text)
    jsonschema.validate(json.loads(text), ADAPTER.json_schema())


def test_the_schema_has_all_keys_of_the_json(record):
    """Each key is required, and its type is stated in the description of a service."""
    keys = [*json.loads(evaluate("customer-service", record).to_json())]
    schema = ADAPTER.json_schema()
    assert (keys, keys) == ([*schema["properties"]], schema["required"])
    responses = APP.openapi()["paths"]["/one"]["post"]["responses"]
    described = responses["200"]["content"]["application/json"]["schema"]
    assert keys == [*described["properties"]]


def test_pydantic_is_imported_by_those_who_use_it_alone():
    """Scoring and storing a result imports nothing of it."""
    code = (
        "import sys; from kpirules import evaluate, load; rubric = load('customer-service');"
        "evaluate(rubric, dict(rubric.examples[0].ratings)).to_json();"
        "assert not {'pydantic', 'pydantic_core'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
