"""Empties the tables between tests that commit. The product's own `flush` is refused where judgements stand."""

from django.core.management.commands import flush
from django.db import connections, transaction

from tracker.pledges import append_only
from tracker.search import index


class Command(flush.Command):
    def handle(self, **options):
        connection = connections[options["database"]]
        with transaction.atomic(using=options["database"]):
            append_only.unprotect(None, connection.schema_editor())
            super().handle(**options)
            for kind in index.Kind:
                index.clear(kind)
            append_only.protect(None, connection.schema_editor())
