import process from 'node:process'
import { fileURLToPath } from 'node:url'

import { z } from 'zod'

import { type RunningChild, startChild } from '../child.ts'
import type { DevnetAccount } from '../devnet.ts'
import { boxAccounts } from './box-accounts.ts'
import { BoxOptions, type BoxOptionsInput } from './box-options.ts'
import type { Hex } from './felt.ts'
import { coreAddressOf } from './genesis.ts'

export type StarknetBoxProcess = RunningChild & {
  readonly url: string
  readonly adminUrl: string
  readonly coreAddress: Hex
  readonly accounts: readonly DevnetAccount[]
}

const Started = z.object({ url: z.string(), adminUrl: z.string() })

/** A box in a process of its own, which never outlives this one. It writes its state down before it ends. */
export async function runStarknetBox({
  logFile,
  ...options
}: BoxOptionsInput & { readonly logFile?: string }): Promise<StarknetBoxProcess> {
  BoxOptions.parse(options)
  let started: z.infer<typeof Started> | undefined
  const child = await startChild({
    name: 'starknet-box',
    command: process.execPath,
    args: [fileURLToPath(new URL('main.ts', import.meta.url)), JSON.stringify(options)],
    logFile,
    readyWhen(line) {
      const found = /^starknet-box is ready: (\{.*\})$/.exec(line)?.[1]
      if (found === undefined) return false
      started = Started.parse(JSON.parse(found))
      return true
    },
  })
  if (started === undefined) throw new Error('a box that is ready has said where it is')
  const coreAddress = coreAddressOf(options.setup?.generation ?? 'C')
  return { ...child, ...started, coreAddress, accounts: boxAccounts(options) }
}
