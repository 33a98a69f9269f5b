import type { HeadSight } from '../../domain/watch/system-sight.ts'
import type { RpcPlace } from '../rpc.ts'

/** Places by how new their newest block is: one that stands still is asked last, and one that does not answer after it. */
export function newestFirst(
  places: readonly RpcPlace[],
  heads: readonly HeadSight[],
): readonly RpcPlace[] {
  const numbers = new Map(
    heads.map(({ place, answer }) => [place, answer.kind === 'head' ? answer.number : -1]),
  )
  const newness = ({ place }: RpcPlace) => numbers.get(place) ?? -1
  return places.toSorted((one, other) => newness(other) - newness(one))
}
