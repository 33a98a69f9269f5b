import { describe, expect, test } from 'vitest'

import { ConfigError, readConfig } from '../../lib/runtime/config.ts'

const env = {
  STARKEEP_NETWORK: 'mainnet',
  STARKEEP_TABLE: 'starkeep',
  STARKEEP_BUCKET: 'starkeep-blobs',
  AWS_REGION: 'eu-west-1',
}

function problemsOf(change: Readonly<Record<string, string | undefined>>): string {
  try {
    readConfig({ ...env, ...change })
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

describe('the environment of a function', () => {
  test('names its network, table, bucket and region, and where it lies', () => {
    expect(readConfig(env)).toMatchObject({
      network: 'mainnet',
      table: 'starkeep',
      bucket: 'starkeep-blobs',
      region: 'eu-west-1',
      root: '.',
      queues: {},
    })
    expect(readConfig({ ...env, LAMBDA_TASK_ROOT: '/var/task' }).root).toBe('/var/task')
  })

  test("names each job's queue, and the keys that it may use", () => {
    const url = 'https://sqs.eu-west-1.amazonaws.com/123456789012/push-prices'
    const config = readConfig({
      ...env,
      STARKEEP_QUEUES: JSON.stringify({ 'push-prices': url }),
      STARKEEP_SENDER_KMS_KEYS: 'arn:aws:kms:eu-west-1:123456789012:key/1',
    })
    expect(config.queues).toEqual({ 'push-prices': url })
    expect(config.keys).toMatchObject({
      senderKms: ['arn:aws:kms:eu-west-1:123456789012:key/1'],
      oracleKms: undefined,
    })
  })

  test('that is incomplete is told whole', () => {
    const said = problemsOf({ STARKEEP_TABLE: '', STARKEEP_BUCKET: '', AWS_REGION: undefined })
    expect(said).toContain('STARKEEP_TABLE: ')
    expect(said).toContain('STARKEEP_BUCKET: ')
    expect(said).toContain('AWS_REGION: ')
    expect(said).not.toContain('STARKEEP_NETWORK')
  })

  test.for(['../secrets', 'Main Net', 'mainnet.yml'])('takes no path for a network: %s', (name) => {
    expect(problemsOf({ STARKEEP_NETWORK: name })).toBe(
      'the environment is not what serverless.yml gives: STARKEEP_NETWORK: expected the name of a network file',
    )
  })

  test.for([
    ['{', 'expected JSON'],
    ['{"push-prices":"not a place"}', 'STARKEEP_QUEUES.push-prices: '],
  ] as const)('queues that cannot be read: %s', ([queues, said]) => {
    expect(problemsOf({ STARKEEP_QUEUES: queues })).toContain(said)
  })
})
