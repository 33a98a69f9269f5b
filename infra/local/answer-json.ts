import type { PagerAnswer } from './pager-rules.ts'

export function json(status: number, body: unknown): PagerAnswer {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}

export function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // The caller's schema refuses undefined, with the receiver's own words.
    return undefined
  }
}

/** As most receivers count them: code points. */
export function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
