import { describe, expect, test } from 'vitest'

import { NetworkFileError, parseNetwork } from '../../../lib/runtime/network-file.ts'
import type { Network } from '../../../lib/runtime/network/schema.ts'

/** Two appchains, an exchange on StarkEx and one on Ethereum, each proved in a lane of its own; a test changes one thing. */
const whole = `network: test
store: { kind: memory }
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:8545']
    chainId: 31337
    blockSeconds: 12
    finalityBlocks: 64
    account: { address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23', key: file:sender }
  appchain: { kind: starknet, rpc: ['http://127.0.0.1:5050/rpc'], chainId: SN_SEPOLIA, blockSeconds: 6 }
  l2:
    kind: starknet
    rpc: ['http://127.0.0.1:5051/rpc']
    chainId: SN_MAIN
    blockSeconds: 6
    account: { address: '0x0515', key: file:starknet-sender }
  gateway:
    kind: starkex
    gateway: https://gateway.example/gateway
    system: perps-main
    sends: false
    batches: { feeder: https://feeder.example, availability: https://availability.example }
engines:
  book: { kind: evm-engine, chain: l1, address: '0x1111111111111111111111111111111111111111' }
markets: {}
proving:
  blocks:
    source: { kind: starknet-blocks, chain: appchain, runs: https://runs.example/blocks }
    provers:
      - { name: herodotus, kind: atlantic, apiKey: file:atlantic, network: TESTNET }
    settlement:
      kind: starknet-core
      chain: l1
      address: '0x2222222222222222222222222222222222222222'
      registry: '0x3333333333333333333333333333333333333333'
  actions:
    source:
      kind: own-engine
      engine: book
      runs: http://127.0.0.1:7000
      maxActions: 50
      maxBytes: 40000
      maxAgeSeconds: 600
      emptyAfterSeconds: 3600
    provers:
      - name: herodotus
        kind: atlantic
        baseUrl: https://atlantic.example
        apiKey: secretsmanager:starkeep/test/prover-credentials#atlantic
        network: MAINNET
        result: FACT_HASH_REGISTRATION
        layout: recursive_with_poseidon
        cairoVersion: cairo1
        sharpProver: stwo
      - { name: starkware, kind: sharp, baseUrl: https://sharp.example/v1/gateway, customerId: us }
    settlement:
      kind: starknet-core
      chain: l1
      address: '0x2222222222222222222222222222222222222222'
      registry: '0x3333333333333333333333333333333333333333'
      programHash: '0x054d'
    deadlines: { prove: 7200, feeCap: 600 }
    buffer: 8
    maxSubmits: 2
    maxSettles: 3
    pollMs: { least: 5000, most: 60000 }
    feeCap: '20000000000000000'
    urgentSeconds: 900
    mayBeMocked: true
  perps-proofs:
    source: { kind: starkex-batches, chain: gateway, runs: https://runs.example/perps, emptyRoot: '0x00fa' }
    provers:
      - name: starkware
        kind: sharp
        baseUrl: https://sharp.example/v1/gateway
        customerId: us
        tls: { certificate: file:us.crt, key: file:us.key, ca: file:ca.crt }
    settlement:
      kind: stark-perpetual
      chain: l1
      address: '0x4444444444444444444444444444444444444444'
      registry: '0x5555555555555555555555555555555555555555'
  l3-blocks:
    source: { kind: starknet-blocks, chain: appchain, runs: https://runs.example/l3 }
    provers:
      - { name: l3-atlantic, kind: atlantic, apiKey: file:atlantic, network: MAINNET, result: PROOF_VERIFICATION_ON_L2 }
    settlement:
      kind: piltover
      chain: l2
      address: '0x0a11'
      registry: '0x0cc63a1e8e7824642b89fa6baf996b8ed21fa4707be90ef7605570ca8e4f00b'
      programs: { bootloader: '0x5ab5', snos: '0x5005', snosConfig: '0xc0f16', layoutBridge: '0x0b41d6e' }
      configurations:
        - { layout: recursive, hasher: keccak_160_lsb, stoneVersion: stone6, memoryVerification: relaxed }
jobs:
  prove-batches: { everySeconds: 10 }
`

const known = { venueNames: [] }

function laneIn(text: string, name: string): Network['proving'][string] {
  const lane = parseNetwork(text, 'test.yml', known).proving[name]
  if (!lane) throw new TypeError(`there is no lane ${name}`)
  return lane
}

function changed(from: string, to: string, text = whole): string {
  expect(text).toContain(from)
  return text.replace(from, to)
}

/** All sentences of the error, each with its path and without its line. */
function problems(text: string): readonly string[] {
  try {
    parseNetwork(text, 'test.yml', known)
  } catch (error) {
    if (!(error instanceof NetworkFileError)) throw error
    return error.message.split('\n').map((line) => line.replace(/^test\.yml:\d+: /, ''))
  }
  return []
}

describe('a lane of proving', () => {
  test('of an appchain’s blocks needs source, prover and contract, and has the usual for all else', () => {
    expect(laneIn(whole, 'blocks')).toEqual({
      source: {
        kind: 'starknet-blocks',
        chain: 'appchain',
        runs: 'https://runs.example/blocks',
        maxBlocks: 100,
        maxTransactions: 20_000,
        maxAgeSeconds: 1_800,
      },
      provers: [
        {
          name: 'herodotus',
          kind: 'atlantic',
          baseUrl: 'https://atlantic.api.herodotus.cloud',
          apiKey: { kind: 'file', path: 'atlantic' },
          network: 'TESTNET',
          result: 'PROOF_VERIFICATION_ON_L1',
          layout: 'auto',
          cairoVersion: 'cairo0',
          sharpProver: 'stone',
        },
      ],
      settlement: {
        kind: 'starknet-core',
        chain: 'l1',
        address: '0x2222222222222222222222222222222222222222',
        registry: '0x3333333333333333333333333333333333333333',
      },
      deadlines: {
        prepare: 3_600,
        submit: 900,
        prove: 21_600,
        fact: 3_600,
        settle: 3_600,
        finalize: 3_600,
        feeCap: 86_400,
      },
      buffer: 50,
      maxSubmits: 4,
      maxSettles: 5,
      pollMs: { least: 10_000, most: 120_000 },
      urgentSeconds: 21_600,
      mayBeMocked: false,
    })
  })

  test('of an exchange’s own actions is as it is written, with provers in their order', () => {
    expect(laneIn(whole, 'actions')).toMatchObject({
      source: {
        kind: 'own-engine',
        engine: 'book',
        runs: 'http://127.0.0.1:7000',
        maxActions: 50,
        maxBytes: 40_000,
        maxAgeSeconds: 600,
        emptyAfterSeconds: 3_600,
      },
      provers: [
        {
          name: 'herodotus',
          baseUrl: 'https://atlantic.example',
          apiKey: {
            kind: 'secretsmanager',
            secret: 'starkeep/test/prover-credentials',
            field: 'atlantic',
          },
          network: 'MAINNET',
          result: 'FACT_HASH_REGISTRATION',
          layout: 'recursive_with_poseidon',
          cairoVersion: 'cairo1',
          sharpProver: 'stwo',
        },
        { name: 'starkware', kind: 'sharp', customerId: 'us' },
      ],
      settlement: { programHash: '0x54d' },
      deadlines: { prove: 7_200, feeCap: 600, submit: 900 },
      buffer: 8,
      maxSubmits: 2,
      maxSettles: 3,
      pollMs: { least: 5_000, most: 60_000 },
      feeCap: 20_000_000_000_000_000n,
      urgentSeconds: 900,
      mayBeMocked: true,
    })
  })

  test('of StarkEx’s batches is settled on its own contract', () => {
    expect(laneIn(whole, 'perps-proofs')).toMatchObject({
      source: {
        kind: 'starkex-batches',
        chain: 'gateway',
        runs: 'https://runs.example/perps',
        emptyRoot: '0xfa',
      },
      provers: [
        {
          kind: 'sharp',
          tls: {
            certificate: { kind: 'file', path: 'us.crt' },
            key: { kind: 'file', path: 'us.key' },
            ca: { kind: 'file', path: 'ca.crt' },
          },
        },
      ],
      settlement: { kind: 'stark-perpetual', chain: 'l1' },
    })
  })

  test('of an appchain on Starknet says which programs and which verifiers are trusted, and asks for the bits of Atlantic’s proofs', () => {
    expect(laneIn(whole, 'l3-blocks').settlement).toEqual({
      kind: 'piltover',
      chain: 'l2',
      address: '0xa11',
      registry: '0xcc63a1e8e7824642b89fa6baf996b8ed21fa4707be90ef7605570ca8e4f00b',
      programs: {
        bootloader: '0x5ab5',
        snos: '0x5005',
        snosConfig: '0xc0f16',
        layoutBridge: '0xb41d6e',
      },
      minSecurityBits: 96,
      configurations: [
        {
          layout: 'recursive',
          hasher: 'keccak_160_lsb',
          stoneVersion: 'stone6',
          memoryVerification: 'relaxed',
        },
      ],
    })
  })

  test('may be settled by an account that sends nothing else', () => {
    const own = changed(
      "    account: { address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23', key: file:sender }\n",
      "    lanes: { settlement: { address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23', key: file:sender } }\n",
    )
    expect(problems(own)).toEqual([])
  })

  test('needs no account where nobody runs the job, so that it may be watched', () => {
    const watched = changed(
      "    account: { address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23', key: file:sender }\n",
      '',
    )
    expect(problems(watched.replace('  prove-batches: { everySeconds: 10 }\n', '  {}\n'))).toEqual(
      [],
    )
  })
})

describe('what is wrong in a lane is told with its path and what was expected', () => {
  test.each<[string, string, string, string]>([
    [
      'a source that is none',
      'kind: starknet-blocks',
      'kind: starknet',
      'proving.blocks.source.kind: expected kind starknet-blocks, own-engine or starkex-batches.',
    ],
    [
      'a prover that is none',
      'kind: atlantic, apiKey',
      'kind: atlantis, apiKey',
      'proving.blocks.provers[0].kind: expected kind atlantic or sharp.',
    ],
    [
      'no prover',
      'provers:\n      - { name: herodotus, kind: atlantic, apiKey: file:atlantic, network: TESTNET }',
      'provers: []',
      'proving.blocks.provers: expected at least one prover.',
    ],
    [
      'a network of no name that Atlantic knows',
      'network: TESTNET',
      'network: sepolia',
      'proving.blocks.provers[0].network: expected MAINNET or TESTNET.',
    ],
    [
      'a key in the open',
      'apiKey: file:atlantic',
      'apiKey: 3f2a',
      'proving.blocks.provers[0].apiKey: expected a reference, file:<path> or secretsmanager:<name or ARN>[#field], and never the secret itself.',
    ],
    [
      'a prover that is asked in the open',
      'baseUrl: https://atlantic.example',
      'baseUrl: http://atlantic.example',
      'proving.actions.provers[0].baseUrl: expected an https:// URL (http:// only for this machine).',
    ],
    [
      'a job that ends without a fact',
      'result: FACT_HASH_REGISTRATION',
      'result: PROOF_GENERATION',
      'proving.actions.provers[0].result: expected PROOF_VERIFICATION_ON_L1, PROOF_VERIFICATION_ON_L2, PROOF_GENERATION_AND_VERIFICATION or FACT_HASH_REGISTRATION.',
    ],
    [
      'half of the certificates',
      ', ca: file:ca.crt',
      '',
      'proving.perps-proofs.provers[0].tls.ca: expected text (in quotes where it could be read as a number), found nothing.',
    ],
    [
      'a deadline of no time',
      'prove: 7200',
      'prove: 0',
      'proving.actions.deadlines.prove: expected at least 1.',
    ],
    [
      'a batch of no blocks',
      'runs: https://runs.example/blocks }',
      'runs: https://runs.example/blocks, maxBlocks: 0 }',
      'proving.blocks.source.maxBlocks: expected at least 1.',
    ],
    [
      'a fee cap that lost digits',
      "feeCap: '20000000000000000'",
      'feeCap: 20000000000000000001',
      'proving.actions.feeCap: expected a whole number greater than 0, in quotes where it has more than 15 digits.',
    ],
    [
      'a contract that is none',
      'kind: piltover',
      'kind: pilt',
      'proving.l3-blocks.settlement.kind: expected kind starknet-core, stark-perpetual or piltover.',
    ],
    [
      'fewer bits than the contract asks for',
      'kind: piltover\n',
      'kind: piltover\n      minSecurityBits: 50\n',
      'proving.l3-blocks.settlement.minSecurityBits: expected at least 51.',
    ],
    [
      'a hash that is none',
      "snos: '0x5005'",
      'snos: local',
      'proving.l3-blocks.settlement.programs.snos: expected the hash of a program, 0x and up to 64 hex digits.',
    ],
    [
      'a verifier that Integrity does not have',
      'layout: recursive,',
      'layout: dynamic,',
      'proving.l3-blocks.settlement.configurations[0].layout: expected dex, recursive, recursive_with_poseidon, small, starknet or starknet_with_keccak.',
    ],
    [
      'no verifier that is trusted',
      '      configurations:\n        - { layout: recursive, hasher: keccak_160_lsb, stoneVersion: stone6, memoryVerification: relaxed }\n',
      '      configurations: []\n',
      'proving.l3-blocks.settlement.configurations: expected at least one configuration.',
    ],
    [
      'a lane with capitals',
      '  blocks:\n',
      '  Blocks:\n',
      'proving.Blocks: expected a name of lower-case letters, digits and dashes that begins with a letter, at most 40 long.',
    ],
  ])('%s', (_what, from, to, problem) => {
    expect(problems(changed(from, to))).toContain(problem)
  })

  test.each<[string, string, string, string]>([
    [
      'a lane',
      '    buffer: 8\n',
      '    bufer: 8\n',
      'proving.actions.bufer: expected only source, ',
    ],
    [
      'a source',
      'emptyAfterSeconds: 3600',
      'emptyAfter: 3600',
      'proving.actions.source.emptyAfter: expected only kind, engine, runs, ',
    ],
    [
      'Atlantic',
      'sharpProver: stwo',
      'prover: stwo',
      'proving.actions.provers[0].prover: expected only name, kind, baseUrl, apiKey, ',
    ],
    [
      'SHARP',
      'customerId: us }',
      'customerId: us, apiKey: file:x }',
      'proving.actions.provers[1].apiKey: expected only name, kind, baseUrl, customerId, tls.',
    ],
    [
      'its certificates',
      'ca: file:ca.crt }',
      'ca: file:ca.crt, pin: x }',
      'proving.perps-proofs.provers[0].tls.pin: expected only certificate, key, ca.',
    ],
    [
      'a contract',
      "programHash: '0x054d'",
      "program: '0x054d'",
      'proving.actions.settlement.program: expected only kind, chain, address, registry, programHash',
    ],
    [
      'an appchain’s contract',
      "layoutBridge: '0x0b41d6e' }",
      "layoutBridge: '0x0b41d6e', aggregator: '0x1' }",
      'proving.l3-blocks.settlement.programs.aggregator: expected only bootloader, snos, snosConfig, layoutBridge.',
    ],
    [
      'its deadlines',
      'feeCap: 600 }',
      'settled: 600 }',
      'proving.actions.deadlines.settled: expected only prepare, submit, prove, fact, settle, finalize, feeCap.',
    ],
    [
      'its pauses',
      'most: 60000 }',
      'most: 60000, growth: 2 }',
      'proving.actions.pollMs.growth: expected only least, most.',
    ],
    [
      'the job',
      'prove-batches: { everySeconds: 10 }',
      'prove-batches: { everySeconds: 10, lanes: [blocks] }',
      'jobs.prove-batches.lanes: expected only everySeconds, offsetMs.',
    ],
  ])('an unknown key of %s', (_what, from, to, problem) => {
    const found = problems(changed(from, to))
    expect(found).toContainEqual(expect.stringContaining(problem))
  })
})

describe('what does not fit together is told before anything runs', () => {
  const account =
    "    account: { address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23', key: file:sender }\n"

  test.each<[string, string, string, string]>([
    [
      'blocks of a chain that is none',
      'chain: appchain, runs',
      'chain: gateway, runs',
      'proving.blocks.source.chain: expected a chain of this file of kind starknet.',
    ],
    [
      'blocks of a chain that is not there',
      'chain: appchain, runs',
      'chain: elsewhere, runs',
      'proving.blocks.source.chain: expected a chain of this file of kind starknet.',
    ],
    [
      'actions of an exchange that is not there',
      'engine: book',
      'engine: constructor',
      'proving.actions.source.engine: expected an engine of this file of kind evm-engine.',
    ],
    [
      'batches of a gateway that tells none',
      '    batches: { feeder: https://feeder.example, availability: https://availability.example }\n',
      '',
      'proving.perps-proofs.source.chain: expected a chain of this file of kind starkex with `batches`.',
    ],
    [
      'batches of a chain that has none',
      'kind: starkex-batches, chain: gateway',
      'kind: starkex-batches, chain: appchain',
      'proving.perps-proofs.source.chain: expected a chain of this file of kind starkex with `batches`.',
    ],
    [
      'a contract on no chain of ours',
      'kind: stark-perpetual\n      chain: l1',
      'kind: stark-perpetual\n      chain: l2',
      'proving.perps-proofs.settlement.chain: expected a chain of this file of kind evm, where it is settled.',
    ],
    [
      'a chain without an account',
      account,
      '',
      'chains.l1: expected an account for settlement, since prove-batches sends for blocks.',
    ],
    [
      'a chain whose only account sends something else',
      account,
      account.replace('account:', 'lanes: { prices:').replace(' }\n', ' } }\n'),
      'chains.l1: expected an account for settlement, since prove-batches sends for actions.',
    ],
    [
      'pauses that shrink',
      'pollMs: { least: 5000, most: 60000 }',
      'pollMs: { least: 60000, most: 5000 }',
      'proving.actions.pollMs.least: expected at most 5000, the longest.',
    ],
    [
      'two provers of one name',
      'name: starkware, kind: sharp',
      'name: herodotus, kind: sharp',
      'proving.actions.provers[1].name: expected each prover under a name of its own.',
    ],
    [
      'blocks on the contract of StarkEx',
      'kind: starknet-core\n      chain: l1',
      'kind: stark-perpetual\n      chain: l1',
      'proving.blocks.settlement.kind: expected starknet-core or piltover, which settle blocks.',
    ],
    [
      'batches of StarkEx on the contract of Starknet',
      'kind: stark-perpetual\n      chain: l1',
      'kind: starknet-core\n      chain: l1',
      'proving.perps-proofs.settlement.kind: expected stark-perpetual, which settles what StarkEx closes.',
    ],
    [
      'an exchange’s actions on the contract of an appchain',
      'source: { kind: starknet-blocks, chain: appchain, runs: https://runs.example/l3 }',
      'source: { kind: own-engine, engine: book, runs: https://runs.example/l3 }',
      'proving.l3-blocks.settlement.kind: expected starknet-core, which settles blocks.',
    ],
    [
      'an appchain’s contract on a chain that is not Starknet',
      'chain: l2\n',
      'chain: l1\n',
      'proving.l3-blocks.settlement.chain: expected a chain of this file of kind starknet, where it is settled.',
    ],
    [
      'an appchain that is settled on itself',
      'chain: appchain, runs: https://runs.example/l3',
      'chain: l2, runs: https://runs.example/l3',
      'proving.l3-blocks.settlement.chain: expected another chain than the appchain, which is settled there.',
    ],
    [
      'a Starknet chain without an account',
      "    account: { address: '0x0515', key: file:starknet-sender }\n",
      '',
      'chains.l2: expected an account for settlement, since prove-batches sends for l3-blocks.',
    ],
    [
      'a prover that registers no facts on Starknet',
      'kind: atlantic, apiKey: file:atlantic, network: MAINNET, result: PROOF_VERIFICATION_ON_L2 }',
      'kind: sharp, baseUrl: https://sharp.example/v1/gateway, customerId: us }',
      'proving.l3-blocks.provers[0].kind: expected atlantic, which registers facts on Starknet.',
    ],
    [
      'facts on Ethereum for a contract on Starknet',
      ', result: PROOF_VERIFICATION_ON_L2 }',
      ' }',
      'proving.l3-blocks.provers[0].result: expected PROOF_VERIFICATION_ON_L2: piltover asks a registry on Starknet.',
    ],
    [
      'facts on the test network for a contract on the main one',
      'network: MAINNET, result: PROOF_VERIFICATION_ON_L2',
      'network: TESTNET, result: PROOF_VERIFICATION_ON_L2',
      'proving.l3-blocks.provers[0].network: expected MAINNET, where l2 is, so that facts come there.',
    ],
    [
      'mocks on a main network of Starknet',
      '    settlement:\n      kind: piltover\n',
      '    mayBeMocked: true\n    settlement:\n      kind: piltover\n',
      'proving.l3-blocks.mayBeMocked: expected false on a main network: l2 would be told what nobody proved.',
    ],
    [
      'mocks on Ethereum itself',
      'chainId: 31337',
      'chainId: 1',
      'proving.actions.mayBeMocked: expected false on a main network: l1 would be told what nobody proved.',
    ],
    [
      'facts on Starknet for a contract on Ethereum',
      'result: FACT_HASH_REGISTRATION',
      'result: PROOF_VERIFICATION_ON_L2',
      'proving.actions.provers[0].result: expected another than PROOF_VERIFICATION_ON_L2: starknet-core asks a registry on Ethereum.',
    ],
    [
      'a lane with an exchange’s name',
      '  blocks:\n',
      '  book:\n',
      'proving.book: expected a name that no engine has: lanes send for both.',
    ],
  ])('%s', (_what, from, to, problem) => {
    expect(problems(changed(from, to))).toContain(problem)
  })

  test('the job without a lane', () => {
    const [before = ''] = whole.split('proving:\n')
    expect(problems(`${before}jobs:\n  prove-batches: { everySeconds: 10 }\n`)).toEqual([
      'jobs.prove-batches: expected a lane in `proving`, which says what is proved.',
    ])
  })

  test('and what does, is told of nothing', () => {
    expect(problems(whole)).toEqual([])
  })
})

test('what a lane’s secrets are is repeated in no message', () => {
  const secret = `0x${'fe'.repeat(32)}`
  for (const [from, to] of [
    ['apiKey: file:atlantic', `apiKey: ${secret}`],
    ['key: file:us.key', `key: '${secret}'`],
    ['key: file:us.key', `key: { pem: '${secret}' }`],
  ] as const) {
    const found = problems(changed(from, to)).join('\n')
    expect(found).toContain('expected')
    expect(found).not.toContain('fefefe')
  }
})
