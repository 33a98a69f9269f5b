import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { dynamoClient } from '../../lib/adapters/store/dynamo-client.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import type { RunningChild } from './child.ts'
import { createTable, startDynamo } from './dynamo.ts'
import type { LocalFacts } from './local-file.ts'

type LocalStore = {
  readonly facts: LocalFacts['store']
  readonly place: string
  /** Undefined where it is a file. */
  readonly node: RunningChild | undefined
}

/** The store of a local network, kept in `dataDir`: DynamoDB's emulator, or one file where there is none for this machine. */
export async function startLocalStore({
  template,
  dataDir,
  port,
  onProgress,
}: {
  readonly template: Network
  readonly dataDir: string
  readonly port: number
  readonly onProgress: (message: string) => void
}): Promise<LocalStore> {
  const { store } = template
  if (store.kind !== 'dynamodb') throw new TypeError('the template has no table')
  const dynamo = await startDynamo({ dataDir: join(dataDir, folder), port })
  if ('reason' in dynamo) {
    onProgress(`The store is a file: ${dynamo.reason}.`)
    return { facts: { kind: 'memory', file }, place: join(dataDir, file), node: undefined }
  }
  const { endpoint } = dynamo
  const client = dynamoClient({ region: store.region ?? 'eu-west-1', endpoint })
  try {
    await createTable(client, store.table)
  } catch (error) {
    await dynamo.stop()
    throw error
  } finally {
    client.destroy()
  }
  return { facts: { kind: 'dynamodb', endpoint }, place: `${endpoint} (DynamoDB)`, node: dynamo }
}

const folder = 'store'
const file = 'store.json'
/** As infra/networks/local.yml names it. */
const blobs = 'blobs'

/** Forgets everything; answers whether there was anything. */
export function clearLocalStore(dataDir: string): boolean {
  const paths = [folder, blobs, file, `${file}.log`, `${file}.blobs`]
    .map((name) => join(dataDir, name))
    .filter((path) => existsSync(path))
  for (const path of paths) rmSync(path, { recursive: true, force: true })
  return paths.length > 0
}
