import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { checkedNetworks } from '../../../infra/cloud/checked-networks.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { namedNetwork } from '../../../lib/runtime/named-network.ts'
import { bundleFunctions } from './bundle.ts'
import { readService } from './service.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'starkeep-bundles-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('a bundle holds', () => {
  const names = Object.keys(readService().functions)
  const inputs = new Map<string, readonly string[]>()
  const outside = new Map<string, readonly string[]>()

  beforeAll(async () => {
    for (const [name, { output }] of await bundleFunctions(names, { directory })) {
      // What was looked at and left out counts for nothing.
      const held = Object.entries(output.inputs).flatMap(([path, { bytesInOutput: bytes }]) =>
        bytes > 0 ? path : [],
      )
      inputs.set(name, held)
      outside.set(
        name,
        output.imports.flatMap(({ kind, path }) => (kind === 'dynamic-import' ? [] : path)),
      )
    }
  }, 180_000)

  const holders = (part: string) =>
    names.filter((name) => inputs.get(name)?.some((path) => path.includes(part)))

  test('everything that it loads', () => {
    for (const name of names) expect([name, outside.get(name)]).toEqual([name, []])
  })

  const workers = [
    'publish-prices',
    'push-prices',
    'settle-funding',
    'update-exchange-time',
    'apply-interests',
    'index-positions',
    'liquidate',
    'deleverage',
    'prove-batches',
    'keep-books',
    'watch-systems',
    'watch-liveness',
    'tell-uptime',
    'govern',
    'pack-history',
    'deliver-outbox',
  ]
  test.each([
    // Network files were read and checked when it was made.
    ['node_modules/yaml/', []],
    // The page tells of each parameter what it may be and why, which the schema says; it is loaded when somebody asks.
    ['lib/runtime/network/schema.ts', ['dashboard']],
    // English is what our messages are in.
    ['zod/v4/locales/de', []],
    ['@aws-sdk/nested-clients', []],
    ['node_modules/hono/', ['dashboard', 'reports']],
    ['lib/runtime/page/', ['dashboard']],
    ['lib/adapters/peers/report-wire.ts', [...workers, 'reports']],
    ['@aws-sdk/client-sqs', ['plan-ticks']],
    ['@aws-sdk/client-dynamodb', [...workers, 'dashboard', 'reports']],
    ['@aws-sdk/client-s3', [...workers, 'dashboard', 'reports']],
    ['@aws-sdk/client-kms', workers],
    ['@aws-sdk/client-sns', ['watch-liveness', 'deliver-outbox']],
    ['@aws-sdk/client-sesv2', ['watch-liveness', 'deliver-outbox']],
    ['lib/adapters/chains/', workers],
    ['lib/adapters/venues/okx.ts', workers],
    ['lib/runtime/named-network.ts', names],
  ])('%s in %j', (part, expected) => {
    expect(holders(part)).toEqual(names.filter((name) => expected.includes(name)))
  })
})

describe('network files in a bundle', () => {
  test('are what they are outside, in the same order', async () => {
    const ours = join(root, 'infra/networks')
    const inBundle = await bundled(ours)
    for (const name of ['local', 'sepolia', 'mainnet', 'watcher']) {
      const network = await namedNetwork(ours, name)
      const carried = await inBundle('/elsewhere', name)
      expect(text(carried)).toBe(text(network))
    }
  })

  test('are all there are', async () => {
    const inBundle = await bundled(join(root, 'infra/networks'))
    await expect(inBundle('/elsewhere', 'absent')).rejects.toThrow(
      'there was no absent.yml when this was packaged, only local, mainnet, sepolia, watcher',
    )
  })

  test('cannot be wrong: nothing is packaged then', async () => {
    const networks = join(directory, 'wrong-networks')
    mkdirSync(networks)
    writeFileSync(join(networks, 'wrong.yml'), 'network: wrong\n')
    await expect(bundled(networks)).rejects.toThrow(/wrong\.yml:1: /)
  })
})

/** With every value's kind: bigints, and whether a decimal is one. */
function text(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, member: unknown) {
    const raw = this[key]
    if (typeof raw === 'bigint') return `bigint ${raw}`
    if (Decimal.isDecimal(raw)) return `decimal ${raw.valueOf()}`
    return member
  })
}

async function bundled(networks: string): Promise<typeof namedNetwork> {
  const outfile = join(directory, `networks-${networks.length}.mjs`)
  await build({
    absWorkingDir: root,
    entryPoints: ['lib/runtime/named-network.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    plugins: [checkedNetworks(networks)],
    logLevel: 'silent',
  })
  const module = (await import(pathToFileURL(outfile).href)) as {
    readonly namedNetwork: typeof namedNetwork
  }
  return module.namedNetwork
}
