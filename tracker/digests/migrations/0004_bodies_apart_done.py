from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the move, because PostgreSQL alters no table in the transaction that filled another from it."""

    dependencies = [("digests", "0003_bodies_apart")]

    operations = [
        migrations.RemoveField(model_name="digest", name="html"),
        migrations.RemoveField(model_name="digest", name="text"),
    ]
