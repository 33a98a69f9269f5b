/**
 * Brings the newest view until the page goes: over one connection where the server keeps one, else by asking again.
 *
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @param {{ everyMs: number, onView: (view: NetworkView) => void, onProblem: (text: string) => void }} to
 */
export function follow({ everyMs, onView, onProblem }) {
  const source = new EventSource('api/events')
  source.addEventListener('view', ({ data }) => {
    onView(/** @type {NetworkView} */ (JSON.parse(String(data))))
  })
  source.addEventListener('problem', ({ data }) => onProblem(String(data)))
  source.addEventListener('error', () => {
    // A broken connection is taken up again by the browser; one that the server does not offer is closed.
    if (source.readyState === EventSource.CLOSED) void poll({ everyMs, onView, onProblem })
    else onProblem('the connection is lost; trying again')
  })
}

/** @param {Parameters<typeof follow>[0]} to */
async function poll({ everyMs, onView, onProblem }) {
  for (;;) {
    // Nobody looks at a hidden page: the store is not asked for it.
    if (document.hidden) await shown()
    try {
      const response = await fetch('api/view', { cache: 'no-store' })
      if (response.ok) onView(/** @type {NetworkView} */ (await response.json()))
      else onProblem(/** @type {{ error: string }} */ (await response.json()).error)
    } catch {
      onProblem('the page’s server does not answer; trying again')
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** @returns {Promise<void>} */
function shown() {
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true })
  })
}
