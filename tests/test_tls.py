"""Serving https: the certificate and its key, read at the start."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from voicechat.config import load, tls_context
from voicechat.errors import ConfigError

from .processes import failing, voicechat
from .tls import GOOD, GOOD_KEY, LOCKED_KEY, OLD_KEY


async def test_with_a_certificate_the_server_its_banner_and_its_page_say_https(tmp_path: Path) -> None:
    process = await voicechat("serve", "--port", "0", "--tls", GOOD, GOOD_KEY, folder=tmp_path)
    assert process.stdout is not None
    banner = (await process.stdout.readline()).decode()
    url = banner.split()[-1]
    try:
        trust = ssl.create_default_context(cafile=GOOD)
        trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        async with ClientSession(connector=TCPConnector(ssl=trust)) as http:
            async with http.get(url + "/") as response:
                page = await response.text()
            async with http.ws_connect(url.replace("https", "wss") + "/ws") as socket:
                assert not socket.closed
    finally:
        process.terminate()
        await process.communicate()
    assert url.startswith("https://localhost:") and process.returncode == 0
    assert f"{url}/chat.js" in page


async def test_the_certificate_may_come_from_the_environment(tmp_path: Path) -> None:
    environment = {"VOICECHAT_TLS_CERT": GOOD, "VOICECHAT_TLS_KEY": GOOD_KEY}
    process = await voicechat("serve", "--port", "0", folder=tmp_path, **environment)
    assert process.stdout is not None
    banner = (await process.stdout.readline()).decode()
    process.terminate()
    await process.communicate()
    assert "https://" in banner


def test_without_a_certificate_the_server_speaks_http() -> None:
    assert tls_context(load(environment={})) is None


@pytest.mark.parametrize(
    ("cert", "key", "words"),
    [
        (GOOD, OLD_KEY, ["VOICECHAT_TLS_KEY", "not the key of"]),
        (GOOD, "nowhere.key", ["VOICECHAT_TLS_KEY", "nowhere.key", "No such file"]),
        ("nowhere.pem", GOOD_KEY, ["VOICECHAT_TLS_CERT", "nowhere.pem"]),
        (GOOD_KEY, GOOD, ["VOICECHAT_TLS_CERT", "no certificate"]),
        (GOOD, GOOD, ["VOICECHAT_TLS_KEY", "no private key"]),
        (GOOD, LOCKED_KEY, ["VOICECHAT_TLS_KEY", "password", "openssl pkey"]),
        (GOOD, "", ["VOICECHAT_TLS_KEY", "goes with", "VOICECHAT_TLS_CERT"]),
        ("", GOOD_KEY, ["VOICECHAT_TLS_CERT", "goes with"]),
    ],
)
def test_a_wrong_pair_is_said_with_its_setting(cert: str, key: str, words: list[str]) -> None:
    config = load(environment={"VOICECHAT_TLS_CERT": cert, "VOICECHAT_TLS_KEY": key})
    with pytest.raises(ConfigError) as refused:
        tls_context(config)
    assert [word for word in words if word not in str(refused.value)] == []


def test_a_file_that_only_looks_like_a_certificate_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(ConfigError, match=r"broken\.pem.* cannot be used"):
        tls_context(load(environment={"VOICECHAT_TLS_CERT": str(broken), "VOICECHAT_TLS_KEY": GOOD_KEY}))


async def test_a_wrong_pair_keeps_the_server_from_starting_in_one_line(tmp_path: Path) -> None:
    assert "not the key of" in await failing(tmp_path, "serve", "--tls", GOOD, OLD_KEY)
