import { createHash } from 'node:crypto'

import type { EngineAction } from '../../domain/action.ts'
import { decode, encode } from '../../domain/exact-text.ts'
import { type Intent, type IntentState, isFinal } from '../../domain/intent.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Intents } from '../../ports.ts'
import {
  bytes,
  CorruptRowError,
  expiresAtOf,
  type Item,
  keyItem,
  keyOf,
  packedOf,
  rowName,
  text,
  textOf,
  timeOf,
  ttl,
  whole,
} from './item.ts'
import { pack } from './packed.ts'
import { get, getMany, listed } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import {
  intentActionKey,
  intentKey,
  intentList,
  listedAt,
  openIndex,
  recentIndex,
} from './table.ts'
import { UnknownIntentError } from './unknown-intent.ts'
import { type Condition, put, putIf, updateIf } from './writes.ts'

/**
 * Two rows per intent: a small one that decides and is written with every step, and the action, which can be large and
 * never changes. The action goes first, under its hash, so that a state never names an action that is not there.
 */
export function dynamoIntents(access: TableAccess): Intents {
  const live = (item: Item): boolean => !isExpired(expiresAtOf(item), access.clock.now())

  return {
    async add(intent) {
      if (await get(access, intentKey(intent.id))) return 'already-there'
      const action = pack(intent.action)
      const hash = createHash('sha256').update(action).digest('base64url')
      await put(access, {
        ...keyItem(intentActionKey(intent.id, hash)),
        action: bytes(action),
        expiresAt: ttl(expiry('intentAction', intent.deadline)),
      })
      const row = stateRow(intent, hash, access.clock.now())
      const decision = await putIf(access, row, { expression: 'attribute_not_exists(pk)' })
      return decision.kind === 'written' ? 'added' : 'already-there'
    },

    async get(id) {
      const item = await get(access, intentKey(id))
      if (!item || !live(item)) return undefined
      const [intent] = await withActions(access, [item])
      return intent
    },

    async open(lane) {
      const found: Intent[] = []
      const list = { name: intentList(lane), newestFirst: false }
      for await (const keys of listed(access, openIndex, list))
        found.push(...(await withActions(access, await getMany(access, keys))))
      // The index may still list what became final a moment ago.
      return found.filter(({ state }) => !isFinal(state))
    },

    async move(id, state) {
      const change = isFinal(state)
        ? {
            set: { ...stateColumn(state), expiresAt: ttl(expiry('intent', access.clock.now())) },
            remove: [openIndex.partition, openIndex.sort],
          }
        : { set: stateColumn(state) }
      const decision = await updateIf(access, intentKey(id), { ...change, when: notFinal })
      if (decision.kind === 'written') return 'moved'
      if (!decision.found) throw new UnknownIntentError(id)
      return 'final-already'
    },

    async recent(lane, limit) {
      const found: Intent[] = []
      if (limit < 1) return found
      const list = { name: intentList(lane), newestFirst: true, pageSize: limit }
      for await (const keys of listed(access, recentIndex, list)) {
        const items = await getMany(access, keys)
        found.push(...(await withActions(access, items.filter(live))))
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
  }
}

/** A row is in the index of open work exactly as long as its state is not final. */
const notFinal: Condition = {
  expression: 'attribute_exists(#open)',
  names: { '#open': openIndex.partition },
}

function stateRow(intent: Intent, action: string, now: Timestamp): Item {
  const list = text(intentList(intent.lane))
  const since = text(listedAt(intent.createdAt, intent.id))
  return {
    ...keyItem(intentKey(intent.id)),
    id: text(intent.id),
    lane: text(intent.lane),
    createdAt: whole(intent.createdAt),
    deadline: whole(intent.deadline),
    action: text(action),
    ...stateColumn(intent.state),
    [recentIndex.partition]: list,
    [recentIndex.sort]: since,
    ...(isFinal(intent.state)
      ? { expiresAt: ttl(expiry('intent', now)) }
      : { [openIndex.partition]: list, [openIndex.sort]: since }),
  }
}

function stateColumn(state: IntentState): Item {
  return { state: text(encode(state)) }
}

async function withActions(access: TableAccess, states: readonly Item[]): Promise<Intent[]> {
  const keys = states.map((item) => intentActionKey(textOf(item, 'id'), textOf(item, 'action')))
  const rows = await getMany(access, keys)
  const actions = new Map(rows.map((row) => [rowName(row), row]))
  return states.map((item, index) => {
    const key = keys[index]
    const row = key && actions.get(rowName(keyItem(key)))
    if (!row) throw new CorruptRowError(keyOf(item), 'its action is gone')
    return intentOf(item, packedOf(row, 'action') as EngineAction)
  })
}

function intentOf(item: Item, action: EngineAction): Intent {
  return {
    id: textOf(item, 'id'),
    lane: textOf(item, 'lane'),
    action,
    createdAt: timeOf(item, 'createdAt'),
    deadline: timeOf(item, 'deadline'),
    state: decode(textOf(item, 'state')) as IntentState,
  }
}
