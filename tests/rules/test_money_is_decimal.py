"""Money is Decimal: where it is counted, limited or shown, no float is made, and no database adds floats up."""

import ast

import pytest

from tests.test_architecture import ROOT, sources

APP = ROOT / "generations"
COUNTING = [
    "ledger", "models/ledger.py", "models/totals.py", "models/spending.py",
    "queries/spending", "queries/orders/batches.py", "services/spending", "services/orders/approvals.py",
    "services/generations/unknown_outcome.py", "services/provider/discrepancies.py",
    "pipeline/charges.py", "pipeline/balance_readings.py", "pipeline/reconciliation/balance",
    "pipeline/reconciliation/estimates.py", "pipeline/worker/give_up.py", "pipeline/worker/account_errors.py",
]  # fmt: skip
AMOUNTS = {"amount", "cost", "spent", "estimate", "hard", "soft"}


def complaints(source: str) -> list[str]:
    return [said for node in ast.walk(ast.parse(source)) if (said := _said(node))]


def _said(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=float() as number):
            return f"line {node.lineno}: {number} is a float"
        case ast.Name(id="float") | ast.Attribute(attr="FloatField" | "from_float"):
            return f"line {node.lineno}: makes floats"
        case ast.Name(id="FloatField"):
            return f"line {node.lineno}: makes floats"
        case ast.Call(func=ast.Name(id="Sum" | "Avg"), args=[ast.Constant(value=str() as column), *_]):
            if column.split("__")[-1] in AMOUNTS:
                return f"line {node.lineno}: adds {column} up as the database likes; Total is exact"
    return ""


def money() -> list[tuple[str, str]]:
    found = []
    for name in COUNTING:
        path = APP / name
        assert path.exists(), f"{name} is gone: say where that money is counted now"
        if path.is_dir():
            found += [(str(file.relative_to(APP)), text) for file, text in sources(path)]
        else:
            found.append((name, path.read_text(encoding="utf-8")))
    return found


def test_where_money_is_counted_there_are_no_floats():
    assert {name: said for name, source in money() if (said := complaints(source))} == {}


@pytest.mark.parametrize(
    "source",
    ["limit = 0.8 * hard", "float(cost)", "rows.aggregate(Sum('amount'))", "Sum('ledger__amount')", "Avg('cost')",
     "models.FloatField()", "Decimal.from_float(x)"],
)  # fmt: skip
def test_rule_sees_a_planted_float(source):
    assert complaints(source) != []


def test_rule_allows_whole_numbers_and_decimals():
    assert complaints("total = Decimal('0.1') * 3\nSum('charges')\nTotal('amount')") == []
