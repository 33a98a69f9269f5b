import type { Intent } from '../../lib/domain/intent.ts'
import type { LanePolicy } from '../../lib/domain/lane-follow.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import type { Chain, Engine, Store } from '../../lib/ports.ts'

/** A bug that is put in where our code meets its ports, without changing a line of it. */
export type Mutant = {
  readonly name: string
  /** Of a table, below the rules. */
  readonly store?: (store: Store) => Store
  /** Of a process, above whatever goes wrong outside. */
  readonly chain?: (chain: Chain) => Chain
  readonly engine?: (engine: Engine) => Engine
  readonly lane?: (lane: LaneWorld) => LaneWorld
  /** `attempt` is another one each time. */
  readonly intent?: (intent: Intent, attempt: string) => Intent
  readonly policy?: Partial<LanePolicy>
  readonly noSweeper?: true
  /** The keys sign whatever it costs. */
  readonly feeCap?: false
}
