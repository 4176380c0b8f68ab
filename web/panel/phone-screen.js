/** What a window that fills a phone's screen has to see to. */

/**
 * Keeps it above the keyboard: phones slide the keyboard over the page and tell only the visual
 * viewport.
 *
 * @param {HTMLElement} element fills the screen while it is modal
 * @param {AbortSignal} signal ends it
 */
export function stayAboveKeyboard(element, signal) {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const fit = () => {
    // Who enlarges the page with two fingers has a small viewport too, and no keyboard.
    if (viewport.scale > 1.01) return;
    const isUp = element.matches(':modal') && window.innerHeight - viewport.height > 80;
    element.style.height = isUp ? `${viewport.height}px` : '';
    element.style.top = isUp ? `${viewport.offsetTop}px` : '';
  };
  viewport.addEventListener('resize', fit, { signal });
  viewport.addEventListener('scroll', fit, { signal });
}

/**
 * Keep the page behind from scrolling.
 *
 * @returns {() => void} gives it back where it was
 */
export function holdPage() {
  const { style } = document.documentElement;
  const { scrollX: left, scrollY: top } = window;
  const [overflow, priority] = [style.overflow, style.getPropertyPriority('overflow')];
  style.setProperty('overflow', 'hidden', 'important');
  return () => {
    style.setProperty('overflow', overflow, priority);
    window.scrollTo({ left, top, behavior: 'instant' });
  };
}
