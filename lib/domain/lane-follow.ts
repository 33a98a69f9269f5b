import type { Lane, LaneAttempt, LaneTransaction } from './lane.ts'
import type { Timestamp } from './time.ts'
import type { Block, TransactionStatus } from './transaction.ts'

/** What the chain says of a lane now. */
export type LaneSight = {
  readonly now: Timestamp
  readonly head: Block
  readonly finalityBlocks: number
  /** The account's next nonce by included blocks. */
  readonly latestNonce: number
  /** By hash, of every attempt that was asked for. */
  readonly statuses: ReadonlyMap<string, TransactionStatus>
  /** Hashes of blocks that transactions were seen in and that may not be the chain's. */
  readonly doubted: ReadonlySet<string>
  /** The head is too old to decide anything on: what is out is followed and sent again, nothing new is signed. */
  readonly stalled: boolean
  readonly policy: LanePolicy
}

export type LanePolicy = {
  /** How long a transaction may wait in the pool before its fee is raised. */
  readonly replaceAfterMs: number
  /** How long the same bytes rest before they are sent again to a node that does not know them. */
  readonly resendAfterMs: number
  /** How long a nonce must have been used by a transaction that is not ours before ours counts as lost. */
  readonly lostAfterMs: number
  readonly maxAttempts: number
  /**
   * How many transactions with urgent work may be in no block beside the one of whatever else: places that nothing else
   * gets. Absent: none, so that urgent work is the next after the one that is out.
   */
  readonly urgentPlaces?: number
}

export const lanePolicy: LanePolicy = {
  // Five blocks of Starknet, two and a half of Ethereum: a transaction with a fair fee is in by then.
  replaceAfterMs: 30_000,
  resendAfterMs: 5_000,
  // Longer than a node of the set lags, shorter than anybody waits for a price.
  lostAfterMs: 120_000,
  // 1.1^8 and 1.125^8 more than double the fee; then somebody must look.
  maxAttempts: 8,
}

/** One transaction after a look at the chain. */
export type Followed =
  | { readonly kind: 'open'; readonly transaction: LaneTransaction }
  /** In a block deep enough. */
  | { readonly kind: 'final'; readonly transaction: LaneTransaction }
  /** Its nonce went to a transaction that is not ours, for good. */
  | { readonly kind: 'lost'; readonly transaction: LaneTransaction }

/** Which hashes must be asked for: those in no block, and those in a doubted one. */
export function hashesToAsk(lane: Lane, doubted: ReadonlySet<string>): readonly `0x${string}`[] {
  return lane.inFlight
    .filter(({ state, block }) => state !== 'included' || (block && doubted.has(block.hash)))
    .flatMap(({ attempts }) => attempts.map(({ hash }) => hash))
}

/**
 * The blocks that must be asked for: the newest that a transaction of the lane was seen in, and each that is deep enough
 * to settle one. A node on a branch of its own may have shown a block that is in no other's past.
 */
export function blocksToAsk(
  lane: Lane,
  { head, finalityBlocks }: Pick<LaneSight, 'head' | 'finalityBlocks'>,
): readonly Block[] {
  const newest = newestInclusion(lane)
  const deep = lane.inFlight
    .filter((one) => isDeep(one, { head, finalityBlocks }))
    .flatMap(({ block }) => block ?? [])
  const byHash = new Map([...(newest ? [newest] : []), ...deep].map((one) => [one.hash, one]))
  return [...byHash.values()]
}

/** All blocks of the lane where the newest is not the chain's any more, else those that were asked for and are not. */
export function doubtedBlocks(
  lane: Lane,
  asked: readonly { readonly block: Block; readonly now: Block | undefined }[],
): ReadonlySet<string> {
  const gone = asked.flatMap(({ block, now }) => (now?.hash === block.hash ? [] : [block.hash]))
  const newest = newestInclusion(lane)
  if (!newest || !gone.includes(newest.hash)) return new Set(gone)
  return new Set(lane.inFlight.flatMap(({ block }) => block?.hash ?? []))
}

/** The newest block that a transaction of the lane was seen in: where it is gone, all others may be. */
export function newestInclusion(lane: Lane): Block | undefined {
  return lane.inFlight
    .flatMap(({ block }) => block ?? [])
    .reduce<Block | undefined>(
      (most, one) => (most && most.number >= one.number ? most : one),
      undefined,
    )
}

/** The newest block that the lane has settled a transaction of, with those of `blocks`. After a chain begun anew it is a lower one, later. */
export function settledIn(lane: Lane, blocks: readonly Block[]): Block | undefined {
  return blocks.reduce<Block | undefined>(
    (most, one) => (most && most.time >= one.time ? most : one),
    lane.settledIn,
  )
}

/**
 * The node that told of `head` has not got the blocks yet that the lane's transactions are in, so it proves nothing.
 * One that stays behind for long tells of a chain that went back.
 */
export function isBehind(
  lane: Lane,
  { head, now, policy }: Pick<LaneSight, 'head' | 'now' | 'policy'>,
): boolean {
  const settled = lane.settledIn
  // What is final is in every later block, so this one is earlier; a chain begun anew has later times.
  if (settled && head.number < settled.number && head.time < settled.time) return true
  return lane.inFlight.some(
    ({ block, seenAt }) =>
      block !== undefined &&
      seenAt !== undefined &&
      head.number < block.number &&
      head.time < block.time &&
      now - seenAt < policy.lostAfterMs,
  )
}

/** One transaction as the chain shows it now. The very same object comes back where nothing changed. */
export function follow(transaction: LaneTransaction, sight: LaneSight): Followed {
  const { state, block } = transaction
  if (state === 'included' && block && !sight.doubted.has(block.hash))
    return { kind: isDeep(transaction, sight) ? 'final' : 'open', transaction }
  const included = transaction.attempts.flatMap(({ hash }): readonly Landed[] => {
    const status = sight.statuses.get(hash)
    return status?.kind === 'included' ? [{ hash, status }] : []
  })[0]
  if (included) return seenIn(transaction, included, sight)
  return outside(withdrawn(transaction), sight)
}

type Landed = {
  readonly hash: `0x${string}`
  readonly status: Extract<TransactionStatus, { kind: 'included' }>
}

function seenIn(
  transaction: LaneTransaction,
  { hash, status }: Landed,
  sight: LaneSight,
): Followed {
  const { block, outcome, feePaid, final } = status
  const same = transaction.state === 'included' && transaction.block?.hash === block.hash
  const next: LaneTransaction = same
    ? transaction
    : {
        ...transaction,
        state: 'included',
        block,
        outcome,
        landed: { hash, feePaid },
        seenAt: transaction.seenAt ?? sight.now,
        lostSince: undefined,
      }
  // However deep: the next look asks whether the chain has that block, before anything is settled by it.
  return { kind: final ? 'final' : 'open', transaction: next }
}

function isDeep(
  { block }: LaneTransaction,
  { head, finalityBlocks }: Pick<LaneSight, 'head' | 'finalityBlocks'>,
): boolean {
  return block !== undefined && head.number - block.number >= finalityBlocks
}

/** Its block is gone: it is in the pool again, or nowhere. */
function withdrawn(transaction: LaneTransaction): LaneTransaction {
  if (transaction.state !== 'included') return transaction
  const { landed: _landed, ...rest } = transaction
  return {
    ...rest,
    state: 'sent',
    block: undefined,
    outcome: undefined,
    seenAt: undefined,
    lostSince: undefined,
  }
}

/**
 * How many blocks must lie on the one that used a nonce, where so many are final at all: as many as Ethereum makes in the
 * time that it takes. Where a chain stood still time alone proves nothing, for that block may yet be taken back.
 */
const lostAfterBlocks = 10

function outside(transaction: LaneTransaction, sight: LaneSight): Followed {
  const known = transaction.attempts.some(
    ({ hash }) => sight.statuses.get(hash)?.kind === 'pending',
  )
  const used = !known && sight.latestNonce > transaction.nonce
  const { now, head, policy, finalityBlocks } = sight
  const { lostSince, lostAt = 0, ...rest } = transaction
  if (!used) {
    const still = lostSince === undefined ? transaction : { ...rest, lostSince: undefined }
    return { kind: 'open', transaction: still }
  }
  if (lostSince === undefined)
    return { kind: 'open', transaction: { ...rest, lostSince: now, lostAt: head.number } }
  const isBuried = head.number - lostAt >= Math.min(finalityBlocks, lostAfterBlocks)
  const isLost = isBuried && now - lostSince >= policy.lostAfterMs
  return { kind: isLost ? 'lost' : 'open', transaction }
}

/**
 * A transaction without its bytes where it is in a block. Should that be lost, and every pool have forgotten it, the same
 * work is signed again at the same nonce.
 */
export function lightened(transaction: LaneTransaction): LaneTransaction {
  if (transaction.state !== 'included') return transaction
  const attempts = transaction.attempts.map((attempt) => ({ ...attempt, bytes: undefined }))
  return { ...transaction, attempts }
}

/** What must be done for a transaction that is in no block. */
export type SendStep = 'send' | 'replace' | 'cancel' | 'wait'

export function nextSendStep(transaction: LaneTransaction, sight: LaneSight): SendStep {
  const { policy } = sight
  if (transaction.state === 'included' || transaction.lostSince !== undefined) return 'wait'
  const newest = transaction.attempts.at(-1)
  if (!newest) return 'wait'
  if (isOver(transaction, sight)) return sight.stalled ? 'wait' : 'cancel'
  if (newest.sentAt === undefined) return 'send'
  const known = transaction.attempts.some(
    ({ hash }) => sight.statuses.get(hash)?.kind === 'pending',
  )
  const restedMs = sight.now - newest.sentAt
  const made = transaction.attempts.filter(({ nothing }) => nothing === newest.nothing).length
  const mayRaise = !sight.stalled && made < policy.maxAttempts
  if (restedMs >= patienceMs(newest, policy) && mayRaise) return 'replace'
  return !known && restedMs >= policy.resendAfterMs ? 'send' : 'wait'
}

/**
 * With blobs each replacement is twice as dear, so it is made as late as Madara's orchestrator gives up waiting for a
 * confirmation: after five minutes.
 */
const blobPatienceMs = 300_000

function patienceMs({ fee }: LaneAttempt, { replaceAfterMs }: LanePolicy): number {
  const hasBlobs = fee.kind === 'evm' && fee.blobs !== undefined
  return hasBlobs ? Math.max(replaceAfterMs, blobPatienceMs) : replaceAfterMs
}

/**
 * Whether the work came too late: past its deadline what nobody has seen is not sent, and what is out is given up once it
 * has waited as long as one with a fair fee would.
 */
function isOver({ attempts, deadline }: LaneTransaction, { now, policy }: LaneSight): boolean {
  const newest = attempts.at(-1)
  if (deadline === undefined || now < deadline || newest?.nothing) return false
  return newest?.sentAt === undefined || now - newest.sentAt >= policy.replaceAfterMs
}

/**
 * The nonce of the next transaction: past everything signed, and past what others have sent from the account. Where
 * nothing of ours is out the chain alone decides: a higher nonce would wait for one that nobody sends.
 */
export function freeNonce(lane: Lane, chain: ChainNonce): number {
  const free = Math.max(chain.latest, chain.pending)
  return lane.inFlight.length === 0 ? free : Math.max(lane.nextNonce ?? 0, free)
}

/**
 * The nonces below the lane's waiting transactions that nobody uses: until they are filled, nothing moves. A gap counts
 * once the transaction behind it has waited as long as one with a fair fee would: a node that lags shows one too.
 */
export function gap(
  lane: Lane,
  chain: ChainNonce,
  { now, policy }: Pick<LaneSight, 'now' | 'policy'>,
): readonly number[] {
  const [first] = lane.inFlight
    .filter(({ state }) => state !== 'included')
    .toSorted((one, other) => one.nonce - other.nonce)
  const signedAt = first?.attempts[0]?.signedAt
  if (!first || signedAt === undefined || now - signedAt < policy.replaceAfterMs) return []
  const from = Math.max(chain.latest, chain.pending)
  const ours = new Set(lane.inFlight.map(({ nonce }) => nonce))
  return Array.from({ length: Math.max(0, first.nonce - from) }, (_, at) => from + at).filter(
    (nonce) => !ours.has(nonce),
  )
}

/** The account's next nonce by included blocks, and with the pool. */
type ChainNonce = { readonly latest: number; readonly pending: number }
