"""How gunicorn logs; it finds this file by itself. Where it listens is said on its command line."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # gunicorn adds the folder only after this file

from console import logs

accesslog = "-"
access_log_format = "%(m)s %(U)s %(s)s %(M)sms"  # without the query: who searches, pastes
logconfig_dict = logs.configuration()
