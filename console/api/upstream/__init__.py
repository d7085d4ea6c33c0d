"""The endpoints for MonetizeNow's own records, and the forms of their fields."""
