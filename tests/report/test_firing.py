from __future__ import annotations

import pytest

from augcli.report.firing import flat


@pytest.mark.parametrize(
    ("value", "charted"),
    [
        (0.5, [("", 0.5, "")]),
        (True, [("", "true", "")]),
        ("10%", [("", 10.0, "%")]),
        ("horizontal", [("", "horizontal", "")]),
        ([1, 2.5], [("[0]", 1.0, ""), ("[1]", 2.5, "")]),
        ([[0.1, 0.2], [0.3, 0.4]], [("[*]", each, "") for each in (0.1, 0.2, 0.3, 0.4)]),
        ([1, 2, 3, 4, 5], [("[*]", float(each), "") for each in (1, 2, 3, 4, 5)]),
        (["a", None], []),
        (None, []),
    ],
)
def test_every_number_of_a_drawn_value_is_charted(value, charted):
    assert list(flat(value)) == charted
