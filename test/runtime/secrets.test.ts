import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format, inspect } from 'node:util'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { channelOptions } from '../../lib/runtime/channel-options.ts'
import { openKeys } from '../../lib/runtime/keys.ts'
import { keyReference, secretReference } from '../../lib/runtime/network/references.ts'
import { parseReference, referenceName, type SecretReference } from '../../lib/runtime/reference.ts'
import { secret } from '../../lib/runtime/secret.ts'
import { openSecrets } from '../../lib/runtime/secrets.ts'
import { failure, startFakeAws } from '../adapters/signers/fake-aws.ts'

const value = 'correct-horse-battery-staple'

let directory: string
let aws: Awaited<ReturnType<typeof startFakeAws>>
beforeAll(async () => {
  aws = await startFakeAws()
})
afterAll(() => aws.close())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starkeep-secrets-'))
  aws.secrets.clear()
  aws.overrides.length = 0
  aws.seen.length = 0
})
afterEach(() => rm(directory, { recursive: true }))

const open = () => openSecrets({ directory, region: 'eu-west-1', endpoint: aws.endpoint })
const file = (path: string) => ({ kind: 'file', path }) as const
const managed = (name: string, field?: string) =>
  ({ kind: 'secretsmanager', secret: name, field }) as const

async function write(name: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(join(directory, name), text)
  await chmod(join(directory, name), mode)
}

async function reasonOf(reference: SecretReference): Promise<string> {
  const error: unknown = await open()
    .text(reference)
    .then(
      () => new Error('it was read'),
      (thrown: unknown) => thrown,
    )
  return shown(error)
}

/** Everything that a log or a console would show of it, causes and fields included. */
function shown(error: unknown): string {
  return inspect(error, { depth: 10, showHidden: true, getters: true })
}

describe('a secret cannot be shown by accident', () => {
  const kept = secret(value)
  // The linter knows that a secret is not to be joined; here it is the point.
  const unknown: unknown = kept

  test.each([
    ['joined', String(unknown)],
    ['formatted', format('%s %j %o %O', kept, kept, kept, kept)],
    ['inspected', inspect({ kept }, { depth: 10, showHidden: true })],
    ['inspected without its own say', inspect(kept, { customInspect: false, showHidden: true })],
    ['as JSON', JSON.stringify({ kept, list: [kept] })],
    [
      'its own fields',
      JSON.stringify(Object.entries(kept).map(([key, field]) => [key, String(field)])),
    ],
  ])('%s', (_how, text) => {
    expect(text).not.toContain(value)
  })

  test('it says what it is', () => {
    expect(`${String(unknown)} ${JSON.stringify([kept])} ${inspect(kept)}`).toBe(
      '[secret] ["[secret]"] [secret]',
    )
  })

  test('it cannot be copied to another thread', () => {
    expect(() => structuredClone(kept)).toThrow('could not be cloned')
  })

  test('it gives the text where it is asked for', () => {
    expect(kept.reveal()).toBe(value)
  })
})

describe('a secret in a file', () => {
  test("is read relative to the network file's folder, without the end of its line", async () => {
    await mkdir(join(directory, 'keys'))
    await write('keys/oracle', `${value}\n`)
    expect((await open().text(file('keys/oracle'))).reveal()).toBe(value)
  })

  test('is read from an absolute path', async () => {
    await write('oracle', value)
    expect((await open().text(file(join(directory, 'oracle')))).reveal()).toBe(value)
  })

  test.each([0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o601, 0o660, 0o666, 0o777])(
    'is refused when others may use it: mode %i',
    async (mode) => {
      await write('oracle', value, mode)
      const reason = await reasonOf(file('oracle'))
      expect(reason).toContain(
        `file:oracle cannot be used: others than its owner may use the file (mode ${mode.toString(8)}); run chmod 600 on it`,
      )
      expect(reason).not.toContain(value)
    },
  )

  test.each([0o600, 0o400, 0o700])('is read when only its owner may: mode %i', async (mode) => {
    await write('oracle', value, mode)
    expect((await open().text(file('oracle'))).reveal()).toBe(value)
  })

  test('is refused when others may use the file behind a link', async () => {
    await write('open', value, 0o644)
    await symlink(join(directory, 'open'), join(directory, 'link'))
    expect(await reasonOf(file('link'))).toContain('others than its owner may use the file')
  })

  test('is missed by name', async () => {
    expect(await reasonOf(file('oracle'))).toContain(
      'file:oracle cannot be used: there is no such file',
    )
  })

  test.each(['', '\n', '  \n\n'])('is refused when it is empty: %j', async (text) => {
    await write('oracle', text)
    expect(await reasonOf(file('oracle'))).toContain('the file is empty')
  })

  test('is refused when it is a folder', async () => {
    await mkdir(join(directory, 'keys'), { mode: 0o700 })
    expect(await reasonOf(file('keys'))).toContain('it is not a plain file')
  })

  test('is refused when it is a pipe, without waiting for a writer', async () => {
    execFileSync('sh', ['-c', 'mkfifo -m 600 "$0"', join(directory, 'pipe')])
    expect(await reasonOf(file('pipe'))).toContain('it is not a plain file')
  })

  test('is refused when it is larger than any secret', async () => {
    await write('big', 'x'.repeat(64 * 1024 + 1))
    expect(await reasonOf(file('big'))).toContain('the file is larger than 65536 bytes')
  })

  test('is read once per process, and again after a failure', async () => {
    const secrets = open()
    await expect(secrets.text(file('late'))).rejects.toThrow('there is no such file')
    await write('late', value)
    expect((await secrets.text(file('late'))).reveal()).toBe(value)
    await write('late', 'another')
    expect((await secrets.text(file('late'))).reveal()).toBe(value)
    expect((await open().text(file('late'))).reveal()).toBe('another')
  })
})

describe('a secret in Secrets Manager', () => {
  test('is read by name', async () => {
    aws.secrets.set('starkeep/oracle', { SecretString: value })
    expect((await open().text(managed('starkeep/oracle'))).reveal()).toBe(value)
    expect(aws.seen).toEqual([
      {
        target: 'secretsmanager.GetSecretValue',
        body: { SecretId: 'starkeep/oracle' },
        region: 'eu-west-1',
      },
    ])
  })

  test('is asked for in the region of its ARN', async () => {
    const arn = 'arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:oracle-AbCdEf'
    aws.secrets.set(arn, { SecretString: value })
    expect((await open().text(managed(arn))).reveal()).toBe(value)
    expect(aws.seen[0]?.region).toBe('ap-northeast-1')
  })

  test('is asked for once, also for several of its fields at the same time', async () => {
    aws.secrets.set('alerts', { SecretString: JSON.stringify({ slack: 'one', pager: 'two' }) })
    const secrets = open()
    const read = async (field: string) => (await secrets.text(managed('alerts', field))).reveal()
    expect(await Promise.all([read('slack'), read('pager'), read('slack')])).toEqual([
      'one',
      'two',
      'one',
    ])
    expect(aws.seen).toHaveLength(1)
  })

  test.each([
    ['a field that is missing', { other: value }],
    ['a field that is no text', { slack: { nested: value } }],
    ['an empty field', { slack: ' ', other: value }],
    ['a field that every object has', { toString: null, other: value }],
  ])('%s is told without showing the rest', async (_what, fields) => {
    aws.secrets.set('alerts', { SecretString: JSON.stringify(fields) })
    const field = 'toString' in fields && fields.toString === null ? 'toString' : 'slack'
    const reason = await reasonOf(managed('alerts', field))
    expect(reason).toContain(
      `secretsmanager:alerts#${field} cannot be used: it is no JSON with text under "${field}"`,
    )
    expect(reason).not.toContain(value)
  })

  test('what is no JSON is told without showing it', async () => {
    aws.secrets.set('alerts', { SecretString: `{"slack": ${value}` })
    const reason = await reasonOf(managed('alerts', 'slack'))
    expect(reason).toContain('it is no JSON with text under "slack"')
    expect(reason).not.toContain(value.slice(0, 8))
  })

  test.each([
    ['has bytes only', { SecretBinary: Buffer.from(value).toString('base64') }],
    ['is empty', { SecretString: '  ' }],
  ])('one that %s has no text yet', async (_what, content) => {
    aws.secrets.set('oracle', content)
    expect(await reasonOf(managed('oracle'))).toContain(
      'secretsmanager:oracle cannot be used: the secret has no text yet',
    )
  })

  test('one that is not there is missed by name', async () => {
    expect(await reasonOf(managed('oracle'))).toContain(
      'secretsmanager:oracle cannot be used: there is no secret of that name, or it has no value yet',
    )
  })

  test('one that may not be read says so', async () => {
    aws.overrides.push(failure('AccessDeniedException', 'not authorized'))
    expect(await reasonOf(managed('oracle'))).toContain('this process may not read it')
  })

  test('is read after a failure of the service, by the client or the next caller', async () => {
    aws.secrets.set('oracle', { SecretString: value })
    const secrets = open()
    aws.overrides.push(failure('DecryptionFailure', 'key is disabled'))
    await expect(secrets.text(managed('oracle'))).rejects.toThrow('DecryptionFailure')
    aws.overrides.push(failure('InternalServiceError', 'internal', 500))
    expect((await secrets.text(managed('oracle'))).reveal()).toBe(value)
  })
})

test('a literal is handed on, hidden like a secret', async () => {
  const kept = await open().text({ kind: 'literal', text: value })
  expect(kept.reveal()).toBe(value)
  expect(inspect(kept)).toBe('[secret]')
})

describe('references', () => {
  test.each([
    'file:keys/oracle',
    'file:/etc/starkeep/oracle',
    'secretsmanager:starkeep/sepolia/oracle-stark-key',
    'secretsmanager:starkeep/alerts#slack',
    'secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-AbCdEf#field',
    'kms:arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012',
    'kms:arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/oracle',
  ])('%s is one, and is written again as it was', (text) => {
    const reference = parseReference(text)
    expect(reference && referenceName(reference)).toBe(text)
  })

  test.each([
    'file:',
    'secretsmanager:',
    'secretsmanager:a b',
    'secretsmanager:name#',
    'kms:12345678-1234-1234-1234-123456789012',
    'kms:arn:aws:s3:::bucket',
    'vault:oracle',
    '/etc/oracle',
    `0x${'46'.repeat(32)}`,
  ])('%s is none', (text) => {
    expect(parseReference(text)).toBeUndefined()
    const refused = keyReference.safeParse(text)
    expect(refused.error?.issues.map(({ message }) => message)).toEqual([
      'expected a reference, file:<path>, secretsmanager:<name or ARN>[#field] or kms:<key ARN>, and never the secret itself',
    ])
  })

  test('env: is refused with the reason', () => {
    for (const schema of [keyReference, secretReference])
      expect(schema.safeParse('env:ORACLE_KEY').error?.issues[0]?.message).toContain(
        'env: is refused, since an environment is inherited by child processes',
      )
  })

  test('kms: is refused where bytes are needed', () => {
    const kms = 'kms:arn:aws:kms:eu-west-1:111122223333:key/1'
    expect(secretReference.safeParse(kms).error?.issues[0]?.message).toContain(
      'KMS does not know the STARK curve',
    )
  })
})

describe('keys by reference', () => {
  test('STARK and Ethereum keys sign from files, Ethereum keys from KMS', async () => {
    const kms = 'arn:aws:kms:us-east-1:111122223333:key/1'
    aws.keys.set(kms, `0x${'46'.repeat(32)}`)
    await write('stark', '0x505249564154455f4b45595f31\n')
    await write('evm', '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318\n')
    const keys = openKeys({ secrets: open(), kmsEndpoint: aws.endpoint })

    // The public halves: starknet-perpetual's test constants, web3.js's documentation and EIP-155.
    const local = await keys.oracle({
      name: 'oracle-1',
      keys: { stark: file('stark'), evm: file('evm') },
    })
    expect(local.node).toBe('oracle-1')
    expect(local.stark?.publicKey).toBe(
      '0x5d05989e9302dcebc74e241001e3e3ac3f4402ccf2f8e6f74b034b07ad6a904',
    )
    expect(local.evm?.address).toBe('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23')

    const [one, same] = await Promise.all([
      keys.evm({ kind: 'kms', key: kms }),
      keys.evm({ kind: 'kms', key: kms }),
    ])
    expect(one.address).toBe('0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F')
    expect(same).toBe(one)
    expect(aws.seen.map(({ target, region }) => `${target} ${region}`)).toEqual([
      'TrentService.GetPublicKey us-east-1',
    ])
  })

  test('an oracle without one of the keys has none', async () => {
    await write('stark', '0x1')
    const keys = openKeys({ secrets: open() })
    expect(await keys.oracle({ name: 'a', keys: { stark: file('stark') } })).toMatchObject({
      evm: undefined,
    })
  })

  test('an oracle may have keys that are to follow', async () => {
    await write('stark', '0x1')
    await write('later', '0x505249564154455f4b45595f31')
    const keys = openKeys({ secrets: open() })
    const oracle = await keys.oracle({
      name: 'a',
      keys: { stark: file('stark') },
      next: { stark: file('later') },
    })
    expect(oracle.next?.stark?.publicKey).toBe(
      '0x5d05989e9302dcebc74e241001e3e3ac3f4402ccf2f8e6f74b034b07ad6a904',
    )
    expect(oracle.next?.evm).toBeUndefined()
  })

  test('what is no key is told by its reference, and is not shown', async () => {
    const wrong = `0x${'fe'.repeat(32)}`
    await write('stark', wrong)
    const error: unknown = await openKeys({ secrets: open() })
      .stark(file('stark'))
      .catch((thrown: unknown) => thrown)
    expect(shown(error)).toContain(
      "file:stark cannot be used: the private key for the STARK curve cannot be used: it is not below the curve's order",
    )
    expect(shown(error)).not.toContain('fefefefe')
  })
})

describe('channels by reference', () => {
  test('get their secrets in place of the references', async () => {
    const key = 'a1'.repeat(16)
    await write('pager', `${key}\n`)
    await write('hook', 'https://hooks.example/T0/B0/x\n')
    await write('hmac', 'at-least-sixteen-characters\n')
    const secrets = open()
    const read = (channel: Parameters<typeof channelOptions>[1]) =>
      channelOptions('team', channel, secrets)

    expect(await read({ kind: 'terminal' })).toEqual({ kind: 'terminal' })
    expect(await read({ kind: 'slack', url: file('hook') })).toEqual({
      kind: 'slack',
      url: 'https://hooks.example/T0/B0/x',
    })
    expect(await read({ kind: 'pagerduty', routingKey: file('pager') })).toEqual({
      kind: 'pagerduty',
      routingKey: key,
      url: 'https://events.pagerduty.com/v2/enqueue',
    })
    expect(
      await read({
        kind: 'webhook',
        url: { kind: 'literal', text: 'https://hooks.example/in' },
        secret: file('hmac'),
      }),
    ).toEqual({
      kind: 'webhook',
      url: 'https://hooks.example/in',
      secret: 'at-least-sixteen-characters',
    })
  })

  test('a secret that is nothing for the channel is told and not shown', async () => {
    await write('pager', value)
    const error: unknown = await channelOptions(
      'pager',
      { kind: 'pagerduty', routingKey: file('pager') },
      open(),
    ).catch((thrown: unknown) => thrown)
    expect(shown(error)).toContain(
      'the secret for alerts.channels.pager.routingKey cannot be used: expected the 32 letters and digits',
    )
    expect(shown(error)).not.toContain(value)
  })
})
