import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { blobFolderDays, blobKeptMs } from '../../../lib/adapters/blob-rules.ts'
import { blobSidecars } from '../../../lib/adapters/kzg/blob-sidecars.ts'
import { keptColumn } from '../../../lib/adapters/store/kept.ts'
import { retentionMs } from '../../../lib/adapters/store/retention.ts'
import type { TableAccess } from '../../../lib/adapters/store/table-access.ts'
import { openIndex, recentIndex } from '../../../lib/adapters/store/table.ts'
import { versionedHash } from '../../../lib/adapters/versioned-hash.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { keepRun } from '../../../lib/keepers/prove/run-files.ts'
import type { BatchSource, Blobs, Settlement } from '../../../lib/ports.ts'
import { zeroBlob, zeroOfCurve } from '../../adapters/kzg/constant-blobs.ts'
import { memberOf, read, readService, type Resource } from './service.ts'

const { provider, functions, resources, custom } = readService()
const defined = Object.assign({}, ...resources.map((part) => part.Resources)) as Record<
  string,
  Resource
>
const names = Object.keys(functions)

function ofType(type: string): readonly (readonly [string, Record<string, unknown>])[] {
  return Object.entries(defined).flatMap(([name, { Type: is, Properties: properties }]) =>
    is === type ? [[name, properties] as const] : [],
  )
}

/** The framework's logical id: a dash becomes `Dash`. */
function logicalId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}LambdaFunction`
}

function arnOf(name: string) {
  return { 'Fn::GetAtt': [name, 'Arn'] }
}

const Schedule = z.object({
  ScheduleExpression: z.string(),
  FlexibleTimeWindow: z.object({ Mode: z.string() }),
  Target: z.object({
    Arn: z.unknown(),
    RoleArn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
    RetryPolicy: z.unknown(),
  }),
})
const schedules = ofType('AWS::Scheduler::Schedule').map(([, properties]) =>
  Schedule.parse(properties),
)

const Queue = z.object({
  VisibilityTimeout: z.number(),
  MessageRetentionPeriod: z.number(),
  SqsManagedSseEnabled: z.literal(true),
  RedrivePolicy: z.object({
    maxReceiveCount: z.number(),
    deadLetterTargetArn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  }),
})

describe('the functions', () => {
  test('are exactly the files in functions/, each with its own handler', () => {
    const files = readdirSync(new URL('../../../functions/', import.meta.url))
    expect(new Set(files)).toEqual(new Set(names.map((name) => `${name}.ts`)))
    for (const name of names) expect(functions[name]?.handler).toBe(`functions/${name}.handler`)
  })

  test('run on Node 24 on arm', () => {
    expect(provider.runtime).toBe('nodejs24.x')
    expect(provider.architecture).toBe('arm64')
  })

  test.each(names)('%s has exactly one trigger', (name) => {
    const scheduled = schedules.filter(({ Target: target }) => {
      return JSON.stringify(target.Arn) === JSON.stringify(arnOf(logicalId(name)))
    })
    const { events, url } = functions[name] ?? { events: [], url: undefined }
    expect(events.length + scheduled.length + (url ? 1 : 0)).toBe(1)
  })

  test('a job’s function consumes the queue that the job is sent to, and names the job', () => {
    const urls = z
      .object({ 'Fn::Sub': z.string() })
      .parse(memberOf(read('infra/cloud/queues.yml'), 'urls'))
    const sent = z.record(z.string(), z.string()).parse(JSON.parse(urls['Fn::Sub']))
    const consumed = Object.entries(functions).flatMap(([name, { events }]) =>
      events.map(({ sqs }) => [name, sqs.arn]),
    )
    const queues = Object.entries(sent).map(([job, queue]) => [job, arnOf(queue.slice(2, -1))])
    expect(Object.fromEntries(consumed)).toEqual(Object.fromEntries(queues))
    for (const job of Object.keys(sent)) {
      const code = readFileSync(new URL(`../../../functions/${job}.ts`, import.meta.url), 'utf8')
      expect(code).toContain(`worker('${job}'`)
    }
  })

  test('the page is only for who may invoke it', () => {
    expect(functions['dashboard']?.url).toEqual({ authorizer: 'aws_iam' })
  })

  test('only signed reports are for everybody, from a function that may read them and no more', () => {
    const open = Object.entries(functions).filter(([, { url }]) => url === true)
    expect(open.map(([name]) => name)).toEqual(['reports'])
    const [, reports] = open[0] ?? []
    expect(reports?.iamRoleStatements.flatMap(({ Action: actions }) => actions)).toEqual([
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:ListBucket',
    ])
    expect(JSON.stringify(reports?.iamRoleStatements)).toContain('"${Bucket.Arn}/reports/*"')
    // Nobody can run up a bill, nor take the account's other functions their share.
    expect(reports?.reservedConcurrency).toBeLessThanOrEqual(10)
  })
})

describe('the rights', () => {
  const statements = Object.entries(functions).flatMap(([name, { iamRoleStatements }]) =>
    iamRoleStatements.map((statement) => ({ name, ...statement })),
  )

  function signers(key: string): readonly string[] {
    return statements.flatMap(({ name, Resource: resource }) =>
      referenced(resource) === key ? [name] : [],
    )
  }

  test('name single actions on resources of this stack, and nothing may be deleted', () => {
    for (const { Action: actions, Resource: resource } of statements) {
      for (const action of actions) expect(action).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z]+$/)
      expect(actions.filter((action) => /Delete|Purge|Scan/.test(action))).toEqual([])
      // The only names that nobody knows before are those of our own bucket's objects.
      const known = JSON.stringify(resource).replace(
        /"\$\{Bucket\.Arn\}\/(?:(?:reports|proof-input|blob-sidecars|entry|slot)\/)?\*"/g,
        '"${Bucket.Arn}"',
      )
      expect(known).not.toContain('*')
      for (const one of [resource].flat()) expect(Object.keys(defined)).toContain(referenced(one))
    }
  })

  test('only the planner may wake workers, and it may wake all of them', () => {
    const senders = statements.filter(({ Action: actions }) => actions.includes('sqs:SendMessage'))
    expect(senders.map(({ name }) => name)).toEqual(['plan-ticks'])
    const queues = ofType('AWS::SQS::Queue').filter(([name]) => name.endsWith('Queue'))
    expect(senders[0]?.Resource).toEqual(queues.map(([name]) => arnOf(name)))
  })

  test('nobody who reports prices may send transactions with the same key', () => {
    for (const key of ['OracleKey', 'OracleStarkKey'])
      expect(signers(key)).toEqual(['publish-prices'])
    for (const key of ['SenderKey', 'SenderStarkKey'])
      expect(signers(key)).toEqual([
        'push-prices',
        'settle-funding',
        'update-exchange-time',
        'apply-interests',
        'liquidate',
        'deleverage',
        'prove-batches',
        'tell-uptime',
        'deliver-outbox',
      ])
    expect(signers('ProverCredentials')).toEqual(['prove-batches'])
    expect(signers('AlertCredentials')).toEqual(['watch-liveness', 'deliver-outbox'])
  })

  test('who proves batches may put what it keeps, and get nothing else', async () => {
    const put: string[] = []
    const blobs: Blobs = {
      put: async (name) => void put.push(name),
      get: async () => undefined,
    }
    await keepRun({ blobs, source: aSource, settlement: aSettlement }, aBatch)
    const kzg = { commitment: async () => zeroOfCurve, cellProofs: async () => [] }
    await blobSidecars({ blobs, kzg }).keep(versionedHash(zeroOfCurve), zeroBlob)
    // What does not fit into the rows of its history.
    const access = { blobs } as TableAccess
    for (const kind of ['entry', 'slot'] as const)
      await keptColumn(access, kind, randomBytes(10_000).toString('base64'))
    expect(put).toHaveLength(5)
    const mine = statements.flatMap(({ name, Action: actions, Resource: resource }) =>
      name === 'prove-batches' && actions.includes('s3:PutObject') ? [resource] : [],
    )
    const folders = new Set(put.map((name) => name.slice(0, name.indexOf('/') + 1)))
    expect(mine.flat()).toEqual(
      [...folders].map((one) => ({ 'Fn::Sub': `\${Bucket.Arn}/${one}*` })),
    )
  })

  test('the page may only read', () => {
    const actions = statements.flatMap((one) => (one.name === 'dashboard' ? one.Action : []))
    expect(new Set(actions)).toEqual(
      new Set([
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        's3:GetObject',
        's3:ListBucket',
      ]),
    )
  })

  test('the role that the framework adds for all may do nothing', () => {
    const extensions = Object.assign({}, ...resources.map((part) => part.extensions)) as unknown
    expect(extensions).toEqual({ IamRoleLambdaExecution: { Properties: { Policies: [] } } })
  })

  test('a schedule may only invoke its own function', () => {
    expect(schedules).toHaveLength(2)
    for (const { Target: target } of schedules) {
      const role = defined[target.RoleArn['Fn::GetAtt'][0]]?.Properties
      expect(role?.['Policies']).toEqual([
        {
          PolicyName: 'invoke',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: target.Arn }],
          },
        },
      ])
    }
  })
})

describe('secrets', () => {
  test('are in no environment: what is not a plain name is a reference', () => {
    const environments = [provider, ...Object.values(functions)].map((one) => one.environment)
    const literals = environments.flatMap((one) =>
      Object.entries(one).filter(([, value]) => typeof value === 'string'),
    )
    expect(Object.fromEntries(literals)).toEqual({
      STARKEEP_NETWORK: '${sls:stage}',
      NODE_OPTIONS: '--enable-source-maps',
    })
    const references = environments.flatMap((one) =>
      Object.values(one).filter((value) => typeof value !== 'string'),
    )
    for (const reference of references)
      expect(Object.keys(reference as object).join()).toMatch(/^(Ref|Fn::GetAtt|Fn::Sub)$/)
  })

  test('have no value in a template, and outlive the stack', () => {
    const secrets = ofType('AWS::SecretsManager::Secret')
    expect(secrets.length).toBeGreaterThan(0)
    for (const [name, properties] of secrets) {
      expect(Object.keys(properties)).toEqual(['Name', 'Description'])
      expect(defined[name]?.DeletionPolicy).toBe('Retain')
    }
    for (const [name] of ofType('AWS::KMS::Key'))
      expect(defined[name]?.DeletionPolicy).toBe('Retain')
  })

  test('a function is told of exactly the keys that it may use', () => {
    for (const { environment, iamRoleStatements } of Object.values(functions)) {
      const keys = (values: readonly unknown[]) =>
        new Set(values.map(referenced).filter((name) => /Key$|Credentials$/.test(name)))
      const allowed = iamRoleStatements.map(({ Resource: resource }) => resource)
      expect(keys(Object.values(environment))).toEqual(keys(allowed))
    }
  })
})

describe('waking', () => {
  test('a heartbeat that was missed is not made up for', () => {
    for (const { Target: target, ...schedule } of schedules) {
      expect(schedule.ScheduleExpression).toBe('rate(1 minute)')
      expect(schedule.FlexibleTimeWindow).toEqual({ Mode: 'OFF' })
      expect(target.RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 })
    }
    const beating = Object.entries(functions).filter(
      ([, one]) => one.events.length === 0 && !one.url,
    )
    expect(beating.map(([name]) => name)).toEqual(['plan-ticks', 'deliver-outbox'])
    for (const [, one] of beating) {
      expect(one.maximumRetryAttempts).toBe(0)
      expect(one.maximumEventAge).toBe(60)
      expect(one.timeout ?? provider.timeout).toBeLessThan(60)
    }
  })

  test('a message stays hidden six times as long as its function may run', () => {
    for (const { events, timeout = provider.timeout } of Object.values(functions))
      for (const { sqs } of events)
        expect(queueOf(sqs.arn).VisibilityTimeout).toBeGreaterThan(6 * timeout)
  })

  test('what fails three times goes to a queue of its own, before it is forgotten', () => {
    const wakers = Object.values(functions).flatMap(({ events }) => events.map(({ sqs }) => sqs))
    const dead = wakers.map(({ arn, batchSize, functionResponseType }) => {
      expect({ batchSize, functionResponseType }).toEqual({
        batchSize: 1,
        functionResponseType: 'ReportBatchItemFailures',
      })
      const queue = queueOf(arn)
      const { maxReceiveCount: receives, deadLetterTargetArn: target } = queue.RedrivePolicy
      expect(receives).toBe(3)
      const longestDelay = 900
      expect(queue.MessageRetentionPeriod).toBeGreaterThan(
        longestDelay + receives * queue.VisibilityTimeout,
      )
      return target['Fn::GetAtt'][0]
    })
    expect(new Set(dead).size).toBe(wakers.length)
    const alarmed = ofType('AWS::CloudWatch::Alarm').map(([, one]) => JSON.stringify(one))
    for (const name of dead) {
      const [alarm] = alarmed.filter((text) => text.includes(`["${name}","QueueName"]`))
      expect(alarm).toContain('"MetricName":"ApproximateNumberOfMessagesVisible"')
      expect(alarm).toContain('"Threshold":0,"ComparisonOperator":"GreaterThanThreshold"')
    }
  })

  test.each(['plan-ticks', 'deliver-outbox'])(
    'the silence of %s is an alarm, also where there is no data at all',
    (name) => {
      const silent = ofType('AWS::CloudWatch::Alarm').filter(([, alarm]) => {
        const of = JSON.stringify(alarm['Dimensions'])
        return alarm['MetricName'] === 'Invocations' && of.includes(`"${logicalId(name)}"`)
      })
      expect(silent).toHaveLength(1)
      expect(silent[0]?.[1]).toMatchObject({
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
        AlarmActions: [{ Ref: 'AlarmTopic' }],
      })
    },
  )
})

describe('who proves batches', () => {
  const { timeout = 0, memorySize = 0, reservedConcurrency } = functions['prove-batches'] ?? {}

  test('may carry four files of 100 MB at once, and for as long as its adapters wait for one', () => {
    // As text in JSON, the largest that any prover wants it: the file, its Base64, the JSON around it and its bytes.
    const mib = 4 * (100 + 2 * 134 + 134)
    expect(memorySize).toBeGreaterThan(mib)
    const longestTransferSeconds = 300
    expect(timeout).toBeGreaterThan(longestTransferSeconds)
    expect(timeout).toBeLessThanOrEqual(900)
  })

  test('is held to one worker by its lease, and not by a share of the account', () => {
    expect(reservedConcurrency).toBeUndefined()
  })
})

describe('the table', () => {
  const table = defined['Table']?.Properties ?? {}

  test('has the keys and indexes that the store uses', () => {
    expect(attributes(table['KeySchema'])).toEqual(['pk', 'sk'])
    const indexes = z
      .array(z.object({ IndexName: z.string(), KeySchema: z.unknown() }))
      .parse(table['GlobalSecondaryIndexes'])
    expect(
      indexes.map(({ IndexName: name, KeySchema: keys }) => [name, ...attributes(keys)]),
    ).toEqual([openIndex, recentIndex].map(({ name, partition, sort }) => [name, partition, sort]))
    expect(table['TimeToLiveSpecification']).toEqual({ AttributeName: 'expiresAt', Enabled: true })
  })

  test('outlives the stack, and can be set back to any second', () => {
    expect(defined['Table']?.DeletionPolicy).toBe('Retain')
    expect(table['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true })
  })
})

describe('the bucket', () => {
  const bucket = defined['Bucket']?.Properties ?? {}

  test('is encrypted, nobody else’s, and asked over TLS only', () => {
    expect(bucket).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    })
    expect(ofType('AWS::S3::BucketPolicy').map(([, policy]) => policy)).toEqual([
      {
        Bucket: { Ref: 'Bucket' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'OnlyByTls',
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [arnOf('Bucket'), { 'Fn::Sub': '${Bucket.Arn}/*' }],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    ])
  })

  test('keeps a blob as long as every other store of blobs, each folder by a rule of its own', () => {
    const { Rules: rules } = bucket['LifecycleConfiguration'] as {
      readonly Rules: readonly {
        readonly Prefix?: string
        readonly Status: string
        readonly ExpirationInDays?: number
      }[]
    }
    expect(rules.map(({ Status: status }) => status)).toEqual(rules.map(() => 'Enabled'))
    const days = rules.flatMap(({ Prefix: prefix, ExpirationInDays: kept }) =>
      prefix === undefined ? [] : [[prefix.replace(/\/$/, ''), kept]],
    )
    expect(Object.fromEntries(days)).toEqual({
      ...blobFolderDays,
      // Whatever the stage's network file says, and otherwise what is usual.
      history: `\${file(infra/networks/\${sls:stage}.yml):store.historyDays, ${blobFolderDays.history}}`,
    })
    // A rule without a folder would be every folder's.
    expect(rules.filter(({ ExpirationInDays: kept }) => kept).length).toBe(days.length)
  })

  test('keeps a blob longer than any row that names it', () => {
    const day = 24 * 60 * 60_000
    for (const kind of ['report', 'prices', 'history', 'system'] as const)
      expect(retentionMs[kind]).toBeLessThanOrEqual(blobKeptMs - day)
    expect(retentionMs.slot).toBeLessThanOrEqual((blobFolderDays.slot - 1) * day)
  })

  test('outlives the stack', () => {
    expect(defined['Bucket']?.DeletionPolicy).toBe('Retain')
  })

  test('whoever may write rows may put what they name; whoever may read them may get it', () => {
    for (const { iamRoleStatements } of Object.values(functions)) {
      const actions = iamRoleStatements.flatMap(({ Action: allowed }) => allowed)
      const may = (action: string) => actions.includes(action)
      expect(may('s3:PutObject')).toBe(may('dynamodb:PutItem'))
      expect(may('s3:GetObject')).toBe(may('dynamodb:GetItem'))
      expect(may('s3:ListBucket')).toBe(may('s3:GetObject'))
    }
  })
})

describe('the bundle', () => {
  test('is one small ES module with a map, its builtins taken at once', () => {
    expect(custom.esbuild).toMatchObject({
      bundle: true,
      format: 'esm',
      target: 'node24',
      minify: true,
      keepNames: false,
      sourcemap: 'linked',
      outputFileExtension: '.mjs',
      plugins: 'infra/cloud/node-builtins.ts',
    })
  })
})

const aBatch: BatchContent = {
  name: 'blocks 1-2',
  previous: { number: 0, hash: '0x1' },
  last: { number: 2, hash: '0x2' },
  previousRoot: '0x3',
  newRoot: '0x4',
  size: 1,
  closedAt: timestamp(0),
  closedBy: 'count',
}

const aSource: BatchSource = {
  name: 'blocks',
  closed: async () => [],
  has: async () => true,
  input: async () => ({
    pie: Buffer.from('pie'),
    steps: 1,
    programHash: '0x1',
    output: { programOutput: [1n] },
  }),
}

// Nothing else of it is asked here.
const aSettlement = {
  facts: () => ({ fact: '0x1', proverFacts: {} }),
} as unknown as Settlement

function queueOf(arn: unknown): z.infer<typeof Queue> {
  return Queue.parse(defined[referenced(arn)]?.Properties)
}

/** The logical name in `!Ref name`, `!GetAtt name.Arn` or `!Sub ${name.Arn}…`. */
function referenced(value: unknown): string {
  const [, name] =
    /"(?:Ref|Fn::GetAtt|Fn::Sub)":\[?"(?:\$\{)?(\w+)/.exec(JSON.stringify(value)) ?? []
  return name ?? ''
}

function attributes(keys: unknown): readonly string[] {
  return z
    .array(z.object({ AttributeName: z.string() }))
    .parse(keys)
    .map(({ AttributeName: name }) => name)
}
