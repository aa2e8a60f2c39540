"""The guide for Django over PostgreSQL; `test_documents_run.py` follows it over SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

from tests.docs import test_documents_run as documents
from tests.programs import need_module, postgresql


def test_the_django_guide_works_with_postgresql(tmp_path, monkeypatch):
    """Its own tests pass: a second save is rejected by the database, a stored result verifies."""
    need_module("psycopg")
    monkeypatch.chdir(tmp_path)
    for language, title, body, _ in documents.blocks("docs/how-to/django.md"):
        if title:
            documents.lay(title, language, body)
    with postgresql(tmp_path) as address:
        server = urlsplit(address)
        where = {"PGHOST": server.hostname, "PGPORT": str(server.port), "PGUSER": server.username}
        command = [sys.executable, "-m", "django", "test", "--settings", "settings"]
        done = subprocess.run(
            command,
            env={**os.environ, **where},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert 0 == done.returncode, done.stdout
    assert "Found 7 test(s)." in done.stdout
