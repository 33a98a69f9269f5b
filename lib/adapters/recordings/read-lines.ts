import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

const chunkBytes = 1 << 20
const [newline, carriageReturn] = [10, 13]

export type LineVisitor = (buffer: Buffer, start: number, end: number) => void

/**
 * Goes through a file's lines where they stand among its bytes, plain or gzipped: nothing is copied but a line that two
 * reads share. Empty lines are passed on too, so that whoever counts counts as an editor does.
 */
export async function readLines(
  file: string,
  visit: LineVisitor,
  onBytes: (read: number) => void = () => undefined,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  const { stream, source } = open(file)
  for await (const data of stream) {
    const chunk = data as Buffer
    let start = 0
    let end = chunk.indexOf(newline)
    if (rest.length > 0 && end >= 0) {
      visitLine(Buffer.concat([rest, chunk.subarray(0, end)]), 0, rest.length + end, visit)
      rest = Buffer.alloc(0)
      start = end + 1
      end = chunk.indexOf(newline, start)
    }
    while (end >= 0) {
      visitLine(chunk, start, end, visit)
      start = end + 1
      end = chunk.indexOf(newline, start)
    }
    if (start < chunk.length) rest = Buffer.concat([rest, chunk.subarray(start)])
    onBytes(source.bytesRead)
  }
  if (rest.length > 0) visitLine(rest, 0, rest.length, visit)
}

function visitLine(buffer: Buffer, start: number, end: number, visit: LineVisitor): void {
  visit(buffer, start, end > start && buffer[end - 1] === carriageReturn ? end - 1 : end)
}

/** Not readline: it does not pass on the errors of the stream it reads. */
function open(file: string): {
  readonly stream: Readable
  readonly source: { readonly bytesRead: number }
} {
  const source = createReadStream(file, { highWaterMark: chunkBytes })
  if (!file.endsWith('.gz')) return { stream: source, source }
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  // The reader of `gunzip` gets every error, also those of the file.
  pipeline(source, gunzip, () => undefined)
  return { stream: gunzip, source }
}
