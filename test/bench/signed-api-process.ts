import { createRequire } from 'node:module'
import process from 'node:process'

import { z } from 'zod'

// @api3/signed-api as it is started, in the directory of its configuration; asked, it tells what it has cost so far.

const [directory = ''] = process.argv.slice(2)
process.chdir(directory)
process.on('message', (word) => {
  z.literal('usage').parse(word)
  const { user, system } = process.cpuUsage()
  process.send?.({
    cpuMs: (user + system) / 1_000,
    peakMib: process.resourceUsage().maxRSS / 1_024,
  })
})
const home = `${directory}/node_modules/@api3/signed-api`
createRequire(`${home}/`)(`${home}/dist/src/index.js`)
