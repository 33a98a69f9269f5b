/** The lease of whoever follows an exchange's accounts: two at once would only undo each other's work. */
export function positionsLease(engine: string): string {
  return `positions/${engine}`
}
