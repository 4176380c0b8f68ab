"""Who may come in."""

import pytest

from voicechat.errors import BadRequest, ChatGone, ConfigError, OriginRefused, Unavailable
from voicechat.guard import Budget, OriginRule, is_minted, mint_chat, parse_chat
from voicechat.wire import connection

SHOP = "https://shop.example"


@pytest.mark.parametrize("origin", [None, SHOP, "https://shop.example:443", "https://SHOP.example"])
def test_an_allowed_origin_and_a_program_without_one_pass(origin: str | None) -> None:
    OriginRule([SHOP]).check(origin, "bot.example")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil-shop.example",
        "https://shop.example.evil.example",
        "https://shop.example:8443",
        "http://shop.example",
        "https://shop.example/",
        "https://shop.example@evil.example",
        "null",
        "",
        "https://",
        "https://shop.example:port",
        "https://shop.example, https://shop.example",
        "http://localhost:3000",
        "https://bot.example",
    ],
)
def test_every_other_origin_is_refused_once_a_list_is_set(origin: str) -> None:
    with pytest.raises(OriginRefused, match="VOICECHAT_ORIGINS"):
        OriginRule([SHOP]).check(origin, "bot.example")


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:99", "https://bot.example"]
)
def test_without_a_list_this_machine_and_the_server_itself_pass(origin: str) -> None:
    OriginRule([]).check(origin, "bot.example")


@pytest.mark.parametrize("origin", ["https://shop.example", "http://localhost.evil.example", "null"])
def test_without_a_list_other_sites_are_refused(origin: str) -> None:
    with pytest.raises(OriginRefused):
        OriginRule([]).check(origin, "bot.example")


@pytest.mark.parametrize("entry", ["shop.example", "*", "https://*.example", "https://shop.example/path"])
def test_an_entry_that_is_no_origin_is_told_at_the_start(entry: str) -> None:
    with pytest.raises(ConfigError, match="VOICECHAT_ORIGINS"):
        OriginRule([entry])


def test_a_minted_id_hides_its_secret_and_no_two_are_alike() -> None:
    id_ = mint_chat()
    parsed = parse_chat(id_)
    assert id_.startswith("c_") and id_ != mint_chat()
    assert parsed.secret_hash is not None and id_.partition(".")[2] not in repr(parsed)
    assert len(id_) <= 128


@pytest.mark.parametrize("id_", ["", "   ", "x" * 129, "a\nb", "a\x00b"])
def test_an_id_that_is_none_is_refused(id_: str) -> None:
    with pytest.raises(BadRequest):
        parse_chat(id_)


@pytest.mark.parametrize("id_", ["c_abc", "c_abc.", "c_"])
def test_a_minted_form_without_a_secret_is_a_chat_that_is_gone(id_: str) -> None:
    with pytest.raises(ChatGone):
        parse_chat(id_)


@pytest.mark.parametrize(
    ("origin", "text"),
    [("https://evil.example", "VOICECHAT_ORIGINS=https://evil.example"), ("null", "no origin")],
)
def test_a_refusal_names_the_origin_where_it_has_one(origin: str, text: str) -> None:
    with pytest.raises(OriginRefused, match=text):
        OriginRule([SHOP]).check(origin, "bot.example")


def test_both_rooms_that_know_how_minted_ids_begin_agree() -> None:
    assert is_minted(connection.MINTED) and not is_minted(connection.MINTED[:-1])
    assert not is_minted(f"x{connection.MINTED}")


def test_all_shares_together_take_no_more_than_the_budget() -> None:
    budget = Budget(100)
    one, other = budget.share(), budget.share()
    one.grow(60)
    other.grow(40)
    for share in (one, other):
        with pytest.raises(Unavailable) as caught:
            share.grow(1)
    assert caught.value.retry_after_seconds is not None
    one.shrink_to(59)
    other.grow(1)
    assert (one.size, other.size, budget.held_bytes) == (59, 41, 100)


def test_a_share_is_given_back_once_however_often_and_not_by_who_has_handed_it_over() -> None:
    budget = Budget(100)
    with budget.share() as share:
        share.grow(60)
        later = share.hand_over()
        share.grow(30)
        share.give_back()
        share.shrink_to(80)
    assert budget.held_bytes == later.size == 60
    later.give_back()
    later.give_back()
    assert budget.held_bytes == 0
