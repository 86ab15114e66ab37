"""What `manage.py` says outside of the environment."""

import subprocess
import sys
from pathlib import Path

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


def test_python_without_the_packages_is_told_what_to_type():
    bare = [sys.executable, "-I", "-S", str(MANAGE), "invite", "dora@example.test"]
    refused = subprocess.run(bare, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"django is not installed for {sys.executable}.")
    assert "Type: .venv/bin/python manage.py invite dora@example.test (" in refused.stderr
