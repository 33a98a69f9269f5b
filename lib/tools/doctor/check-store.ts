import { randomUUID } from 'node:crypto'
import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { timestamp } from '../../domain/time.ts'
import { messageOf } from '../../keepers/message-of.ts'
import type { Clock } from '../../ports.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { openStore, type OpenStore } from '../../runtime/open-store.ts'
import { type Diagnosis, fixOf } from './diagnosis.ts'

type Options = { readonly network: Network; readonly directory: string; readonly clock: Clock }

/** Whether rows can be read and written where the network file says, and what is too large for one. */
export async function checkStore(options: Options): Promise<readonly Diagnosis[]> {
  const { store } = options.network
  if (store.kind === 'memory') return [await checkFile(store.file, options.directory)]
  const opened = openStore(options)
  try {
    return await Promise.all([
      checkRows(opened, `the table ${store.table} at ${store.endpoint ?? 'AWS'}`, options.clock),
      checkBlobs(opened, blobsPlace(store.blobs)),
    ])
  } finally {
    await opened.close()
  }
}

/** A file is one process's at a time, which may be running: it is looked at, and not written. */
async function checkFile(file: string | undefined, directory: string): Promise<Diagnosis> {
  const at = { area: 'store', subject: 'store' } as const
  if (file === undefined)
    return {
      ...at,
      state: 'warning',
      says: 'rows are in memory and go with the process: an alert is raised anew after each start, and what is in flight is forgotten',
      fix: 'name a file, store: { kind: memory, file: state.json }, or a table',
    }
  const path = resolve(directory, file)
  try {
    await access(dirname(path), constants.W_OK)
    await access(path, constants.R_OK | constants.W_OK).catch(ifMissing)
    return { ...at, state: 'ok', says: `rows are kept in ${path}` }
  } catch (error) {
    const fix = 'give this user the right to write there, or name another file'
    return { ...at, state: 'fault', says: `${path} cannot be written: ${messageOf(error)}`, fix }
  }
}

function ifMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

const leaseMs = 5_000

/** Reads a list, and takes and gives back a lease that nobody else asks for. */
async function checkRows({ store }: OpenStore, place: string, clock: Clock): Promise<Diagnosis> {
  const at = { area: 'store', subject: 'store' } as const
  const fix =
    'see that it runs and is named rightly, and that you may use it: dynamodb:GetItem, Query, PutItem and UpdateItem on the table and its indexes'
  try {
    await store.incidents.open()
  } catch (error) {
    return { ...at, state: 'fault', ...said(`${place} cannot be read: ${messageOf(error)}`, fix) }
  }
  const begun = performance.now()
  const now = clock.now()
  const name = `doctor-${randomUUID()}`
  try {
    const until = timestamp(now + leaseMs)
    const fence = await store.leases.hold({ name, owner: 'doctor', now, until })
    if (fence !== undefined) await store.leases.release(name, fence)
  } catch (error) {
    return {
      ...at,
      state: 'fault',
      ...said(`${place} cannot be written: ${messageOf(error)}`, fix),
    }
  }
  const took = Math.round(performance.now() - begun)
  return { ...at, state: 'ok', says: `${place} is read and written, two writes in ${took} ms` }
}

const blobKey = 'doctor/check'

async function checkBlobs({ blobs }: OpenStore, place: string): Promise<Diagnosis> {
  const at = { area: 'store', subject: 'store.blobs' } as const
  const content = Buffer.from('starkeep doctor looked here')
  try {
    await blobs.put(blobKey, content)
    const kept = await blobs.get(blobKey)
    if (kept && Buffer.from(kept).equals(content))
      return { ...at, state: 'ok', says: `${place} is read and written` }
    return {
      ...at,
      state: 'fault',
      says: `${place} does not give back what was put into it`,
      fix: 'name another place under store.blobs',
    }
  } catch (error) {
    const fix =
      'see that it is there and named rightly, and that you may use it: s3:PutObject and s3:GetObject'
    return { ...at, state: 'fault', ...said(`${place} cannot be used: ${messageOf(error)}`, fix) }
  }
}

function said(says: string, otherwise: string): Pick<Diagnosis, 'says' | 'fix'> {
  return { says, fix: fixOf(says, otherwise) }
}

function blobsPlace(blobs: Extract<Network['store'], { kind: 'dynamodb' }>['blobs']): string {
  return blobs.kind === 's3' ? `the bucket ${blobs.bucket}` : `the folder ${blobs.folder}`
}
