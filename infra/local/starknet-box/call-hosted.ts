import { type Hex, hex } from './felt.ts'
import type { HostedCall, HostedEvent } from './hosted-call.ts'
import type { HostedContract, HostedContracts } from './hosted-contracts.ts'
import { integrityClass, integrityClassHash, integrityEntryPoints } from './integrity-class.ts'
import { verificationList } from './integrity-rules.ts'
import { feltPanic, Panic, type PanicData } from './panic.ts'
import { piltoverClass, piltoverClassHash, piltoverEntryPoints } from './piltover-class.ts'
import { selectorOf } from './selectors.ts'

export type HostedAnswer =
  | {
      readonly kind: 'ok'
      readonly contract: HostedContract
      readonly result: readonly bigint[]
      readonly events: readonly HostedEvent[]
    }
  | { readonly kind: 'panic'; readonly panic: PanicData }
  | { readonly kind: 'no-entry-point' }
  /** It asks a contract that is not there. */
  | { readonly kind: 'not-deployed'; readonly address: Hex }

/** The classes of all that can be hosted, by hash. */
export const hostedClasses = {
  [integrityClassHash]: integrityClass,
  [piltoverClassHash]: piltoverClass,
} as const

export function hostedClassHash({ kind }: HostedContract): Hex {
  switch (kind) {
    case 'integrity':
      return integrityClassHash
    case 'piltover':
      return piltoverClassHash
  }
}

const ofIntegrity = new Map(integrityEntryPoints.map((one) => [selectorOf(one.name), one]))
const ofPiltover = new Map(piltoverEntryPoints.map((one) => [selectorOf(one.name), one]))

/** Runs one entry point of a hosted contract, which may ask the others. A panic leaves it as it was. */
export function callHosted(
  contract: HostedContract,
  { selector, calldata }: { readonly selector: bigint; readonly calldata: readonly bigint[] },
  context: HostedCall & { readonly contracts: HostedContracts },
): HostedAnswer {
  try {
    return ran(contract, { selector, calldata }, context)
  } catch (error) {
    if (error instanceof Panic) return { kind: 'panic', panic: error.data }
    if (error instanceof AbsentError) return { kind: 'not-deployed', address: error.address }
    throw error
  }
}

function ran(
  contract: HostedContract,
  { selector, calldata }: { readonly selector: bigint; readonly calldata: readonly bigint[] },
  { contracts, ...call }: HostedCall & { readonly contracts: HostedContracts },
): HostedAnswer {
  switch (contract.kind) {
    case 'integrity': {
      const found = ofIntegrity.get(selector)
      if (found === undefined) return { kind: 'no-entry-point' }
      const { state, result, events } = found.run(contract.state, call, calldata)
      return { kind: 'ok', contract: withState(contract, state), result, events }
    }
    case 'piltover': {
      const found = ofPiltover.get(selector)
      if (found === undefined) return { kind: 'no-entry-point' }
      const asking = { ...call, bitsOf: bitsIn(contracts) }
      const { state, result, events } = found.run(contract.state, asking, calldata)
      return { kind: 'ok', contract: withState(contract, state), result, events }
    }
  }
}

/** The same object where nothing changed: a world that is the same is not stored again, and costs less. */
function withState<Contract extends HostedContract>(
  contract: Contract,
  state: Contract['state'],
): Contract {
  return contract.state === state ? contract : { ...contract, state }
}

function bitsIn(contracts: HostedContracts) {
  return (registry: bigint, fact: bigint): readonly bigint[] => {
    const address = hex(registry)
    const asked = contracts[address]
    if (asked === undefined) throw new AbsentError(address)
    if (asked.kind !== 'integrity') throw new Panic(feltPanic('ENTRYPOINT_NOT_FOUND'))
    return verificationList(asked.state, fact).map(([, bits = 0n]) => bits)
  }
}

/** A hosted contract asks another one that is not there. */
class AbsentError extends Error {
  override readonly name = 'AbsentError'
  readonly address: Hex

  constructor(address: Hex) {
    super(`nothing is deployed at ${address}`)
    this.address = address
  }
}
