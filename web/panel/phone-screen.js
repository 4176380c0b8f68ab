/**
 * Keeps a window that fills a phone's screen above the keyboard: iOS slides the keyboard over the
 * page and tells only the visual viewport.
 *
 * @param {HTMLElement} element
 * @param {MediaQueryList} phone whether the element fills the screen
 * @param {AbortSignal} signal ends it
 */
export function stayAboveKeyboard(element, phone, signal) {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const fit = () => {
    const keyboardIsUp = phone.matches && window.innerHeight - viewport.height > 80;
    element.style.height = keyboardIsUp ? `${viewport.height}px` : '';
    element.style.top = keyboardIsUp ? `${viewport.offsetTop}px` : '';
  };
  viewport.addEventListener('resize', fit, { signal });
  viewport.addEventListener('scroll', fit, { signal });
}
