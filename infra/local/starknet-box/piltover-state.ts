import type { Hex } from './felt.ts'

/** What an appchain's settlement contract stores. */
export type PiltoverState = {
  readonly owner: bigint
  readonly operators: readonly bigint[]
  readonly programs: ProgramInfo
  readonly registry: bigint
  readonly root: bigint
  readonly number: bigint
  readonly hash: bigint
  /** Of the next message to the appchain. */
  readonly nonce: bigint
  /** Messages to the appchain that were ever sent, by hash. */
  readonly toAppchain: Readonly<Record<Hex, SentMessage>>
  /** How many messages to Starknet are there to be taken, by hash. */
  readonly toStarknet: Readonly<Record<Hex, bigint>>
}

export type ProgramInfo = {
  readonly bootloaderProgramHash: bigint
  readonly snosConfigHash: bigint
  readonly snosProgramHash: bigint
  readonly layoutBridgeProgramHash: bigint
}

export type SentMessage =
  | { readonly status: 'pending'; readonly nonce: bigint }
  | { readonly status: 'sealed' }
  /** Since when, seconds. */
  | { readonly status: 'cancelling'; readonly since: bigint }
  | { readonly status: 'cancelled' }

/** As its constructor leaves it: no programs, no registry, no operators. */
export function newAppchain(
  start: Pick<PiltoverState, 'owner' | 'root' | 'number' | 'hash'>,
): PiltoverState {
  return {
    ...start,
    operators: [],
    programs: {
      bootloaderProgramHash: 0n,
      snosConfigHash: 0n,
      snosProgramHash: 0n,
      layoutBridgeProgramHash: 0n,
    },
    registry: 0n,
    nonce: 0n,
    toAppchain: {},
    toStarknet: {},
  }
}
