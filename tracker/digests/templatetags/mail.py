"""Marks and words in mails: characters, because mail programs show no drawings of ours."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.digests.wording import MARKS, STANCE_MARKS, label

register = template.Library()


@register.simple_tag
def mail_status(code: str) -> SafeString:
    mark = '<span class="mark m-{}" aria-hidden="true">{}</span>&nbsp;{}'
    return format_html(mark, code, MARKS[code], label(code))


@register.filter
def stance_mark(code: str) -> str:
    return STANCE_MARKS.get(code, "")


@register.filter
def status_word(code: str) -> str:
    return label(code)
