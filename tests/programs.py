"""Programs that some tests need: where one is missing a test is skipped with a clear word, or fails."""

from __future__ import annotations

import glob
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest


def missing(word):
    """Skip; where all programs are required, fail."""
    if os.environ.get("KPIRULES_REQUIRE_ALL"):
        pytest.fail(word)
    pytest.skip(word)


def need_module(name):
    """Ask for a module of Python."""
    if importlib.util.find_spec(name) is None:
        missing(f"{name} is not installed: pip install '.[dev]'")


def need(*names):
    """Ask for a program by any of its names; give its path."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing(f"{names[0]} is not installed")
    return found


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def postgresql(_):
    """A PostgreSQL of the test's own, on a port of its own, ended with it."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))  # noqa: PTH207 - sorted by text
    bin_ = Path(folders[-1]) if folders else Path(need("pg_ctl")).parent
    if not (bin_ / "initdb").exists():
        missing("postgresql is not installed")
    # it refuses to run as root
    user = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="kpirules-pg-"))
    if user is not None:
        shutil.chown(home, user)
    as_user = {"user": user} if user is not None else {}
    import pwd  # the Python of a browser does not have it

    name = user or pwd.getpwuid(os.geteuid()).pw_name
    port = free_port()
    data = home / "data"
    try:
        command = [
            bin_ / "initdb",
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            name,
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(command, check=True, capture_output=True, cwd=home, **as_user)
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -F"
        start = [bin_ / "pg_ctl", "-D", data, "-o", options, "-l", home / "log", "-w", "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=home, **as_user)
        try:
            yield f"postgresql+psycopg://{name}@127.0.0.1:{port}/postgres"
        finally:
            stop = [bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, cwd=home, **as_user)
    finally:
        shutil.rmtree(home, ignore_errors=True)
