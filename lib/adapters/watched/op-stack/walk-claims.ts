import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { ProgressSight, ProgressStep } from '../../../domain/watch/system-sight.ts'
import type { Rpc, RpcRequest } from '../../rpc.ts'
import { addressOf, evmView } from '../evm-words.ts'
import { claimCount, type Claims } from './portal.ts'

/** One claim in the list of all, which is ordered by time; others' games do not count. */
type Claim = ProgressStep & { readonly isOurs: boolean }

export type ClaimWalk = {
  /** Positions are places in the list. */
  readonly progress: readonly ProgressSight[]
  /** The newest ones that count, oldest first. */
  readonly newest: readonly { readonly position: number; readonly at: Timestamp }[]
  readonly cursor: string
}

/** What a node takes in one batch. */
const pieceSize = 50

/** In one look; the rest of a long past is read in later ones. */
const maxPieces = 6

/** So many tell how often one is made: they are remembered, as others' games may lie between them and what is read. */
const mostNewest = 12

/** Places of the list that have been read. */
type Known = {
  readonly from: number
  readonly through: number
  /** Whether all that lies further back is older than anybody asks for. */
  readonly isAll: boolean
  /** The newest ones that count. */
  readonly newest: readonly Pick<Claim, 'position' | 'at'>[]
}

/**
 * The claims on L1, from the newest back: a piece each time, as some may have been undone, and on to where earlier looks ended;
 * then pieces of what lies further back, until a window of time is read. Anybody may begin games of other types: they are
 * walked past. Throws the node's trouble, and `NoClaimsError`.
 */
export async function walkClaims(
  rpc: Rpc,
  claims: Claims,
  {
    cursor,
    windowMs,
    now,
  }: {
    readonly cursor: string | undefined
    readonly windowMs: number
    readonly now: Timestamp
  },
): Promise<ClaimWalk> {
  const [told] = await rpc.values([claimCount(claims)])
  if (told?.[0] === undefined) throw new NoClaimsError(claims)
  const count = Number(told[0])
  const before = readKnown(cursor)
  const known = before && before.through < count ? before : undefined
  const isOld = (some: readonly Claim[]) => (some[0]?.at ?? now) < now - windowMs

  const fresh = await walkBack(rpc, claims, {
    from: count,
    pieces: maxPieces,
    isEnough: (low, some) => isOld(some) || (known !== undefined && low <= known.through + 1),
  })
  const joined = known && fresh.low <= known.through + 1 ? known : undefined
  const past = await walkBack(rpc, claims, {
    from: Math.min(fresh.low, joined?.from ?? fresh.low),
    pieces: joined?.isAll === true || isOld(fresh.claims) ? 0 : maxPieces - fresh.pieces,
    isEnough: (_, some) => isOld(some),
  })

  const through = Math.max(0, count - 1)
  const newest = [
    ...(joined?.newest.filter(({ position }) => position < fresh.low) ?? []),
    ...[...past.claims, ...fresh.claims].filter(({ isOurs }) => isOurs),
  ]
    .toSorted((one, other) => one.position - other.position)
    .slice(-mostNewest)
  return {
    progress: [
      {
        name: 'output',
        from: fresh.low,
        // Nothing is behind the newest one any more, whatever was seen there once.
        through: Math.max(through, before?.through ?? 0),
        steps: steps(fresh.claims),
      },
      ...(past.pieces === 0
        ? []
        : [{ name: 'output', from: past.low, through: past.from - 1, steps: steps(past.claims) }]),
    ],
    newest,
    cursor: knownText({
      from: past.low,
      through,
      isAll: past.low === 0 || isOld(past.claims) || isOld(fresh.claims) || joined?.isAll === true,
      newest,
    }),
  }
}

/** So many pieces of the list, each before the last one, as long as there is any and it is not enough. */
async function walkBack(
  rpc: Rpc,
  claims: Claims,
  {
    from,
    pieces,
    isEnough,
  }: {
    readonly from: number
    readonly pieces: number
    readonly isEnough: (low: number, some: readonly Claim[]) => boolean
  },
) {
  const found: Claim[] = []
  let low = from
  let read = 0
  while (low > 0 && read < pieces && (read === 0 || !isEnough(low, found))) {
    found.unshift(...(await pieceOf(rpc, claims, low)))
    low = Math.max(0, low - pieceSize)
    read += 1
  }
  return { claims: found, from, low, pieces: read }
}

const KnownText = z.tuple([z.int(), z.int(), z.boolean()], z.tuple([z.int(), z.int()]))

function knownText({ from, through, isAll, newest }: Known): string {
  return JSON.stringify([from, through, isAll, ...newest.map(({ position, at }) => [position, at])])
}

/** Undefined where the text is not ours. */
function readKnown(text: string | undefined): Known | undefined {
  const read = KnownText.safeParse(parsed(text))
  if (!read.success) return undefined
  const [from, through, isAll, ...newest] = read.data
  return {
    from,
    through,
    isAll,
    newest: newest.map(([position, at]) => ({ position, at: timestamp(at) })),
  }
}

function parsed(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The claims right before that place, in order. */
async function pieceOf(rpc: Rpc, claims: Claims, before: number): Promise<readonly Claim[]> {
  const from = Math.max(0, before - pieceSize)
  const places = Array.from({ length: before - from }, (_, index) => from + index)
  return rpc.values(places.map((place) => claimAt(claims, place)))
}

function claimAt(claims: Claims, place: number): RpcRequest<Claim> {
  const [to, signature] =
    claims.kind === 'games'
      ? [claims.factory, 'gameAtIndex(uint256)']
      : [claims.oracle, 'getL2Output(uint256)']
  const { read, ...request } = evmView(to, signature, [BigInt(place)])
  return {
    ...request,
    read(result) {
      const [first, second, third] = read(result) ?? []
      if (first === undefined || second === undefined || third === undefined)
        throw new NoClaimsError(claims)
      const claim = { position: place, at: timestamp(Number(second) * 1000) }
      return claims.kind === 'games'
        ? {
            ...claim,
            what: `game ${place} at ${addressOf(third)}`,
            isOurs: first === claims.respectedType,
          }
        : { ...claim, what: `output ${place} of block ${third}`, isOurs: true }
    },
  }
}

function steps(claims: readonly Claim[]): readonly ProgressStep[] {
  return claims.flatMap(({ isOurs, ...step }) => (isOurs ? [step] : []))
}

/** The contract that keeps the claims does not tell them. */
export class NoClaimsError extends Error {
  override readonly name = 'NoClaimsError'

  constructor(claims: Claims) {
    super(
      claims.kind === 'games'
        ? `the factory ${claims.factory} does not tell its games`
        : `the oracle ${claims.oracle} does not tell its outputs`,
    )
  }
}
