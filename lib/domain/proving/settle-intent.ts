/** Names the work of settling a batch, so that deciding it twice is doing it once. */
export function settleIntent(lane: string, number: number, attempt: number): string {
  return `settle-batch:${lane}:${number}:${attempt}`
}
