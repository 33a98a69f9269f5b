import { expect, test } from 'vitest'

import { stressedIn } from '../../lib/tools/show-stress.ts'
import { stressLines } from '../../lib/tools/stress-lines.ts'
import { stressPage } from '../../lib/tools/stress-page.ts'
import { keptNetwork, starkexNetwork } from '../runtime/a-kept-network.ts'
import { anEngine } from './an-engine-stress.ts'

test('the table tells of each jump who falls, what it costs, and what nobody pays', () => {
  const lines = stressLines([anEngine()]).map((line) => line.split(/\s{2,}/))
  // Ten bitcoin at a thousand with a thousand of its own: two thousand are lost, one is missing, of which 900 are there.
  expect(lines).toContainEqual('BTC-USD -20 %|1|8000|0|900|0|100|1 account'.split('|'))
  expect(lines).toContainEqual('all +50 %|0|0|0|0|900|0|-'.split('|'))
  expect(lines.at(-1)).toEqual('50 bps|4000|0'.split('|'))
})

test('a StarkEx exchange is left out with a word, so that the others of its network can be stressed', () => {
  const network = keptNetwork()
  const { engines, left } = stressedIn({
    engines: { ...network.engines, ...starkexNetwork().engines },
  })
  expect(engines).toEqual(['evm'])
  expect(left).toEqual(['perps cannot be stressed: only evm-engine and starknet-perpetual can'])
  expect(() => stressedIn(starkexNetwork())).toThrow(left[0])
})

test('the page needs nothing from elsewhere, and takes names for text', () => {
  const page = stressPage([anEngine('<dex>')])
  expect(page).not.toMatch(/(?:src|href)=/)
  expect(page).toContain('<h2>&lt;dex&gt;</h2>')
  expect(page).toContain(
    '["-50 %","-30 %","-20 %","-10 %","-5 %","+5 %","+10 %","+20 %","+30 %","+50 %"]',
  )
  const words = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  expect(words).toContain('BTC-USD -20 % 1 8000 0 900 0 100 1 account')
  expect(words).toContain('50 bps 4000 0')
})
