import * as z from 'zod/mini'

import type { Content } from './dydx-settings.ts'

/** One message of a proposal, and when it takes effect once that has passed. */
export type ProposedMessage = {
  /** `/dydxprotocol.perpetuals.MsgSetLiquidityTier` */
  readonly type: string
  readonly content: Content
  readonly when:
    | { readonly kind: 'at once' }
    /** So many blocks after it. */
    | { readonly kind: 'after'; readonly blocks: number }
    /** In that block. */
    | { readonly kind: 'at'; readonly block: number }
}

/** A delayed one may delay another one; none that is meant does so more often. */
const deepest = 8

/** All messages that a proposal brings, those within others too: what only delays others is none itself. */
export function messagesOf(messages: readonly unknown[]): readonly ProposedMessage[] {
  return messages.flatMap((message) => unwrapped(message, 0, deepest))
}

const Message = z.looseObject({ '@type': z.string() })
const Delay = z.object({ msg: z.unknown(), delay_blocks: z.int().check(z.nonnegative()) })
const Executed = z.object({ msgs: z.array(z.unknown()) })
const Upgrade = z.object({
  plan: z.object({ height: z.string().check(z.regex(/^\d{1,15}$/)) }),
})

function unwrapped(message: unknown, delay: number, depth: number): readonly ProposedMessage[] {
  const read = Message.safeParse(message)
  if (!read.success || depth === 0) return []
  const { '@type': type, ...content } = read.data
  if (type === '/dydxprotocol.delaymsg.MsgDelayMessage') {
    const delayed = Delay.safeParse(content)
    if (delayed.success)
      return unwrapped(delayed.data.msg, delay + delayed.data.delay_blocks, depth - 1)
  }
  if (type === '/cosmos.authz.v1beta1.MsgExec') {
    const executed = Executed.safeParse(content)
    if (executed.success)
      return executed.data.msgs.flatMap((inner) => unwrapped(inner, delay, depth - 1))
  }
  if (type === '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade') {
    const upgrade = Upgrade.safeParse(content)
    if (upgrade.success) {
      const block = Number(upgrade.data.plan.height)
      return [{ type, content, when: { kind: 'at', block } }]
    }
  }
  return [
    { type, content, when: delay === 0 ? { kind: 'at once' } : { kind: 'after', blocks: delay } },
  ]
}
