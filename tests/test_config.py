"""Settings: where they come from, and what is said of wrong ones."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from voicechat.config import load, settings, sources
from voicechat.errors import BadRequest, ConfigError
from voicechat.wire import parse_language


def test_without_anything_the_defaults_hold() -> None:
    config = load(environment={})
    assert (config.mode, config.host, config.port) == ("both", "127.0.0.1", 8080)


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = 1\nwelcome = "Hi"\n[chat]\nmodel = "file"\ntemperature = 0.5\n')
    environment = {"VOICECHAT_PORT": "2", "VOICECHAT_CHAT_MODEL": "environment"}
    config = load(file, environment, port=3, mode=None)
    assert (config.port, config.welcome) == (3, "Hi")
    assert (config.chat.model, config.chat.temperature) == ("environment", 0.5)


def test_an_empty_variable_counts_as_unset() -> None:
    assert load(environment={"VOICECHAT_PORT": ""}).port == 8080


def test_a_list_is_split_at_commas() -> None:
    config = load(environment={"VOICECHAT_ORIGINS": "https://a.example, https://b.example,"})
    assert config.origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"VOICECHAT_PORT": "abc"}, ["port", "VOICECHAT_PORT", "integer"]),
        ({"VOICECHAT_PORT": "70000"}, ["VOICECHAT_PORT", "65535"]),
        ({"VOICECHAT_MODE": "v3"}, ["VOICECHAT_MODE", "'v1'", "'both'"]),
        ({"VOICECHAT_TTS_SPEED": "9"}, ["tts.speed", "VOICECHAT_TTS_SPEED", "4"]),
        ({"VOICECHAT_CHAT_MODEL": "a\udcffb"}, ["VOICECHAT_CHAT_MODEL", "UTF-8"]),
        ({"VOICECHAT_LANGUAGE": "english please"}, ["VOICECHAT_LANGUAGE", "BCP 47", "de-CH"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_wanted(environment: dict[str, str], words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environment=environment)
    assert [word for word in words if word not in str(caught.value)] == []


def test_what_the_server_holds_at_once_has_room_for_a_recording() -> None:
    with pytest.raises(ConfigError, match=r"^limits: wanted are held_bytes of at least twice"):
        load(
            environment={"VOICECHAT_LIMITS_HELD_BYTES": "65536", "VOICECHAT_LIMITS_RECORDING_BYTES": "32769"}
        )


def test_an_unknown_name_in_the_environment_is_warned_of_once_and_left_aside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The second is what Kubernetes sets for a service of that name.
    load(environment={"VOICECHAT_CHAT_MODL": "x", "VOICECHAT_SERVICE_HOST": "10.0.0.1", "HOME": "/"})
    [record] = caplog.records
    assert "VOICECHAT_CHAT_MODL (is VOICECHAT_CHAT_MODEL meant?)" in record.message
    assert "VOICECHAT_SERVICE_HOST" in record.message and "10.0.0.1" not in record.message


@pytest.mark.parametrize(
    ("language", "is_tag"),
    [("en", True), ("de-CH", True), ("zh-Hant-TW", True), ("e", False), ("en_US", False)]
    + [("en" + "-abcdefgh" * n, n < 4) for n in (3, 4)],
)
def test_a_setting_and_a_request_take_the_same_languages(language: str, is_tag: bool) -> None:
    for take, refusal in ((set_language, ConfigError), (parse_language, BadRequest)):
        with nullcontext() if is_tag else pytest.raises(refusal):
            assert take(language) == language


def set_language(language: str) -> str | None:
    return load(environment={"VOICECHAT_LANGUAGE": language}).language


@pytest.mark.parametrize("text", ["port = ", "[nowhere]\na = 1\n", "[chat]\nmodl = 1\n"])
def test_a_wrong_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(ConfigError):
        load(file, {})


@pytest.mark.parametrize("environment", [{}, {"VOICECHAT_CHAT_MODEL": "m"}])
def test_a_value_in_place_of_a_section_is_told(tmp_path: Path, environment: dict[str, str]) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('chat = "x"\n')
    with pytest.raises(ConfigError, match=r"^chat: wanted a section .*\[chat\]\.$"):
        load(file, environment)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load(tmp_path / "none.toml", {})


def test_the_common_key_and_address_serve_every_job() -> None:
    config = load(environment={"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "http://local/v1"})
    for job in (config.stt, config.chat, config.tts):
        assert job.key is not None and job.key.get_secret_value() == "sk-1"
        assert job.base_url == "http://local/v1"


def test_the_common_key_is_never_sent_to_an_address_of_a_jobs_own() -> None:
    config = load(environment={"OPENAI_API_KEY": "sk-1", "VOICECHAT_TTS_BASE_URL": "http://other/v1"})
    assert config.tts.key is None
    assert config.chat.key is not None


def test_engines_that_take_over_are_set_in_the_environment_and_in_tables(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[tts.next]\nengine = "piper"\nspeed = 2\n[tts.next.next.next]\nengine = "scripted"\n')
    environment = {"VOICECHAT_TTS_NEXT_SPEED": "1.5", "VOICECHAT_TTS_NEXT_NEXT_VOICE": "nova"}
    tts: Any = load(file, environment).tts
    assert (tts.next.engine, tts.next.speed) == ("piper", 1.5)
    assert tts.next.next.voice == "nova" and tts.next.next.next.engine == "scripted"
    where = {source.name: source.places for source in sources(file, environment)}
    assert where == {
        "VOICECHAT_TTS_NEXT_ENGINE": (str(file),),
        "VOICECHAT_TTS_NEXT_SPEED": ("the environment", str(file)),
        "VOICECHAT_TTS_NEXT_NEXT_VOICE": ("the environment",),
        "VOICECHAT_TTS_NEXT_NEXT_NEXT_ENGINE": (str(file),),
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[tts]\nnext = "piper"', r"tts\.next: wanted a section"),
        ("[chat.next.next]\nnext = 3", r"chat\.next\.next\.next: wanted a section"),
        ("[stt.next.next.next.next]", "wanted are 4 engines of one job at most"),
        ("[tts.next]\nspeed = 9", r"tts\.next\.speed \(VOICECHAT_TTS_NEXT_SPEED\)"),
        ("[tts.next]\nloudness = 9", r"tts\.next\.loudness: there is no such setting"),
    ],
)
def test_a_list_that_can_not_be_is_told(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=words):
        load(file, {})


def test_a_key_goes_to_no_other_address_of_a_list() -> None:
    environment = {
        "OPENAI_API_KEY": "sk-common",
        "VOICECHAT_CHAT_BASE_URL": "http://one/v1",
        "VOICECHAT_CHAT_KEY": "sk-one",
        "VOICECHAT_CHAT_NEXT_BASE_URL": "http://two/v1",
        "VOICECHAT_CHAT_NEXT_NEXT_MODEL": "common",
        "VOICECHAT_CHAT_NEXT_NEXT_NEXT_BASE_URL": "http://three/v1",
    }
    found = []
    chat: Any = load(environment=environment).chat
    while chat is not None:
        found.append((chat.base_url, chat.key and chat.key.get_secret_value()))
        chat = chat.next
    expected = [("http://one/v1", "sk-one"), ("http://two/v1", None), (None, "sk-common")]
    assert found == [*expected, ("http://three/v1", None)]


def test_voices_of_languages_come_from_a_line_or_a_table(tmp_path: Path) -> None:
    expected = ("de=nova", "fr=voices/fr.onnx")
    assert load(environment={"VOICECHAT_TTS_VOICES": "de=nova, fr=voices/fr.onnx"}).tts.voices == expected
    file = tmp_path / "settings.toml"
    file.write_text('[tts.voices]\nde = "nova"\nfr = "voices/fr.onnx"\n')
    assert load(file, {}).tts.voices == expected


@pytest.mark.parametrize("value", ["nova", "de=", "=nova", "Deutsch!=nova", "de=nova,DE=onyx"])
def test_what_is_no_voice_of_a_language_is_told(value: str) -> None:
    with pytest.raises(ConfigError, match=r"tts\.voices \(VOICECHAT_TTS_VOICES\): wanted"):
        load(environment={"VOICECHAT_TTS_VOICES": value})


def test_more_voices_than_fit_into_memory_are_told() -> None:
    value = ",".join(f"de-{number}=nova" for number in range(100, 141))
    with pytest.raises(ConfigError, match="40 at most"):
        load(environment={"VOICECHAT_TTS_VOICES": value})


def test_a_secret_is_in_no_text_of_the_settings_or_their_errors() -> None:
    environment = {"OPENAI_API_KEY": "sk-secret", "VOICECHAT_STT_KEY": "sk-secret"}
    assert "sk-secret" not in repr(load(environment=environment))
    with pytest.raises(ConfigError) as caught:
        load(environment={**environment, "VOICECHAT_PORT": "sk-secret"})
    assert "sk-secret" not in str(caught.value)


def test_every_setting_says_what_it_is() -> None:
    assert [name for _, name, field in settings() if not field.description] == []


def test_what_is_made_of_models_is_in_the_users_cache_unless_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert load(environment={}).models_folder == tmp_path / "cache" / "voicechat"
    for unusable in ("", "cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert load(environment={}).models_folder == tmp_path / ".cache" / "voicechat"
    assert load(environment={"VOICECHAT_MODELS": "models"}).models_folder == Path("models")
