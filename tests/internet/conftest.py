"""Tests that need a network namespace: skipped where there can be none, failing where CI is set."""

import os

import pytest

from tests.internet.world import Internet, NoNamespacesError


@pytest.fixture(scope="session")
def the_internet(tmp_path_factory):
    world = Internet(tmp_path_factory.mktemp("internet"))
    try:
        world.__enter__()
    except (NoNamespacesError, AttributeError) as error:  # os.unshare is Linux's
        reason = f"hostile servers need a network namespace: {error}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    yield world
    world.__exit__(None, None, None)


@pytest.fixture
def internet(the_internet, request):
    """This test runs inside; afterwards nothing closed has been reached."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")  # connected from outside, where a database server may be
    for server in the_internet.servers:
        server.requests.clear()
    with the_internet.entered():
        yield the_internet
    assert not the_internet.leaks()
