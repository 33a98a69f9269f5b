import { storeOn } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Store } from '../../lib/ports.ts'
import { rowsByReference } from './rows.ts'
import type { Rules } from './rules.ts'
import type { VirtualTime } from './virtual-time.ts'

/** One deployment's table, and the rules told of every write that it took. */
export function watchedTable(of: {
  readonly table: number
  readonly time: VirtualTime
  readonly rules: Rules
  readonly change: ((store: Store) => Store) | undefined
}): Store {
  const { table, time, rules } = of
  const clock = { now: () => timestamp(time.now()), sleep: async () => undefined }
  const plain = storeOn(rowsByReference(), clock)
  const store = of.change ? of.change(plain) : plain
  const { intents, lanes, leases, reports, prices, ticks } = store
  return {
    ...store,
    intents: {
      ...intents,
      async add(intent) {
        const answer = await intents.add(intent)
        if (answer === 'added') rules.added(table, intent)
        return answer
      },
      async move(id, state) {
        const answer = await intents.move(id, state)
        if (answer === 'moved') rules.moved(id, table, state)
        return answer
      },
    },
    lanes: {
      ...lanes,
      async write(lane) {
        const answer = await lanes.write(lane)
        if (answer === 'written') rules.stored(table, lane)
        return answer
      },
    },
    leases: {
      async hold(wish) {
        const fence = await leases.hold(wish)
        if (fence !== undefined) rules.held(table, wish, fence)
        return fence
      },
      async release(name, fence) {
        await leases.release(name, fence)
        rules.released(table, name, fence)
      },
    },
    reports: {
      ...reports,
      async publish(node, round, published) {
        const answer = await reports.publish(node, round, published)
        if (answer === 'published') rules.published(table, published, { node, round })
        return answer
      },
    },
    prices: {
      ...prices,
      async write(node, round, snapshot) {
        const answer = await prices.write(node, round, snapshot)
        if (answer === 'written') rules.pricesWritten(table, { node, round })
        return answer
      },
    },
    ticks: {
      ...ticks,
      async claim(job, worker, now, leaseUntil) {
        const won = await ticks.claim(job, worker, now, leaseUntil)
        if (won) rules.claimed(table, { job, worker, now, leaseUntil })
        return won
      },
      async finish(job, worker, outcome) {
        await ticks.finish(job, worker, outcome)
        rules.finished(table, job, worker)
      },
    },
  }
}
