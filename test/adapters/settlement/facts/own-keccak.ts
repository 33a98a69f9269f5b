/** Keccak-f[1600] by the definition of FIPS 202, lane by lane, for hashes that owe nothing to the libraries we use. */
function permuted(before: readonly bigint[]): readonly bigint[] {
  let lanes = [...before]
  let register = 1
  for (let round = 0; round < 24; round++) {
    // θ
    const columns = five((x) => five((y) => at(lanes, x, y)).reduce((all, lane) => all ^ lane))
    const mixed = five((x) => (columns[(x + 4) % 5] ?? 0n) ^ rotated(columns[(x + 1) % 5] ?? 0n, 1))
    lanes = lanes.map((lane, index) => lane ^ (mixed[index % 5] ?? 0n))
    // ρ and π
    const moved = [...lanes]
    let [x, y] = [1, 0]
    for (let step = 0; step < 24; step++) {
      const [toX, toY] = [y, (2 * x + 3 * y) % 5]
      moved[toX + 5 * toY] = rotated(at(lanes, x, y), (((step + 1) * (step + 2)) / 2) % 64)
      ;[x, y] = [toX, toY]
    }
    // χ
    lanes = moved.map((lane, index) => {
      const [column, row] = [index % 5, Math.floor(index / 5)]
      return lane ^ (inverted(at(moved, (column + 1) % 5, row)) & at(moved, (column + 2) % 5, row))
    })
    // ι: the constants are the bits of a shift register
    let constant = 0n
    for (let bit = 0; bit <= 6; bit++) {
      if ((register & 1) === 1) constant ^= 1n << (2n ** BigInt(bit) - 1n)
      register = register & 0x80 ? ((register << 1) ^ 0x71) & 0xff : register << 1
    }
    lanes[0] = (lanes[0] ?? 0n) ^ constant
  }
  return lanes
}

const mask = 2n ** 64n - 1n
const five = <T>(of: (index: number) => T): readonly T[] => [0, 1, 2, 3, 4].map(of)
const at = (lanes: readonly bigint[], x: number, y: number) => lanes[x + 5 * y] ?? 0n
const inverted = (lane: bigint) => lane ^ mask
const rotated = (lane: bigint, by: number) =>
  ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & mask

/** 256 bits of the sponge. The padding's first byte is 1 for Ethereum's Keccak, and 6 for SHA-3. */
export function sponge256(input: Uint8Array, padding: 1 | 6 = 1): `0x${string}` {
  const rate = 136
  const padded = new Uint8Array(Math.floor(input.length / rate) * rate + rate)
  padded.set(input)
  padded[input.length] = padding
  padded[padded.length - 1] = (padded.at(-1) ?? 0) | 0x80
  const view = new DataView(padded.buffer)
  let lanes: readonly bigint[] = Array.from({ length: 25 }, () => 0n)
  for (let block = 0; block < padded.length; block += rate)
    lanes = permuted(
      lanes.map((lane, index) =>
        index < rate / 8 ? lane ^ view.getBigUint64(block + index * 8, true) : lane,
      ),
    )
  const out = new DataView(new ArrayBuffer(32))
  for (const [index, lane] of lanes.slice(0, 4).entries()) out.setBigUint64(index * 8, lane, true)
  return `0x${Buffer.from(out.buffer).toString('hex')}`
}
