import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { RestPlace } from '../rest-place.ts'
import { RestTroubleError } from '../rest-place.ts'

export type CosmosBlock = {
  readonly chainId: string
  readonly number: number
  /** In hex, as explorers write it. */
  readonly hash: string
  readonly time: Timestamp
  readonly transactions: number
}

/** A uint64, which is text in Cosmos' JSON; block numbers stay far below 2^53. */
export const blockNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/)),
  z.transform((text: string) => Number(text)),
)

/** RFC 3339 with up to nine digits of a second, to the millisecond, rounded down. */
export const isoTime = z.pipe(
  z.string().check(
    z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/),
    z.refine((text) => Date.parse(wholeMs(text)) >= 0),
  ),
  z.transform((text: string) => timestamp(Date.parse(wholeMs(text)))),
)

const Block = z.object({
  header: z.object({ chain_id: z.string(), height: blockNumber, time: isoTime }),
  data: z.object({ txs: z.nullish(z.array(z.unknown())) }),
})

/** `block` is the older name, and still told beside the other one. */
const Answer = z.union([
  z.object({ block_id: z.object({ hash: z.string() }), sdk_block: Block }),
  z.object({ block_id: z.object({ hash: z.string() }), block: Block }),
])

/** Throws `RestTroubleError`. */
export async function cosmosBlock(
  rest: RestPlace,
  number: number | 'latest',
): Promise<CosmosBlock> {
  const answer = await rest.get(`/cosmos/base/tendermint/v1beta1/blocks/${number}`, Answer)
  const { header, data } = 'sdk_block' in answer ? answer.sdk_block : answer.block
  return {
    chainId: header.chain_id,
    number: header.height,
    hash: hexOf(answer.block_id.hash),
    time: header.time,
    transactions: data.txs?.length ?? 0,
  }
}

/** The hash at that number; undefined where the node's chain is not that long. Throws `RestTroubleError`, also where it has thrown the block away. */
export async function cosmosHashAt(rest: RestPlace, number: number): Promise<string | undefined> {
  try {
    return (await cosmosBlock(rest, number)).hash
  } catch (error) {
    if (isBeyondTheHead(error)) return undefined
    throw error
  }
}

/** The SDK's own words, with `then` for `than`. */
function isBeyondTheHead(error: unknown): boolean {
  return (
    error instanceof RestTroubleError &&
    error.status === 400 &&
    /bigger th[ae]n the chain length/.test(error.message)
  )
}

function hexOf(base64: string): string {
  return `0x${Buffer.from(base64, 'base64').toString('hex')}`
}

function wholeMs(text: string): string {
  return text.replace(/(\.\d{3})\d+Z$/, '$1Z')
}
