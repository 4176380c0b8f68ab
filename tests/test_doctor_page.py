"""What `voicechat doctor` says of the way from a browser to the bot: port, address, host page."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web

from voicechat.doctor.certificate import check_certificate
from voicechat.doctor.finding import Finding, within
from voicechat.doctor.host_page import check_host_page
from voicechat.doctor.microphone import check_microphone
from voicechat.doctor.policy import allows, forbids_microphone, policies
from voicechat.doctor.port import check_port
from voicechat.doctor.reach import check_url

from .conftest import serving
from .doctoring import case, found, marks, site, the
from .tls import GOOD, GOOD_KEY, OLD, OLD_KEY, SIGNED, SIGNED_KEY


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# ── The port ──────────────────────────────────────────────────────────────────────────────────


async def test_a_free_port_is_in_order_and_is_still_free_after_that() -> None:
    port = free_port()
    async with case(port=str(port)) as one:
        findings = await found(check_port(one))
    assert marks(findings) == ["ok", "ok"] and "it is free" in findings[0].text
    socket.create_server(("127.0.0.1", port)).close()


async def test_a_port_that_something_silent_has_taken_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        async with case(port=str(port), seconds=2) as one:
            [finding, _] = await within(one.seconds, check_port(one), Finding("port", "warning", "late"))
    assert finding.mark == "problem"
    assert "another program has taken it" in finding.text and f"--port {port + 1}" in finding.mend


async def test_a_port_where_voicechat_runs_tells_its_modes_and_engines() -> None:
    async with serving(mode="v1") as server:
        async with case(port=server.url.rpartition(":")[2]) as one:
            findings = await found(check_port(one))
    assert marks(findings) == ["ok", "ok"]
    assert "a voicechat with mode v1" in findings[0].text and "stt: double" in findings[0].text


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_a_host_that_is_not_this_machine_is_a_problem(host: str) -> None:
    async with case(host=host, port=str(free_port())) as one:
        finding = the("problem", await found(check_port(one)))
    assert "no address of this machine" in finding.text and "--host 0.0.0.0" in finding.mend


@pytest.mark.parametrize(
    ("host", "key", "origins", "mark"),
    [
        ("0.0.0.0", "sk-1", "", "warning"),
        ("0.0.0.0", "sk-1", "https://shop.example", "ok"),
        ("0.0.0.0", "", "", "ok"),
        ("127.0.0.1", "sk-1", "", "ok"),
    ],
)
async def test_a_public_address_with_a_key_that_costs_and_no_origins_is_warned_of(
    host: str, key: str, origins: str, mark: str
) -> None:
    async with case(host=host, port="0", openai_api_key=key, origins=origins) as one:
        findings = await found(check_port(one))
    assert findings[-1].mark == mark
    assert ("VOICECHAT_ORIGINS" in findings[-1].mend) == (mark == "warning")


# ── The certificate ───────────────────────────────────────────────────────────────────────────


async def test_without_a_certificate_there_is_nothing_to_say_of_it() -> None:
    async with case() as one:
        assert await found(check_certificate(one)) == []


@pytest.mark.parametrize(
    ("cert", "key", "names"),
    [(GOOD, GOOD_KEY, "localhost, 127.0.0.1"), (SIGNED, SIGNED_KEY, "localhost, bot.example")],
)
async def test_a_certificate_is_told_with_its_names_and_its_end_and_warned_of_where_nobody_knows_its_signer(
    cert: str, key: str, names: str
) -> None:
    async with case(tls_cert=cert, tls_key=key) as one:
        findings = await found(check_certificate(one))
    assert marks(findings) == ["ok", "warning"]
    assert names in findings[0].text and "2126" in findings[0].text
    assert "does not know who signed it" in findings[1].text


@pytest.mark.parametrize(
    ("cert", "key", "words"), [(OLD, OLD_KEY, "has expired"), (GOOD, OLD_KEY, "not the key of")]
)
async def test_a_certificate_that_will_not_do_is_a_problem(cert: str, key: str, words: str) -> None:
    async with case(tls_cert=cert, tls_key=key) as one:
        [finding] = await found(check_certificate(one))
    assert finding.mark == "problem" and words in finding.text and finding.mend


# ── The address that visitors use ─────────────────────────────────────────────────────────────


async def test_an_address_where_voicechat_answers_is_in_order_from_script_to_socket() -> None:
    async with serving() as server, case(url=server.url + "/") as one:
        findings = await found(check_url(one))
    assert marks(findings) == ["ok"] * 3
    assert "modes v1 and v2" in findings[0].text and "WebSockets come through" in findings[2].text


@pytest.fixture
async def proxied() -> AsyncIterator[str]:
    """A voicechat behind a proxy that knows no WebSockets, and brings an old script from its cache."""
    async with serving() as server, ClientSession() as http:

        async def forward(request: web.Request) -> web.Response:
            if request.path == "/ws":
                return web.Response(status=426)
            async with http.get(server.url + request.path) as response:
                old = b"/* old */" if request.path == "/chat.js" else b""
                return web.Response(status=response.status, body=await response.read() + old)

        app = web.Application()
        app.router.add_get("/{path:.*}", forward)
        async with site(app) as url:
            yield url


async def test_a_proxy_that_lets_no_websocket_through_is_told_how_to(proxied: str) -> None:
    async with case(url=proxied) as one:
        findings = await found(check_url(one))
    assert marks(findings) == ["ok", "warning", "warning"]
    assert "another one than here" in findings[1].text
    assert "status 426" in findings[2].text and "proxy_set_header Upgrade" in findings[2].mend


@pytest.mark.parametrize(
    ("url", "words"), [("shop.example", "no address"), ("http://127.0.0.1:1", "nobody listens there")]
)
async def test_an_address_that_leads_nowhere_is_a_problem(url: str, words: str) -> None:
    async with case(url=url) as one:
        assert words in the("problem", await found(check_url(one))).text


async def test_another_program_at_the_address_is_a_problem() -> None:
    async with site({"/api/config": web.Response(text='{"modes": 1}')}) as url, case(url=url) as one:
        assert "no voicechat" in the("problem", await found(check_url(one))).text


# ── The microphone ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "mark"),
    [
        ({}, "ok"),
        ({"url": "https://bot.example"}, "ok"),
        ({"url": "http://127.0.0.2:81"}, "ok"),
        ({"url": "http://bot.localhost"}, "ok"),
        ({"url": "http://bot.example"}, "problem"),
        ({"url": "http://localhost.bot.example"}, "problem"),
        ({"host": "192.168.1.5"}, "problem"),
        ({"host": "0.0.0.0"}, "warning"),
        ({"host": "0.0.0.0", "url": "https://bot.example"}, "ok"),
        ({"host": "0.0.0.0", "tls_cert": GOOD, "tls_key": GOOD_KEY}, "ok"),
        ({"url": "http://bot.example", "stt_engine": "none"}, "ok"),
    ],
)
async def test_browsers_give_the_microphone_to_https_and_to_this_machine(
    settings: dict[str, str], mark: str
) -> None:
    async with case(**settings) as one:  # type: ignore[arg-type]
        [finding] = await found(check_microphone(one))
    assert finding.mark == mark
    if mark != "ok":
        assert "ssh -L 8080:localhost:8080" in finding.mend and "--tls CERT KEY" in finding.mend


# ── The host page ─────────────────────────────────────────────────────────────────────────────

BOT = "https://bot.example"
TAG = f'<script async src="{BOT}/chat.js"></script>'
TWO_WORDS = f"script-src {BOT}; connect-src {BOT} wss://bot.example"


async def page_findings(
    html: str = TAG, *, url: str = BOT, settings: dict[str, str] | None = None, **headers: str
) -> list[str]:
    """Return, as `mark: text → mend`, what is found about a page with *html* and *headers*."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answers = {"/": web.Response(text=html, content_type="text/html", headers=named)}
    async with site(answers) as host, case(url=url, page=f"{host}/", **settings or {}) as one:
        return [f"{f.mark}: {f.text} → {f.mend}" for f in await found(check_host_page(one))]


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("ok")]


async def test_a_page_with_the_tag_and_the_two_words_is_in_order() -> None:
    assert wrong(await page_findings(Content_Security_Policy=TWO_WORDS)) == []
    assert wrong(await page_findings()) == []


async def test_a_page_whose_origin_is_not_in_the_list_is_told_what_to_add() -> None:
    [line] = wrong(await page_findings(settings={"origins": "https://shop.example"}))
    assert "may not use the bot" in line
    assert "VOICECHAT_ORIGINS=https://shop.example,http://127.0.0.1:" in line


@pytest.mark.parametrize(
    ("policy", "mark", "words"),
    [
        ("default-src 'self'", "problem", ["script-src", "connect-src", f"Add to its script-src: {BOT}"]),
        (f"default-src 'self'; connect-src {BOT} wss:", "problem", ["the widget does not load"]),
        (f"script-src {BOT}; connect-src 'self'", "problem", ["does not reach the bot"]),
        (
            f"default-src {BOT}",
            "warning",
            ["v2 does not connect", "Add to its connect-src: wss://bot.example"],
        ),
        (f"script-src 'strict-dynamic' {BOT}", "problem", ["<script nonce="]),
        (f"script-src {BOT}/other.js", "problem", ["script-src"]),
        (f"script-src {BOT}, script-src 'none'", "problem", ["script-src"]),
    ],
)
async def test_a_policy_that_keeps_the_widget_out_is_told_with_the_words_to_add(
    policy: str, mark: str, words: list[str]
) -> None:
    lines = wrong(await page_findings(Content_Security_Policy=policy))
    assert lines and lines[0].startswith(mark)
    assert [word for word in words if word not in str(lines)] == []


async def test_a_policy_in_the_markup_counts_as_one_in_the_headers() -> None:
    meta = "<meta http-equiv='content-security-policy' content=\"script-src 'self'\">"
    [line] = wrong(await page_findings(meta + TAG, Content_Security_Policy=TWO_WORDS))
    assert "script-src" in line


async def test_a_tag_with_the_nonce_of_a_strict_policy_loads() -> None:
    tag = TAG.replace("async", 'nonce="r4nd0m" async')
    policy = "script-src 'nonce-r4nd0m' 'strict-dynamic'"
    assert wrong(await page_findings(tag, Content_Security_Policy=policy)) == []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Welcome</p>", f"Add {TAG}"),
        ('<script src="https://old.example/chat.js"></script>', "say --url https://old.example"),
    ],
)
async def test_a_page_without_the_tag_is_warned_of(html: str, words: str) -> None:
    [line] = wrong(await page_findings(html))
    assert line.startswith("warning") and words in line


async def test_a_page_that_forbids_the_microphone_is_told_the_header() -> None:
    [line] = wrong(await page_findings(Permissions_Policy="camera=(), microphone=()"))
    assert line.startswith("problem") and "Permissions-Policy: microphone=(self)" in line


@pytest.mark.parametrize(
    ("page", "words"),
    [("shop.example", "no address"), ("http://127.0.0.1:1/", "nobody listens there")],
)
async def test_a_page_that_cannot_be_fetched_is_a_problem(page: str, words: str) -> None:
    async with case(page=page) as one:
        assert words in the("problem", await found(check_host_page(one))).text


async def test_a_page_on_https_loads_nothing_of_a_bot_on_http() -> None:
    async with case(page="https://shop.invalid/", url="http://bot.example") as one:
        texts = [finding.text for finding in await found(check_host_page(one))]
    assert any("The page is https and the bot is not" in text for text in texts)


@pytest.mark.parametrize(
    ("source", "url", "is_allowed"),
    [
        ("*", "https://bot.example/chat.js", True),
        ("*.example", "https://bot.example/", True),
        ("*.bot.example", "https://bot.example/", False),
        ("bot.example", "https://bot.example/", True),
        ("bot.example", "https://bot.example:8443/", False),
        ("bot.example:*", "https://bot.example:8443/", True),
        ("http://bot.example", "https://bot.example/", True),
        ("https://bot.example", "http://bot.example/", False),
        ("https://bot.example", "wss://bot.example/ws", False),
        ("wss:", "wss://bot.example/ws", True),
        ("https:", "https://bot.example/", True),
        ("https://bot.example/a/", "https://bot.example/a/chat.js", True),
        ("https://bot.example/a/", "https://bot.example/chat.js", False),
        ("'self'", "https://shop.example/chat.js", True),
        ("'self'", "wss://shop.example/ws", True),
        ("'self'", "https://bot.example/", False),
        ("'none'", "https://bot.example/", False),
        ("'unsafe-inline'", "https://bot.example/", False),
    ],
)
def test_a_source_of_a_policy_matches_as_the_standard_says(source: str, url: str, is_allowed: bool) -> None:
    [policy] = policies([f"connect-src {source}"])
    assert allows(policy, "connect-src", url, "https://shop.example/") == is_allowed


@pytest.mark.parametrize(
    ("header", "forbids"),
    [
        ("microphone=()", True),
        ("camera=(), microphone=( )", True),
        ('microphone=("https://other.example")', True),
        ('microphone=("https://self.example")', True),
        ("microphone=(self)", False),
        ('microphone=(self "https://other.example")', False),
        ('microphone=("https://shop.example")', False),
        ("microphone=*", False),
        ("microphone=self", False),
        ("camera=()", False),
        ("", False),
    ],
)
def test_a_permissions_policy_forbids_the_microphone_unless_it_names_the_page(
    header: str, forbids: bool
) -> None:
    assert forbids_microphone([header], "https://shop.example") == forbids
