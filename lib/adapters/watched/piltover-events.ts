import type { ChangeSight } from '../../domain/watch/system-sight.ts'
import { feltHex, selectorOf, signedFelt } from '../starknet-felt.ts'
import type { ChainRow } from './remembered.ts'
import type { SeenEvent } from './scan-events.ts'

/** The settings that are the contract's programs, in the order of its `ProgramInfo`. */
export const programSettings = [
  'bootloaderProgramHash',
  'snosConfigHash',
  'snosProgramHash',
  'layoutBridgeProgramHash',
] as const

const names = ['LogStateUpdate', 'ProgramInfoChanged', 'OwnershipTransferred', 'Upgraded'] as const
const bySelector: ReadonlyMap<string, string> = new Map(
  names.map((name) => [selectorOf(name), name]),
)

/** All that is read of the contract's past. */
export const piltoverSelectors: readonly `0x${string}`[] = names.map(selectorOf)

export function piltoverRows(events: readonly SeenEvent[]): readonly ChainRow[] {
  return events.flatMap(({ keys, data, block: position, index, at, transaction }) => {
    const [selector = 0n, ...indexed] = keys
    const name = bySelector.get(feltHex(selector))
    const row = { position, index, at }
    switch (name) {
      case 'LogStateUpdate':
        return { ...row, name: 'state-update', values: [String(signedFelt(data[1] ?? 0n))] }
      case 'ProgramInfoChanged':
        // Who did it, the four before and the four after.
        return {
          ...row,
          name: 'programs',
          values: [transaction, ...data.slice(1, 9).map(feltHex)],
        }
      case 'OwnershipTransferred': {
        // Both are keys where the contract indexes them.
        const [, owner] = [...indexed, ...data]
        return owner === undefined ? [] : { ...row, name: 'owner', values: [feltHex(owner)] }
      }
      case 'Upgraded': {
        const [next] = data
        return next === undefined ? [] : { ...row, name: 'class', values: [feltHex(next)] }
      }
      case undefined:
      default:
        return []
    }
  })
}

/** All of them take effect at once: the contract knows no delay. */
export function piltoverChanges(rows: readonly ChainRow[]): readonly ChangeSight[] {
  return rows.flatMap((row): readonly ChangeSight[] => {
    const { name, at, values } = row
    const [what = ''] = values
    const done = { announcedAt: at, effectiveAt: at, state: 'done' } as const
    switch (name) {
      case 'programs':
        return programChanges(row).map((change) => ({ ...done, ...change }))
      case 'owner':
        return [
          {
            ...done,
            id: `owner:${what}:${at}`,
            kind: 'roles' as const,
            title: `${what} owns the contract`,
            touches: ['roles'],
            announces: {},
          },
        ]
      case 'class':
        return [
          {
            ...done,
            id: `class:${what}:${at}`,
            kind: 'upgrade' as const,
            title: `the contract has become the class ${what}`,
            touches: ['implementation'],
            announces: {},
          },
        ]
      default:
        return []
    }
  })
}

function programChanges({ values: [transaction = '', ...hashes] }: ChainRow) {
  return programSettings.flatMap((setting, at) => {
    const [before = '', after = ''] = [hashes[at], hashes[at + programSettings.length]]
    if (before === after) return []
    return [
      {
        id: `${setting}:${after}:${transaction}`,
        kind: 'upgrade' as const,
        title: `${setting} was ${before} and is ${after}`,
        touches: [setting],
        announces: {},
      },
    ]
  })
}
