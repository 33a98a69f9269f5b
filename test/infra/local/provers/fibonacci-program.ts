import type { CairoProgram } from '../../../../infra/local/provers/program-hash.ts'
import { starkPrime } from '../../../../lib/adapters/settlement/facts/stark-prime.ts'

/** The bits of an instruction that are not offsets (Cairo whitepaper, section 4.4). */
const bit = {
  dstFp: 1,
  op0Fp: 2,
  immediate: 4,
  op1Fp: 8,
  add: 32,
  jumpAbsolute: 128,
  jumpRelative: 256,
  jumpIfNot: 512,
  apAdd: 1024,
  apNext: 2048,
  call: 4096,
  ret: 8192,
  equal: 16384,
} as const
type Bit = keyof typeof bit

type Offsets = readonly [dst: number, op0: number, op1: number]

function instruction(offsets: Offsets, bits: readonly Bit[]): bigint {
  const flags = bits.reduce((all, name) => all | bit[name], 0)
  return [...offsets.map((offset) => offset + 2 ** 15), flags].reduce(
    (word, part, at) => word + (BigInt(part) << BigInt(16 * at)),
    0n,
  )
}

const inField = (value: bigint) => (value + starkPrime) % starkPrime

const grow = (words: bigint) => [
  instruction([-1, -1, 1], ['dstFp', 'op0Fp', 'immediate', 'apAdd']),
  words,
]
const push = (value: bigint) => [
  instruction([0, -1, 1], ['op0Fp', 'immediate', 'apNext', 'equal']),
  value,
]
const pushLocal = (fp: number) => [instruction([0, -1, fp], ['op0Fp', 'op1Fp', 'apNext', 'equal'])]
const pushSum = (fp: number, value: bigint) => [
  instruction([0, fp, 1], ['op0Fp', 'immediate', 'add', 'apNext', 'equal']),
  inField(value),
]
const pushLocalSum = (fp: number, other: number) => [
  instruction([0, fp, other], ['op0Fp', 'op1Fp', 'add', 'apNext', 'equal']),
]
const call = (distance: number) => [
  instruction([0, 1, 1], ['immediate', 'jumpRelative', 'call']),
  inField(BigInt(distance)),
]
const skipUnlessZero = (fp: number, distance: bigint) => [
  instruction([fp, -1, 1], ['dstFp', 'op0Fp', 'immediate', 'jumpIfNot']),
  distance,
]
const ret = [instruction([-2, -1, -1], ['dstFp', 'op0Fp', 'op1Fp', 'jumpAbsolute', 'ret'])]

/** `fib(a, b, n)`: a where n is 0, else `fib(b, a + b, n - 1)`. */
const fibBody = [
  ...skipUnlessZero(-3, 4n),
  ...pushLocal(-5),
  ...ret,
  ...pushLocal(-4),
  ...pushLocalSum(-5, -4),
  ...pushSum(-3, -1n),
]
const fib = [...fibBody, ...call(-fibBody.length), ...ret]

/** One local, the input, which a hint fills in; it and its Fibonacci number are put out. */
const mainEnd = [
  instruction([-1, -6, 1], ['op0Fp', 'equal']),
  ...pushSum(-6, 2n),
  ...[-5, -4, -3].flatMap(pushLocal),
  ...ret,
]
const main = [
  ...grow(1n),
  instruction([0, -6, 0], ['dstFp', 'op0Fp', 'equal']),
  ...push(0n),
  ...push(1n),
  ...pushLocal(0),
  ...call(mainEnd.length + 2),
  ...mainEnd,
]

/** The Cairo 0 program of HerodotusDev/atlantic-examples, assembled here by hand. */
export const fibonacci: CairoProgram = {
  builtins: ['output', 'pedersen', 'range_check', 'bitwise'],
  main: 0,
  data: [...main, ...fib],
}

/** By what its authors' contracts and tests know it, and its run with input 10. */
export const fibonacciRun = {
  programHash: 0x407908712e70dd914b006062d8d70bd8aeae06bcfc973cbd4309e7f3a2e825bn,
  output: [10n, 55n],
  sharpFact: '0xfabc599614bbd9752bd58d365c7434f7f61792a6fc2ffbd3a0256636915c2c58',
  integrityFact: '0x1c446d13efc5a3a16387eeec2c9347e9fd44e195b178916e1bd27c0a18220f1',
} as const
