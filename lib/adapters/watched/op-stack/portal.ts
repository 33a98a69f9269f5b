import { keccak256 } from 'viem/utils'

import type { Rpc, RpcRequest } from '../../rpc.ts'
import { viewsThere } from '../ask-places.ts'
import { addressInSlot, adminSlot, implementationSlot } from '../eip-1967.ts'
import { addressOf, evmView, hashOf, isEvmRefusal } from '../evm-words.ts'

/** What a chain's portal on L1 says of how its state is claimed there, with all that is configured for it. */
export type Portal = {
  readonly isPaused: boolean
  readonly settings: Readonly<Record<string, string | undefined>>
  readonly claims: Claims
}

export type Claims =
  | {
      /** Anybody may begin games of any type; those of one type count. */
      readonly kind: 'games'
      readonly factory: string
      readonly respectedType: bigint
      readonly proofMaturitySeconds: number
      readonly finalityDelaySeconds: number
      /** Undefined where the code of the games alone tells none. */
      readonly maxClockSeconds: number | undefined
    }
  | {
      /** One proposer writes outputs, one after the other. */
      readonly kind: 'outputs'
      readonly oracle: string
      readonly finalizationSeconds: number
    }

/** Throws `NoPortalError`, and the node's trouble. */
export async function readPortal(rpc: Rpc, portal: string): Promise<Portal> {
  const [type, paused, guardian, factory, registry, oracle, olderOracle, implementation, admin] =
    await viewsThere(
      rpc,
      [
        evmView(portal, 'respectedGameType()'),
        evmView(portal, 'paused()'),
        evmView(portal, 'guardian()'),
        evmView(portal, 'disputeGameFactory()'),
        evmView(portal, 'anchorStateRegistry()'),
        evmView(portal, 'l2Oracle()'),
        evmView(portal, 'L2_ORACLE()'),
        addressInSlot(portal, implementationSlot),
        addressInSlot(portal, adminSlot),
      ],
      isEvmRefusal,
    )
  const general = {
    guardian: addressIn(guardian),
    paused: paused?.[0] === undefined ? undefined : String(paused[0] !== 0n),
    portalImplementation: implementation,
    portalAdmin: admin,
  }
  const isPaused = paused?.[0] !== undefined && paused[0] !== 0n
  const [games, outputs] = [addressIn(factory), addressIn(oracle) ?? addressIn(olderOracle)]
  if (games !== undefined && type?.[0] !== undefined) {
    const { claims, settings } = await readGames(rpc, portal, games, type[0])
    const anchorStateRegistry = addressIn(registry)
    return { isPaused, claims, settings: { ...general, anchorStateRegistry, ...settings } }
  }
  if (outputs !== undefined) {
    const { claims, settings } = await readOracle(rpc, outputs)
    return { isPaused, claims, settings: { ...general, ...settings } }
  }
  throw new NoPortalError(portal)
}

async function readGames(rpc: Rpc, portal: string, factory: string, respectedType: bigint) {
  const [maturity, delay, retired, game, gameArguments, implementation] = await viewsThere(
    rpc,
    [
      evmView(portal, 'proofMaturityDelaySeconds()'),
      evmView(portal, 'disputeGameFinalityDelaySeconds()'),
      evmView(portal, 'respectedGameTypeUpdatedAt()'),
      evmView(factory, 'gameImpls(uint32)', [respectedType]),
      evmView(factory, 'gameArgs(uint32)', [respectedType]),
      addressInSlot(factory, implementationSlot),
    ],
    isEvmRefusal,
  )
  if (maturity?.[0] === undefined || delay?.[0] === undefined) throw new NoPortalError(portal)
  const gameImplementation = addressIn(game)
  const [clock, prestate] =
    gameImplementation === undefined
      ? []
      : await viewsThere(
          rpc,
          [
            evmView(gameImplementation, 'maxClockDuration()'),
            evmView(gameImplementation, 'absolutePrestate()'),
          ],
          isEvmRefusal,
        )
  const claims: Claims = {
    kind: 'games',
    factory,
    respectedType,
    proofMaturitySeconds: Number(maturity[0]),
    finalityDelaySeconds: Number(delay[0]),
    // Of games whose numbers are not in their code the implementation alone tells nothing.
    maxClockSeconds: clock?.[0] === undefined || clock[0] === 0n ? undefined : Number(clock[0]),
  }
  return {
    claims,
    settings: {
      claims: 'dispute games',
      disputeGameFactory: factory,
      factoryImplementation: implementation,
      respectedGameType: String(respectedType),
      proofMaturityDelaySeconds: String(maturity[0]),
      disputeGameFinalityDelaySeconds: String(delay[0]),
      // What was begun before it does not count any more.
      gamesRetiredBefore: retired?.[0]?.toString(),
      gameImplementation,
      maxClockDurationSeconds: clock?.[0]?.toString(),
      absolutePrestate:
        prestate?.[0] === undefined || prestate[0] === 0n ? undefined : hashOf(prestate[0]),
      gameArguments: hashOfBytes(gameArguments),
    },
  }
}

async function readOracle(rpc: Rpc, oracle: string) {
  const [period, newerPeriod, interval, newerInterval, proposer, challenger, implementation] =
    await viewsThere(
      rpc,
      [
        evmView(oracle, 'FINALIZATION_PERIOD_SECONDS()'),
        evmView(oracle, 'finalizationPeriodSeconds()'),
        evmView(oracle, 'SUBMISSION_INTERVAL()'),
        evmView(oracle, 'submissionInterval()'),
        evmView(oracle, 'PROPOSER()'),
        evmView(oracle, 'CHALLENGER()'),
        addressInSlot(oracle, implementationSlot),
      ],
      isEvmRefusal,
    )
  const seconds = period?.[0] ?? newerPeriod?.[0]
  if (seconds === undefined) throw new NoPortalError(oracle)
  const claims: Claims = { kind: 'outputs', oracle, finalizationSeconds: Number(seconds) }
  return {
    claims,
    settings: {
      claims: 'outputs',
      outputOracle: oracle,
      oracleImplementation: implementation,
      finalizationPeriodSeconds: String(seconds),
      submissionIntervalBlocks: (interval?.[0] ?? newerInterval?.[0])?.toString(),
      proposer: addressIn(proposer),
      challenger: addressIn(challenger),
    },
  }
}

/** How long the clock of one game is, by its place in the factory's list, in seconds; undefined where it tells none. Throws the node's trouble. */
export async function clockOfGame(
  rpc: Rpc,
  factory: string,
  place: number,
): Promise<number | undefined> {
  const [words] = await rpc.values([evmView(factory, 'gameAtIndex(uint256)', [BigInt(place)])])
  const game = addressIn(words?.slice(2))
  if (game === undefined) return undefined
  const [clock] = await viewsThere(rpc, [evmView(game, 'maxClockDuration()')], isEvmRefusal)
  return clock?.[0] === undefined || clock[0] === 0n ? undefined : Number(clock[0])
}

/** How many claims there are. */
export function claimCount(claims: Claims): RpcRequest<readonly bigint[] | undefined> {
  return claims.kind === 'games'
    ? evmView(claims.factory, 'gameCount()')
    : evmView(claims.oracle, 'nextOutputIndex()')
}

/** Of the bytes that a view answers; undefined where there are none. */
function hashOfBytes([, length = 0n, ...words]: readonly bigint[] = []): string | undefined {
  if (length === 0n) return undefined
  const hex = words.map((word) => word.toString(16).padStart(64, '0')).join('')
  return keccak256(`0x${hex.slice(0, Number(length) * 2)}`)
}

/** Undefined where there is none at all. */
function addressIn(words: readonly bigint[] | undefined): string | undefined {
  return words?.[0] === undefined || words[0] === 0n ? undefined : addressOf(words[0])
}

/** Nothing answers as a portal there, with games or with outputs. */
export class NoPortalError extends Error {
  override readonly name = 'NoPortalError'

  constructor(address: string) {
    super(`nothing answers as an OP stack's portal or output oracle at ${address}`)
  }
}
