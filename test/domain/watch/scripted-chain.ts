import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import type { HeadSight } from '../../../lib/domain/watch/system-sight.ts'

type Span = { readonly from: Timestamp; readonly to: Timestamp }

/** A chain as its incident was told: how often it made blocks, when it made none or slow ones, and when it went back. */
export type ChainScript = {
  readonly from: Timestamp
  readonly firstBlock: number
  readonly blockMs: number
  /** No block begins in these. */
  readonly halts?: readonly Span[]
  /** Blocks take so long in these. */
  readonly slow?: readonly (Span & { readonly blockMs: number })[]
  /** At that time the newest blocks are undone, and others take their place. */
  readonly rewinds?: readonly { readonly at: Timestamp; readonly blocks: number }[]
}

type Block = { readonly number: number; readonly hash: string; readonly time: Timestamp }

/** The chain of a script, which goes on as time does. */
export function scriptedChain(script: ChainScript) {
  const blocks: Block[] = []
  let time = script.from
  let fork = 0
  const rewinds = [...(script.rewinds ?? [])]

  function add(): void {
    const number = (blocks.at(-1)?.number ?? script.firstBlock - 1) + 1
    blocks.push({ number, hash: `0x${(number * 1_000 + fork).toString(16)}`, time })
  }

  add()
  return {
    goTo(now: Timestamp): void {
      for (;;) {
        const [rewind] = rewinds
        if (rewind && time >= rewind.at && now >= rewind.at) {
          rewinds.shift()
          fork += 1
          blocks.splice(-rewind.blocks)
        }
        const next = timestamp(afterHalts(time + paceAt(script, time), script))
        if (next > now) break
        time = next
        add()
      }
    },
    newest: (): Block | undefined => blocks.at(-1),
    at: (number: number): Block | undefined => blocks[number - script.firstBlock],
    /** What an honest place says of it. */
    head(
      chain: string,
      place: string,
      remembered: { readonly number: number } | undefined,
    ): HeadSight {
      const newest = blocks.at(-1)
      if (!newest) return { chain, place, answer: { kind: 'trouble', reason: 'no block yet' } }
      const known = remembered && {
        number: remembered.number,
        hash: blocks[remembered.number - script.firstBlock]?.hash,
      }
      return {
        chain,
        place,
        answer: { kind: 'head', ...newest, transactions: 12, ...(known && { remembered: known }) },
      }
    },
  }
}

function paceAt({ slow = [], blockMs }: ChainScript, time: number): number {
  return slow.find(({ from, to }) => time >= from && time < to)?.blockMs ?? blockMs
}

function afterHalts(time: number, { halts = [] }: ChainScript): number {
  const halt = halts.find(({ from, to }) => time > from && time < to)
  return halt ? halt.to : time
}
