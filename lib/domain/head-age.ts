import type { Timestamp } from './time.ts'
import type { Block } from './transaction.ts'

/** Beyond five block times a chain has stopped, or what we see of it is not its newest state. */
const maxBlockTimes = 5

/** Blocks of a second come late by seconds where a machine is busy; nothing is decided on prices of less than this age. */
const leastMs = 15_000

/** How old the newest block may be for anything to be decided on its state. */
export function maxHeadAgeMs(blockSeconds: number): number {
  return ageOfBlocks(blockSeconds, maxBlockTimes)
}

function ageOfBlocks(blockSeconds: number, blocks: number): number {
  return Math.max(Math.ceil(blockSeconds * blocks * 1000), leastMs)
}

/** Whether a chain's newest block is too old, by our clock, to act on. What is out already is still followed. */
export function isTooOld(
  head: Pick<Block, 'time'>,
  {
    now,
    blockSeconds,
    maxBlocks = maxBlockTimes,
  }: { readonly now: Timestamp; readonly blockSeconds: number; readonly maxBlocks?: number },
): boolean {
  return now - head.time > ageOfBlocks(blockSeconds, maxBlocks)
}
