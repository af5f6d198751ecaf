"""What a template hands to a component."""

import re

from tests.architecture.sources import ROOT, templates

# Cotton looks a bound attribute up as a variable; an expression is none, and never holds.
EXPRESSION = re.compile(r"""\s(:[\w-]+="[^"{]*(?:[=!<>]=|\b(?:not|and|or|in)\s)[^"{]*")""")


def test_a_bound_attribute_is_a_variable_and_no_expression() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {bound}"
        for path in templates()
        for bound in EXPRESSION.findall(path.read_text())
    ]
    assert found == []
