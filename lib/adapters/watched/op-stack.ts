import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { OpenPlaces, Rpc, RpcPlace } from '../rpc.ts'
import { agreedSettings } from './agreed-settings.ts'
import { firstToTell } from './ask-places.ts'
import { evmFinalityMs } from './evm-finality.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import {
  type Claims,
  clockOfGame,
  NoPortalError,
  type Portal,
  readPortal,
} from './op-stack/portal.ts'
import { syncLevels } from './op-stack/rollup-node.ts'
import { type ClaimWalk, walkClaims } from './op-stack/walk-claims.ts'
import { optimisticFinality, TooFewClaimsError } from './optimistic-finality.ts'
import { seenChain } from './seen-chain.ts'
import { evmBlocks } from './seen-heads.ts'

export type OpStackWatchOptions = {
  readonly name: string
  /** Nodes of the chain, and of the chain that it is settled on. */
  readonly l2: OpenPlaces
  readonly l1: OpenPlaces
  /** The chain's own rollup nodes, which tell more than others. */
  readonly rollupNodes?: OpenPlaces | undefined
  /** OptimismPortal on L1: its proxy. All else is found through it. */
  readonly portal: `0x${string}`
  /** So far back its past is read. */
  readonly windowMs: number
  readonly clock: Clock
}

/** A chain of the OP stack, and what claims its state on L1: dispute games, or outputs as before them. */
export function opStackWatch(options: OpStackWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  options: OpStackWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const asked = { questions: evmBlocks, before, clock }
  const l2 = seenChain('l2', options.l2(signal), asked)
  const l1 = seenChain('l1', options.l1(signal), asked)
  const portals = shared(l1.told(async (rpc) => readPortal(rpc, options.portal)))
  const portal = shared(portals.then(([first]) => first?.value ?? noPortal(options)))
  const walk = shared(
    Promise.all([portal, l1.places]).then(async ([{ claims }, places]) => {
      const ask = async (rpc: Rpc) => walkFrom(rpc, claims, options, before)
      return (await firstToTell(places, ask)).value
    }),
  )
  const rollup = options.rollupNodes?.(signal)
  return [
    l2.glance,
    l1.glance,
    {
      parts: ['settings'],
      see: async () => agreedSettings('l1', await portals),
    },
    {
      parts: ['progress:output'],
      async see() {
        const { progress, cursor } = await walk
        return { progress, cursor: { [keyOf((await portal).claims)]: cursor } }
      },
    },
    { parts: ['finality'], see: async () => finalityOf(await portal, await walk, await l1.places) },
    ...(rollup
      ? [
          {
            parts: ['level:unwritten-age', 'level:unfinal-age'] as const,
            see: async () => ({ levels: (await firstToTell(rollup, syncLevels)).value }),
          },
        ]
      : []),
  ]
}

function noPortal({ portal }: OpStackWatchOptions): never {
  throw new NoPortalError(portal)
}

async function walkFrom(
  rpc: Rpc,
  claims: Claims,
  { windowMs, clock }: OpStackWatchOptions,
  before: LookedBefore,
): Promise<ClaimWalk> {
  return walkClaims(rpc, claims, {
    cursor: before.cursor[keyOf(claims)],
    windowMs,
    now: clock.now(),
  })
}

/** Another contract's list is another one, and so is one of which other games count. */
function keyOf(claims: Claims): string {
  return claims.kind === 'games'
    ? `games:${claims.factory}:${claims.respectedType}`
    : `outputs:${claims.oracle}`
}

async function finalityOf(
  { claims, isPaused }: Portal,
  { newest }: ClaimWalk,
  l1: readonly RpcPlace[],
): Promise<Seen> {
  const l1FinalityMs = (await firstToTell(l1, evmFinalityMs)).value
  const delays =
    claims.kind === 'outputs'
      ? outputDelays(claims.finalizationSeconds)
      : gameDelays(claims, claims.maxClockSeconds ?? (await clockOf(claims, newest.at(-1), l1)))
  const finality = optimisticFinality({
    by: 'fault proof',
    claims: newest.map(({ at }) => at),
    ...delays,
    words: isPaused ? `${delays.words}; withdrawals are paused now` : delays.words,
    l1FinalityMs,
  })
  if (!finality) throw new TooFewClaimsError()
  return { finality }
}

type Games = Extract<Claims, { readonly kind: 'games' }>

/** As its newest game tells it. */
async function clockOf(
  { factory, respectedType }: Games,
  newest: ClaimWalk['newest'][number] | undefined,
  l1: readonly RpcPlace[],
): Promise<number> {
  if (!newest) throw new TooFewClaimsError()
  const ask = async (rpc: Rpc) => clockOfGame(rpc, factory, newest.position)
  const seconds = (await firstToTell(l1, ask)).value
  if (seconds === undefined) throw new NoClockError(respectedType)
  return seconds
}

/** An output, and a withdrawal since it was proven, only wait for the finalization period. */
function outputDelays(seconds: number) {
  const ms = seconds * 1000
  return { disputeMs: ms, withdrawalMs: ms, words: `${seconds} s of finalization period` }
}

/**
 * A game that nobody plays against is resolved after its whole clock, and counts after the finality delay; a withdrawal also
 * waits since it was proven.
 */
function gameDelays({ finalityDelaySeconds, proofMaturitySeconds }: Games, clockSeconds: number) {
  const played = clockSeconds + finalityDelaySeconds
  return {
    disputeMs: played * 1000,
    withdrawalMs: Math.max(proofMaturitySeconds, played) * 1000,
    words: `${clockSeconds} s of a game's clock and ${finalityDelaySeconds} s of finality delay, ${proofMaturitySeconds} s since a withdrawal was proven`,
  }
}

/** Games that do not tell how long they last. */
export class NoClockError extends Error {
  override readonly name = 'NoClockError'

  constructor(type: bigint) {
    super(`games of type ${type} tell no clock, so that nobody knows how long they last`)
  }
}
