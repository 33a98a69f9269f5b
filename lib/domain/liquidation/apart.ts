import type { EngineAction } from '../action.ts'
import { partName } from '../left-out.ts'
import type { LiquidationLook } from './liquidation-look.ts'

/** A piece of work as it is sent, and what its name ends in beside the slot's others. */
export type Piece = { readonly action: EngineAction; readonly suffix: string }

/**
 * Whether each part of a slot's work is a transaction of its own. StarkEx takes one account in each, and one that is refused
 * there takes no other with it: its multi-transactions are all or nothing, so they are not used.
 */
export function isApart({ kind }: Pick<LiquidationLook, 'kind'>): boolean {
  return kind === 'starkex'
}

/** What is sent for an action. The lane sends what is as old in the order of names, and so as its parts were judged. */
export function piecesOf(action: EngineAction): readonly Piece[] {
  if (action.kind === 'liquidate' && action.apart) {
    const { urgent: _some, ...rest } = action
    return action.updates.map((part, at) => ({
      action: { ...rest, ...(part.isBankrupt && { urgent: true }), updates: [part] },
      suffix: suffixOf(part, at),
    }))
  }
  if (action.kind === 'deleverage' && action.apart)
    return action.updates.map((part, at) => ({
      action: { ...action, updates: [part] },
      suffix: suffixOf(part, at),
    }))
  return [{ action, suffix: '' }]
}

function suffixOf(part: Parameters<typeof partName>[0], at: number): string {
  const place = String(at + 1).padStart(3, '0')
  return `:${place}:${partName(part).replaceAll(' ', ':')}`
}
