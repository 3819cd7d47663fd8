"""The form in which editors write what finds articles for a pledge."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.matching import rule_checks
from tracker.matching.drafts import draft_of
from tracker.pledges import marked_yaml
from tracker.pledges.declaration_file import check_entry
from tracker.pledges.exporting import yaml_part
from tracker.pledges.models import Pledge
from tracker.pledges.record_forms import schema

LONGEST = 50_000


class RuleForm(forms.Form):
    """The `watch` of a declaration file, in YAML; left empty, the draft is used, which stands there to be adopted."""

    rule = forms.CharField(
        label=gettext_lazy("Rule"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "lang": "en", "translate": "no"}),
        help_text=gettext_lazy(
            "As in a declaration file: since, needs, concepts, excludes. Empty: a draft is used. “off: true”: none is."
        ),
    )
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, pledge: Pledge) -> None:
        self.pledge = pledge
        rule = rule_text(pledge.watch or draft_of(pledge))
        super().__init__(data, initial={"rule": rule, "revision": pledge.revision})

    def clean_rule(self) -> dict[str, Any]:
        text = self.cleaned_data["rule"]
        if not text.strip():
            return {}
        file = marked_yaml.read(text)
        if file.problems:
            raise forms.ValidationError(
                [
                    _("Line %(line)d: %(problem)s") % {"line": each.line, "problem": each.message}
                    for each in file.problems
                ]
            )
        if not isinstance(file.data, dict):
            raise forms.ValidationError(_("Write fields with values, such as “needs: [rail]”"))
        wrong = [file.problem(path, message) for path, message in check_entry(file.data, "watch", schema())]
        if wrong:
            said = _("Line %(line)d, %(field)s: %(problem)s")
            raise forms.ValidationError(
                [said % {"line": each.line, "field": each.field, "problem": each.message} for each in sorted(wrong)]
            )
        shared = self.pledge.declaration.watch.get("concepts", {})
        if senseless := list(rule_checks.problems(file.data, shared, "rule")):
            raise forms.ValidationError(senseless)
        return file.data


def rule_text(watch: dict[str, Any]) -> str:
    return yaml_part(watch) if watch else ""
