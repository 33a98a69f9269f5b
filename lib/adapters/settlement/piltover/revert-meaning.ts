import type { RevertMeaning } from '../../../domain/proving/batch-sight.ts'
import type { AppchainHeader, AppchainPrograms } from './appchain-run.ts'
import type { AppchainViews } from './read-appchain.ts'

/** What was brought, and what it was built for. */
export type ToldAppchain = {
  /** Undefined where the output has none. */
  readonly header: AppchainHeader | undefined
  readonly programs: AppchainPrograms
  readonly registry: bigint
}

/** What the contract's reason means, with its views as they are after the refusal. */
export function appchainRevertMeaning(
  reason: string,
  told: ToldAppchain,
  views: AppchainViews,
): RevertMeaning {
  if (movedOn.has(reason)) return reRead
  if (unsettleableReasons.has(reason)) return human('unsettleable')
  if (reason === 'no fact registered') return meaningOfNoFact(told, views)
  if (reason === 'Config: not owner or operator')
    return views.mayUpdate ? reRead : human('configuration')
  if (otherPrograms.has(reason))
    return hasOurPrograms(told, views) ? human('bug') : human('configuration')
  if (otherContracts.some((pattern) => pattern.test(reason))) return human('configuration')
  // Everything else is said of an output that is none: also a text that nobody knows.
  return human('bug')
}

/** The fact is asked for before the state is compared, and under the programs that the contract has now. */
function meaningOfNoFact(told: ToldAppchain, views: AppchainViews): RevertMeaning {
  const { header } = told
  if (!header) return human('bug')
  if (views.standing.number !== header.previousNumber) return reRead
  if (BigInt(views.standing.root ?? 0) !== header.previousRoot) return reRead
  const isOurs = hasOurPrograms(told, views) && views.registry === told.registry
  return isOurs ? { meaning: 'wait' } : human('configuration')
}

function hasOurPrograms({ programs, header }: ToldAppchain, views: AppchainViews): boolean {
  const { bootloader, snosConfig, snos, layoutBridge } = views.programs
  return (
    bootloader === programs.bootloader &&
    layoutBridge === programs.layoutBridge &&
    snos === header?.programHash &&
    snosConfig === header.configHash
  )
}

const reRead: RevertMeaning = { meaning: 're-read' }

type Why = Extract<RevertMeaning, { readonly meaning: 'human' }>['why']

function human(why: Why): RevertMeaning {
  return { meaning: 'human', why }
}

const movedOn = new Set([
  'State: invalid block number',
  'State: invalid prev block num',
  'State: invalid previous root',
])

const unsettleableReasons = new Set([
  // A message to the appchain that it took was cancelled meanwhile.
  'INVALID_MESSAGE_TO_SEAL',
  // Only the first verification counts, and what is registered stays: a weak one that came first is in the way for good.
  'assertion failed: `*verifications.at(0).security_bits > 50`.',
])

const otherPrograms = new Set([
  'snos: invalid program hash',
  'snos: invalid config hash',
  'lb: invalid program hash',
  'lb: invalid bootloader hash',
])

/** What is at the address, or at its registry's, is not what it is taken for. */
const otherContracts = [
  /^Requested contract address 0x[0-9a-f]+ is not deployed/i,
  /ENTRYPOINT_NOT_FOUND/,
  /^Input too long for arguments$/,
  /^Failed to deserialize param #/,
]
