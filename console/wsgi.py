"""The WSGI application that gunicorn serves."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  after the set-up above

if settings.SECRET_KEY == settings.INSECURE_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set: whoever knows the code could sign in")
