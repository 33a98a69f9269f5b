/**
 * Everything the keepers need from the world, on one page.
 *
 * Adapters implement these types; keepers receive them; the domain never sees them.
 */
import type { EngineAction } from './domain/action.ts'
import type { Digest } from './domain/alert-digest.ts'
import type { Alert } from './domain/alert.ts'
import type { Acknowledgement, Silence } from './domain/attention.ts'
import type { ChannelPace } from './domain/channel-pace.ts'
import type { Decimal } from './domain/decimal.ts'
import type { Fee } from './domain/fee.ts'
import type { FundingLook } from './domain/funding/funding-look.ts'
import type { FundingVote } from './domain/funding/funding-vote.ts'
import type { Book } from './domain/funding/premium.ts'
import type { Gap } from './domain/history/gaps.ts'
import type { Incident } from './domain/incident.ts'
import type { Instrument } from './domain/instrument.ts'
import type { Intent, IntentState } from './domain/intent.ts'
import type { TimeLook } from './domain/interest/exchange-time.ts'
import type { InterestLook } from './domain/interest/interest-look.ts'
import type { Lane } from './domain/lane.ts'
import type { LeaseWish } from './domain/lease.ts'
import type { CoreOffer, CoreWish } from './domain/liquidation/core-offer.ts'
import type { LiquidationEvents } from './domain/liquidation/liquidation-event.ts'
import type { LiquidationLook } from './domain/liquidation/liquidation-look.ts'
import type { StarkexOffer, StarkexWish } from './domain/liquidation/starkex-offer.ts'
import type { Market } from './domain/market.ts'
import type { Governance, GovernanceEvent } from './domain/parameters/governance.ts'
import type { ParameterSet } from './domain/parameters/parameter-set.ts'
import type { LedgerCursor, LedgerRow } from './domain/pnl/ledger-row.ts'
import type { BlockEvents, BlockId } from './domain/positions/account-event.ts'
import type { CheckPlan } from './domain/positions/check-plan.ts'
import type { KeptBook, NextBook } from './domain/positions/kept-book.ts'
import type { Reading } from './domain/positions/reading.ts'
import type { PriceMessage } from './domain/price-message.ts'
import type { FactSight, RevertMeaning } from './domain/proving/batch-sight.ts'
import type {
  Batch,
  BatchContent,
  BlockRef,
  ProofInput,
  ProvingLane,
} from './domain/proving/batch.ts'
import type { ProofRequest, ProverJob } from './domain/proving/prover-job.ts'
import type { SettlementOutput } from './domain/proving/settlement-output.ts'
import type { SettlementSight, Standing } from './domain/proving/settlement-place.ts'
import type { Quote } from './domain/quote.ts'
import type { Report, ReportSignature, SignedReport } from './domain/report.ts'
import type { RpcNode } from './domain/rpc-node.ts'
import type { RowScan } from './domain/scan/row-scan.ts'
import type { Timestamp } from './domain/time.ts'
import type {
  Block,
  BroadcastAnswer,
  Fate,
  Call,
  SignedTransaction,
  Simulation,
  TransactionStatus,
} from './domain/transaction.ts'
import type { SystemMemory } from './domain/watch/system-memory.ts'
import type { LookedBefore, SystemSight } from './domain/watch/system-sight.ts'
import type { FeedSight, UptimeReport } from './domain/watch/uptime-report.ts'
import type { Uptime } from './domain/watch/uptime.ts'

export type Clock = {
  now(): Timestamp
  /** Resolves sooner where `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** How to ask one exchange for prices, and how to read its answer. Both halves are pure. */
export type Venue = {
  /** Lower case, as network files write it. */
  readonly name: string
  /** Where the venue's public API lives; a network file may name another base. */
  readonly baseUrl: string
  /** How many requests it takes at once and per second, where it must be asked for each instrument alone. */
  readonly requestsPerSecond?: number
  /** The fewest requests that cover `instruments`: one where the venue has a batch. Unknown ones are asked for as the venue would name them. */
  requests(instruments: readonly Instrument[]): readonly VenueRequest[]
  /**
   * Reads one answer with status 200. Quotes of the request's instruments only; one that the venue left out is absent.
   * Throws `VenueAnswerError` where the body is not what the venue's documents say.
   */
  parse(answer: VenueAnswer, request: VenueRequest): readonly Quote[]
}

export type VenueRequest = {
  readonly method: 'GET' | 'POST'
  /** Path and query, beginning with `/`. */
  readonly path: string
  readonly body: string | undefined
  readonly instruments: readonly Instrument[]
  /** Where the venue has this on another host than its own `baseUrl`. A network file that names a base means that one for all. */
  readonly baseUrl?: string
}

export type VenueAnswer = {
  readonly body: string
  readonly receivedAt: Timestamp
  /** The `Date` header less `Age`, where the answer had one. */
  readonly answeredAt: Timestamp | undefined
}

/** All venues at once. */
export type QuoteSource = {
  latest(
    wanted: readonly { readonly venue: string; readonly instrument: Instrument }[],
    /** What the round before was told, wherever that ran. */
    rests?: VenueRests,
  ): Promise<{
    readonly quotes: readonly Quote[]
    /** One per request that brought nothing, and why. */
    readonly failures: readonly VenueFailure[]
    /** Absent where none is known. */
    readonly rests?: VenueRests
  }>
}

/** Until when each venue that asked for it is left alone. */
export type VenueRests = Readonly<Record<string, Timestamp>>

export type VenueFailure = {
  readonly venue: string
  /** `region`: 403 or 451, not an outage. `cooling`: not asked, the venue's `Retry-After` still runs. */
  readonly why:
    | 'timeout'
    | 'network'
    | 'http'
    | 'rate-limited'
    | 'region'
    | 'unreadable'
    | 'too-large'
    | 'cooling'
  readonly detail: string
  readonly instruments: readonly string[]
}

/** One chain: read, simulate, sign, send, follow. Knows nothing of engines. Throws `ChainUnavailableError` for infrastructure trouble. */
export type Chain = {
  readonly name: string
  readonly kind: Fee['kind']
  /** How often it makes a block. */
  readonly blockSeconds: number
  /** After how many blocks a transaction counts as final, where the chain itself has not said so before. */
  readonly finalityBlocks: number
  /** Asks the node whether all that the network file says of the chain and of the accounts that send there is so. Empty when it is. */
  check(): Promise<readonly string[]>
  /** The newest block that most of its nodes have, however old that is. */
  head(): Promise<Block>
  /** How each of its nodes has done for this process. */
  nodes(): readonly RpcNode[]
  /** The block of that number as the chain has it now; undefined where there is none. */
  block(number: number): Promise<Block | undefined>
  /**
   * The account's next nonce by included blocks (`latest`) and with the pool (`pending`). By included blocks it never
   * falls on the word of one node among others.
   */
  nonce(account: string): Promise<{ readonly latest: number; readonly pending: number }>
  /** Runs the calls on the newest state, pool included where the node can, and says what they would cost at today's prices. */
  simulate(account: string, calls: readonly Call[]): Promise<Simulation>
  /** Signs without sending. Deterministic: the same input gives the same bytes. */
  sign(
    account: string,
    transaction: { readonly calls: readonly Call[]; readonly nonce: number; readonly fee: Fee },
  ): Promise<SignedTransaction>
  broadcast(bytes: string): Promise<BroadcastAnswer>
  /** `bytes`, where they are still kept, are for a StarkEx gateway: it knows no hashes, but says of bytes that it has them. */
  status(hash: `0x${string}`, bytes?: string): Promise<TransactionStatus>
  /** The least fee that may replace `fee` at the same nonce by the pool's own rule, and not less than `market`. */
  bump(fee: Fee, market: Fee): Fee
  /** The most that a transaction with that fee may take from its account. */
  mostOf(fee: Fee): bigint
  /** In the fee token's smallest unit. */
  balance(account: string): Promise<bigint>
  /** Absent where accounts are there from the start. */
  readonly deployments?: AccountDeployments
  /**
   * Of an account's transactions that a StarkEx gateway has taken, by nonce, what its batches made of them; none of those of
   * which nothing is known yet. Absent where what is included stays so.
   */
  fates?(nonces: readonly number[]): Promise<ReadonlyMap<number, Fate>>
}

/** How a chain's accounts come into being: each by a transaction of its own, its first, as the network file says. */
export type AccountDeployments = {
  /** Whether the account is not there yet, and it is known how to deploy it. */
  isDue(account: string): Promise<boolean>
  /** As `Chain.simulate`, on included blocks alone. */
  simulate(account: string): Promise<Simulation>
  /** As `Chain.sign`, at nonce 0. */
  sign(account: string, fee: Fee): Promise<SignedTransaction>
}

/** One exchange: what it lists, what it was told last, and how to tell it more. */
export type Engine = {
  readonly name: string
  readonly chain: string
  /** The account that sends for this engine. */
  readonly account: string
  readonly markets: readonly Market[]
  /** It tells nobody what it was told: the lane that sends to it remembers (`Lane.told` and what is beside it). */
  readonly silent?: SilentEngine
  /** Asks the contract whether all that the network file says of it is so. Empty when it is. */
  check(oracles: readonly OracleKeys[]): Promise<readonly string[]>
  state(): Promise<EngineState>
  /** This node's signature on each report for this engine, by its newest key that may; undefined where the engine does not list the feed. */
  signAll(
    reports: readonly Report[],
    keys: OracleKeys,
  ): Promise<readonly (ReportSignature | undefined)[]>
  /** Of each report, whether the signature is right and the signer registered for the feed. */
  verifyAll(reports: readonly SignedReport[]): Promise<readonly boolean[]>
  /** Absent where we cannot settle its funding. */
  readonly funding?: EngineFunding
  /** Absent where it pays and takes none. */
  readonly interest?: EngineInterest
  /** Absent where its accounts cannot be followed. */
  readonly positions?: EnginePositions
  /** Absent where we cannot liquidate there. */
  readonly liquidation?: EngineLiquidation
  /** The calls of one action; `sequence` is the engine's own nonce for the first of them, where it has one. */
  encode(action: EngineAction, sequence: bigint | undefined): readonly Call[]
  /**
   * Of each part of the action, whether it had no effect, by what its calls answered. Absent where a part that is refused
   * stops all the others, so that nothing is answered then.
   */
  refused?(action: EngineAction, returned: `0x${string}`): readonly boolean[]
}

/** What a lane sends to: an exchange, or another contract, whose calls are made with the work. */
export type LaneTarget = Pick<Engine, 'encode' | 'refused' | 'silent'> & {
  /** What it has been told, of one block with its own nonce. */
  state(): Promise<Pick<EngineState, 'sequence' | 'prices' | 'fundingIndexes'>>
}

/** A contract on one chain that tells others whether another chain is up. */
export type UptimeFeed = {
  readonly name: string
  /** Where it is. */
  readonly chain: string
  /** Asks the contract whether it is such a feed, about that chain, and takes our word. Empty when all is so. */
  check(): Promise<readonly string[]>
  /** What it was told, of its chain's newest block. */
  look(): Promise<FeedSight>
  call(report: UptimeReport): Call
}

export type SilentEngine = {
  /** The exchange's own time that a transaction of ours made; undefined where it made none. */
  timeIn(bytes: string): Timestamp | undefined
}

export type EngineState = {
  readonly block: Block
  readonly paused: boolean
  /** The engine's own nonce (`operator_nonce`) after that block; undefined where it has none. */
  readonly sequence: bigint | undefined
  /** Reports needed for a price. */
  readonly quorum: Readonly<Record<string, number>>
  /** The engine's stored price by market; absent until the first. */
  readonly prices: Readonly<
    Record<string, { readonly price: Decimal; readonly publishedAt: Timestamp }>
  >
  /** By market, what a long has paid until now in the engine's own units; absent where it tells nobody. */
  readonly fundingIndexes?: Readonly<Record<string, bigint>>
}

export type EngineFunding = {
  /** All that decides a tick, of its newest block. */
  look(): Promise<FundingLook>
}

export type EngineInterest = {
  /** All that decides about the exchange's own time, of its newest block. */
  time(): Promise<TimeLook & { readonly block: Block }>
  /** All that decides about interest, of its newest block, with the listed assets and these. */
  look(assets: readonly string[]): Promise<InterestLook>
  /** Until when each of these accounts has had its interest at that block, in seconds of the exchange's time; 0 before its first. */
  lastApplied(accounts: readonly string[], block: BlockId): Promise<ReadonlyMap<string, bigint>>
}

export type EngineLiquidation = {
  /** All that decides about accounts, of its newest block; `held`: assets that accounts hold beside the listed ones. */
  look(held?: readonly string[]): Promise<LiquidationLook>
  /** Of liquidators; absent where anybody may take over without an order. */
  readonly orders?: readonly OrderSource[]
  /** The same on StarkEx, whose orders are others. */
  readonly starkexOrders?: readonly StarkexOrderSource[]
  /** In place of the chain's blocks, where events are of others: the batches of a StarkEx exchange. */
  readonly batches?: CountedBatches
  /**
   * What happened after block `after` and up to `to`, or up to an earlier block where that is too much at once. Absent where
   * nobody tells of it.
   */
  readonly events?: (after: BlockId, to: BlockId) => Promise<LiquidationEvents>
}

/** Somebody who signs orders for what is liquidated. */
export type OrderSource = {
  readonly name: string
  /** What they would take over now of these wishes, or beside them, and what of it does not count and why. Throws where it cannot be asked. */
  offers(
    wishes: readonly CoreWish[],
    slot: number,
  ): Promise<{ readonly offers: readonly CoreOffer[]; readonly refused: readonly string[] }>
}

export type StarkexOrderSource = {
  readonly name: string
  /** As of `OrderSource`. */
  offers(wishes: readonly StarkexWish[], slot: number): Promise<readonly StarkexOffer[]>
}

/** The order books of exchanges, as their public APIs show them. */
export type OrderBooks = {
  /** Of each market that can be read there, and of each other one why not. Asks nobody where no book is known. */
  read(engine: string): Promise<{
    readonly books: Readonly<Record<string, Book>>
    readonly failures: readonly string[]
  }>
}

/** An exchange's accounts, as its events and its views tell them. */
export type EnginePositions = {
  /** In place of the chain's blocks, where accounts change by others: the batches of a StarkEx exchange. */
  readonly blocks?: Blocks
  /** The block from which on its events are read: nothing of it was there before. */
  readonly from: number
  /** Accounts that are there without an event. */
  readonly given: readonly string[]
  /**
   * What happened after block `after` and up to `to`, or up to an earlier block where that is too much at once. `gone` where
   * the chain does not have both of them now.
   */
  events(after: BlockId, to: BlockId): Promise<PositionEvents>
  /** Of these accounts at that block, and of the funding index of each market and of each asset that they hold. */
  read(accounts: readonly string[], block: BlockId): Promise<Reading>
}

export type Blocks = Pick<Chain, 'name' | 'finalityBlocks' | 'head' | 'block'>

/** Batches of which each counts once another one follows it, for only the newest may be aborted; their ids leave some out. */
export type CountedBatches = {
  /** The newest that counts; before the first one a block that stands for none. */
  newest(): Promise<Block>
  /** The newest with that block's number or a lower one, whether it counts or not. */
  upTo(number: number): Promise<Block>
  /** Since when there has been one after that block which counts; undefined while there is none. */
  countedSince(after: BlockId): Promise<Timestamp | undefined>
}

export type PositionEvents =
  | {
      readonly kind: 'events'
      readonly through: BlockId
      readonly blocks: readonly BlockEvents[]
    }
  | { readonly kind: 'gone' }

/** The keys of one oracle node. Reports and transactions never share a key. */
export type OracleKeys = {
  readonly node: string
  readonly stark: StarkKey | undefined
  readonly evm: EvmKey | undefined
  /** Those that follow: each signs in the place of the present one wherever it is registered already. */
  readonly next?: {
    readonly stark: StarkKey | undefined
    readonly evm: EvmKey | undefined
  }
}

/** A key on the STARK curve. Deterministic signatures (RFC 6979). */
export type StarkKey = {
  readonly publicKey: `0x${string}`
  sign(hash: bigint): Promise<StarkSignature>
  /** Many for little more than one. */
  signAll(hashes: readonly bigint[]): Promise<readonly StarkSignature[]>
}

export type StarkSignature = { readonly r: bigint; readonly s: bigint }

/** Somebody's signature on a hash. The key is an x coordinate: either of its two points may have signed. */
export type StarkClaim = StarkSignature & { readonly key: bigint; readonly hash: bigint }

/** What anybody can compute on the STARK curve, many at a time. */
export type StarkCurve = {
  /** Pedersen's hash of each pair of felts. */
  pedersen(pairs: readonly PriceMessage[]): readonly bigint[]
  /** Whether each claim is true. Numbers out of range are not. */
  verify(claims: readonly StarkClaim[]): readonly boolean[]
}

/** A secp256k1 key; may live in KMS. */
export type EvmKey = {
  readonly address: `0x${string}`
  /** 65 bytes `r || s || v`, low s, v 27 or 28. */
  sign(hash: `0x${string}`): Promise<`0x${string}`>
}

/** One way to reach a person. */
export type AlertChannel = {
  readonly name: string
  /**
   * Resolves once the receiver took it, with what that calls the message where it can be shown what comes after; throws
   * `AlertRefusedError` where trying again is no use, anything else where it may be.
   */
  deliver(alert: Alert): Promise<string | void>
  /** The same with one message in place of many. */
  digest(digest: Digest): Promise<void>
}

/** Something outside that raises an alarm by itself where it is not told for a while that the watch lives. */
export type Lifeline = {
  /** Resolves once it was told; throws where that is not sure. `text` is for whoever reads its log. */
  show(text: string): Promise<void>
}

/** Where what is to be proved comes from. Throws `SourceUnavailableError` for trouble on the way. */
export type BatchSource = {
  readonly name: string
  /** The batches that are closed after that, oldest first, each following the one before; no more than so many. */
  closed(after: Standing, limit: number): Promise<readonly BatchContent[]>
  /** Whether the chain that it is of still has that block. */
  has(block: BlockRef): Promise<boolean>
  /**
   * What is to be proved of it, and told to the settlement contract; the same each time. Undefined while it is not there yet.
   * Throws `BatchInputError` where it contradicts the batch.
   */
  input(content: BatchContent): Promise<BatchInput | undefined>
}

/** One batch's program run, as the prover and the settlement contract want it. */
export type BatchInput = {
  /** A Cairo PIE as a zip. */
  readonly pie: Uint8Array
  readonly steps: number
  readonly programHash: `0x${string}`
  readonly output: SettlementOutput
}

/** One prover. Throws `ProverUnavailableError` for trouble on the way, `ProverRefusedError` where it answered that it will not take it. */
export type Prover = {
  readonly name: string
  /** The job under that key; undefined only where the prover itself says that it has none. */
  find(key: string, id?: string): Promise<ProverJob | undefined>
  /** Only after `find` said that there is none. The id of the job: of the old one where the prover had it already. */
  submit(request: ProofRequest): Promise<string>
}

/** Where a lane's batches are settled: a contract, its fact registry and the account that may tell it. */
export type Settlement = {
  /** The proving lane. */
  readonly name: string
  readonly chain: string
  readonly account: string
  /** Asks the contract whether all that the network file says of it is so. Empty when it is. */
  check(): Promise<readonly string[]>
  sight(): Promise<SettlementSight>
  /** Computed here, from the output alone. Throws `BatchInputError` where the output is not this batch's. */
  facts(
    content: BatchContent,
    input: Pick<BatchInput, 'programHash' | 'output'>,
  ): Pick<ProofInput, 'fact' | 'proverFacts' | 'settleBefore'>
  /** What its registry has of that fact now. */
  fact(fact: `0x${string}`): Promise<FactSight>
  /** What else must be there before the contract takes it, in words; undefined where it is. Asked of the next in line only. */
  missing?(output: SettlementOutput): Promise<string | undefined>
  /** What the contract is told. */
  call(output: SettlementOutput): Call
  /** What a revert of such a call means, with the contract as it is now. */
  meaningOf(
    reason: string,
    told: { readonly programHash: `0x${string}`; readonly output: SettlementOutput },
  ): Promise<RevertMeaning>
}

/** A system that is only watched. */
export type WatchedSystem = {
  readonly name: string
  /** Whose marks it tells; absent where it tells none. */
  readonly exchange?: string
  /** One look, done by then. Never throws for trouble on the way: parts that could not be seen are named in the sight. */
  look(before: LookedBefore, until: Timestamp): Promise<SystemSight>
}

/** One proving lane's parts. */
export type ProvingParts = {
  readonly source: BatchSource
  /** By name, in the order in which they are tried. */
  readonly provers: Readonly<Record<string, Prover>>
  readonly settlement: Settlement
}

/** A message that wakes a worker. Losing one only costs the delay of a sweep. */
export type Job = { readonly job: string; readonly subject: string; readonly slot: number }

export type Queue = {
  send(messages: readonly { readonly job: Job; readonly delayMs: number }[]): Promise<void>
}

/** Who does a slot, and how it ended. */
export type Ticks = {
  /** True for exactly one caller until `leaseUntil` passes without `finish`; never again after it. */
  claim(job: Job, worker: string, now: Timestamp, leaseUntil: Timestamp): Promise<boolean>
  finish(job: Job, worker: string, outcome: TickOutcome): Promise<void>
  /** Newest first. */
  recent(job: string, subject: string, limit: number): Promise<readonly Tick[]>
}

export type TickOutcome = {
  readonly kind: 'done' | 'refused' | 'failed'
  /** A word: `pushed`, `nothing-due`, `no-quorum`, `paused`, … */
  readonly reason: string
  readonly detail: string
  readonly at: Timestamp
}

export type Tick = {
  readonly job: Job
  readonly worker: string
  readonly claimedAt: Timestamp
  readonly outcome: TickOutcome | undefined
}

/** Signed reports: one row per node and round. */
export type Reports = {
  /** The first of a node and round wins; another one is refused. */
  publish(
    node: string,
    round: number,
    reports: readonly SignedReport[],
  ): Promise<'published' | 'already-published'>
  ofRound(round: number): Promise<readonly SignedReport[]>
}

/** Another operator's oracle node, which is asked for what it signed. */
export type Peer = {
  readonly node: string
  /** The keys that it may sign with for each engine, by the network file; written as in reports. */
  readonly signers: Readonly<Record<string, readonly `0x${string}`[]>>
  /** Its reports of a round as it gives them: nothing of them is verified. Never throws, and is done within `withinMs`. */
  reports(round: number, withinMs: number): Promise<PeerAnswer>
}

export type PeerAnswer =
  | {
      readonly kind: 'reports'
      readonly reports: readonly SignedReport[]
      /** Of its list, how many are no reports. */
      readonly unreadable: number
    }
  /** It has none of the round. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'failed'
      readonly why: 'timeout' | 'network' | 'http' | 'too-large' | 'unreadable'
      readonly detail: string
    }

/** The newest result of one node's aggregation, for the next tick and for people. */
export type Prices = {
  /** Written only where `round` is newer than what is stored. */
  write(node: string, round: number, snapshot: string): Promise<'written' | 'stale'>
  read(node: string): Promise<{ readonly round: number; readonly snapshot: string } | undefined>
}

/** The outbox: work is stored here before anything is sent. */
export type Intents = {
  /** By id: the second time changes nothing. */
  add(intent: Intent): Promise<'added' | 'already-there'>
  get(id: string): Promise<Intent | undefined>
  /** Not final, by lane, oldest first. May miss the very newest: read each with `get` before acting on it. */
  open(lane: string): Promise<readonly Intent[]>
  /** A final state is never left. */
  move(id: string, state: IntentState): Promise<'moved' | 'final-already'>
  /** Newest first, final ones too. */
  recent(lane: string, limit: number): Promise<readonly Intent[]>
}

/** One row per sending account; it alone decides what is signed. */
export type Lanes = {
  read(id: string): Promise<Lane | undefined>
  /** Of every lane that was ever written, in order; one of a moment ago may be missing. */
  ids(): Promise<readonly string[]>
  /** Only where the stored version is `lane.version - 1` (or nothing is stored and `lane.version` is 1). */
  write(lane: Lane): Promise<'written' | 'stale'>
}

/** Who alone may do something for a while: one writer, known by a token that only grows. */
export type Leases = {
  /** The token under which the owner has it, taken or renewed; undefined while it is another's. */
  hold(wish: LeaseWish): Promise<number | undefined>
  /** Given back early. Changes nothing where the token is no longer the newest. */
  release(name: string, fence: number): Promise<void>
}

export type Incidents = {
  read(rule: string, subject: string): Promise<Incident | undefined>
  /** Only where the stored version is `incident.version - 1`. */
  write(incident: Incident): Promise<'written' | 'stale'>
  /** Not resolved, or resolved with a channel not yet told. */
  open(): Promise<readonly Incident[]>
  /** Newest first. */
  recent(limit: number): Promise<readonly Incident[]>
}

/** What is kept beside incidents: how much each channel was told lately, and what people said of alerts. */
export type AlertDesk = {
  pace(channel: string): Promise<ChannelPace | undefined>
  /** Only where the stored version is `pace.version - 1` (or nothing is stored and `pace.version` is 1). */
  writePace(pace: ChannelPace): Promise<'written' | 'stale'>
  /** Those that are not over, by id. */
  silences(): Promise<readonly Silence[]>
  /** In place of another one of the same id. */
  silence(silence: Silence): Promise<void>
  /** Those that are not over, by rule and subject. */
  acknowledgements(): Promise<readonly Acknowledgement[]>
  /** In place of another one of the same rule and subject. */
  acknowledge(acknowledgement: Acknowledgement): Promise<void>
}

/** What voters saw of an exchange's premiums, by epoch. */
export type FundingVotes = {
  /** The first of a voter and slot counts; another one is refused. */
  cast(engine: string, epoch: number, vote: FundingVote): Promise<'cast' | 'already-cast'>
  /** By slot, then by voter. */
  ofEpoch(engine: string, epoch: number): Promise<readonly FundingVote[]>
}

/** Which files are an exchange's accounts; the row's version alone decides. */
export type PositionRows = {
  read(engine: string): Promise<PositionRow | undefined>
  /** Only where the stored version is `row.version - 1` (or nothing is stored and `row.version` is 1). */
  write(engine: string, row: PositionRow): Promise<'written' | 'stale'>
}

export type PositionRow = {
  /** Names a file: the accounts at some block. */
  readonly snapshot: string
  readonly snapshotAt: Timestamp
  readonly snapshotBytes: number
  /** Files with what happened since, oldest first. */
  readonly log: readonly string[]
  readonly logBytes: number
  /** A later block, up to which nothing happened any more. */
  readonly calmUntil?: BlockId
  readonly check: CheckPlan
  /** Grows by one with every write. */
  readonly version: number
}

/** The accounts of each exchange as `index-positions` has them. */
export type PositionBooks = {
  /** From memory where this process has the newest, from files otherwise; undefined where there is none. */
  read(engine: string): Promise<KeptBook | undefined>
  /** Only where `next.version` is one more than what is stored. */
  write(engine: string, next: NextBook): Promise<'written' | 'stale'>
}

/** What liquidations brought and cost, by exchange. */
export type Ledger = {
  /** By id: the second time changes nothing. */
  add(engine: string, row: LedgerRow): Promise<'added' | 'already-there'>
  /** How far the rows go; undefined where there are no books yet. */
  cursor(engine: string): Promise<LedgerCursor | undefined>
  /** Only where the stored version is `cursor.version - 1` (or nothing is stored and `cursor.version` is 1). */
  move(engine: string, cursor: LedgerCursor): Promise<'written' | 'stale'>
  /** Newest first. */
  recent(engine: string, limit: number): Promise<readonly LedgerRow[]>
  /** All from one time up to another, both included; oldest first. */
  between(engine: string, from: Timestamp, to: Timestamp): Promise<readonly LedgerRow[]>
}

/** Batches on their way to the chain that they are settled on, and how far each proving lane is. */
export type Batches = {
  lane(name: string): Promise<ProvingLane | undefined>
  /** Only where the stored version is `lane.version - 1` (or nothing is stored and `lane.version` is 1), and no newer fence is stored. */
  writeLane(lane: ProvingLane): Promise<'written' | 'stale'>
  read(lane: string, number: number): Promise<Batch | undefined>
  /** As `writeLane`. */
  write(batch: Batch): Promise<'written' | 'stale'>
  /** Not finished and to be looked at by then, the most urgent first. May miss what was written a moment ago. */
  due(lane: string, by: Timestamp, limit: number): Promise<readonly Batch[]>
  /** From one number up to another, both included. */
  between(lane: string, from: number, to: number): Promise<readonly Batch[]>
}

/** What is remembered of systems that are only watched. */
export type SystemMemories = {
  read(system: string): Promise<SystemMemory | undefined>
  /** Only where its last look is newer than what is stored. */
  write(memory: SystemMemory): Promise<'written' | 'stale'>
}

/** The watch's word on each chain. */
export type Uptimes = {
  read(chain: string): Promise<Uptime | undefined>
  /** Only where it is of a newer look than what is stored. */
  write(uptime: Uptime): Promise<'written' | 'stale'>
}

/** Where the parameters stand, how they came there, and every set that was ever proposed. */
export type GovernanceRows = {
  read(): Promise<Governance | undefined>
  /** Only where the stored version is `before.version` (or nothing is stored and that is 0); `next` is one step after it. */
  write(next: Governance, before: Governance): Promise<'written' | 'stale'>
  /** Newest first, from the beginning of all. */
  events(limit: number): Promise<readonly GovernanceEvent[]>
  /** For ever; the same again changes nothing. */
  keepSet(set: ParameterSet): Promise<void>
  set(hash: string): Promise<ParameterSet | undefined>
}

/** What every keeper saw and decided: in words for people and the page, and exactly, to be decided again. */
export type History = {
  record(entry: HistoryEntry): Promise<void>
  /** Newest first. */
  recent(keeper: string, subject: string, limit: number): Promise<readonly HistoryEntry[]>
  /**
   * The same again changes nothing; another look at the slot, after a crash, takes the place of the one before. Throws
   * `TooOldToKeepError` where its hour may have been packed without it.
   */
  keep(record: SlotRecord): Promise<void>
  /**
   * Each slot once, oldest first, from one time up to another, both included: out of its row, or out of the file that it
   * was packed into.
   */
  kept(
    keeper: string,
    subject: string,
    from: Timestamp,
    to: Timestamp,
  ): AsyncIterable<SlotRecord, undefined, undefined>
  /** Whose slots were ever kept, in order. */
  subjects(): Promise<readonly HistorySubject[]>
  /** The last ones that are in rows, newest first. */
  keptSlots(keeper: string, subject: string, limit: number): Promise<readonly KeptSlot[]>
  /** That hold anything of that time, oldest first. */
  files(
    keeper: string,
    subject: string,
    from: Timestamp,
    to: Timestamp,
  ): Promise<readonly HistoryFile[]>
  /** When the oldest slot was decided that is in no file yet; undefined where all are. */
  oldestUnpacked(keeper: string, subject: string): Promise<Timestamp | undefined>
  /**
   * Packs the oldest hour that is over, or as much of it as one file takes. Undefined where no such hour is left; may be done
   * twice, by two at once, and after it was cut off anywhere.
   */
  pack(keeper: string, subject: string): Promise<HistoryFile | undefined>
}

export type KeptSlot = { readonly slot: number; readonly at: Timestamp }

/** Slots in one file. */
export type HistoryFile = {
  /** Of its blob. */
  readonly name: string
  /** When its first slot was decided, and its last one. */
  readonly from: Timestamp
  readonly to: Timestamp
  readonly firstSlot: number
  readonly lastSlot: number
  readonly slots: number
  /** Slots between the first and the last that are not there, oldest first. */
  readonly gaps: readonly Gap[]
  readonly bytes: number
}

export type HistorySubject = { readonly keeper: string; readonly subject: string }

export type HistoryEntry = {
  readonly keeper: string
  readonly subject: string
  readonly slot: number
  readonly at: Timestamp
  /** JSON, exact: what was observed and what was decided. */
  readonly view: string
  readonly decided: string
  /** The hash of the parameters that it was decided under; absent where none were. */
  readonly parameters?: string
  /** JSON: what was otherwise under the set that decided beside it. */
  readonly shadow?: string
}

/** One slot of one keeper: what it takes to decide it again, and what was decided. */
export type SlotRecord = HistorySubject & {
  readonly slot: number
  /** When it was decided. */
  readonly at: Timestamp
  /** The hash of the parameters that it was decided with. */
  readonly parameters: string
  /** The version of the code that decided it. */
  readonly code: string
  /** Exact text of what was observed; absent where observing failed. */
  readonly view?: string
  /** Exact text of the actions, of the outcome and of what is recorded beside it, or of the failure. */
  readonly decided: string
  /** What the candidate decided, with its own parameters and the same view. */
  readonly shadow?: { readonly parameters: string; readonly decided: string }
}

/** Bytes by name, for what is too large for a row. Whoever puts them never uses a name again for other bytes. */
export type Blobs = {
  /** Resolves once they are kept for as long as their folder says, from now; the same again changes nothing but that. Throws `BlobsUnavailableError`. */
  put(key: string, content: Uint8Array): Promise<void>
  /** Whole; undefined where there is nothing of that name, or no longer. Throws `BlobsUnavailableError`. */
  get(key: string): Promise<Uint8Array | undefined>
}

/** What travels to the chain with a transaction that has blobs. */
export type BlobSidecar = {
  /** 131,072 bytes. */
  readonly blob: `0x${string}`
  /** 48 bytes. */
  readonly commitment: `0x${string}`
  /** One for each of its 128 cells, of 48 bytes (EIP-7594). */
  readonly cellProofs: readonly `0x${string}`[]
}

/** Blobs and their proofs, by the versioned hashes that transactions name them by. */
export type BlobSidecars = {
  /** Computes the proofs, which takes seconds, unless they are kept already. Throws where the blob is not that hash's. */
  keep(hash: `0x${string}`, blob: `0x${string}`): Promise<void>
  read(hash: `0x${string}`): Promise<BlobSidecar | undefined>
}

export type Store = {
  readonly ticks: Ticks
  readonly reports: Reports
  readonly prices: Prices
  readonly intents: Intents
  readonly lanes: Lanes
  readonly leases: Leases
  readonly incidents: Incidents
  readonly desk: AlertDesk
  readonly fundingVotes: FundingVotes
  readonly positions: PositionRows
  readonly ledger: Ledger
  readonly batches: Batches
  readonly systems: SystemMemories
  readonly uptimes: Uptimes
  readonly governance: GovernanceRows
  readonly history: History
}

export type Ports = {
  /** What goes to the chain beside transactions. */
  readonly sidecars: BlobSidecars
  readonly clock: Clock
  readonly quotes: QuoteSource
  readonly orderBooks: OrderBooks
  readonly chains: Readonly<Record<string, Chain>>
  readonly engines: Readonly<Record<string, Engine>>
  readonly oracles: readonly OracleKeys[]
  readonly peers: readonly Peer[]
  readonly alerts: Readonly<Record<string, AlertChannel>>
  /** Absent where the network file names none. */
  readonly lifeline?: Lifeline | undefined
  readonly store: Store
  readonly positions: PositionBooks
  /** What is too large for rows: of the batches' program runs. */
  readonly blobs: Blobs
  /** By proving lane. */
  readonly proving: Readonly<Record<string, ProvingParts>>
  /** Contracts that are told whether a chain is up, by name. */
  readonly uptimeFeeds: Readonly<Record<string, UptimeFeed>>
  /** Systems that are only watched, by name. */
  readonly watched: Readonly<Record<string, WatchedSystem>>
  /** The machine's fastest way to compare an exchange's accounts with marks, with a memory of its own. */
  readonly openScan: () => RowScan
}
