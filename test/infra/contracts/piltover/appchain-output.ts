import { hash } from 'starknet'

/** The sponge with padding, by starknet.js. */
export function poseidon(words: readonly bigint[]): bigint {
  return BigInt(hash.computePoseidonHashOnElements([...words]))
}

export function selector(name: string): bigint {
  return BigInt(hash.getSelectorFromName(name))
}

/** A short string. */
export function felt(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`)
}

/** The programs of the appchain of these tests, in the order of `ProgramInfo`. */
export const programs = {
  bootloader: 0xb007n,
  config: 0xc0f16n,
  snos: 0x5005n,
  layoutBridge: 0xb41d6en,
} as const

export type Point = { readonly root: bigint; readonly number: bigint; readonly hash: bigint }

/** What an appchain's program, inside a bootloader, puts out for the blocks from one to another (cairo-lang, os output header). */
export function anOutput({
  from,
  to,
  toStarknet = [],
  toAppchain = [],
  snos = programs.snos,
  config = programs.config,
  osProgram = 0n,
  kzg = 0n,
  full = 0n,
}: {
  readonly from: Point
  readonly to: Point
  readonly toStarknet?: readonly bigint[]
  readonly toAppchain?: readonly bigint[]
  readonly snos?: bigint
  readonly config?: bigint
  readonly osProgram?: bigint
  readonly kzg?: bigint
  readonly full?: bigint
}): readonly bigint[] {
  const points = [from.root, to.root, from.number, to.number, from.hash, to.hash]
  const header = [...points, osProgram, config, kzg, full]
  const [l1, l2] = [toStarknet, toAppchain].map(({ length }) => BigInt(length))
  const words = [...header, l1 ?? 0n, ...toStarknet, l2 ?? 0n, ...toAppchain]
  return [1n, BigInt(words.length + 2), snos, ...words]
}

/** What the layout bridge, inside a bootloader, puts out for it. */
export function aBridge(output: readonly bigint[]): readonly bigint[] {
  return [1n, 4n, programs.layoutBridge, programs.bootloader, poseidon(output)]
}

/** What the contract asks its registry for. */
export function factOf(bridge: readonly bigint[]): bigint {
  return poseidon([programs.bootloader, poseidon(bridge)])
}
