import { readdirSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { areaOf, classOf } from '../../lib/domain/alert-kind.ts'

describe('what a rule is about', () => {
  test.each([
    ['settlement-late', 'settlement', 'stall'],
    ['price-late', 'prices', 'stall'],
    ['no-price', 'prices', 'stall'],
    ['no-gas-money', 'sending', 'funds'],
    ['batch-expires', 'proving', 'deadline'],
    ['peer-lying', 'peers', 'disagreement'],
    ['chain-stalled', 'chain', 'stall'],
    ['constructor-odd', 'constructor', 'fault'],
    ['', '', 'fault'],
  ])('%s is a %s and a %s', (rule, area, kind) => {
    expect([areaOf(rule), classOf(rule)]).toEqual([area, kind])
  })

  test('every rule that has a page has an area and a class without spaces', () => {
    const rules = readdirSync(new URL('../../infra/runbooks/', import.meta.url))
      .filter((file) => file.endsWith('.md'))
      .map((file) => file.replace('.md', ''))
    expect(rules.length).toBeGreaterThan(30)
    for (const rule of rules)
      expect([areaOf(rule), classOf(rule)].join(' ')).toMatch(/^[a-z]+ [a-z]+$/)
  })
})
