"""The functions of the language, one module per family, and those that are refused."""
