"""Regular expressions in Java's syntax, matched without ever going back over the text."""
