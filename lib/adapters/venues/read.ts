import type * as z from 'zod/mini'

import { excerpt, readJson } from './exact-json.ts'
import { VenueAnswerError, VenueBusyError } from './venue-answer-error.ts'

/** Reads a body by what the venue's documents say of it; other fields are let be. */
export function readBody<T>(venue: string, schema: z.ZodMiniType<T>, body: string): T {
  const value = readJson(venue, body)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  // Often it is the venue's own word of what is wrong.
  throw new VenueAnswerError(
    venue,
    `${complaint('the answer', value, result.error)}: ${excerpt(body)}`,
  )
}

/** Reads a part of an answer; `name` says which. */
export function read<T>(venue: string, schema: z.ZodMiniType<T>, value: unknown, name: string): T {
  const result = tryRead(venue, schema, value, name)
  if (result instanceof VenueAnswerError) throw result
  return result
}

/** The same, with the error as a value. */
export function tryRead<T>(
  venue: string,
  schema: z.ZodMiniType<T>,
  value: unknown,
  name: string,
): T | VenueAnswerError {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  return new VenueAnswerError(venue, complaint(name, value, result.error))
}

function complaint(name: string, value: unknown, error: z.core.$ZodError): string {
  const path = error.issues[0]?.path ?? []
  return `${[name, ...path].map(String).join('.')} is ${told(valueAt(value, path))}`
}

/**
 * Throws the beginning of what the venue itself says of an answer with status 200; `busy` where that means that it is
 * asked too often.
 */
export function refuse(venue: string, said: string, busy: boolean): never {
  const detail = excerpt(said)
  throw busy ? new VenueBusyError(venue, detail) : new VenueAnswerError(venue, detail)
}

/** What the body itself has there: nothing that every object inherits. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  )
}

/** Only scalars are shown: what is nested may be endless. */
function told(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? `"${excerpt(value)}"` : JSON.stringify(value)
}
