import * as z from 'zod'

import { StoreUnavailableError } from '../../adapters/store/unavailable.ts'

/** A part of the network that cannot be shown, and why, for people. */
export type ViewProblem = { readonly where: string; readonly problem: string }

export type Problems = {
  readonly found: readonly ViewProblem[]
  /** What `read` gives; where it cannot be read, `otherwise`, with the reason among the problems. */
  attempt<T>(where: string, read: () => Promise<T> | T, otherwise: T): Promise<T>
}

/** One row of another version must not hide the rest. A store that does not answer hides everything, and stays an error. */
export function collectProblems(): Problems {
  const found: ViewProblem[] = []
  return {
    found,
    async attempt(where, read, otherwise) {
      try {
        return await read()
      } catch (error) {
        if (error instanceof StoreUnavailableError) throw error
        found.push({ where, problem: reasonOf(error) })
        return otherwise
      }
    },
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return `cannot be read: ${error.issues.map(issueText).join('; ')}`
  return error instanceof Error ? error.message : String(error)
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
