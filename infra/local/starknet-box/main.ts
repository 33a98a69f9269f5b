import process from 'node:process'

import { BoxOptions, type BoxOptionsInput } from './box-options.ts'
import { startStarknetBox } from './start-starknet-box.ts'

// Runs one box until SIGINT or SIGTERM; its options are the one argument, as JSON.
const options = JSON.parse(process.argv[2] ?? '') as BoxOptionsInput
BoxOptions.parse(options)
const box = await startStarknetBox(options)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    box.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`)
        process.exit(1)
      },
    )
  })

const { url, adminUrl } = box
process.stdout.write(`starknet-box is ready: ${JSON.stringify({ url, adminUrl })}\n`)
