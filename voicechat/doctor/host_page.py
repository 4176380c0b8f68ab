"""Whether a page of the site may use the bot: its origin, its policies, its tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from yarl import URL

from ..errors import OriginRefused
from ..guard import OriginRule
from .case import Case, is_secure
from .finding import Check, Finding, Mark
from .network import Answer, Unreachable, ask
from .policy import allows, forbids_microphone, policies
from .reach import LOADER


@dataclass
class Found(HTMLParser):
    """What a page's markup says of policies and of the bot's tag."""

    policies: list[str] = field(default_factory=list)
    scripts: list[tuple[str, str]] = field(default_factory=list)
    """Address and nonce of each that may be the bot's."""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "meta" and said.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(said.get("content", ""))
        if tag == "script" and said.get("src", "").partition("?")[0].endswith(LOADER):
            self.scripts.append((said["src"], said.get("nonce", "")))


async def check_host_page(case: Case) -> Check:
    page = case.wanted.page
    if page is None:
        return
    try:
        parts = URL(page)
        origin = str(parts.origin())
    except ValueError:
        yield _says("problem", f"{page}: that is no address.", "One looks like https://shop.example/")
        return
    yield _origin(case, origin)
    if parts.scheme == "https" and not is_secure(case.url):
        text = f"The page is https and the bot is not ({case.url}): browsers load nothing of it."
        yield _says("problem", text, "Serve the bot as https too: --tls CERT KEY, or a reverse proxy.")
    if not is_secure(page):
        yield _says("warning", f"Browsers refuse the microphone to {origin}.", "Serve the page as https.")
    try:
        answer = await ask(case.session, "GET", page, allow_redirects=True, max_redirects=5)
    except Unreachable as exc:
        yield _says("problem", f"{page}: {exc.text}.", exc.mend)
        return
    if answer.status != 200:
        text = f"{page}: status {answer.status}, so what follows may be true of that answer alone."
        yield _says("warning", text, "Name a page that anybody can open.")
    for finding in _read(case, answer):
        yield finding


def _says(mark: Mark, text: str, mend: str = "") -> Finding:
    return Finding("host page", mark, text, mend)


def _origin(case: Case, origin: str) -> Finding:
    try:
        bot = URL(case.url)
        OriginRule(case.config.origins).check(origin, bot.raw_authority)
    except OriginRefused:
        allowed = ",".join([*case.config.origins, origin])
        return _says("problem", f"Pages of {origin} may not use the bot.", f"VOICECHAT_ORIGINS={allowed}")
    return _says("ok", f"Pages of {origin} may use the bot.")


def _read(case: Case, answer: Answer) -> Iterator[Finding]:
    found = Found()
    found.feed(answer.text)
    page, loader = str(answer.url), f"{case.url}/{LOADER}"
    tags = [(urljoin(page, source), nonce) for source, nonce in found.scripts]
    own = [(source, nonce) for source, nonce in tags if source.partition("?")[0] == loader]
    if own:
        yield _says("ok", "The page carries the bot's tag.")
    elif tags:
        text = f"The page's tag leads to {tags[0][0]}, and the bot is at {case.url}."
        yield _says("warning", text, f"Correct the tag, or say --url {tags[0][0].removesuffix('/' + LOADER)}")
    else:
        tag = f'<script async src="{loader}"></script>'
        yield _says("warning", "The page's source has no tag of the bot; a script may add it.", f"Add {tag}")
    headers = [*answer.headers.getall("Content-Security-Policy", ()), *found.policies]
    yield from _policy(case, headers, page, own[0][1] if own else "")
    if forbids_microphone(answer.headers.getall("Permissions-Policy", ()), str(answer.url.origin())):
        text = "Its Permissions-Policy keeps the microphone from the page."
        yield _says("problem", text, "Permissions-Policy: microphone=(self)")
    else:
        yield _says("ok", "No Permissions-Policy keeps the microphone from it.")


def _policy(case: Case, headers: list[str], page: str, nonce: str) -> Iterator[Finding]:
    known = policies(headers)
    if not known:
        yield _says("ok", "It has no Content-Security-Policy, so nothing keeps the widget out.")
        return
    socket = "ws" + case.url.removeprefix("http")
    wanted: list[tuple[str, str, Mark, str]] = [
        ("script-src", f"{case.url}/{LOADER}", "problem", "the widget does not load"),
        ("connect-src", f"{case.url}/api/config", "problem", "the widget does not reach the bot"),
    ]
    if "v2" in case.modes:
        alone = case.modes == ("v2",)
        wanted.append(
            ("connect-src", f"{socket}/ws", "problem" if alone else "warning", "v2 does not connect")
        )
    fine = True
    for kind, url, mark, harm in wanted:
        tag_nonce = nonce if kind == "script-src" else ""
        if all(allows(policy, kind, url, page, tag_nonce) for policy in known):
            continue
        fine = False
        strict = kind == "script-src" and any("'strict-dynamic'" in str(policy) for policy in known)
        mend = f"Add to its {kind}: {_origin_of(url)}"
        if strict:
            mend = "Give the bot's tag the nonce that the page's policy names: <script nonce=… async src=…>"
        yield _says(mark, f"Its Content-Security-Policy has no {kind} for {_origin_of(url)}: {harm}.", mend)
    if fine:
        yield _says("ok", "Its Content-Security-Policy lets the widget load and reach the bot.")


def _origin_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
