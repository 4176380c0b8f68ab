"""
Certificates for `localhost` and the loopback addresses, and their keys; they protect nothing.

`good` is valid until 2126, `old` was until 2025; each signed itself. `signed`, for `bot.example` too,
was signed by an authority whose key is gone. `locked.key` is `good.key` behind a password.
"""

from pathlib import Path

HERE = Path(__file__).parent

GOOD, GOOD_KEY = str(HERE / "good.pem"), str(HERE / "good.key")
OLD, OLD_KEY = str(HERE / "old.pem"), str(HERE / "old.key")
SIGNED, SIGNED_KEY = str(HERE / "signed.pem"), str(HERE / "signed.key")
LOCKED_KEY = str(HERE / "locked.key")
