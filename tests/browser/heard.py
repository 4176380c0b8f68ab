"""What a screen reader is told."""

from __future__ import annotations

from .widget import Widget, eventually

KEEP = """
  (panel) => {
    window.heard = [];
    const keep = (node) => heard.push(node.textContent);
    new MutationObserver((all) => all.forEach(({ addedNodes }) => addedNodes.forEach(keep)))
      .observe(panel.querySelector('[aria-live=polite]'), { childList: true });
  }
"""


async def listen(widget: Widget) -> None:
    """Keep from now on what is announced in the open panel, for `heard`."""
    await widget.page.locator("voice-chat .panel").evaluate(KEEP)


async def heard(widget: Widget) -> list[str]:
    """Return what was announced, in its order."""
    found: list[str] = await widget.page.evaluate("heard")
    return found


async def until_heard(widget: Widget, words: str) -> list[str]:
    """Wait until *words* were announced; return all that was."""

    async def is_heard() -> list[str]:
        all_of_it = await heard(widget)
        return all_of_it if words in all_of_it else []

    found: list[str] = await eventually(is_heard)
    return found
