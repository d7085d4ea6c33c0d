"""Regular expressions of Java's syntax, matched in time that grows with the text, never explodes."""
