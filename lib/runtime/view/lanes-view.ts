import * as z from 'zod'

import { timestamp } from '../../domain/time.ts'
import { accountsOf } from '../network/accounts.ts'
import type { Network } from '../network/schema.ts'
import { type CostsView, costsView } from './costs-view.ts'
import type { Look } from './look.ts'
import { type TransactionView, transactionView } from './transaction-view.ts'

const laneSchema = z.object({
  nextNonce: z.int().optional(),
  inFlight: z.array(
    z.object({
      nonce: z.int(),
      intents: z.array(z.string()),
      deploys: z.literal(true).optional(),
      attempts: z.array(z.object({ hash: z.string(), signedAt: z.int() })),
      state: z.string(),
    }),
  ),
  refused: z
    .array(
      z.object({
        engine: z.string(),
        market: z.string(),
        reason: z.string(),
        since: z.int(),
      }),
    )
    .optional(),
  noFunds: z.object({ since: z.int(), need: z.bigint() }).optional(),
  spending: z
    .object({
      since: z.int().transform(timestamp),
      until: z.int().transform(timestamp),
      fees: z.bigint(),
      transactions: z.number(),
    })
    .optional(),
})

type Lane = z.output<typeof laneSchema>

/** One sending account: what is under way, and what became of the rest. */
export type LaneView = {
  /** `chain/account`. */
  readonly lane: string
  readonly chain: string
  readonly account: string
  /** Undefined until the chain was asked once. */
  readonly nextNonce: number | undefined
  /** Nonces that are not final. */
  readonly inFlight: number
  /** What its newest pushes had to go without, why in the exchange's words, and since when. */
  readonly refused: readonly {
    readonly engine: string
    readonly market: string
    readonly reason: string
    readonly since: number
  }[]
  /** What it needs before it can send again, in the fee token's smallest unit, and since when; undefined where it can pay. */
  readonly noFunds: { readonly since: number; readonly need: string } | undefined
  /** The deployment of its account, which all of its work waits for; absent where the account is there. */
  readonly deploying?: {
    readonly since: number
    readonly attempts: number
    readonly hash: string
  }
  /** What its transactions cost; absent where none was final yet, or none cost anything. */
  readonly costs?: CostsView
  /** Newest first. */
  readonly transactions: readonly TransactionView[]
}

const recentLimit = 30

/** Every chain with an account of ours. */
export async function lanesView(look: Look): Promise<readonly LaneView[]> {
  const views = Object.entries(look.network.chains).map(
    async ([name, chain]): Promise<readonly LaneView[]> =>
      Promise.all(
        accountsOf(chain).map(async ({ account }) =>
          laneView(look, { chain: name, kind: chain.kind, account: account.address }),
        ),
      ),
  )
  return (await Promise.all(views)).flat()
}

async function laneView(
  { store, problems }: Look,
  {
    chain,
    kind,
    account,
  }: {
    readonly chain: string
    readonly kind: Network['chains'][string]['kind']
    readonly account: string
  },
): Promise<LaneView> {
  const lane = `${chain}/${account}`
  const [row, intents] = await Promise.all([
    problems.attempt(
      `lane ${lane}`,
      async () => {
        const stored = await store.lanes.read(lane)
        return stored && laneSchema.parse(stored)
      },
      undefined,
    ),
    problems.attempt(`transactions of ${lane}`, () => store.intents.recent(lane, recentLimit), []),
  ])
  const transactions = await Promise.all(
    intents.map((intent, place) =>
      problems.attempt(
        `transactions of ${lane}, row ${place + 1}`,
        () => [transactionView(intent, attemptsOf(intent.id, row))],
        [],
      ),
    ),
  )
  return {
    lane,
    chain,
    account,
    nextNonce: row?.nextNonce,
    inFlight: row?.inFlight.length ?? 0,
    refused: row?.refused ?? [],
    noFunds: row?.noFunds && { ...row.noFunds, need: row.noFunds.need.toString() },
    ...deploymentIn(row),
    ...costsView({ kind, spending: row?.spending, intents }),
    transactions: transactions.flat(),
  }
}

function deploymentIn(lane: Lane | undefined): Pick<LaneView, 'deploying'> {
  const found = lane?.inFlight.find(({ deploys, state }) => deploys && state !== 'included')
  const [first] = found?.attempts ?? []
  const newest = found?.attempts.at(-1)
  if (!found || !first || !newest) return {}
  const { hash } = newest
  return { deploying: { since: first.signedAt, attempts: found.attempts.length, hash } }
}

/** How often the intent's nonce was signed, while its lane still knows. */
function attemptsOf(intent: string, lane: Lane | undefined): number | undefined {
  return lane?.inFlight.find(({ intents }) => intents.includes(intent))?.attempts.length
}
