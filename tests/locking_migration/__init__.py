"""Stands in for the migrations of an app that has none, see tests/test_rolling_deploy.py."""
