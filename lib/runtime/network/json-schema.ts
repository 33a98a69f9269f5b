import * as z from 'zod'

import { networkSchema } from './schema.ts'

/** The shape of a network file for editors, as text. What only cross-checks see is not in it. */
export function networkJsonSchema(): string {
  const schema = z.toJSONSchema(networkSchema, { io: 'input', reused: 'inline' })
  return `${JSON.stringify(schema, null, 2)}\n`
}
