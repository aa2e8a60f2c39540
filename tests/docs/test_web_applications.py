"""The guides for applications over PostgreSQL; `test_documents_run.py` follows them over SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests.docs import test_documents_run as documents
from tests.programs import need_module, postgresql


@pytest.fixture
def lay(tmp_path, monkeypatch):
    """Return the function that writes the files of a page into an empty folder."""
    need_module("psycopg")
    monkeypatch.chdir(tmp_path)

    def files_of(page):
        for language, title, body, _ in documents.blocks(page):
            if title:
                documents.lay(title, language, body)

    return files_of


def run(*arguments, **environment):
    """Run Python; return its exit code and what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_django_guide_works_with_postgresql(lay, tmp_path):
    """Its own tests pass: a second save is rejected by the database, a stored result verifies."""
    lay("docs/how-to/django.md")
    with postgresql(tmp_path) as address:
        server = urlsplit(address)
        where = {"PGHOST": server.hostname, "PGPORT": str(server.port), "PGUSER": server.username}
        code, shown = run("-m", "django", "test", "--settings", "settings", **where)
    assert 0 == code, shown
    assert "Found 7 test(s)." in shown


def test_rulesets_in_a_postgresql_database(lay, tmp_path):
    """The tests of the guide pass: versions, `extends`, changes, findings, verification."""
    need_module("sqlalchemy")
    lay("docs/how-to/rulesets-in-a-database.md")
    with postgresql(tmp_path) as address:
        code, shown = run("-m", "pytest", "-q", "test_ruleset_table.py", DATABASE_URL=address)
    assert 0 == code, shown
    assert "7 passed" in shown
