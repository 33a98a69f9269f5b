/** @type {Map<Element, (isVisible: boolean) => void>} */
const tellers = new Map()
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) tellers.get(target)?.(isIntersecting)
  },
  { rootMargin: '200px' },
)

/**
 * Tells when an element comes near what the reader sees, and when it leaves: a hundred charts need not all be drawn anew.
 *
 * @param {Element} element
 * @param {(isVisible: boolean) => void} tell
 */
export function onVisible(element, tell) {
  tellers.set(element, tell)
  observer.observe(element)
}
