import type { EngineAction } from './action.ts'

/** Kinds of work that may each have an account of their own, so that what is urgent never waits behind what is not. */
export const taskClasses = [
  'prices',
  'funding',
  'liquidation',
  'deleverage',
  'settlement',
  'uptime',
] as const
export type TaskClass = (typeof taskClasses)[number]

export function taskOf(action: EngineAction): TaskClass {
  switch (action.kind) {
    case 'push-prices':
      return 'prices'
    case 'settle-funding':
    case 'update-exchange-time':
    case 'apply-interests':
      return 'funding'
    case 'liquidate':
      return 'liquidation'
    case 'deleverage':
      return 'deleverage'
    case 'settle-batch':
      return 'settlement'
    case 'tell-uptime':
      return 'uptime'
  }
}
