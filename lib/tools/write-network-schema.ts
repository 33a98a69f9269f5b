import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { networkJsonSchema } from '../runtime/network/json-schema.ts'

/** Writes the JSON schema that editors check network files with. Run after every change of the schema. */
const file = fileURLToPath(new URL('../../infra/networks/network.schema.json', import.meta.url))
writeFileSync(file, networkJsonSchema())
console.log('wrote infra/networks/network.schema.json')
