import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startPagers } from '../../infra/local/pagers.ts'
import { AlertNotTakenError } from '../../lib/domain/alert.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { alerts as alertsSchema } from '../../lib/runtime/network/alerts.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { anAlert } from '../adapters/alerts/support.ts'
import { aNetwork } from './a-network.ts'

let directory = ''
let pagers: Awaited<ReturnType<typeof startPagers>>
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'starkeep-late-'))
  pagers = await startPagers({ now: () => wallClock.now() })
  writeFileSync(join(directory, 'pager'), 'R0123456789abcdefABCDEF012345678\n', { mode: 0o600 })
})
afterAll(async () => {
  await pagers.close()
  rmSync(directory, { recursive: true, force: true })
})

/** What of a network is told with, as a function opens it. */
async function opened(foreign: Readonly<Record<string, string>>) {
  const alerts = alertsSchema.parse({
    channels: {
      team: { kind: 'slack', url: pagers.slackUrl },
      pager: { kind: 'pagerduty', routingKey: 'file:pager', url: pagers.pagerdutyUrl },
    },
    lifeline: 'file:none',
  })
  const network = { ...aNetwork({ oracles: [] }), chains: {}, engines: {}, alerts }
  const needs = { oracles: false, senders: false, alerts: true, watched: false }
  const channels = 'with-first-message'
  return await compose({ network, directory, clock: wallClock, needs, channels, foreign })
}

test('what may not be used here is said where it is named, and keeps nobody from being told by the rest', async () => {
  const why =
    'alerts.channels.team.url names secretsmanager:other, but this deployment may use mine only'
  const world = await opened({ 'alerts.channels.team.url': why })
  const { team, pager } = world.ports.alerts
  const error = await team?.deliver(anAlert()).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(AlertNotTakenError)
  expect(String(error)).toContain(why)
  await pager?.deliver(anAlert())
  expect(pagers.received().map((one) => one.pager)).toEqual(['pagerduty'])
  await world.close()
})

test('a lifeline that cannot be opened is told of with the first sign of life, and ends no look before', async () => {
  const world = await opened({})
  await expect(world.ports.lifeline?.show('0 found')).rejects.toThrow('file:none')
  await world.close()
  const why = 'alerts.lifeline names file:none, but this deployment may use mine only'
  const foreign = await opened({ 'alerts.lifeline': why })
  await expect(foreign.ports.lifeline?.show('0 found')).rejects.toThrow(why)
  await foreign.close()
})
