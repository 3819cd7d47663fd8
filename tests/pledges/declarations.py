"""A small declaration file to change in tests, and the shipped one."""

import json
from pathlib import Path
from textwrap import dedent

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SHIPPED = FIXTURES / "china-kazakhstan-2024.yaml"
SCHEMA = json.loads((FIXTURES / "declaration.schema.json").read_text(encoding="utf-8"))

SMALL = dedent("""\
    format: 1
    declaration:
      reference: LAKE-2024
      slug: lake-2024
      title: {en: Lakes declaration, fr: Déclaration des lacs}
      signed_on: 2024-07-03
      sources:
        - key: text
          title: {en: The text}
          publisher: Lake Courier
    parties:
      - {code: CHN, territory: CN}
      - {code: KAZ, territory: KZ}
    themes:
      - {slug: water, title: {en: Water}}
      - {slug: fish, title: {en: Fish}}
    pledges:
      - reference: LAKE-2024-01
        slug: clean-lake
        title: {en: Clean the lake}
        statement: {en: The parties will clean the lake.}
        theme: water
        parties: [CHN, KAZ]
        source: {key: text, locator: {en: Paragraph 1}}
        due: {words: {en: in 2025}, edtf: 2025}
        metrics:
          - key: depth
            name: {en: Depth}
            unit: {en: m}
            target: {value: 4.5}
            observations:
              - {period: 2024, value: 3.25, series: {en: Survey}}
        milestones:
          - {key: dredgers, title: {en: Dredgers arrive}, date: 2025-05}
        evidence:
          - key: dredging
            url: https://news.example.org/dredging
            title: Dredging begins
            publisher: Lake Courier
            language: en
            published: 2025-05-02
            stance: progress
            kind: action
            voice: party:KAZ
        assessments:
          - status: in_progress
            effective_on: 2025-05-02
            rationale: {en: "Dredging began in May, the ministry says."}
            evidence: [dredging]
      - reference: LAKE-2024-02
        slug: count-fish
        title: {en: Count the fish}
        statement: {en: The parties will count the fish.}
        theme: fish
        parties: [KAZ]
    """)


def changed(*pairs: tuple[str, str], text: str = SMALL) -> bytes:
    """The file with each text replaced; the test fails when it is not there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()
