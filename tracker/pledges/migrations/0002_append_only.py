"""Judgements stay as they were made and evidence stays on record: the database refuses to change or delete them."""

from django.db import migrations

from tracker.pledges import append_only


class Migration(migrations.Migration):
    dependencies = [("pledges", "0001_initial")]
    operations = [migrations.RunPython(append_only.protect, append_only.unprotect)]
