"""The Celery application; its schedule and routes stand in the settings."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("followthrough")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_web_server(**_: Any) -> None:
    """One form of line for all services: Celery keeps its hands off when somebody answers this."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
