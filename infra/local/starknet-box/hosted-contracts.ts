import { z } from 'zod'

import { Felt } from '../../contracts/core/core-config.ts'
import { type Hex, hex } from './felt.ts'
import { emptyRegistry, type IntegrityState } from './integrity-state.ts'
import { newAppchain, type PiltoverState } from './piltover-state.ts'

/** A contract beside the core whose rules the box has. */
export type HostedContract =
  | { readonly kind: 'integrity'; readonly state: IntegrityState }
  | { readonly kind: 'piltover'; readonly state: PiltoverState }

/** By address. */
export type HostedContracts = Readonly<Record<Hex, HostedContract>>

/** What is deployed when the chain begins: where, and what its constructor is told. */
export const HostedSetup = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('integrity'),
    address: Felt,
    owner: Felt,
    mocked: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('piltover'),
    address: Felt,
    owner: Felt,
    root: Felt,
    number: Felt,
    hash: Felt,
  }),
])
type HostedSetup = z.infer<typeof HostedSetup>

export function hostedAtStart(setups: readonly HostedSetup[]): HostedContracts {
  return Object.fromEntries(setups.map((setup) => [hex(setup.address), deployed(setup)]))
}

function deployed(setup: HostedSetup): HostedContract {
  switch (setup.kind) {
    case 'integrity':
      return { kind: 'integrity', state: emptyRegistry(setup.owner, setup.mocked) }
    case 'piltover':
      return { kind: 'piltover', state: newAppchain(setup) }
  }
}
