"""A Salesforce-compatible org on this machine, for tests and the demo: REST API, rules, storage."""
