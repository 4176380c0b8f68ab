/**
 * Keeps a window that fills a phone's screen above the keyboard: iOS slides the keyboard over the
 * page and tells only the visual viewport.
 *
 * @param {HTMLElement} element
 * @param {MediaQueryList} phone whether the element fills the screen
 */
export function stayAboveKeyboard(element, phone) {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const fit = () => {
    const keyboardIsUp = phone.matches && window.innerHeight - viewport.height > 80;
    element.style.height = keyboardIsUp ? `${viewport.height}px` : '';
    element.style.top = keyboardIsUp ? `${viewport.offsetTop}px` : '';
  };
  viewport.addEventListener('resize', fit);
  viewport.addEventListener('scroll', fit);
}
