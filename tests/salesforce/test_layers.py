from __future__ import annotations

import subprocess
import sys


def test_the_edge_needs_no_django() -> None:
    program = "import sys, console.salesforce.client; print('django' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"
