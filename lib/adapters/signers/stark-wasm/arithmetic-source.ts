import { generator, order, pedersenPoints, prime } from './curve.ts'

/** Numbers are nine limbs of 29 bits in words of 32, so that a column of products fits in 64 bits. */
const limbBits = 29n
const count = 9
const all = Array.from({ length: count }, (_, index) => index)

/** Montgomery's R. */
const radix = 1n << (limbBits * BigInt(count))
const mask = (1n << limbBits) - 1n

/**
 * AssemblyScript for the arithmetic of the two fields, unrolled: multiplication and squaring after Montgomery modulo the
 * curve's prime (`P`) and its order (`N`), sums and differences, and the constants that they need.
 */
export function arithmeticSource(): string {
  return [
    ...constants,
    multiplication('multiplyP', modPrime),
    squaring('squareP', modPrime),
    multiplication('multiplyN', modOrder),
    squaring('squareN', modOrder),
    carried('add', ['a', 'b'], (at) => `${limb('a', at)} + ${limb('b', at)}`),
    carried('subtract', ['a', 'b'], (at) => `${limb('a', at)} - ${limb('b', at)}`),
    carried(
      'subtractBoth',
      ['a', 'b', 'c'],
      (at) => `${limb('a', at)} - ${limb('b', at)} - ${limb('c', at)}`,
    ),
    difference,
  ].join('\n')
}

const constants = [
  constant('PRIME', prime),
  constant('ORDER', order),
  constant('PLAIN_ONE', 1n),
  constant('ONE_P', radix % prime),
  constant('ONE_N', radix % order),
  // Multiplying by R² takes a number into Montgomery's form.
  constant('INTO_P', (radix * radix) % prime),
  constant('INTO_N', (radix * radix) % order),
  point('GENERATOR', generator),
  ...pedersenPoints.map((one, index) => point(`PEDERSEN_${index}`, one)),
  data('ORDER_MINUS_2', 'u8', hexDigits(order - 2n)),
]

function constant(name: string, value: bigint): string {
  return data(name, 'i32', limbsOf(value))
}

/** In Montgomery's form, x before y. */
function point(name: string, { x, y }: { readonly x: bigint; readonly y: bigint }): string {
  const words = [x, y].flatMap((value) => limbsOf((value * radix) % prime))
  return data(name, 'i32', words)
}

function data(name: string, type: string, values: readonly (bigint | number)[]): string {
  return `export const ${name}: usize = memory.data<${type}>([${values.join(', ')}])`
}

function limbsOf(value: bigint): readonly bigint[] {
  return all.map((at) => (value >> (limbBits * BigInt(at))) & mask)
}

/** The most significant first. */
function hexDigits(value: bigint): readonly number[] {
  return Array.from(value.toString(16), (digit) => Number.parseInt(digit, 16))
}

function limb(name: string, at: number): string {
  return `load<i32>(${name}, ${4 * at})`
}

function multiplication(name: string, step: (at: number) => string): string {
  const products = (column: number) =>
    all.filter((i) => all.includes(column - i)).map((i) => `a${i} * b${column - i}`)
  return [
    `export function ${name}(out: usize, a: usize, b: usize): void {`,
    ...all.map((at) => `const a${at} = ${limb('a', at)} as i64`),
    ...all.map((at) => `const b${at} = ${limb('b', at)} as i64`),
    ...montgomery(products, step),
  ].join('\n')
}

/** Half the products of a multiplication: each pair once, with one factor doubled. */
function squaring(name: string, step: (at: number) => string): string {
  const products = (column: number) =>
    all
      .filter((i) => i <= column - i && all.includes(column - i))
      .map((i) => (2 * i === column ? `a${i} * a${i}` : `twice${i} * a${column - i}`))
  return [
    `export function ${name}(out: usize, a: usize): void {`,
    ...all.map((at) => `const a${at} = ${limb('a', at)} as i64`),
    ...all.slice(0, -1).map((at) => `const twice${at} = a${at} << 1`),
    ...montgomery(products, step),
  ].join('\n')
}

/** Sums the columns, makes the lower nine vanish one after the other, and stores what is left with its carries. */
function montgomery(
  products: (column: number) => readonly string[],
  step: (at: number) => string,
): readonly string[] {
  const columns = Array.from({ length: 2 * count - 1 }, (_, index) => index)
  return [
    ...columns.map((at) => `let t${at}: i64 = ${products(at).join(' + ')}`),
    `let t${columns.length}: i64 = 0`,
    'let m: i64 = 0',
    ...all.map(step),
    ...all
      .slice(0, -1)
      .flatMap((at) => [
        `t${count + at + 1} += t${count + at} >> ${limbBits}`,
        `store<i32>(out, (t${count + at} & ${mask}) as i32, ${4 * at})`,
      ]),
    `store<i32>(out, t${columns.length} as i32, ${4 * (count - 1)})`,
    '}',
  ]
}

/** The prime is 1 modulo 2^29, and has but two other limbs: 17 · 2^18 and 2^19. */
function modPrime(at: number): string {
  return [
    `m = -t${at} & ${mask}`,
    `t${at + 1} += (t${at} + ${mask}) >> ${limbBits}`,
    `t${at + 6} += m * ${17 << 18}`,
    `t${at + 8} += m << 19`,
  ].join('\n')
}

function modOrder(at: number): string {
  const [lowest = 0n, ...others] = limbsOf(order)
  return [
    `m = (t${at} * ${minusInverse(lowest)}) & ${mask}`,
    `t${at + 1} += (t${at} + m * ${lowest}) >> ${limbBits}`,
    ...others.flatMap((value, index) =>
      value === 0n ? [] : [`t${at + 1 + index} += m * ${value}`],
    ),
  ].join('\n')
}

/** -1/x modulo 2^29, by Newton: each step doubles the bits that are right. */
function minusInverse(odd: bigint): bigint {
  let inverse = 1n
  for (let bits = 1n; bits < limbBits; bits *= 2n) inverse = (inverse * (2n - odd * inverse)) & mask
  return -inverse & mask
}

function carried(name: string, names: readonly string[], term: (at: number) => string): string {
  const last = count - 1
  return [
    `export function ${name}(out: usize, ${names.map((one) => `${one}: usize`).join(', ')}): void {`,
    'let sum: i32 = 0',
    ...all
      .slice(0, last)
      .flatMap((at) => [
        `sum += ${term(at)}`,
        `store<i32>(out, sum & ${mask}, ${4 * at})`,
        `sum >>= ${limbBits}`,
      ]),
    `store<i32>(out, sum + ${term(last)}, ${4 * last})`,
    '}',
  ].join('\n')
}

/** Its limbs may be below zero: it is for multiplying only. */
const difference = [
  'export function difference(out: usize, a: usize, b: usize): void {',
  ...all.map((at) => `store<i32>(out, ${limb('a', at)} - ${limb('b', at)}, ${4 * at})`),
  '}',
].join('\n')
