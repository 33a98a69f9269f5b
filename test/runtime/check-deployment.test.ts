import { describe, expect, test } from 'vitest'

import { foreignAlertKeys, foreignKeys } from '../../lib/runtime/check-deployment.ts'
import type { Config } from '../../lib/runtime/config.ts'
import { alerts as alertsSchema } from '../../lib/runtime/network/alerts.ts'
import { engines as engineSchema } from '../../lib/runtime/network/engines.ts'
import { proving as provingSchema } from '../../lib/runtime/network/proving.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { parseReference } from '../../lib/runtime/reference.ts'
import { aNetwork } from './a-network.ts'

const kms = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555'
const otherKms = 'arn:aws:kms:eu-west-1:123456789012:key/99999999-2222-3333-4444-555555555555'
const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:starkeep/oracle-AbCdEf'

const nothing: Config['keys'] = {
  oracleKms: undefined,
  oracleStark: undefined,
  senderKms: undefined,
  senderStark: undefined,
  liquidatorStark: undefined,
  alerts: undefined,
  provers: undefined,
}

function configOf(keys: Partial<Config['keys']>): Config {
  return {
    network: 'sample',
    table: 'table',
    bucket: 'bucket',
    queues: {},
    region: 'eu-west-1',
    root: '.',
    keys: { ...nothing, ...keys },
  }
}

function key(text: string) {
  const reference = parseReference(text)
  if (!reference) throw new TypeError(`${text} is no reference`)
  return reference
}

/** One oracle node with these keys, and one chain with this account's. */
function networkOf(keys: {
  readonly evm?: string
  readonly stark?: string
  readonly sender?: string
}): Network {
  const network = aNetwork()
  const { l1 } = network.chains
  const [oracle] = network.oracles
  if (l1?.kind !== 'evm' || !l1.account || !oracle) throw new TypeError('the sample has changed')
  const stark = keys.stark === undefined ? undefined : key(keys.stark)
  if (stark?.kind === 'kms') throw new TypeError('KMS has no keys of that curve')
  return {
    ...network,
    oracles: [
      { ...oracle, keys: { evm: keys.evm === undefined ? undefined : key(keys.evm), stark } },
    ],
    chains: {
      l1: {
        ...l1,
        account: keys.sender === undefined ? undefined : { ...l1.account, key: key(keys.sender) },
      },
    },
  }
}

describe('keys that a function may not use', () => {
  test('none, where the file names those of the stack', () => {
    const network = networkOf({
      evm: `kms:${kms}`,
      stark: `secretsmanager:${secret}`,
      sender: `kms:${kms}`,
    })
    const config = configOf({ oracleKms: [kms], oracleStark: [secret], senderKms: [kms] })
    expect(foreignKeys(network, config)).toEqual([])
  })

  test('another key is told by its place in the file', () => {
    const network = networkOf({ evm: `kms:${otherKms}`, sender: `kms:${otherKms}` })
    const config = configOf({ oracleKms: [kms], senderKms: [kms] })
    expect(foreignKeys(network, config)).toEqual([
      `oracles.oracle-1.keys.evm names kms:${otherKms}, but this deployment may use ${kms} only`,
      `chains.l1.account.key names kms:${otherKms}, but this deployment may use ${kms} only`,
    ])
  })

  test('either of two may sign, and either may be the one that follows', () => {
    const both = { oracleKms: [kms, otherKms] }
    const { oracles, ...network } = networkOf({ evm: `kms:${kms}` })
    const followed = oracles.map((oracle) => ({
      ...oracle,
      next: { evm: { kind: 'kms', key: otherKms } as const },
    }))
    expect(foreignKeys({ ...network, oracles: followed }, configOf(both))).toEqual([])
    expect(foreignKeys({ ...network, oracles: followed }, configOf({ oracleKms: [kms] }))).toEqual([
      `oracles.oracle-1.next.evm names kms:${otherKms}, but this deployment may use ${kms} only`,
    ])
  })

  test('whoever signs orders for what is liquidated needs the key of that alone', () => {
    const parsed = engineSchema.parse({
      core: {
        kind: 'starknet-perpetual',
        chain: 'l2',
        address: '0x1',
        liquidation: { liquidator: { position: '100', key: `secretsmanager:${secret}` } },
      },
    })
    const network: Network = { ...networkOf({}), engines: parsed }
    expect(foreignKeys(network, configOf({ liquidatorStark: [secret] }))).toEqual([])
    expect(foreignKeys(network, configOf({}))).toEqual([])
    const other = secret.replace('oracle', 'other')
    expect(foreignKeys(network, configOf({ liquidatorStark: [other] }))).toEqual([
      `engines.core.liquidation.liquidator.key names secretsmanager:${secret}, but this deployment may use ${other} only`,
    ])
  })

  test('what provers know this deployment by is in the one secret that is theirs', () => {
    const parsed = provingSchema.parse({
      appchain: {
        source: { kind: 'starknet-blocks', chain: 'l2', runs: 'https://runs.example' },
        provers: [
          {
            name: 'herodotus',
            kind: 'atlantic',
            apiKey: `secretsmanager:${secret}#atlantic`,
            network: 'MAINNET',
          },
          {
            name: 'starkware',
            kind: 'sharp',
            baseUrl: 'https://sharp.example/v1/gateway',
            customerId: 'us',
            tls: {
              certificate: `secretsmanager:${secret}#certificate`,
              key: 'secretsmanager:elsewhere#key',
              ca: `secretsmanager:${secret}#ca`,
            },
          },
        ],
        settlement: {
          kind: 'starknet-core',
          chain: 'l1',
          address: `0x${'1'.repeat(40)}`,
          registry: `0x${'2'.repeat(40)}`,
        },
      },
    })
    const network: Network = { ...networkOf({}), proving: parsed }
    expect(foreignKeys(network, configOf({}))).toEqual([])
    expect(foreignKeys(network, configOf({ provers: secret }))).toEqual([
      `proving.appchain.provers.starkware.tls.key names secretsmanager:elsewhere#key, but this deployment may use ${secret} only`,
    ])
    const other = secret.replace('oracle', 'other')
    expect(foreignKeys(network, configOf({ provers: other }))).toHaveLength(4)
  })

  test('what people are told with is told by its place, and keeps nobody from being told by the rest', () => {
    const parsed = alertsSchema.parse({
      channels: {
        log: { kind: 'terminal' },
        team: { kind: 'slack', url: `secretsmanager:${secret}#slack` },
        pager: { kind: 'pagerduty', routingKey: 'secretsmanager:elsewhere#pagerduty' },
        phone: { kind: 'telegram', token: 'file:telegram', chatId: '1' },
        server: { kind: 'discord', url: 'secretsmanager:elsewhere#discord' },
        open: { kind: 'webhook', url: 'https://hook.example' },
        hook: {
          kind: 'webhook',
          url: `secretsmanager:${secret}#hook`,
          secret: 'secretsmanager:elsewhere#hmac',
        },
      },
      lifeline: 'secretsmanager:elsewhere#lifeline',
    })
    const network: Network = { ...networkOf({}), alerts: parsed }
    const config = configOf({ alerts: secret })
    const says = (path: string, reference: string) => [
      path,
      `${path} names ${reference}, but this deployment may use ${secret} only`,
    ]
    expect(Object.entries(foreignAlertKeys(network, config))).toEqual([
      says('alerts.channels.pager.routingKey', 'secretsmanager:elsewhere#pagerduty'),
      says('alerts.channels.phone.token', 'file:telegram'),
      says('alerts.channels.server.url', 'secretsmanager:elsewhere#discord'),
      says('alerts.channels.hook.secret', 'secretsmanager:elsewhere#hmac'),
      says('alerts.lifeline', 'secretsmanager:elsewhere#lifeline'),
    ])
    expect(foreignKeys(network, config)).toEqual([])
    // Whoever tells nobody is asked for none of them.
    expect(foreignAlertKeys(network, configOf({}))).toEqual({})
  })

  test('a file on a disk is on no disk of a function', () => {
    const network = networkOf({ evm: 'file:oracle' })
    expect(foreignKeys(network, configOf({ oracleKms: [kms] }))).toHaveLength(1)
  })

  test.for([
    ['secretsmanager:starkeep/oracle', 0],
    ['secretsmanager:starkeep/oracle#key', 0],
    ['secretsmanager:starkeep/oracl', 1],
    ['secretsmanager:starkeep/oracle-2', 1],
  ] as const)('a secret by its name: %s', ([stark, problems]) => {
    const network = networkOf({ stark })
    expect(foreignKeys(network, configOf({ oracleStark: [secret] }))).toHaveLength(problems)
  })

  test('a function that was given no key of a kind uses none, and is asked for none', () => {
    expect(foreignKeys(networkOf({ evm: `kms:${kms}` }), configOf({}))).toEqual([])
  })
})
