import type { Finding } from '../../domain/incident.ts'
import { parametersApart, parametersTakenBack } from '../../domain/liveness-parameters.ts'
import type { WatchView } from './watch-view.ts'

/** What became of parameters by themselves. */
export function parameterFindings({ now, governed }: WatchView): readonly Finding[] {
  const { takenBack, apart } = governed
  return [
    ...takenBack.flatMap((event) => parametersTakenBack(event, now) ?? []),
    ...(apart ? [parametersApart(apart)] : []),
  ]
}
