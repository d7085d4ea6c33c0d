"""The part of SOQL that the org understands: parsed by a grammar, answered by SQLite."""
