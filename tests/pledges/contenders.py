"""Editors in processes of their own, each with its own connection to the test database, who post at the same moment."""

import os
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not apps.ready:  # in the process from which the editors' are forked
    django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client

PATIENCE = 60


class Contenders:
    """One process for each session; `post` runs the same rounds in all of them."""

    def __init__(self, sessions):
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self.sessions = sessions
        barrier = context.Barrier(len(sessions))
        name = connection.settings_dict["NAME"]
        self.pool = ProcessPoolExecutor(len(sessions), context, initializer=_begin, initargs=(name, barrier))

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        self.pool.shutdown()

    def post(self, form, address, fields, rounds=1):
        """For each editor, for each round: what was posted, the status and the page of the answer.

        All open the form (its hidden version with it) and wait for one another before they post.
        """
        jobs = [
            self.pool.submit(_rounds, session, number, form, address, fields, rounds)
            for number, session in enumerate(self.sessions)
        ]
        return [job.result(PATIENCE) for job in jobs]


def _begin(name, barrier):
    global together
    connection.settings_dict["NAME"] = name
    settings.ALLOWED_HOSTS = ["testserver"]
    together = barrier


def _rounds(session, number, form, address, fields, rounds):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    done = []
    for turn in range(rounds):
        page = client.get(form).content.decode()
        found = re.search(r'name="version" value="(\d+)"', page)
        posted = {name: str(value).format(number=number, turn=turn) for name, value in fields.items()}
        posted |= {"version": found[1]} if found else {}
        together.wait(PATIENCE)
        answer = client.post(address, posted)
        done.append((posted, answer.status_code, answer.content.decode()))
    connection.close()
    return done
