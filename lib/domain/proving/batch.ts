import type { Timestamp } from '../time.ts'
import type { Block } from '../transaction.ts'

/** A block of what is proved; of an exchange without blocks a batch stands for one: its id and the root that it makes. */
export type BlockRef = { readonly number: number; readonly hash: `0x${string}` }

/** What one batch proves: the transitions after one block up to another. */
export type BatchContent = {
  /** The source's own name for it: `blocks 101-140`, `batch 12172`. */
  readonly name: string
  /** The last block before it. */
  readonly previous: BlockRef
  readonly last: BlockRef
  readonly previousRoot: `0x${string}`
  readonly newRoot: `0x${string}`
  /** How many transactions or actions. */
  readonly size: number
  readonly closedAt: Timestamp
  readonly closedBy: 'count' | 'size' | 'age' | 'source'
}

/** What a prover is given and what the settlement contract will be told. Large parts are blobs, by their names. */
export type ProofInput = {
  /** A Cairo PIE, as a zip. */
  readonly pie: string
  readonly steps: number
  /** The settlement's call as far as it is known: the program's output and what goes with it. */
  readonly output: string
  readonly programHash: `0x${string}`
  /** What the settlement contract will ask its registry for, computed here. */
  readonly fact: `0x${string}`
  /** What a prover should call it; the same where nothing is added to it. */
  readonly proverFacts: { readonly sharp?: `0x${string}`; readonly integrity?: `0x${string}` }
  /** After this the contract will not take it any more; absent where it always will. */
  readonly settleBefore?: Timestamp
}

/** Who proves it, under which key. */
export type Submission = {
  readonly prover: string
  /** Names the work: looked up before anything is submitted under it. */
  readonly key: string
}

/** A submission that the prover has. */
export type Proving = Submission & {
  /** The prover's own id; absent until it has told it. */
  readonly id?: string
  readonly stage?: string
}

/** Where in the chain it was settled. */
export type SettledIn = {
  readonly block: Block
  /** Absent where others sent it. */
  readonly transaction?: `0x${string}`
}

/** What a human must decide, or at least know. */
export type HumanReason =
  /** It took longer than it may; goes on by itself once it moves. */
  | 'deadline'
  /** The prover says that this cannot be proved. Never submitted again by itself. */
  | 'rejected'
  /** No prover could, as often as may be tried. */
  | 'prover-failed'
  /** What is to be proved contradicts the chain that it is of. */
  | 'bad-input'
  /** The prover proved something else. */
  | 'wrong-fact'
  /** The fact or its proof is a mock. */
  | 'mocked'
  /** Registered, but not as strong as it must be; goes on by itself once it is. */
  | 'weak-fact'
  /** The contract will never take it: a message or a deposit that it uses is gone, or its time is over. */
  | 'unsettleable'
  /** The contract expects another program, configuration or operator than ours. */
  | 'configuration'
  /** What we built is not what the contract reads. */
  | 'bug'
  /** The contract stands on another state than the batch before it made. */
  | 'foreign-state'

export type BatchState =
  | { readonly kind: 'planned' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'ready' }
  /** Its key is stored; whether the prover has it is to be asked. */
  | { readonly kind: 'submitting' }
  | { readonly kind: 'proving' }
  /** The prover is done; that alone means nothing. */
  | { readonly kind: 'proved-fact-pending' }
  /** The registry has the fact, as strong as it must be. */
  | { readonly kind: 'fact-verified' }
  | { readonly kind: 'settling' }
  | { readonly kind: 'settled' }
  /** The chain's own finality has it. */
  | { readonly kind: 'finalized' }
  /** In the fee token's smallest unit. */
  | { readonly kind: 'held-fee-cap'; readonly most: bigint; readonly cap: bigint }
  /** A prover refused that batch before it: what the sequencer says may not stand. */
  | { readonly kind: 'held-l2-suspect'; readonly because: number }
  | {
      readonly kind: 'needs-human'
      readonly why: HumanReason
      readonly reason: string
      /** From where it goes on. */
      readonly back: WayBack
    }
  /** The chain that it is of went another way. */
  | { readonly kind: 'superseded'; readonly reason: string }

export type WayBack = Exclude<
  BatchKind,
  'finalized' | 'superseded' | 'needs-human' | 'held-fee-cap' | 'held-l2-suspect'
>

export type BatchKind = BatchState['kind']

/** A batch from closed to final: one row, which alone decides. */
export type Batch = {
  /** The proving lane. */
  readonly lane: string
  /** Counts up in its lane, superseded ones too. */
  readonly number: number
  readonly content: BatchContent
  readonly state: BatchState
  readonly stateSince: Timestamp
  /** By when the state must be left. Of a final state: when it was reached. */
  readonly deadlineAt: Timestamp
  /** When somebody must look at it again. */
  readonly nextActionAt: Timestamp
  /** Absent until it is ready. */
  readonly input?: ProofInput
  /** With which prover it is, or was last. */
  readonly proving?: Proving
  /** Its newest settling transaction, by the intent's name. */
  readonly intent?: string
  readonly settledIn?: SettledIn
  readonly attempts: BatchAttempts
  /** Somebody holds it: nothing is submitted or sent until it is released. */
  readonly hold?: HumanHold
  /** The newest trouble on the way; absent while there is none. */
  readonly trouble?: BatchTrouble
  /** Oldest first. */
  readonly history: readonly BatchStep[]
  /** Of the lease under which it was written last. */
  readonly fence: number
  /** Grows by one with every write. */
  readonly version: number
}

/** Each cause has a counter of its own. */
export type BatchAttempts = {
  /** Submissions under a key of their own. */
  readonly submit: number
  /** Looks in this state. */
  readonly looks: number
  /** Transactions to settle it. */
  readonly settle: number
  /** Looks in a row that trouble prevented. */
  readonly trouble: number
  /** How many of each there were when a human last had it tried again: from then on they count anew. */
  readonly granted: { readonly submit: number; readonly settle: number }
}

export type HumanHold = { readonly by: string; readonly reason: string; readonly at: Timestamp }

export type BatchTrouble = {
  readonly at: Timestamp
  readonly where: 'source' | 'prover' | 'registry' | 'settlement'
  readonly message: string
}

export type BatchStep = {
  readonly at: Timestamp
  readonly to: BatchKind | 'hold' | 'release' | 'retry'
  /** Why, where it is not the usual course; who, where it was a human. */
  readonly note?: string
  /** What `needs-human` was about, whose reason is the note. */
  readonly asks?: { readonly why: HumanReason; readonly back: WayBack }
}

/** A proving lane: how far its batches go. */
export type ProvingLane = {
  readonly name: string
  /** Of the newest batch that was ever planned; 0 before the first. */
  readonly newest: number
  /** Of the newest batch that stands: the next one begins after it. Absent before the first, and where all were superseded. */
  readonly tip?: { readonly number: number; readonly content: BatchContent }
  /** All up to that one are settled or superseded. */
  readonly settled: number
  /** All up to that one are final or superseded. */
  readonly finalized: number
  readonly hold?: HumanHold
  /** A prover said that a batch of the lane cannot be proved. */
  readonly suspect?: { readonly batch: number; readonly reason: string; readonly since: Timestamp }
  /** The newest batches whose blocks the chain has lost: those after one number, up to another. Kept until a later one is final. */
  readonly lost?: { readonly after: number; readonly to: number; readonly at: Timestamp }
  /** Its contract stands on a block that the chain does not have, so that no batch can follow. */
  readonly stranded?: { readonly on: BlockRef; readonly since: Timestamp }
  readonly fence: number
  readonly version: number
}

/** Whether nothing more will happen to it. */
export function isFinished({ state }: Pick<Batch, 'state'>): boolean {
  return state.kind === 'finalized' || state.kind === 'superseded'
}

/** Whether its way to the chain is over, as far as its lane's order goes; also where it only takes long to be final. */
export function isBehindUs({ state }: Pick<Batch, 'state'>): boolean {
  const isSettled =
    state.kind === 'settled' || (state.kind === 'needs-human' && state.back === 'settled')
  return isSettled || isFinished({ state })
}
