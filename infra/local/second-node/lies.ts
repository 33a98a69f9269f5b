import { z } from 'zod'

/** What a node can lie about. */
export const Lie = z.discriminatedUnion('about', [
  /** It has so many blocks more than there are; those that others have it tells as they are. */
  z.strictObject({
    fault: z.literal('lie'),
    about: z.literal('height'),
    blocks: z.int().positive().default(1_000),
  }),
  /** Every block is another one, as on a fork. */
  z.strictObject({ fault: z.literal('lie'), about: z.literal('hash') }),
  /** What contracts answer, their storage and their classes are others. */
  z.strictObject({ fault: z.literal('lie'), about: z.literal('state') }),
])
export type Lie = z.output<typeof Lie>
export type LieInput = z.input<typeof Lie>

/** One request of JSON-RPC. */
export const Call = z.looseObject({ method: z.string(), params: z.unknown() })
export type Call = z.output<typeof Call>

/** A node that lies, and stays with it: whoever asks for what it has told gets an answer. */
export type Liar = {
  /** What the node behind it is asked in place of the call. */
  asked(call: Call): Call
  /** What is told in place of the truth. */
  told(call: Call, truth: unknown): unknown
}

export function liar(lie: Lie): Liar {
  switch (lie.about) {
    case 'height':
      return higher(lie.blocks)
    case 'hash':
      return {
        asked: (call) => ({ ...call, params: changed(call.params, otherHashes) }),
        told: (_, truth) => changed(truth, otherHashes),
      }
    case 'state':
      return {
        asked: (call) => call,
        told: ({ method }, truth) => (ofState.has(method) ? otherFelts(truth) : truth),
      }
  }
}

/** A change of the value that has a name in an answer; undefined for one that stays. */
type Change = (name: string, value: unknown) => unknown

function higher(blocks: number): Liar {
  const lies = new Set<string>()
  return {
    asked: (call) => ({
      ...call,
      params: changed(call.params, (_, value) =>
        typeof value === 'string' && lies.has(value) ? other(value) : undefined,
      ),
    }),
    told: (call, truth) => {
      if (!isOfNewest(call)) return truth
      if (typeof truth === 'number') return truth + blocks
      return changed(truth, (name, value) => {
        if (name === 'block_number' && typeof value === 'number') return value + blocks
        const hash = name === 'block_hash' ? otherHashes(name, value) : undefined
        if (hash !== undefined) lies.add(hash)
        return hash
      })
    },
  }
}

const ofNewest = new Set(['starknet_blockNumber', 'starknet_blockHashAndNumber'])

function isOfNewest({ method, params }: Call): boolean {
  if (ofNewest.has(method)) return true
  const given: readonly unknown[] = Object.values(Object(params) as object)
  return method.startsWith('starknet_getBlock') && given.includes('latest')
}

function otherHashes(name: string, value: unknown): string | undefined {
  const isHash = /^(block|parent)_hash$/.test(name) && typeof value === 'string'
  return isHash ? other(value) : undefined
}

/** Twice is the same again, so that what was told is found when it is asked for. */
function other(hash: string): string {
  return `0x${(BigInt(hash) ^ 0xbadn).toString(16)}`
}

const ofState = new Set(['starknet_call', 'starknet_getStorageAt', 'starknet_getClassHashAt'])

/** Yes becomes no, and every number another one. */
function otherFelts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(otherFelts)
  return typeof value === 'string' ? `0x${(BigInt(value) ^ 1n).toString(16)}` : value
}

/** The value with what is named in it changed, at any depth. */
function changed(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, change(name, one) ?? changed(one, change)]),
  )
}
