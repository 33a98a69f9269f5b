import process from 'node:process'

import { messageOf } from '../../keepers/message-of.ts'
import { compose, type World } from '../../runtime/compose.ts'
import { openKeys } from '../../runtime/keys.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { openSecrets, type Secrets } from '../../runtime/secrets.ts'
import { wallClock } from '../../runtime/wall-clock.ts'
import type { DoctorOptions } from '../doctor.ts'
import { readNetwork } from '../read-network.ts'
import { checkAlerts } from './check-alerts.ts'
import { checkClock } from './check-clock.ts'
import { checkKeys } from './check-keys.ts'
import { checkMoney } from './check-money.ts'
import { checkNodes } from './check-nodes.ts'
import { checkQueue } from './check-queue.ts'
import { checkStore } from './check-store.ts'
import { checkWatched } from './check-watched.ts'
import { checkWorldParts } from './check-world-parts.ts'
import { diagnosisLines } from './diagnosis-lines.ts'
import { type Area, areas, type Diagnosis, fromSentence } from './diagnosis.ts'

/** Looks at everything that a network file names, prints how it is, and answers the exit code. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const { network: file, json = false, testMessage: sends = false } = options
  const { network, directory } = await readNetwork(file)
  const secrets = openSecrets({ directory })
  const clock = wallClock
  const keys = await checkKeys(network, { secrets, keys: openKeys({ secrets }) })
  const found = await Promise.all([
    lookAtWorld(network, {
      directory,
      secrets,
      signs: keys.every(({ state }) => state !== 'fault'),
    }),
    looked('store', async () => checkStore({ network, directory, clock })),
    looked('queue', async () => checkQueue(network)),
    looked('alerts', async () => checkAlerts({ network, secrets, clock, sends, write: onStderr })),
  ])
  const all = [...keys, ...found.flat()].toSorted(
    (one, other) => areas.indexOf(one.area) - areas.indexOf(other.area),
  )
  const { stdout, env } = process
  const { NO_COLOR: noColour = '' } = env
  const faults = all.filter(({ state }) => state === 'fault').length
  const text = json
    ? JSON.stringify({ network: network.network, ok: faults === 0, findings: all })
    : diagnosisLines(all, { colour: stdout.isTTY && noColour === '' }).join('\n')
  stdout.write(`${text}\n`)
  return faults === 0 ? 0 : 1
}

/** What the terminal channel says is no part of the table. */
function onStderr(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** What fails in a way that nobody planned hides nothing of the rest. */
async function looked(
  area: Area,
  look: () => Promise<readonly Diagnosis[]>,
): Promise<readonly Diagnosis[]> {
  try {
    return await look()
  } catch (error) {
    const says = `this could not be looked at: ${messageOf(error)}`
    return [
      {
        area,
        subject: area,
        state: 'fault',
        says,
        fix: 'what it names is wrong or gone; all the rest was looked at',
      },
    ]
  }
}

type Look = {
  readonly directory: string
  readonly secrets: Secrets
  /** Whether all keys can be used; without one of them, what needs none is looked at all the same. */
  readonly signs: boolean
}

async function lookAtWorld(network: Network, look: Look): Promise<readonly Diagnosis[]> {
  const opened = await open(network, look)
  const { world } = opened
  if (!world) return opened.found
  try {
    const { secrets } = look
    // First what every start asks: after that it is known how each node is.
    const parts = await looked('world', async () =>
      checkWorldParts(world, { secrets, signs: opened.signs }),
    )
    const rest = await Promise.all([
      looked('nodes', async () => checkNodes(world)),
      looked('watched', async () => checkWatched(world)),
      looked('clock', async () => checkClock(world, secrets)),
      looked('money', async () => checkMoney(world)),
    ])
    return [...opened.found, ...parts, ...rest.flat()]
  } finally {
    await world.close()
  }
}

type Opened = {
  readonly world: World | undefined
  readonly signs: boolean
  readonly found: readonly Diagnosis[]
}

/** With what can be used of it: an account with another one's key is told of, and its chain looked at without it. */
async function open(network: Network, { directory, secrets, signs }: Look): Promise<Opened> {
  const shared = { network, directory, clock: wallClock }
  const needs = { oracles: signs, senders: signs, alerts: false, watched: true }
  try {
    return { world: await compose({ ...shared, needs }), signs, found: [] }
  } catch (error) {
    const told = fault(error)
    if (!signs) return { world: undefined, signs, found: [told] }
    const without = await open(network, { directory, secrets, signs: false })
    return { ...without, found: without.world ? [told] : without.found }
  }
}

function fault(error: unknown): Diagnosis {
  const at = { area: 'world', subject: 'the network', state: 'fault' } as const
  return fromSentence(at, messageOf(error), 'correct what it names in the network file')
}
