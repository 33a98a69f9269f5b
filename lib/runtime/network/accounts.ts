import { type TaskClass, taskClasses } from '../../domain/task.ts'
import type { NetworkChain } from './schema.ts'

/** An account that sends on a chain, where the file names it, and what it sends. */
export type SendingAccount<Chain extends NetworkChain = NetworkChain> = {
  /** Below `chains.<name>`. */
  readonly path: readonly (string | number)[]
  readonly account: NonNullable<Chain['account']>
  readonly tasks: readonly TaskClass[]
}

/** Every account of a chain: those of one kind of work, the one for all the rest, and those that only finish theirs. */
export function accountsOf<Chain extends NetworkChain>(
  chain: Chain,
): readonly SendingAccount<Chain>[] {
  // One gateway's ids are one lane, whatever is sent.
  const isGateway = chain.kind === 'starkex'
  const lanes: Readonly<Partial<Record<TaskClass, Chain['account']>>> = isGateway ? {} : chain.lanes
  const retiring: readonly NonNullable<Chain['account']>[] = isGateway ? [] : chain.retiring
  const leaving = retiring.map((account, at) => ({ path: ['retiring', at], account, tasks: [] }))
  const own = taskClasses.flatMap((task): readonly SendingAccount<Chain>[] => {
    const account = lanes[task]
    return account ? [{ path: ['lanes', task], account, tasks: [task] }] : []
  })
  const rest = taskClasses.filter((task) => !lanes[task])
  const { account } = chain
  const all = account ? [{ path: ['account'], account, tasks: rest }, ...own] : own
  return [...all, ...leaving]
}

/** Who sends that kind of work there; undefined where nobody does. */
export function accountFor<Chain extends NetworkChain>(
  chain: Chain,
  task: TaskClass,
): SendingAccount<Chain> | undefined {
  return accountsOf(chain).find(({ tasks }) => tasks.includes(task))
}
