"""What the machinery writes down about itself."""

from datetime import datetime

from tracker.operations.models import Heartbeat

BEAT = "beat"


def record_heartbeat(*, name: str, now: datetime) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
