"""What axe finds in the widget, and words that are too pale."""

from __future__ import annotations

from pathlib import Path

from .widget import Widget

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

RUN = """
  async () => {
    const { violations } = await axe.run({ include: 'voice-chat' }, { resultTypes: ['violations'] });
    const say = ({ target, failureSummary }) => `${target} ${failureSummary}`;
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(say).join('; ')}`);
  }
"""

PALE = """
  () => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const mixed = (colors) => {
      for (const color of colors) {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (colors) => {
      const linear = mixed(colors).map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = (it) => {
      if (!it) return ['#fff'];
      return [...behind(it.parentElement ?? it.getRootNode().host), getComputedStyle(it).backgroundColor];
    };
    const ratio = (it) => {
      const { color } = getComputedStyle(it, it.value === '' ? '::placeholder' : null);
      const back = behind(it);
      const [dark, pale] = [light(back), light([...back, color])].sort((a, b) => a - b);
      return (pale + 0.05) / (dark + 0.05);
    };
    const hasWords = ({ localName, childNodes }) =>
      localName === 'textarea' || [...childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const isSeen = (it) => it.checkVisibility({ opacityProperty: true }) && !it.closest('.unseen');
    return [...document.querySelector('voice-chat').shadowRoot.querySelectorAll('*')]
      .filter((it) => hasWords(it) && isSeen(it))
      .map((it) => [ratio(it), it.className, it.textContent])
      .filter(([found]) => found < 4.5)
      .map(([found, ...what]) => `contrast ${found.toFixed(2)}: ${what.join(' ')}`);
  }
"""
"""Words that stand out less than 4.5 to 1, which WCAG asks for; axe can't tell above a page."""


async def faults(widget: Widget, *, own_colors: bool = True) -> list[str]:
    """Return what is wrong with what is there now; without *own_colors* they are the system's."""
    if not await widget.page.evaluate("'axe' in window"):
        await widget.page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = await widget.page.evaluate(RUN)
    return found + (await widget.page.evaluate(PALE) if own_colors else [])
