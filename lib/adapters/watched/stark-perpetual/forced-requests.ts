import { timestamp } from '../../../domain/time.ts'
import type { DeadlineSight } from '../../../domain/watch/system-sight.ts'
import type { RpcRequest } from '../../rpc.ts'
import { evmView } from '../evm-words.ts'
import type { ChainRow } from '../remembered.ts'

/** StarkEx's `FREEZE_GRACE_PERIOD`. */
const graceMs = 7 * 86_400_000

/** A user's request that the exchange must serve, once however often it was made. */
export type ForcedRequest = {
  /** Names it: `withdrawal:<key>:<position>:<amount>`, `trade:<key>:<position>:<nonce>`. */
  readonly name: string
  readonly text: string
  readonly words: readonly bigint[]
  readonly view: string
  /** The rows that tell of it. */
  readonly rows: readonly ChainRow[]
}

const withdrawalView = 'getForcedWithdrawalRequest(uint256,uint256,uint256)'
const tradeView =
  'getForcedTradeRequest(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bool,uint256)'

export function forcedRequestsIn(rows: readonly ChainRow[]): readonly ForcedRequest[] {
  const forced = rows.filter(({ name }) => name in kinds)
  const groups = Map.groupBy(forced, ({ name, values }) => [name, ...values].join(':'))
  return [...groups.values()].flatMap((same) => {
    const [first] = same
    const kind = first && kinds[first.name]
    return kind ? [{ ...kind(first.values), words: first.values.map(BigInt), rows: same }] : []
  })
}

const kinds: Readonly<
  Record<string, (values: readonly string[]) => Pick<ForcedRequest, 'name' | 'text' | 'view'>>
> = {
  'forced-withdrawal': ([key = '', position = '0x0', amount = '0x0']) => ({
    name: `withdrawal:${key}:${BigInt(position)}:${BigInt(amount)}`,
    text: `a forced withdrawal of ${BigInt(amount)} from position ${BigInt(position)}`,
    view: withdrawalView,
  }),
  'forced-trade': ([
    key = '',
    ,
    position = '0x0',
    other = '0x0',
    ,
    asset = '',
    ,
    ,
    ,
    nonce = '',
  ]) => ({
    name: `trade:${key}:${BigInt(position)}:${nonce}`,
    text: `a forced trade of ${asset} between positions ${BigInt(position)} and ${BigInt(other)}`,
    view: tradeView,
  }),
}

/** When it was made, as the contract remembers it, in unix seconds; 0 where it waits for nothing any more. */
export function waitingSince(
  perpetual: string,
  { view, words }: ForcedRequest,
): RpcRequest<number> {
  const { read, ...request } = evmView(perpetual, view, words)
  return {
    ...request,
    read(result) {
      const [word] = read(result) ?? []
      if (word === undefined) throw new TypeError('no forced request is told of')
      // A served trade is marked with all bits, so that it can never be made again.
      return word === served ? 0 : Number(word)
    },
  }
}

const served = 2n ** 256n - 1n

export function forcedDeadline({ name, text }: ForcedRequest, seconds: number): DeadlineSight {
  return {
    name: `forced-request:${name}`,
    from: timestamp(seconds * 1000),
    until: timestamp(seconds * 1000 + graceMs),
    text: `${text} must be served, or anyone may freeze the exchange for a year`,
  }
}
