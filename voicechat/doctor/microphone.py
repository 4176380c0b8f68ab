"""Whether browsers give the microphone to a page where the bot is served."""

from __future__ import annotations

import platform

from yarl import URL

from .case import Case, is_secure
from .finding import Check, Finding


async def check_microphone(case: Case) -> Check:
    try:
        secure = is_secure(case.url)
    except ValueError:
        return  # the address itself is complained of elsewhere
    port = case.config.port
    if not any(info.job == "stt" for info in case.infos):
        yield Finding("microphone", "ok", "None is wanted: nobody listens here.")
    elif not secure:
        text = f"Browsers refuse the microphone to pages of {case.url}: it is neither https nor localhost."
        yield Finding("microphone", "problem", text, _mend(URL(case.url).host or "HOST", port))
    elif case.is_public and not case.wanted.url and not case.config.tls_cert:
        text = f"Browsers give the microphone at {case.url}, but not to other devices that come over http."
        yield Finding("microphone", "warning", text, _mend(platform.node() or "HOST", port))
    else:
        yield Finding("microphone", "ok", f"Browsers give the microphone to pages of {case.url}, once asked.")


def _mend(host: str, port: int) -> str:
    port = port or 8080
    return (
        f"To try it from another device, there: ssh -L {port}:localhost:{port} {host}, and open "
        f"http://localhost:{port}; for visitors: --tls CERT KEY, or a reverse proxy with https."
    )
