"""What `voicechat doctor` says of providers: asked for real, and never for anything that has a price."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from voicechat.config import load, tls_context
from voicechat.doctor.case import Case
from voicechat.doctor.finding import Finding, within
from voicechat.doctor.network import Unreachable, ask, open_session
from voicechat.doctor.providers import check_provider, providers

from .doctoring import case, found, marks, site, the
from .scripted_openai import Cut, ScriptedOpenAi, Stall, Stream, page, plain, refusal, scripted_openai
from .tls import GOOD, GOOD_KEY, OLD, OLD_KEY

KEY = "sk-open-sesame"
CHAT_ONLY = {"stt_engine": "none", "tts_engine": "none", "chat_model": "scripted"}
ALL = {f"{job}_model": "scripted" for job in ("stt", "chat", "tts")}


async def about(**settings: str) -> list[Finding]:
    """Return what is found about the one provider that *settings* name."""
    async with case(**settings) as one:
        return await found_in(one)


async def found_in(one: Case) -> list[Finding]:
    [provider] = providers(one)
    return await found(check_provider(one, provider))


def strict(provider: ScriptedOpenAi) -> None:
    """Let *provider* refuse a form without a recording, as OpenAI does."""
    provider.always("stt", refusal(400, param="file", message="file is required"))


async def test_a_good_key_and_models_that_are_listed_are_in_order() -> None:
    async with scripted_openai(key=KEY) as provider:
        strict(provider)
        findings = await about(openai_base_url=provider.url, openai_api_key=KEY, **ALL)
        asked = provider.requests
    assert marks(findings) == ["ok"] * 4 and "did not refuse the key" in findings[0].text
    assert all("scripted is listed" in finding.text for finding in findings[1:])
    # Nothing that could be done, and so nothing that could be billed, was asked for.
    assert {one.job: one.json for one in asked} == {"models": None, "stt": None, "chat": [], "tts": []}
    assert [one.recording for one in asked if one.job == "stt"] == [b""]


async def test_a_provider_that_takes_over_is_asked_too_with_its_own_key() -> None:
    async with scripted_openai(key=KEY) as first, scripted_openai(key="sk-other") as second:
        settings = {
            "openai_base_url": first.url,
            "openai_api_key": KEY,
            "chat_next_base_url": second.url,
            "chat_next_key": "sk-other",
            "chat_next_model": "scriptd",
        }
        async with case(**settings, **ALL) as one:
            asked = providers(one)
            findings = [
                finding for provider in asked for finding in await found(check_provider(one, provider))
            ]
        assert {request.headers["Authorization"] for request in second.requests} == {"Bearer sk-other"}
    assert [len(provider.infos) for provider in asked] == [3, 1]
    assert the("warning", findings).mend == "VOICECHAT_CHAT_NEXT_MODEL=scripted"


@pytest.mark.parametrize(
    ("key", "words", "mend"),
    [("sk-wrong", "refuses the key (status 401)", "OPENAI_API_KEY"), ("", "wants a key", "OPENAI_API_KEY")],
)
async def test_a_key_that_is_refused_is_a_problem_and_is_not_shown(key: str, words: str, mend: str) -> None:
    async with scripted_openai(key=KEY) as provider:
        findings = await about(openai_base_url=provider.url, openai_api_key=key, **CHAT_ONLY)
    [finding] = findings
    assert finding.mark == "problem" and words in finding.text and mend in finding.mend
    assert "sk-" not in str(findings)


async def test_a_key_of_one_job_alone_is_mended_by_its_own_setting() -> None:
    async with scripted_openai(key=KEY) as provider:
        [finding] = await about(chat_base_url=provider.url, chat_key="sk-wrong", **CHAT_ONLY)
    assert "VOICECHAT_CHAT_KEY" in finding.mend


@pytest.mark.parametrize("status", [401, 403])
async def test_a_list_of_models_that_anybody_may_read_does_not_vouch_for_the_key(status: int) -> None:
    async with scripted_openai() as provider:
        provider.always("chat", refusal(status, "invalid_api_key"))
        findings = await about(openai_base_url=provider.url, openai_api_key=KEY, **CHAT_ONLY)
    assert "refuses the key" in the("problem", findings).text


async def test_a_key_that_may_chat_but_not_list_models_is_in_order() -> None:
    async with scripted_openai() as provider:
        provider.always("models", refusal(403, "insufficient_permissions"))
        findings = await about(openai_base_url=provider.url, openai_api_key=KEY, **CHAT_ONLY)
    assert marks(findings) == ["ok", "unknown"] and "lists no models" in findings[1].text


async def test_a_provider_without_audio_leaves_those_jobs_to_this_machine() -> None:
    async with scripted_openai() as provider:
        provider.lack_audio()
        async with case(openai_base_url=provider.url, **ALL) as one:
            findings = await found_in(one)
            assert one.lacking == {"stt", "tts"}
    assert marks(findings) == ["ok", "warning", "ok", "warning"]
    assert "has no speech recognition (status 404)" in findings[1].text
    assert "VOICECHAT_TTS_ENGINE" in findings[3].mend


async def test_a_model_that_is_not_found_is_no_missing_service() -> None:
    async with scripted_openai() as provider:
        provider.always("tts", refusal(404, message="The model does not exist"))
        async with case(openai_base_url=provider.url, stt_engine="none", **ALL) as one:
            await found_in(one)
            assert one.lacking == set()


async def test_a_model_that_is_not_listed_is_warned_of_with_those_that_are_near() -> None:
    async with scripted_openai() as provider:
        provider.always("models", plain({"data": [{"id": name} for name in ("llama3.1", "mistral")]}))
        findings = await about(openai_base_url=provider.url, **CHAT_ONLY | {"chat_model": "lama3"})
    assert the("warning", findings).mend == "VOICECHAT_CHAT_MODEL=llama3.1"


async def test_a_model_is_listed_though_its_tag_is_left_out() -> None:
    async with scripted_openai() as provider:
        provider.always("models", plain({"data": [{"id": "llama3:latest"}]}))
        findings = await about(openai_base_url=provider.url, **CHAT_ONLY | {"chat_model": "llama3"})
    assert marks(findings) == ["ok", "ok"]


@pytest.mark.parametrize("listing", [page(), plain([]), plain({"data": [1, {"id": 2}]}), refusal(404)])
async def test_without_a_list_of_models_it_says_what_could_not_be_checked(listing: Stream) -> None:
    async with scripted_openai() as provider:
        provider.always("models", listing)
        findings = await about(openai_base_url=provider.url, **CHAT_ONLY)
    assert "could not be checked" in the("unknown", findings).text


async def test_an_address_one_level_too_high_is_mended() -> None:
    async with scripted_openai() as provider:
        findings = await about(openai_base_url=provider.url.removesuffix("/v1"), **CHAT_ONLY)
        finding = the("problem", findings)
        assert "no chat/completions" in finding.text
        assert finding.mend.endswith(f"OPENAI_BASE_URL={provider.url}")


@pytest.mark.parametrize(
    ("status", "mark", "words"),
    [(402, "problem", "not paid for"), (429, "warning", "without credit"), (503, "warning", "just now")],
)
async def test_what_a_provider_says_of_itself_is_passed_on(status: int, mark: str, words: str) -> None:
    async with scripted_openai() as provider:
        provider.always("chat", refusal(status))
        findings = await about(openai_base_url=provider.url, **CHAT_ONLY)
    assert words in the(mark, findings).text


async def test_a_provider_that_sends_on_is_a_problem_and_where_to_is_shown_without_a_secret() -> None:
    async with scripted_openai() as provider:
        target = "https://me:open-sesame@new.example/v1/chat/completions?key=open-sesame"
        provider.always("chat", Stream([b""], 307, {"Location": target}))
        findings = await about(openai_base_url=provider.url, **CHAT_ONLY)
    assert "https://new.example/v1/chat/completions" in the("problem", findings).text
    assert "open-sesame" not in str(findings)


async def test_a_port_where_nobody_listens_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    [finding] = await about(openai_base_url=f"http://127.0.0.1:{port}/v1", **CHAT_ONLY)
    assert finding.mark == "problem" and "nobody listens there" in finding.text and finding.mend


async def test_a_host_that_does_not_exist_and_a_key_without_encryption_are_said() -> None:
    settings = {"openai_base_url": "http://provider.invalid/v1", "openai_api_key": KEY}
    findings = await about(**settings, **CHAT_ONLY)
    assert marks(findings) == ["warning", "problem"]
    assert "without encryption" in findings[0].text and "no host of that name" in findings[1].text


async def test_a_provider_that_hangs_up_is_said() -> None:
    async with scripted_openai() as provider:
        provider.always("models", Stream([Cut()]))
        [finding] = await about(openai_base_url=provider.url, **CHAT_ONLY)
    assert "hangs up" in finding.text


async def test_a_provider_that_never_answers_is_given_up_in_time() -> None:
    async with scripted_openai() as provider:
        provider.always("models", Stream([Stall()]))
        async with case(openai_base_url=provider.url, seconds=1, **CHAT_ONLY) as one:
            [other] = providers(one)
            [finding] = await within(1, check_provider(one, other), other.late(1))
        await (await provider.request(0)).cut.wait()
    assert finding.mark == "problem" and "no answer after 1 s" in finding.text


def tls_of(cert: str, key: str) -> ssl.SSLContext | None:
    return tls_context(load(environment={"VOICECHAT_TLS_CERT": cert, "VOICECHAT_TLS_KEY": key}))


async def test_a_certificate_that_is_not_trusted_is_said_in_words() -> None:
    async with site(web.Application(), tls=tls_of(GOOD, GOOD_KEY)) as url:
        [finding] = await about(openai_base_url=f"{url}/v1", **CHAT_ONLY)
    assert finding.mark == "problem" and "signed itself" in finding.text and "SSL_CERT_FILE" in finding.mend


@pytest.mark.parametrize(
    ("cert", "key", "name", "words"),
    [(OLD, OLD_KEY, "localhost", "has expired"), (GOOD, GOOD_KEY, "other.example", "is for other names")],
)
async def test_what_is_wrong_with_a_trusted_certificate_is_said_in_words(
    cert: str, key: str, name: str, words: str
) -> None:
    trust = ssl.create_default_context(cafile=cert)
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    async with site({}, tls=tls_of(cert, key)) as url, open_session() as session:
        with pytest.raises(Unreachable) as refused:
            await ask(session, "GET", url, ssl=trust, server_hostname=name)
    assert words in refused.value.text and refused.value.mend


async def test_https_where_http_is_spoken_is_said() -> None:
    async with site({}) as url:
        [finding] = await about(openai_base_url=url.replace("http", "https"), **CHAT_ONLY)
    assert "does not speak https" in finding.text


async def test_a_name_and_password_in_an_address_are_not_shown(tmp_path: Path) -> None:
    async with scripted_openai() as provider:
        url = provider.url.replace("//", "//me:open-sesame@")
        findings: list[Any] = await about(openai_base_url=url, **CHAT_ONLY)
        assert provider.requests[0].headers["Authorization"].startswith("Basic ")
    assert marks(findings) == ["ok", "ok"] and "open-sesame" not in str(findings)
