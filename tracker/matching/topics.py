"""The words of subjects that many declarations speak of, shipped as data; pure.

`topics.yaml` holds, per topic, its `label`, the `names` that stand for it, the `hints` that only point towards it, and
the words `of` a pledge's statement that choose it.
"""

from functools import cache
from importlib.resources import files

import yaml

_HINT = {"en": "signs of {}", "fr": "indices de : {}"}

type Terms = dict[str, list[str]]


@cache
def _topics() -> dict[str, dict[str, dict]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("tracker.matching").joinpath("topics.yaml").read_text(encoding="utf-8")
    return yaml.load(text, loader)  # noqa: S506 (both loaders are safe)


def known() -> list[str]:
    return list(_topics())


def label(topic: str) -> dict[str, str]:
    return _topics()[topic]["label"]


def hint_label(topic: str) -> dict[str, str]:
    return {language: _HINT.get(language, "{}").format(name) for language, name in label(topic).items()}


def names(topic: str) -> Terms:
    return _topics()[topic]["names"]


def hints(topic: str) -> Terms:
    return _topics()[topic].get("hints", {})


def spoken_of(topic: str) -> Terms:
    """By which words a pledge's statement shows that it is about this."""
    return joined(names(topic), _topics()[topic].get("of", {}))


def joined(*of: Terms) -> Terms:
    """The terms of several, by language."""
    languages = dict.fromkeys(language for terms in of for language in terms)
    return {language: [term for terms in of for term in terms.get(language, ())] for language in languages}
