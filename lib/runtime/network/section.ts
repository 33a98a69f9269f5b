import * as z from 'zod'

/** Keys and values of which none other may be there, and a message that says which there may be. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `expected only ${Object.keys(shape).join(', ')}` : undefined,
  })
}
