import { expect, test } from 'vitest'

import {
  knownInputs,
  updateStateInputs,
} from '../../../../lib/adapters/settlement/piltover/update-state-inputs.ts'

const span = { type: 'core::array::Span::<core::felt252>' }
const of = (inputs: readonly object[]) => {
  const entry = { type: 'function', name: 'update_state', inputs }
  const abi = JSON.stringify([{ type: 'interface', name: 'IAppchain', items: [entry] }])
  return updateStateInputs('0x1').read({ abi })
}

test('what update_state takes tells revisions of Piltover apart', () => {
  const data = [{ type: 'core::felt252' }, { type: 'core::integer::u256' }]
  expect(of([span, span, ...data])).toEqual(knownInputs)
  // keep-starknet-strange/piltover at ce5e895, and cartridge-gg/piltover at 8591a97.
  expect(of([span, span])).toEqual([span.type, span.type])
  expect(of([{ type: 'piltover::input::component::PiltoverInput' }])).not.toEqual(knownInputs)
})

test('of a contract without it, or without an ABI, nothing is told', () => {
  expect(updateStateInputs('0x1').read({ abi: '[]' })).toBeUndefined()
  expect(updateStateInputs('0x1').read({})).toBeUndefined()
})
