import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

import type { Blobs } from '../../ports.ts'
import { isAwsTrouble } from '../aws-trouble.ts'
import { BlobsUnavailableError, checkBlobKey } from '../blob-rules.ts'

/** Tries of a body that broke off; the SDK's own end with the answer's head. */
const bodyTries = 3

/** For one try of what is small. */
const usualTimeoutMs = 2_000

/**
 * A tenth of what S3 takes on one connection, for a line that several files share.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html
 */
const leastBytesPerMs = 8_000

/** A client that gives up as soon as the table's does. With `endpoint` it talks to an emulator, which looks at no credentials. */
export function s3Client({
  region,
  endpoint,
  timeoutMs = usualTimeoutMs,
}: {
  readonly region: string
  readonly endpoint?: string | undefined
  /** For one try. */
  readonly timeoutMs?: number
}): S3Client {
  return new S3Client({
    region,
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined
      ? {}
      : {
          endpoint,
          forcePathStyle: true,
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        }),
  })
}

/** Blobs as the objects of one bucket; its lifecycle deletes what is old. */
export function s3Blobs({
  client,
  bucket,
}: {
  readonly client: S3Client
  readonly bucket: string
}): Blobs {
  /** The answer's body is read by us, so that its trouble is ours to try again. */
  async function read(key: string): Promise<Uint8Array | undefined> {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key })
    for (let tries = 1; ; tries += 1) {
      const { Body: body } = await client.send(command)
      try {
        return await body?.transformToByteArray()
      } catch (error) {
        if (tries === bodyTries) throw new BlobsUnavailableError(`get ${key}`, error)
      }
    }
  }

  return {
    async put(key, content) {
      checkBlobKey(key)
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: content })
      await asked(`put ${key}`, () => client.send(command, patience(content)))
    },

    async get(key) {
      checkBlobKey(key)
      try {
        return await asked(`get ${key}`, () => read(key))
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
  }
}

/** The client's own limit is over an answer: what must be sent before it has a time of its own. */
function patience({ byteLength }: Uint8Array): { readonly requestTimeout?: number } {
  const sendingMs = Math.ceil(byteLength / leastBytesPerMs)
  return sendingMs < usualTimeoutMs / 2 ? {} : { requestTimeout: usualTimeoutMs + sendingMs }
}

async function asked<T>(operation: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    throw isAwsTrouble(error) ? new BlobsUnavailableError(operation, error) : error
  }
}
