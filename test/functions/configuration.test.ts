import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { localTemplate } from '../../infra/local/local-file.ts'
import { localSecrets, writeSecret } from '../../infra/local/local-keys.ts'
import { startFakeAws } from '../adapters/signers/fake-aws.ts'
import { moduleLambdas } from './lambdas.ts'

const local = new URL('../../infra/networks/local.yml', import.meta.url)

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'starkeep-config-'))
  const networks = join(root, 'infra/networks')
  mkdirSync(networks, { recursive: true })
  cpSync(local, join(networks, 'test.yml'))
  writeFileSync(join(networks, 'broken.yml'), 'network: broken\n')
  const names = localTemplate().oracles.map(({ name }) => name)
  const { starkSenderFile } = localSecrets(join(networks, 'keys'), names)
  writeSecret(starkSenderFile, '0x1')
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

async function failureOf(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<unknown> {
  const lambdas = await moduleLambdas({ root, environment })
  try {
    await lambdas.call('push-prices', { Records: [] })
    return undefined
  } catch (error) {
    return error
  } finally {
    await lambdas.close()
  }
}

describe('a function whose environment is not what serverless.yml gives', () => {
  test('says everything that is missing or wrong at once', async () => {
    const failure = await failureOf({
      STARKEEP_NETWORK: '../elsewhere',
      STARKEEP_TABLE: undefined,
      STARKEEP_BUCKET: undefined,
      STARKEEP_QUEUES: '{"push-prices":',
    })
    expect(failure).toMatchObject({
      name: 'ConfigError',
      message:
        'the environment is not what serverless.yml gives: STARKEEP_NETWORK: expected the name of a network file; ' +
        'STARKEEP_TABLE: expected a text; STARKEEP_BUCKET: expected a text; STARKEEP_QUEUES: expected JSON',
    })
  })

  test('says which queue has no address', async () => {
    const failure = await failureOf({ STARKEEP_QUEUES: '{"push-prices":"queue"}' })
    expect(failure).toMatchObject({ name: 'ConfigError' })
    expect(String(failure)).toContain('STARKEEP_QUEUES.push-prices: expected a URL')
  })
})

describe('a function whose network file', () => {
  test('is not there, says where it looked', async () => {
    const failure = await failureOf({ STARKEEP_NETWORK: 'absent' })
    expect(failure).toMatchObject({ name: 'NetworkFileError' })
    expect(String(failure)).toMatch(/absent\.yml:1: .*found none/)
  })

  test('is wrong, says what is', async () => {
    const failure = await failureOf({ STARKEEP_NETWORK: 'broken' })
    expect(failure).toMatchObject({ name: 'NetworkFileError' })
    expect(String(failure)).toContain('broken.yml')
  })

  test('names keys that it has no right to, says which it has', async () => {
    const mine = 'arn:aws:kms:eu-west-1:111122223333:key/mine'
    const failure = await failureOf({ STARKEEP_SENDER_KMS_KEYS: `${mine},${mine}-2` })
    expect(failure).toMatchObject({ name: 'ForeignKeysError' })
    expect(String(failure)).toContain(
      `chains.evm.account.key names file:keys/sender-evm, but this deployment may use ${mine} and ${mine}-2 only`,
    )
  })
})

test('a function takes its own keys from KMS and Secrets Manager, and asks for no other', async () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/oracle'
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:oracle-stark-key-AbCdEf'
  const keys = `[{ name: one, keys: { evm: 'kms:${key}', stark: 'secretsmanager:oracle-stark-key' } }]`
  const file = readFileSync(local, 'utf8').replace(/^oracles:\n(?: .*\n)+/m, `oracles: ${keys}\n`)
  writeFileSync(join(root, 'infra/networks/managed.yml'), file)
  const aws = await startFakeAws()
  aws.keys.set(key, `0x${'11'.repeat(32)}`)
  aws.secrets.set('oracle-stark-key', { SecretString: '0x1' })
  // The SDK's own words for where a service is.
  const environment = {
    STARKEEP_NETWORK: 'managed',
    STARKEEP_ORACLE_KMS_KEYS: `arn:aws:kms:eu-west-1:111122223333:key/other,${key}`,
    STARKEEP_ORACLE_STARK_SECRETS: secret,
    AWS_ENDPOINT_URL_KMS: aws.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
  const lambdas = await moduleLambdas({ root, environment })
  try {
    expect(await lambdas.call('publish-prices', { Records: [] })).toEqual({ batchItemFailures: [] })
    const asked = aws.seen.map(({ target, body }) => [target, body['KeyId'] ?? body['SecretId']])
    expect(new Set(asked.map(String))).toEqual(
      new Set([
        `TrentService.GetPublicKey,${key}`,
        'secretsmanager.GetSecretValue,oracle-stark-key',
      ]),
    )
  } finally {
    await lambdas.close()
    await aws.close()
  }
})
