import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { z } from 'zod'

const Deployment = z.object({
  address: z.string(),
  /** Of everything that it was deployed with. */
  fingerprint: z.string(),
})
export type Deployment = z.output<typeof Deployment>

const deployed = ['evm', 'core', 'gps', 'appchain', 'actions', 'perpetual', 'uptime-feed'] as const
type Deployed = (typeof deployed)[number]

const File = z.partialRecord(z.enum(deployed), Deployment)

/** What earlier starts have deployed. Whether it is still there, the chain says. */
export type Deployments = {
  read(what: Deployed): Deployment | undefined
  write(what: Deployed, deployment: Deployment): void
}

export function openDeployments(file: string): Deployments {
  let known = existsSync(file) ? File.parse(JSON.parse(readFileSync(file, 'utf8'))) : {}
  return {
    read: (what) => known[what],
    write(what, deployment) {
      known = { ...known, [what]: deployment }
      writeFileSync(`${file}.new`, `${JSON.stringify(known, null, 2)}\n`)
      renameSync(`${file}.new`, file)
    },
  }
}

/** Reports needed for a price: one node may be missing or lie. */
export function reportQuorum(nodes: number): number {
  return Math.max(1, Math.ceil((2 * nodes) / 3))
}
