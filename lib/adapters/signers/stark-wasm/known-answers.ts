import type { StarkMath } from './stark-math.ts'

/** Whether the arithmetic gives what others published: a processor, a runtime or a build that is broken does not. */
export function givesKnownAnswers(math: StarkMath): boolean {
  const { secret, key, message, hash, r, s } = dydx
  const [signature] = math.sign(secret, [hash])
  const claim = { key, hash, r, s }
  const [isTrue, isOther] = math.verify([claim, { ...claim, hash: hash + 1n }])
  return (
    math.publicKey(secret) === key &&
    math.pedersen([message])[0] === hash &&
    signature?.r === r &&
    signature.s === s &&
    isTrue === true &&
    isOther === false
  )
}

/** The price of BTC-USD at the beginning of 2020 (dYdX, starkex-lib, oracle-price.test.ts). */
const dydx = {
  secret: 0x178047d3869489c055d7ea54c014ffb834a069c9595186abe04ea4d1223a03fn,
  key: 0x1895a6a77ae14e7987b9cb51329a5adfb17bd8e7c638f92d6892d76e51cebcfn,
  message: {
    first: 0x425443555344000000000000000000006459645800n,
    second: 0x27015cfcb02308200005e0be100n,
  },
  hash: 0x73686ea5e38bdb9e73d85af4fd16e29b40cdcd723ecadbcdc78b1c45410407fn,
  r: 0x20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907aen,
  s: 0x43e5681d7fd1e0720cc578e3d076ea29dbfe902f30445da8aa74bd112aa710n,
}
