import { expect, test } from 'vitest'

import { askedFirst } from '../../../lib/domain/liquidation/asked-first.ts'

/** Accounts with so much left each, as a scan lists them. */
function withLeft(...values: readonly number[]) {
  return values.map((value) => ({ margin: { value: BigInt(value), requirement: 100n } }))
}

function leftOf(asked: ReturnType<typeof withLeft>): readonly number[] {
  return asked.map(({ margin }) => Number(margin.value))
}

test('all are asked about where there is room', () => {
  expect(leftOf([...askedFirst(withLeft(-2, -1, 3, 4), 4)])).toEqual([-2, -1, 3, 4])
})

test('those with something left do not wait until the fund can pay for all others', () => {
  expect(leftOf([...askedFirst(withLeft(-4, -3, -2, -1, 5, 6, 7), 4)])).toEqual([-4, -3, 5, 6])
})

test('places that one kind does not need are the other’s', () => {
  expect(leftOf([...askedFirst(withLeft(-9, 1, 2, 3, 4), 4)])).toEqual([-9, 1, 2, 3])
  expect(leftOf([...askedFirst(withLeft(-5, -4, -3, -2, 1), 4)])).toEqual([-5, -4, -3, 1])
  expect(leftOf([...askedFirst(withLeft(-5, -4, -3, -2, -1), 4)])).toEqual([-5, -4, -3, -2])
})
