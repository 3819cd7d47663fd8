"""The product's settings, made fast and quiet for tests; only DATABASE_URL is taken from outside."""

import atexit
import os
import shutil
import tempfile

for name in ("FOLLOWTHROUGH_MODE", "SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "REDIS_URL", "SECRET_KEY", "DEBUG"):
    os.environ.pop(name, None)
if "FOLLOWTHROUGH_TESTS" not in os.environ:
    # Processes that the tests start share the folder; the first one takes it away.
    os.environ["FOLLOWTHROUGH_TESTS"] = tempfile.mkdtemp(prefix="followthrough-tests-")
    atexit.register(shutil.rmtree, os.environ["FOLLOWTHROUGH_TESTS"], ignore_errors=True)
os.environ["FOLLOWTHROUGH_DATA"] = os.environ["FOLLOWTHROUGH_TESTS"]

from config.settings import *  # noqa: E402,F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, not memory: live servers and threads share it.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # noqa: F405
INSTALLED_APPS = ["tests", *INSTALLED_APPS]  # noqa: F405 — for its own `flush`
STATIC_ROOT = DATA_DIR / "static"  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
