import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { z } from 'zod'

import { ChildError, type RunningChild, startChild } from './child.ts'
import { readTemplate } from './cloudformation.ts'
import { freePort, isFree } from './free-port.ts'

/** DynamoDB in a box, or why there is none here. */
export type LocalDynamo =
  | (RunningChild & { readonly endpoint: string })
  | { readonly reason: string }

/** Starts the emulator, on a free port unless one is named; it ends with this process. Without `dataDir` it forgets everything when it stops. */
export async function startDynamo({
  dataDir,
  port,
}: {
  readonly dataDir?: string | undefined
  readonly port?: number | undefined
} = {}): Promise<LocalDynamo> {
  const command = emulatorBinary()
  if (command === undefined) return { reason: noBinary }
  if (port !== undefined && !(await isFree(port)))
    throw new EmulatorError(`port ${port} is not free`)
  const chosen = port ?? (await freePort())
  const child = await started(command, ['--port', String(chosen), ...databaseArguments(dataDir)])
  await ready(child, chosen)
  return { ...child, endpoint: `http://127.0.0.1:${chosen}` }
}

/** Why there is no emulator here; undefined where there is one. */
export function dynamoAbsent(): string | undefined {
  return emulatorBinary() === undefined ? noBinary : undefined
}

const noBinary = `no DynamoDB emulator is installed for ${process.platform}-${process.arch}`

const Table = z.object({
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema(),
  GlobalSecondaryIndexes: z.array(
    z.object({
      IndexName: z.string(),
      KeySchema: keySchema(),
      Projection: z.object({ ProjectionType: z.enum(['KEYS_ONLY', 'ALL']) }),
    }),
  ),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }),
})

/** Creates the table that the cloud has, where it is not there yet, and answers its name. */
export async function createTable(client: DynamoDBClient, name = 'starkeep'): Promise<string> {
  const { Resources: resources } = readTemplate(new URL('../cloud/table.yml', import.meta.url))
  const { TimeToLiveSpecification, ...table } = Table.parse(resources['Table']?.Properties)
  try {
    await client.send(new CreateTableCommand({ TableName: name, ...table }))
  } catch (error) {
    if (error instanceof ResourceInUseException) return name
    throw error
  }
  // The service and some emulators take their time, and change nothing of a table before.
  await waitUntilTableExists({ client, maxWaitTime: 120, minDelay: 1 }, { TableName: name })
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }))
  return name
}

function keySchema() {
  return z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
}

/** Each platform's emulator is a package of its own, which npm installs only there. */
function emulatorBinary(): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  try {
    return createRequire(import.meta.url).resolve(
      `@dynoxide/${process.platform}-${process.arch}/dynoxide${suffix}`,
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')
      return undefined
    throw error
  }
}

function databaseArguments(dataDir: string | undefined): readonly string[] {
  if (dataDir === undefined) return []
  mkdirSync(dataDir, { recursive: true })
  return ['--db-path', join(dataDir, 'dynamo.sqlite')]
}

/** It is up in some 20 ms; ten seconds are for a machine that does many other things. */
const startDeadlineMs = 10_000

async function started(command: string, args: readonly string[]): Promise<RunningChild> {
  try {
    return await startChild({ name: 'dynoxide', command, args })
  } catch (error) {
    if (error instanceof ChildError) throw new EmulatorError(error.message, error)
    throw error
  }
}

async function ready(child: RunningChild, port: number): Promise<void> {
  let code: number | undefined
  const noticed = child.exited.then((ended) => (code = ended))
  for (let waited = 0; waited < startDeadlineMs; waited += 20) {
    if (code !== undefined) throw new EmulatorError(`it ended with code ${code}`)
    if (await answers(port)) return
    await Promise.race([sleep(20), noticed])
  }
  await child.stop()
  throw new EmulatorError(`it does not answer on port ${port}`)
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    // Refused: not up yet. The caller asks again until its deadline.
    return false
  } finally {
    socket.destroy()
  }
}

/** The emulator did not start. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError'

  constructor(reason: string, cause?: unknown) {
    super(`the DynamoDB emulator did not start: ${reason}`, { cause })
  }
}
