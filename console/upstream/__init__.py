"""MonetizeNow's own records arrive: stored whole, once each version, in one transaction."""
