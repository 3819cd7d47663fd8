import sys
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from tracker.feeds.models import Article
from tracker.operations.reindexing import rebuild
from tracker.pledges.models import Pledge


class Command(BaseCommand):
    help = "Fills the search index anew from the pledges and articles on record. Safe at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        total = Pledge.objects.count() + Article.objects.count()
        with tqdm(total=total, unit="row", file=sys.stderr, disable=None, leave=False) as bar:
            counts = rebuild(progress=bar.update)
        self.stdout.write(", ".join(f"{count} {kind}s" for kind, count in counts.items()) + " in the index.")
