import { describe, expect, test } from 'vitest'

import { judgeScenario, lastAnswers } from './judge-scenario.ts'
import { type Answer, covers, type Rule } from './rule.ts'
import { allRules } from './rules/all-rules.ts'
import { ours } from './rules/ours.ts'
import { scenarios } from './scenarios.ts'

/** Whose rule is wrong, or silent where a price was due. */
const wrongIn = (start: string) => {
  const scenario = scenarios.find(({ name }) => name.startsWith(start))
  if (!scenario) throw new RangeError(`there is no scenario ${start}`)
  return allRules
    .filter((rule) => scenario.variants.every(({ setup }) => covers(rule, setup)))
    .filter((rule) => !judgeScenario(rule, scenario).isRight)
    .map(({ name }) => name)
}

const inShort = (answer: Answer) =>
  answer.kind === 'price' ? String(Number(answer.price.toFixed(6))) : answer.why

const always = (price: number): Rule => ({
  name: 'always',
  begin: () => () => ({ kind: 'price', price }),
})
const never: Rule = { name: 'never', begin: () => () => ({ kind: 'none', why: '' }) }

const rightOnes = (rule: Rule) =>
  scenarios.filter((scenario) => judgeScenario(rule, scenario).isRight).map(({ name }) => name[0])

describe('ours is right, whichever venue fails', () => {
  test.each(scenarios)('$name', (scenario) => {
    for (const variant of scenario.variants) {
      const said = lastAnswers(ours, variant, scenario.right.length)
      expect(said.map(inShort)).toEqual(scenario.ours)
    }
    expect(judgeScenario(ours, scenario).isRight).toBe(true)
  })
})

describe('others fail where they are known to', () => {
  test.each(['A', 'B', 'D', 'E', 'G'])('%s: the mean', (letter) => {
    expect(wrongIn(`${letter}.`)).toContain('plain mean')
    expect(wrongIn(`${letter}.`)).not.toContain('plain median')
  })

  test('C: all that average the two of which one is wrong, and not RedStone, which drops both', () => {
    const others = allRules
      .map(({ name }) => name)
      .filter((name) => !/^Starkeep|^RedStone$/.test(name))
    expect(wrongIn('C.')).toEqual(others)
  })

  test('F: every one of them follows a frozen majority', () => {
    const others = allRules.map(({ name }) => name).filter((name) => name !== 'Starkeep')
    expect(wrongIn('F. three of five are frozen, two')).toEqual(others)
    expect(wrongIn('F. three of five are frozen, three')).toEqual(others)
  })

  test('J: between two camps a median is at neither', () => {
    expect(wrongIn('J. two')).toEqual(
      expect.arrayContaining(['plain median', 'RedStone', 'Ojo / Umee']),
    )
    // The upper of two middles is right or wrong by which side lies.
    expect(wrongIn('J. the same')).toEqual(
      expect.arrayContaining(['Chainlink OCR2', 'Stork under Extended']),
    )
  })

  test('V: whoever weighs by volume alone', () => {
    expect(wrongIn('V.')).toEqual(['plain mean', 'volume-weighted median'])
  })

  test('U: whoever takes a stablecoin for a dollar', () => {
    expect(wrongIn('U. USDT')).toEqual(['Hyperliquid oracle'])
    expect(wrongIn('U. the same')).toEqual(expect.arrayContaining(['plain median', 'Pragma']))
  })

  test('LUNA: a floor in a contract holds the price up', () => {
    expect(wrongIn('2022-05')).toEqual(['Chainlink OCR2', 'Ojo / Umee'])
  })

  test('K2 and MANTIS: whoever asks a venue for no time, or not the answer for its age', () => {
    expect(wrongIn('2026-08')).not.toContain('Chronicle / Maker')
    expect(wrongIn('2026-08')).toContain('Pragma')
    expect(wrongIn('2026-09')).toContain('Chronicle / Maker')
  })
})

describe('the judge is not to be pleased', () => {
  test('by one price for everything', () => {
    expect(rightOnes(always(100))).toEqual(['A', 'B', 'D', 'G', 'J', 'J', 'V', 'U', 'U'])
  })

  test('by silence where there was a price', () => {
    const silent = rightOnes(never)
    expect(silent).toEqual(['C', 'F', 'J', 'J', '2', '2', '2', '2', '2', '2'])
  })
})
