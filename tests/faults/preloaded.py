"""What the fork server imports once: the console with all that its commands need.

Nothing is connected to yet, so that a fork shares no connection with another.
"""

# ruff: noqa: E402, F401
from __future__ import annotations

import importlib
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
django.setup()

import django.core.management
import django.db.backends.postgresql.base
import rq.worker

import console.sweep
import console.urls
import manage

importlib.import_module("gunicorn.app.wsgiapp")  # has no types
