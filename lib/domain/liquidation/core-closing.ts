import { type CoreDeleverage, judgeDeleverage } from '../margin/starknet-deleverage.ts'
import type { ClosingVerdict } from './deleverage-in-turn.ts'

/** What the contract would say to a deleverage at the first of these quotes that it takes. `given`: the value that leaves the account. */
export function closedAt(
  quotes: Iterable<bigint>,
  call: Omit<CoreDeleverage, 'quote' | 'interestDeleveraged' | 'interestDeleverager'>,
  given: bigint,
): ClosingVerdict {
  let reason = 'no-quote'
  for (const quote of quotes) {
    const verdict = judgeDeleverage({
      ...call,
      quote,
      interestDeleveraged: 0n,
      interestDeleverager: 0n,
    })
    if (verdict.kind === 'accepted') {
      const { position: account, counterparty } = verdict
      return { kind: 'accepted', account, counterparty, loss: quote - given, quote }
    }
    ;({ reason } = verdict)
  }
  return { kind: 'refused', reason }
}
