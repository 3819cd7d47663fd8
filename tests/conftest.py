import pytest


@pytest.fixture
def now():
    """One fixed moment, on an ordinary Tuesday."""
    from datetime import UTC, datetime

    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
