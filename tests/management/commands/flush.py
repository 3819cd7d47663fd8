"""Empties the tables between tests that commit. The product's own `flush` is refused where judgements stand."""

from django.core.management.commands import flush
from django.db import connections, transaction

from tracker.pledges import append_only, never_deleted


class Command(flush.Command):
    def handle(self, **options):
        connection = connections[options["database"]]
        with transaction.atomic(using=options["database"]):
            for kept in (append_only, never_deleted):
                kept.unprotect(None, connection.schema_editor())
            super().handle(**options)
            for kept in (append_only, never_deleted):
                kept.protect(None, connection.schema_editor())
