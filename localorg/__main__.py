"""`python -m localorg`: run a local org until it is told to stop."""

import argparse
import os
import signal
import sys
from pathlib import Path

from localorg import settings
from localorg.org import Credentials
from localorg.server import PortTaken, bound_socket, prepared
from localorg.storage import FileInUse


def arguments() -> argparse.Namespace:
    defaults = Credentials()
    parser = argparse.ArgumentParser(prog="localorg", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    parser.add_argument("--data", type=Path, required=True, help="the org's SQLite file")
    parser.add_argument("--latency-ms", type=int, help="wait this long before every API answer")
    parser.add_argument("--token-lifetime", type=int, metavar="SECONDS")
    parser.add_argument("--api-limit", type=int, metavar="CALLS", help="API calls in 24 hours")
    parser.add_argument(
        "--client-id", default=os.environ.get("LOCALORG_CLIENT_ID", defaults.client_id)
    )
    parser.add_argument(
        "--client-secret", default=os.environ.get("LOCALORG_CLIENT_SECRET", defaults.client_secret)
    )
    parser.add_argument(
        "--jwt-public-key",
        type=file_text,
        default=os.environ.get("LOCALORG_JWT_PUBLIC_KEY"),
        metavar="FILE",
        help="PEM file with the key that signs JWT assertions",
    )
    return parser.parse_args()


def file_text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"cannot read {name}: {error}") from error


def main() -> int:
    # uvicorn ends in good order on either signal, then raises it again for the handler before it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    asked = arguments()
    credentials = Credentials(asked.client_id, asked.client_secret, asked.jwt_public_key or "")
    try:
        listener = bound_socket(asked.host, asked.port)
        server, org = prepared(
            listener,
            data=asked.data,
            credentials=credentials,
            ready=lambda address: print(f"localorg: ready on {address}", flush=True),
        )
    except (PortTaken, FileInUse) as error:
        print(f"localorg: {error}", file=sys.stderr)
        return 1
    wanted = {
        "latency_ms": asked.latency_ms,
        "token_lifetime_seconds": asked.token_lifetime,
        "api_limit": asked.api_limit,
    }
    changes = {name: value for name, value in wanted.items() if value is not None}
    settings.change(org.settings, org.store, changes=changes)
    try:
        server.run(sockets=[listener])
    finally:
        org.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
