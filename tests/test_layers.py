"""The house's two tables (docs/architecture.md), kept by reading the imports of every module."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRACKER = ROOT / "tracker"

# What an app may import of ours, besides itself.
MAY_IMPORT = {
    "fetching": set(),
    "multilingual": set(),
    "accounts": set(),
    "search": set(),
    "feeds": {"fetching", "accounts", "search"},
    "pledges": {"accounts", "fetching", "multilingual", "search"},
    "matching": {"fetching", "accounts", "feeds", "pledges", "multilingual", "search"},
    "digests": {"accounts", "feeds", "pledges", "matching", "multilingual"},
    "dashboard": {"accounts", "feeds", "pledges", "matching", "digests", "multilingual", "search"},
    "operations": {"accounts", "feeds", "pledges", "matching", "digests", "search"},
}
# The layers inside an app, lowest first. Modules not named here stand between models and views.
PURE = {
    "accounts": {"zones"},
    "search": {"text", "tokens", "excerpts"},
    "feeds": {
        *(
            "parser",
            "parsed",
            "xml_documents",
            "encodings",
            "plain_text",
            "language",
            "canonical",
            "entry_dates",
            "wild_dates",
        ),
        *("schedule", "opml", "autodiscovery", "websub"),
    },
    "pledges": {
        "dates",
        "date_words",
        "timeliness",
        "charts",
        "changes",
        "declaration_file",
        "declaration_rules",
        "marked_yaml",
        "judgement_rules",
        "corroboration",
        "csv_cells",
        "citing",
        "extraction",
        "link_health",
    },
    "matching": {
        "learning",
        *(
            "lexicon",
            "topics",
            "calibration",
            "cross_validation",
            "drafting",
            "rule_checks",
            "rules",
            "scoring",
            "marking",
            "evaluation",
            "likeness",
            "story_evaluation",
        ),
    },
    "digests": {"periods"},
}
TOPS = ("tasks", "views", "forms", "admin", "urls", "management")
WORLD = ("django", "celery", "allauth", "redis", "aiohttp")
CLOCK = {"now", "today", "utcnow", "localdate", "localtime"}


def modules(app):
    if (TRACKER / f"{app}.py").exists():
        return [TRACKER / f"{app}.py"]
    return [path for path in sorted((TRACKER / app).rglob("*.py")) if "migrations" not in path.parts]


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(path):
    """`tasks` for tracker/feeds/tasks.py, `management` for every command, `views` and `forms` for any file of them."""
    parts = path.relative_to(TRACKER).with_suffix("").parts
    name = parts[1] if len(parts) > 1 else parts[0]
    if name.endswith(("_forms", "_fields")):
        return "forms"
    return "views" if name.endswith("_views") else name


def test_every_app_is_in_the_table():
    found = {path.stem for path in TRACKER.iterdir() if path.stem not in ("__init__", "__pycache__")}
    assert found == set(MAY_IMPORT)


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_apps_import_only_downward(app):
    allowed = MAY_IMPORT[app] | {app}
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(app)
        for name in imports(path)
        if name.startswith("tracker.") and name.split(".")[1] not in allowed
    }
    assert not wrong


@pytest.mark.parametrize("app", PURE)
def test_pure_modules_know_neither_django_nor_the_network(app):
    for name in PURE[app]:
        path = TRACKER / app / f"{name}.py"
        assert path.exists()
        wrong = [module for module in imports(path) if module.split(".")[0] in WORLD]
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"
        for other in imports(path):
            if other.startswith(f"tracker.{app}."):
                assert other.split(".")[2] in PURE[app], f"{path.relative_to(ROOT)} imports {other}"


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_lower_layers_never_import_tasks_views_or_forms(app):
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(app)
        if name_of(path) not in TOPS and path.parent.name != "templatetags"
        for name in imports(path)
        if name.startswith("tracker.") and len(name.split(".")) > 2 and name.split(".")[2] in TOPS
    ]
    assert not wrong


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_models_do_not_import_actions(app):
    wrong = [
        name for path in modules(app) if name_of(path) == "models" for name in imports(path) if name.endswith("actions")
    ]
    assert not wrong


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_only_tasks_views_and_commands_read_the_clock(app):
    wrong = []
    for path in modules(app):
        if name_of(path) in TOPS or name_of(path) in ("middleware", "context", "errors", "templatetags"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in CLOCK and not node.args:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")
    assert not wrong


def test_nothing_uses_signals():
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for app in MAY_IMPORT
        for path in modules(app)
        for name in imports(path)
        if name.startswith(("django.db.models.signals", "django.dispatch"))
    ]
    assert not wrong


def test_the_project_speaks_of_itself_alone():
    """No paths of a machine, no hosts of package registries, nothing unfinished."""
    words = ("/work/", "../shared", "pypi.org", "pythonhosted", "TODO", "FIXME")
    tracked = [
        path
        for folder in ("config", "tracker", "templates", "static", "fixtures", "docs", "benchmarks", "requirements")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".md", ".txt", ".css", ".js", ".yaml", ".json", ".opml"}
    ]
    wrong = [f"{path.relative_to(ROOT)}: {word}" for path in tracked for word in words if word in path.read_text()]
    assert not wrong
