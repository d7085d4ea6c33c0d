"""The edge to Salesforce: everything that knows its HTTP interface, and nothing else does.

`gateway` says what can be asked and how it can fail, `client` answers it over HTTP, `records`
and `batches` read what comes back, `errors` classifies refusals, `tokens` logs in.
"""
