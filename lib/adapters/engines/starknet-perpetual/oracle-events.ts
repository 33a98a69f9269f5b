import * as z from 'zod/mini'

import type { PriceNames } from '../../../domain/price-message.ts'
import type { RpcRequest } from '../../rpc.ts'
import { Felt, feltHex, selectorOf } from '../../starknet-felt.ts'
import { type Core } from './core.ts'
import { StrangeContractError } from './errors.ts'

/** Who may sign which asset, under which names: asset id, then public key. */
export type Registered = ReadonlyMap<bigint, ReadonlyMap<bigint, PriceNames>>

/** starknet-specs lets a page have 1024 events. */
const pageSize = 1_000

/** Nodes look through some thousand blocks for one page, so even empty pages are many; more than this many is a node that goes in circles. */
const mostPages = 20_000

/** Plays the registry's history from its events: no view lists it, and the names signed are whatever was registered. */
export async function registeredOracles(core: Core): Promise<Registered> {
  const registered = new Map<bigint, Map<bigint, PriceNames>>()
  let token: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const [answer] = await core.rpc.values([oracleEvents(core, token)])
    for (const event of answer.events) apply(registered, event)
    token = answer.continuation_token
    if (token === undefined) return registered
  }
  throw new StrangeContractError(core.engine, core.address, 'has events without end')
}

const added = selectorOf('OracleAdded')
const removed = selectorOf('OracleRemoved')

const Event = z.object({ keys: z.array(Felt), data: z.array(Felt) })
const Page = z.object({
  events: z.array(Event),
  continuation_token: z.optional(z.string()),
})

function oracleEvents(
  { address, listings }: Core,
  token: string | undefined,
): RpcRequest<z.infer<typeof Page>> {
  const filter = {
    from_block: { block_number: 0 },
    to_block: 'latest',
    address,
    keys: [[added, removed], listings.map(({ assetId }) => feltHex(assetId))],
    chunk_size: pageSize,
    ...(token === undefined ? {} : { continuation_token: token }),
  }
  return {
    method: 'starknet_getEvents',
    params: { filter },
    read: (result) => Page.parse(result),
  }
}

/** Keys: selector, asset, public key; data of an addition: asset name, oracle name. */
function apply(
  registered: Map<bigint, Map<bigint, PriceNames>>,
  { keys: [selector, asset, key], data: [assetName, oracleName] }: z.infer<typeof Event>,
): void {
  if (selector === undefined || asset === undefined || key === undefined) return
  const signers = registered.get(asset) ?? new Map<bigint, PriceNames>()
  registered.set(asset, signers)
  if (selector === BigInt(removed)) signers.delete(key)
  else if (assetName !== undefined && oracleName !== undefined)
    signers.set(key, { assetName, oracleName })
}
