"""What a load tells: one line per difference."""

from dataclasses import dataclass

GONE = "no longer in the file"
WIDTH = 60


@dataclass(frozen=True)
class Change:
    """One difference: `kind` is added, changed or kept; `detail` says from what to what, or why it was kept."""

    kind: str
    what: str
    detail: str = ""


def difference(old: object, new: object, nothing: str = "nothing") -> str:
    """From what to what, from shortly before the place where they part; of texts and fields, only those that differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return "; ".join(f"{name}: {difference(old.get(name), new.get(name), nothing)}" for name in names)
    texts = [" ".join(str(value).split()) if value not in (None, "", {}, []) else nothing for value in (old, new)]
    parting = next((n for n, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    start = max(0, parting - WIDTH // 3)
    return " → ".join(_cut(text, start) for text in texts)


def _cut(text: str, start: int) -> str:
    if len(text) <= WIDTH:
        return text
    part = text[start:]
    return ("…" if start else "") + (part if len(part) <= WIDTH else f"{part[:WIDTH]}…")
