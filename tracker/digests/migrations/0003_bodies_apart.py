from django.db import migrations, models


def move(apps, schema_editor):
    """The words of every digest into a table of their own."""
    bodies = apps.get_model("digests", "DigestBody").objects
    digests = apps.get_model("digests", "Digest").objects.exclude(html="")
    for pk, text, html in digests.values_list("pk", "text", "html").iterator():
        bodies.create(digest_id=pk, text=text, html=html)


class Migration(migrations.Migration):
    dependencies = [("digests", "0002_follow_more_and_suspend")]

    operations = [
        migrations.AlterField(
            model_name="follow",
            name="query",
            field=models.CharField(
                blank=True, help_text="The filters of a saved list, as in its address", max_length=600
            ),
        ),
        migrations.CreateModel(
            name="DigestBody",
            fields=[
                (
                    "digest",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        related_name="body",
                        serialize=False,
                        to="digests.digest",
                    ),
                ),
                ("text", models.TextField()),
                ("html", models.TextField()),
            ],
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
