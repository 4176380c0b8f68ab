"""The certificate and key that the settings name, read."""

from __future__ import annotations

import ssl
from pathlib import Path

from ..errors import ConfigError
from .settings import Config

_CERT, _KEY = "tls_cert (VOICECHAT_TLS_CERT)", "tls_key (VOICECHAT_TLS_KEY)"


def tls_context(config: Config) -> ssl.SSLContext | None:
    """
    Return what a server needs to speak https; None: it is to speak http. Reads the files.

    Raises:
        ConfigError: If one of both is missing, can't be read, or they are no pair.
    """
    cert, key = config.tls_cert, config.tls_key
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        given, missing = (_KEY, _CERT) if cert is None else (_CERT, _KEY)
        raise ConfigError(f"{missing}: it goes with {given}; name both, or neither.")
    _look_at(_CERT, cert, "CERTIFICATE")
    _look_at(_KEY, key, "PRIVATE KEY")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key, password=_refuse_password)
    except ssl.SSLError as exc:
        if exc.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(f"{_KEY}: {key} is not the key of the certificate {cert}.") from exc
        raise ConfigError(f"{_CERT}: {cert} and {key} cannot be used: {exc.reason or exc}.") from exc
    return context


def _look_at(setting: str, file: Path, wanted: str) -> None:
    """OpenSSL says neither which of the two files it could not read nor what it missed in it."""
    try:
        content = file.read_bytes()
    except OSError as exc:
        raise ConfigError(f"{setting}: {file} cannot be read: {exc.strerror}.") from exc
    if f"{wanted}-----".encode() not in content:
        raise ConfigError(f"{setting}: {file} holds no {wanted.lower()} as PEM.")


def _refuse_password() -> str:
    # Without this OpenSSL would ask the terminal for it, and a service would wait there for ever.
    raise ConfigError(f"{_KEY}: the key is behind a password; `openssl pkey` writes one without.")
