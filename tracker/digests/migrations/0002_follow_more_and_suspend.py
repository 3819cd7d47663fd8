import django.db.models.deletion
import tracker.digests.models
from django.conf import settings
from django.db import migrations, models


def fill(apps, schema_editor):
    """Whoever has a digest already keeps its period, and gets a key of their own."""
    subscriptions = apps.get_model("digests", "Subscription").objects
    subscriptions.update(begins_at=models.F("covered_until"))
    for subscription in subscriptions.all():
        subscription.key = tracker.digests.models.new_key()
        subscription.save(update_fields=["key"])
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table while checks of its rows are outstanding


class Migration(migrations.Migration):
    dependencies = [
        ("digests", "0001_initial"),
        ("pledges", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="follow",
            name="follow_exactly_one_thing",
        ),
        migrations.RemoveConstraint(
            model_name="follow",
            name="follow_declaration_once",
        ),
        migrations.AddField(
            model_name="digest",
            name="claim",
            field=models.CharField(blank=True, help_text="Names the worker's turn that holds it", max_length=32),
        ),
        migrations.AddField(
            model_name="follow",
            name="matched",
            field=models.JSONField(
                blank=True, default=list, help_text="The pledges of a saved list when it was last looked at"
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="name",
            field=models.CharField(blank=True, help_text="What its follower calls a saved list", max_length=80),
        ),
        migrations.AddField(
            model_name="follow",
            name="party",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="follows",
                to="pledges.party",
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="query",
            field=models.CharField(
                blank=True, help_text="The filters of a saved list, as in its address", max_length=500
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="theme",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="follows",
                to="pledges.theme",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="begins_at",
            field=models.DateTimeField(null=True, help_text="Nothing from before this moment is told"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="bounce_count",
            field=models.PositiveSmallIntegerField(default=0, help_text="Mails refused in a row"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="key",
            field=models.CharField(default="", editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="subscription",
            name="reminder_days",
            field=models.CharField(
                blank=True,
                default="7",
                help_text="Days before, such as “30, 7”. Each reminder comes once, in the digest.",
                max_length=40,
                validators=[tracker.digests.models.validate_reminder_days],
                verbose_name="remind me before a due date",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="seen",
            field=models.CharField(
                blank=True, help_text="The state of the record when it was last read", max_length=120
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="suspended_at",
            field=models.DateTimeField(blank=True, help_text="No mail since; the address does not work", null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="suspended_reason",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="subscription",
            name="wants_feeds",
            field=models.BooleanField(default=True, verbose_name="failing feeds"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="wants_figures",
            field=models.BooleanField(default=True, verbose_name="new figures"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="subscription",
            name="begins_at",
            field=models.DateTimeField(help_text="Nothing from before this moment is told"),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="key",
            field=models.CharField(default=tracker.digests.models.new_key, editable=False, max_length=40, unique=True),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="frequency",
            field=models.CharField(
                choices=[
                    ("never", "Never"),
                    ("instant", "At once"),
                    ("daily", "Daily"),
                    ("weekly", "Weekly"),
                    ("monthly", "Monthly"),
                ],
                default="weekly",
                max_length=10,
                verbose_name="how often",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("declaration__isnull", False), ("party", None), ("pledge", None), ("theme", None)),
                    models.Q(
                        ("declaration", None),
                        ("party", None),
                        ("pledge__isnull", False),
                        ("query", ""),
                        ("theme", None),
                    ),
                    models.Q(
                        ("declaration", None),
                        ("party", None),
                        ("pledge", None),
                        ("query", ""),
                        ("theme__isnull", False),
                    ),
                    models.Q(
                        ("declaration", None),
                        ("party__isnull", False),
                        ("pledge", None),
                        ("query", ""),
                        ("theme", None),
                    ),
                    _connector="OR",
                ),
                name="follow_exactly_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("theme__isnull", False)), fields=("user", "theme"), name="follow_theme_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("party__isnull", False)), fields=("user", "party"), name="follow_party_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("declaration__isnull", False)),
                fields=("user", "declaration", "query"),
                name="follow_declaration_or_list_once",
            ),
        ),
    ]
