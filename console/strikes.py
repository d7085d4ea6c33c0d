"""How strikes are counted, in SQL, by those who hand pushes out and by those who record them."""

from __future__ import annotations

from typing import Final

from syncrules import retry

# The last strike sets a push aside, so it needs a witness: after the first one Salesforce took what
# others sent, and this push failed once more. Whoever was struck in an outage only is innocent.
ONE_MORE: Final = f"""
least(push.strikes + 1, CASE WHEN EXISTS (
  SELECT FROM console_salesforceconnection AS witness
  WHERE witness.is_active AND witness.succeeded_at > push.struck_at
) THEN {retry.MAX_STRIKES} ELSE {retry.LAST_STRIKE} END)
"""
