/**
 * Two accounts at a time: the plain scan's own steps in its own order (row-scan.ts), so that its answers are the same to the
 * last bit. Rows, factors and what is found stand where the book put them; addresses are in bytes.
 */
export function scan(
  rows: i32,
  holdings: i32,
  constantsAt: usize,
  balancesAt: usize,
  columnsAt: usize,
  factorsAt: usize,
  foundAt: usize,
  share: f64,
  units: f64,
): i32 {
  const shares = f64x2.splat(share)
  const leastUnits = f64x2.splat(units)
  let balance = balancesAt
  let column = columnsAt
  let count = 0
  for (let row = 0; row < rows; row += 2) {
    let margin = v128.load(constantsAt + ((row as usize) << 3))
    let size = f64x2.abs(margin)
    for (let holding = 0; holding < holdings; holding++) {
      let factors = v128.load64_zero(factorsAt + ((load<u16>(column) as usize) << 3))
      factors = v128.load_lane<u64>(factorsAt + ((load<u16>(column, 2) as usize) << 3), factors, 1)
      const term = f64x2.mul(v128.load(balance), factors)
      margin = f64x2.add(margin, term)
      size = f64x2.add(size, f64x2.abs(term))
      balance += 16
      column += 4
    }
    const bound = f64x2.add(f64x2.mul(shares, size), leastUnits)
    // What is no number is not above anything.
    const doubtful = ~i64x2.bitmask(f64x2.gt(margin, bound)) & 3
    if (doubtful & 1) {
      store<u32>(foundAt + ((count as usize) << 2), row)
      count++
    }
    if (doubtful & 2) {
      store<u32>(foundAt + ((count as usize) << 2), row + 1)
      count++
    }
  }
  return count
}
