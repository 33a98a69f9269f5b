import { Point } from '@scure/starknet'

/** Signatures are checked at admission, in the block being built and in the block itself: the same question each time. */
const answers = new Map<string, boolean>()
const keptAnswers = 20_000

export type StarkSignatureQuestion = {
  readonly hash: bigint
  readonly publicKey: bigint
  readonly r: bigint
  readonly s: bigint
}

/** Cairo's `check_ecdsa_signature`: the key is an x coordinate only, so either point that has it may have signed. */
export function isStarkSignature(question: StarkSignatureQuestion): boolean {
  const { hash, publicKey, r, s } = question
  const key = `${hash}:${publicKey}:${r}:${s}`
  const known = answers.get(key)
  if (known !== undefined) return known
  const answer = verify(question)
  if (answers.size >= keptAnswers) answers.clear()
  answers.set(key, answer)
  return answer
}

const order = Point.Fn.ORDER

function verify({ hash, publicKey, r, s }: StarkSignatureQuestion): boolean {
  const scalar = s % order
  if (r === 0n || scalar === 0n) return false
  const key = pointOf(publicKey)
  if (key === undefined) return false
  const inverse = Point.Fn.inv(scalar)
  const ofHash = times(Point.BASE, (hash * inverse) % order)
  const ofKey = times(key, (r * inverse) % order)
  return [ofHash.add(ofKey), ofHash.subtract(ofKey)].some(
    (sum) => !sum.equals(Point.ZERO) && sum.toAffine().x === r,
  )
}

type CurvePoint = typeof Point.BASE

function times(point: CurvePoint, scalar: bigint): CurvePoint {
  return scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar)
}

const points = new Map<bigint, CurvePoint | undefined>()

function pointOf(x: bigint): CurvePoint | undefined {
  if (points.has(x)) return points.get(x)
  const point = liftX(x)
  points.set(x, point)
  return point
}

function liftX(x: bigint): CurvePoint | undefined {
  try {
    return Point.fromHex(`02${x.toString(16).padStart(64, '0')}`)
  } catch {
    // No point of the curve has this x.
    return undefined
  }
}
