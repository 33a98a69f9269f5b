/** One thing that happens at its time. True where it may let somebody go on who awaits it. */
type Event = { readonly at: number; readonly order: number; readonly act: () => boolean }

/** Time that passes from event to event: whatever awaits nothing but its turn has had it before the next one. */
export type VirtualTime = {
  /** Unix milliseconds. */
  now(): number
  /** Events of one time happen in the order in which they were asked for. */
  after(ms: number, act: () => boolean): void
  /** Lets events happen until `over` says so, or none is left. */
  run(over: () => boolean): Promise<void>
}

export function virtualTime(start: number): VirtualTime {
  const heap: Event[] = []
  let now = start
  let asked = 0

  return {
    now: () => now,

    after(ms, act) {
      asked += 1
      push(heap, { at: now + Math.max(0, Math.ceil(ms)), order: asked, act })
    },

    async run(over) {
      // Twice: the first may come before what the caller began has had its turn.
      await turn()
      await turn()
      while (!over()) {
        const next = pop(heap)
        if (!next) return
        now = next.at
        if (next.act()) await turn()
      }
    },
  }
}

/** Node runs its next tick only when no promise has anything left to do. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/** A binary heap: thousands of schedules a second are thousands of events each. */
function push(heap: Event[], event: Event): void {
  let at = heap.length
  heap.push(event)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (!above || isBefore(above, event)) break
    heap[at] = above
    at = parent
  }
  heap[at] = event
}

function pop(heap: Event[]): Event | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (heap.length === 0 || !last) return first
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const [one, other] = [heap[left], heap[left + 1]]
    const least = other && one && isBefore(other, one) ? left + 1 : left
    const child = heap[least]
    if (!child || isBefore(last, child)) break
    heap[at] = child
    at = least
  }
  heap[at] = last
  return first
}
