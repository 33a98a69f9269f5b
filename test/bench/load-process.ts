import process from 'node:process'
import { pathToFileURL } from 'node:url'

// Loads one bundle in this fresh process, and says what that took.

const [bundle = ''] = process.argv.slice(2)
const cpu = process.cpuUsage()
const begun = performance.now()
await import(pathToFileURL(bundle).href)
const wallMs = performance.now() - begun
const { user, system } = process.cpuUsage(cpu)
process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1_000 }), () =>
  process.exit(),
)
