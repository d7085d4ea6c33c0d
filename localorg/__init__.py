"""A Salesforce-compatible org on this machine: REST API, rules and storage, for tests and the demo."""
