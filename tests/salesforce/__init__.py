"""The edge to Salesforce: its pure parts, and its behaviour over real HTTP."""
