"""The certificate that the server is to show: is it a pair with its key, still valid, and trusted."""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from typing import Any

from ..config import tls_context
from ..errors import ConfigError
from .case import Case
from .finding import Check, Finding

SOON_SECONDS = 14 * 86_400
"""Those that live for 90 days are mostly renewed 30 days before their end."""

RENEW = "Have it renewed, and restart the server: it is read at the start."


async def check_certificate(case: Case) -> Check:
    try:
        context = tls_context(case.config)
    except ConfigError as exc:
        yield Finding("port", "problem", str(exc), "The server does not start with it.")
        return
    cert = case.config.tls_cert
    if context is None or cert is None:
        return
    try:
        # Its own file is trusted here: what it says of itself is asked, not who vouches for it.
        own = ssl.create_default_context(cafile=str(cert))
        own.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        facts = shown_by(context, own)
    except ssl.SSLCertVerificationError as exc:
        text = f"{cert}: {exc.verify_message}."
        yield Finding("port", "problem", text[0].lower() + text[1:], RENEW)
        return
    names = ", ".join(name for kind, name in facts.get("subjectAltName", ()) if kind in ("DNS", "IP Address"))
    until = ssl.cert_time_to_seconds(facts["notAfter"])
    text = f"{cert}: a certificate for {names or 'no name'}, until {facts['notAfter']}."
    is_ending = until - time.time() < SOON_SECONDS
    yield Finding("port", "warning" if is_ending else "ok", text, RENEW if is_ending else "")
    try:
        shown_by(context, ssl.create_default_context())
    except ssl.SSLCertVerificationError:
        text = f"{cert}: this machine does not know who signed it; browsers will warn, and load no widget."
        mend = "Take one that a public authority signed, or make every visitor's device trust yours."
        yield Finding("port", "warning", text, mend)


def shown_by(server: ssl.SSLContext, client: ssl.SSLContext) -> dict[str, Any]:
    """
    Return the certificate that *server* shows *client*, who takes any host name; no network is used.

    Raises:
        ssl.SSLCertVerificationError: If *client* does not trust it.
    """
    client.check_hostname = False
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for end in (ours, theirs) * 3:  # TLS 1.3 is done after two rounds
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return ours.getpeercert() or {}
