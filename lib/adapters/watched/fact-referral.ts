import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { ChangeSight, LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Rpc, RpcPlace } from '../rpc.ts'
import { firstToTell, viewsThere } from './ask-places.ts'
import { addressOf, evmView, isEvmRefusal } from './evm-words.ts'
import type { Seen } from './look.ts'

/** Whose facts a registry takes as its own, and until when, in unix seconds. */
type FactReferral = { readonly registry: string; readonly until: number }

const hourMs = 3_600_000
const cursorKey = 'referral'

/**
 * A verifier that replaced another one takes that one's facts for a while (StarkWare's ReferableFactRegistry): when they stop to
 * count is told as a change. Asked once an hour, since it is fixed as long as the verifier is. Throws where no place answers.
 */
export async function factReferral(
  places: readonly RpcPlace[],
  {
    verifier,
    before,
    now,
  }: {
    readonly verifier: string | undefined
    readonly before: LookedBefore
    readonly now: Timestamp
  },
): Promise<Seen> {
  if (verifier === undefined) return {}
  const asked = `${verifier} ${Math.floor(now / hourMs)}`
  const known = before.cursor[cursorKey]?.startsWith(`${asked} `)
    ? remembered(before.cursor[cursorKey])
    : undefined
  const referral =
    known ?? (await firstToTell(places, async (rpc) => readReferral(rpc, verifier))).value
  return {
    changes: changeOf(referral, now),
    cursor: { [cursorKey]: `${asked} ${referral.registry} ${referral.until}` },
  }
}

const none: FactReferral = { registry: '0x0', until: 0 }

/** The year 9999: what is later never ends. */
const mostSeconds = 253_402_300_799

/** None where it refers to nobody, or is of another kind. Throws the node's trouble. */
async function readReferral(rpc: Rpc, verifier: string): Promise<FactReferral> {
  const [until, registry] = await viewsThere(
    rpc,
    [evmView(verifier, 'referralExpirationTime()'), evmView(verifier, 'referenceFactRegistry()')],
    isEvmRefusal,
  )
  const seconds = until?.[0] ?? 0n
  if (seconds === 0n || seconds > mostSeconds || !registry?.[0]) return none
  return { registry: addressOf(registry[0]), until: Number(seconds) }
}

/** Undefined where the text is not ours. */
function remembered(text: string | undefined): FactReferral | undefined {
  const [, registry, until] = / (0x[0-9a-f]{1,40}) (\d{1,12})$/.exec(text ?? '') ?? []
  return registry === undefined ? undefined : { registry, until: Number(until) }
}

/** What is over for longer is of no more use to anybody. */
const toldAfterMs = 7 * 24 * hourMs

/** A batch that was proved there and is settled later is not proved any more. */
function changeOf({ registry, until }: FactReferral, now: Timestamp): readonly ChangeSight[] {
  const effectiveAt = timestamp(until * 1_000)
  if (until === 0 || now - effectiveAt > toldAfterMs) return []
  return [
    {
      id: `referral:${registry}`,
      kind: 'upgrade',
      title: `facts of ${registry} count no longer: what was proved there must be settled before`,
      // Nobody tells when it was said: not after it was seen.
      announcedAt: timestamp(Math.min(now, effectiveAt)),
      effectiveAt,
      state: effectiveAt <= now ? 'done' : 'decided',
      touches: ['verifier'],
      announces: {},
    },
  ]
}
