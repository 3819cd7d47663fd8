"""Evidence is withdrawn, never deleted: the database refuses."""

from django.db import migrations

from tracker.pledges import never_deleted


class Migration(migrations.Migration):
    dependencies = [("pledges", "0002_append_only")]
    operations = [migrations.RunPython(never_deleted.protect, never_deleted.unprotect)]
