"""The settings, and the command ``hr-app``: what Django's ``manage.py`` does, and ``demo``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import dj_database_url
from django.core.management import execute_from_command_line
from django.core.management.utils import get_random_secret_key


def key_of(file: Path) -> str:
    """Return the key in a file; write a new one if the file does not exist."""
    if not file.exists():
        file.touch(0o600)
        file.write_text(get_random_secret_key())
    return file.read_text()


#: sessions, tokens and the signatures of results depend on it
SECRET_KEY = os.environ.get("HR_APP_KEY") or key_of(Path("hr-app.key"))
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("HR_APP_DATABASE", f"sqlite:///{Path('hr-app.sqlite3').absolute()}")
    )
}
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "hr_app",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hr_app.words.context",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator")
]
ROOT_URLCONF = "hr_app.urls"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LANGUAGES = [("en", "English"), ("zh-hans", "中文")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
USE_TZ = True
TIME_ZONE = os.environ.get("TZ") or "UTC"


def main() -> None:
    """Run a command: ``hr-app demo``, ``hr-app migrate``, ``hr-app runserver``, ..."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hr_app.settings")
    execute_from_command_line(["hr-app", *sys.argv[1:]])
