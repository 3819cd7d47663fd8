"""Lays the full-text tables into either database."""

from django.db import migrations

from tracker.search import tables


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(tables.create, tables.drop)]
