import * as z from 'zod'

const time = z.int().min(0)

const left = z.array(z.object({ market: z.string(), reason: z.string() })).optional()

const inclusion = {
  nonce: z.int(),
  hash: z.string(),
  sentAt: time.optional(),
  block: z.object({ number: z.int() }),
  seenAt: time,
  left,
}

const stateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('waiting') }),
  z.object({
    kind: z.literal('claimed'),
    nonce: z.int(),
    hash: z.string(),
    sentAt: time.optional(),
    left,
  }),
  z.object({ kind: z.literal('included'), ...inclusion }),
  z.object({ kind: z.literal('settled'), ...inclusion }),
  z.object({
    kind: z.literal('failed'),
    why: z.enum(['reverted', 'expired', 'refused', 'superseded']),
    reason: z.string(),
    hash: z.string().optional(),
    left,
  }),
])

const intentSchema = z.object({
  id: z.string(),
  action: z.object({
    kind: z.string(),
    engine: z.string(),
    round: z.int(),
    updates: z.array(z.object({ market: z.string() })),
  }),
  createdAt: time,
  deadline: time,
  state: stateSchema,
})

/** One unit of work on its way into a chain. */
export type TransactionView = {
  readonly id: string
  readonly action: string
  readonly engine: string
  readonly round: number
  readonly markets: readonly string[]
  /** Those of them that its transaction goes without, and why in the exchange's words. */
  readonly left: readonly { readonly market: string; readonly reason: string }[]
  /** `signed`: in its lane with a nonce, not sent as far as is known. */
  readonly state: 'waiting' | 'signed' | 'sent' | 'included' | 'settled' | 'failed'
  readonly createdAt: number
  /** After this it is not worth sending. */
  readonly deadline: number
  readonly nonce: number | undefined
  readonly hash: string | undefined
  readonly sentAt: number | undefined
  readonly block: number | undefined
  /** When its inclusion was first seen, by our clock. */
  readonly includedAt: number | undefined
  /** How often its nonce was signed so far, while it is not final. */
  readonly attempts: number | undefined
  /** What failed it, and why in words. */
  readonly failed: { readonly why: string; readonly reason: string } | undefined
}

/** Reads an intent's row; throws `ZodError` where it is of another version. */
export function transactionView(row: unknown, attempts: number | undefined): TransactionView {
  const { id, action, createdAt, deadline, state } = intentSchema.parse(row)
  return {
    id,
    action: action.kind,
    engine: action.engine,
    round: action.round,
    markets: action.updates.map(({ market }) => market),
    left: state.kind === 'waiting' ? [] : (state.left ?? []),
    createdAt,
    deadline,
    attempts,
    ...stateView(state),
  }
}

type StateView = Pick<
  TransactionView,
  'state' | 'nonce' | 'hash' | 'sentAt' | 'block' | 'includedAt' | 'failed'
>

const nothingYet = {
  nonce: undefined,
  hash: undefined,
  sentAt: undefined,
  block: undefined,
  includedAt: undefined,
  failed: undefined,
}

function stateView(state: z.output<typeof stateSchema>): StateView {
  switch (state.kind) {
    case 'waiting':
      return { ...nothingYet, state: 'waiting' }
    case 'claimed': {
      const { nonce, hash, sentAt } = state
      return { ...nothingYet, state: sentAt === undefined ? 'signed' : 'sent', nonce, hash, sentAt }
    }
    case 'included':
    case 'settled': {
      const { kind, nonce, hash, sentAt, block, seenAt } = state
      return {
        ...nothingYet,
        state: kind,
        nonce,
        hash,
        sentAt,
        block: block.number,
        includedAt: seenAt,
      }
    }
    case 'failed': {
      const { hash, why, reason } = state
      return { ...nothingYet, state: 'failed', hash, failed: { why, reason } }
    }
  }
}
