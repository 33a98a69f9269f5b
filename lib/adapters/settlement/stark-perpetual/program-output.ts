import type { Hash } from '../facts/words.ts'
import { wordHex } from '../facts/words.ts'
import { readSharedState, type SharedState, sharedStateWords } from './shared-state.ts'

/** A change of a position's collateral that comes from L1, or goes there. */
export type Modification = {
  readonly starkKey: bigint
  readonly position: bigint
  /** Above zero a deposit is taken in; below, a withdrawal is allowed. */
  readonly change: bigint
}

/** A request that the batch serves. */
export type ForcedAction = ForcedWithdrawal | ForcedTrade

export type ForcedWithdrawal = {
  readonly kind: 'withdrawal'
  readonly starkKey: bigint
  readonly position: bigint
  readonly amount: bigint
}

/** The collateral is not told: the exchange has one. */
export type ForcedTrade = {
  readonly kind: 'trade'
  readonly starkKeyA: bigint
  readonly starkKeyB: bigint
  readonly positionA: bigint
  readonly positionB: bigint
  readonly syntheticAsset: bigint
  readonly collateralAmount: bigint
  readonly syntheticAmount: bigint
  readonly aBuysSynthetic: boolean
  readonly nonce: bigint
}

/** Where the positions' data is: with a committee, or on the chain, of which the output tells hash and length. */
export type DataAvailability =
  | { readonly kind: 'validium' }
  | { readonly kind: 'rollup'; readonly dataHash: Hash; readonly dataWords: bigint }

/** The output of StarkEx's perpetual program, of one batch. */
export type PerpetualOutput = {
  readonly globalConfigurationHash: bigint
  readonly availability: DataAvailability
  readonly configurations: readonly { readonly asset: bigint; readonly hash: bigint }[]
  readonly previous: SharedState
  readonly next: SharedState
  /** Hours since 1970. */
  readonly expirationHour: bigint
  readonly modifications: readonly Modification[]
  readonly forced: readonly ForcedAction[]
  readonly conditions: readonly bigint[]
}

const validium = 0n
const rollup = 1n
/** A change is told with this added to it. */
const noChange = 2n ** 64n
const forcedKinds = { withdrawal: 0n, trade: 1n } as const

/** The words that the program puts out. */
export function buildProgramOutput(output: PerpetualOutput): readonly bigint[] {
  const { availability, configurations, modifications, forced, conditions } = output
  const previous = sharedStateWords(output.previous)
  const next = sharedStateWords(output.next)
  const forcedWords = forced.flatMap(wordsOfForced)
  return [
    output.globalConfigurationHash,
    availability.kind === 'validium' ? validium : rollup,
    BigInt(configurations.length),
    ...configurations.flatMap(({ asset, hash }) => [asset, hash]),
    BigInt(previous.length),
    ...previous,
    BigInt(next.length),
    ...next,
    output.expirationHour,
    BigInt(modifications.length),
    ...modifications.flatMap((one) => [one.starkKey, one.position, one.change + noChange]),
    BigInt(forcedWords.length),
    BigInt(forced.length),
    ...forcedWords,
    BigInt(conditions.length),
    ...conditions,
    ...(availability.kind === 'validium'
      ? []
      : [BigInt(availability.dataHash), availability.dataWords]),
  ]
}

/** Reads it back. Throws `ProgramOutputError` where the contract could not read it either, or not as a batch. */
export function parseProgramOutput(words: readonly bigint[]): PerpetualOutput {
  const reader = readerOf(words)
  const globalConfigurationHash = reader.word()
  const mode = reader.word()
  if (mode !== validium && mode !== rollup)
    throw new ProgramOutputError(`there is no data availability ${mode}`)
  const configurations = reader.entries(2, ([asset = 0n, hash = 0n]) => ({ asset, hash }))
  const previous = stateIn(reader, 'previous')
  const next = stateIn(reader, 'next')
  const expirationHour = reader.word()
  const modifications = reader.entries(3, ([starkKey = 0n, position = 0n, told = 0n]) => ({
    starkKey,
    position,
    change: told - noChange,
  }))
  const forced = forcedIn(reader)
  const conditions = reader.entries(1, ([condition = 0n]) => condition)
  const availability: DataAvailability =
    mode === validium
      ? { kind: 'validium' }
      : { kind: 'rollup', dataHash: wordHex(reader.word()), dataWords: reader.word() }
  reader.end()
  return {
    globalConfigurationHash,
    availability,
    configurations,
    previous,
    next,
    expirationHour,
    modifications,
    forced,
    conditions,
  }
}

function wordsOfForced(action: ForcedAction): readonly bigint[] {
  if (action.kind === 'withdrawal')
    return [forcedKinds.withdrawal, action.starkKey, action.position, action.amount]
  return [
    forcedKinds.trade,
    action.starkKeyA,
    action.starkKeyB,
    action.positionA,
    action.positionB,
    action.syntheticAsset,
    action.collateralAmount,
    action.syntheticAmount,
    action.aBuysSynthetic ? 1n : 0n,
    action.nonce,
  ]
}

type Reader = ReturnType<typeof readerOf>

function readerOf(words: readonly bigint[]) {
  let next = 0

  function take(count: bigint): readonly bigint[] {
    if (count > BigInt(words.length - next))
      throw new ProgramOutputError(`it ends at word ${words.length}, in the middle`)
    const taken = words.slice(next, next + Number(count))
    next += Number(count)
    return taken
  }

  const word = () => take(1n)[0] ?? 0n
  return {
    take,
    word,
    /** A number of entries, then these, each of so many words. */
    entries<T>(size: number, read: (entry: readonly bigint[]) => T): readonly T[] {
      const count = word()
      const all = take(count * BigInt(size))
      return Array.from({ length: Number(count) }, (_, at) =>
        read(all.slice(at * size, at * size + size)),
      )
    },
    end() {
      if (next !== words.length)
        throw new ProgramOutputError(`it goes on after its end at word ${next}`)
    },
  }
}

function stateIn(reader: Reader, which: 'previous' | 'next'): SharedState {
  const state = readSharedState(reader.take(reader.word()))
  if (!state) throw new ProgramOutputError(`its ${which} state is none`)
  return state
}

function forcedIn(reader: Reader): readonly ForcedAction[] {
  const length = reader.word()
  const count = reader.word()
  const inner = readerOf(reader.take(length))
  const actions: ForcedAction[] = []
  for (let left = count; left > 0n; left--) actions.push(forcedActionIn(inner))
  inner.end()
  return actions
}

function forcedActionIn(reader: Reader): ForcedAction {
  const kind = reader.word()
  if (kind === forcedKinds.withdrawal) {
    const [starkKey = 0n, position = 0n, amount = 0n] = reader.take(3n)
    return { kind: 'withdrawal', starkKey, position, amount }
  }
  if (kind !== forcedKinds.trade)
    throw new ProgramOutputError(`there is no forced action of type ${kind}`)
  const [starkKeyA = 0n, starkKeyB = 0n, positionA = 0n, positionB = 0n, ...rest] = reader.take(9n)
  const [syntheticAsset = 0n, collateralAmount = 0n, syntheticAmount = 0n, buys, nonce = 0n] = rest
  return {
    kind: 'trade',
    starkKeyA,
    starkKeyB,
    positionA,
    positionB,
    syntheticAsset,
    collateralAmount,
    syntheticAmount,
    aBuysSynthetic: buys !== 0n,
    nonce,
  }
}

/** The words are no output of the perpetual program. */
export class ProgramOutputError extends Error {
  override readonly name = 'ProgramOutputError'

  constructor(reason: string) {
    super(`this is no output of the perpetual program: ${reason}`)
  }
}
