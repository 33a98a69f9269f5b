import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { venues } from '../../../lib/adapters/venues/index.ts'
import { catalogue, tunableAt } from '../../../lib/domain/parameters/catalogue.ts'
import { parseNetwork } from '../../../lib/runtime/network-file.ts'
import { knownParameters } from '../../../lib/runtime/parameters/check-parameters.ts'

type Schema = {
  readonly type?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

const folder = new URL('../../../infra/networks/', import.meta.url)
/** What editors check a network file by: read here by this test's own means. */
const schema = z
  .custom<Schema>()
  .parse(JSON.parse(readFileSync(new URL('network.schema.json', folder), 'utf8')))

/** Every place of the file, `*` for any name and `[]` for any member of a list, with all that the schema says there. */
function placesIn(
  node: Schema,
  path: readonly string[] = [],
): readonly (readonly [string, Schema])[] {
  const choices = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]
  const others = node.additionalProperties
  return [
    [path.join('.'), node],
    // A choice is in the same place; what is said of all of them is said outside.
    ...choices.flatMap((one) =>
      placesIn(
        { ...one, ...(node.description !== undefined && { description: node.description }) },
        path,
      ),
    ),
    ...Object.entries(node.properties ?? {}).flatMap(([key, one]) => placesIn(one, [...path, key])),
    ...(typeof others === 'object' ? placesIn(others, [...path, '*']) : []),
    ...(node.items ? placesIn(node.items, [...path, '[]']) : []),
  ]
}

const places = placesIn(schema)

/** What is deployed: who wakes a job does so by it, and its slots are counted by it. */
const schedule = Object.fromEntries(
  places
    .filter(([path]) => /^jobs\.[^.]+\.(everySeconds|offsetMs)$/.test(path))
    .map(([path]) => [path, 'when the job runs']),
)
const fetched = 'what a view has in it: every set decides on the same one'

/** Numbers that are no parameter, and why. */
const others: Readonly<Record<string, string>> = {
  ...schedule,
  'jobs.publish-prices.collectMs': fetched,
  'jobs.push-prices.collectMs': fetched,
  'jobs.index-positions.checkSlots': fetched,
  'chains.*.chainId': 'which chain it is',
  'chains.*.blockSeconds': 'how the chain is made',
  'chains.*.finalityBlocks': 'how the chain is made',
  'chains.*.maxFee': 'what the operator pays for: his money, by account and chain',
  'chains.*.urgentPlaces': 'how what was decided is sent: no set decides by it',
  'markets.*.engines.*.resolutionFactor': 'what the exchange’s contract counts in',
  'engines.*.collateralResolution': 'what the exchange’s contract counts in',
  'engines.*.funding.epochSeconds': 'when the exchange settles, by its own rules',
  'engines.*.maxFundingRate': 'what the exchange’s contract refuses',
  'engines.*.positionsFrom': 'the block in which the exchange began',
  'engines.*.settledBefore.at': 'when another deployment settled last',
  'engines.*.liquidation.risk.*.[].factor': 'the exchange’s own tiers of margin',
  'engines.*.liquidation.risk.*.[].upTo': 'the exchange’s own tiers of margin',
  'engines.*.worth.price': 'what the operator pays for: his money, by account and chain',
  'engines.*.worth.funding': 'what the operator pays for: his money, by account and chain',
  'engines.*.worth.liquidation': 'what the operator pays for: his money, by account and chain',
  'proving.*.feeCap': 'what the operator pays for: his money, by account and chain',
  'proving.*.settlement.minSecurityBits': 'what the contract on the other chain asks of a proof',
  'proving.*.source.emptyAfterSeconds': 'how batches are closed: who made them goes by the same',
  'proving.*.source.maxActions': 'how batches are closed: who made them goes by the same',
  'proving.*.source.maxAgeSeconds': 'how batches are closed: who made them goes by the same',
  'proving.*.source.maxBlocks': 'how batches are closed: who made them goes by the same',
  'proving.*.source.maxBytes': 'how batches are closed: who made them goes by the same',
  'proving.*.source.maxTransactions': 'how batches are closed: who made them goes by the same',
  'alerts.channels.*.pace.infoEveryMinutes': 'what a channel’s readers bear',
  'alerts.channels.*.pace.perMinute': 'what a channel’s service takes',
  'alerts.channels.*.pace.remindHours': 'what a channel’s readers bear',
  'alerts.channels.*.pace.singlesPerMinute': 'what a channel’s readers bear',
}

const deciding = /^(markets|legs|engines|proving|uptimeFeeds|alerts|watch|jobs|chains)\./

describe('the catalogue of parameters', () => {
  test('every number of what decides is a parameter, or it is said here why not', () => {
    const numbers = places
      .filter(
        ([path, { type }]) => deciding.test(path) && (type === 'number' || type === 'integer'),
      )
      .map(([path]) => path)
    const known = new Set([...catalogue.map(({ path }) => path), ...Object.keys(others)])
    expect([...new Set(numbers)].filter((path) => !known.has(path))).toEqual([])
    // Nor is anything explained away that is not there, or is one nevertheless.
    expect(Object.keys(others).filter((path) => !numbers.includes(path))).toEqual([])
    expect(Object.keys(others).filter((path) => tunableAt(path))).toEqual([])
  })

  test.each(catalogue.map(({ path }) => path))(
    '%s is in the file with bounds and a reason',
    (path) => {
      const here = places.filter(([place]) => place === path).map(([, one]) => one)
      expect(here.length).toBeGreaterThan(0)
      expect(here.some(({ description = '' }) => description.length > 20)).toBe(true)
      const numbers = here.filter(({ type }) => type === 'number' || type === 'integer')
      if (path.endsWith('.sources')) return
      expect(numbers.length).toBeGreaterThan(0)
      for (const { minimum, exclusiveMinimum, maximum } of numbers)
        expect([minimum ?? exclusiveMinimum, maximum]).toEqual([
          expect.any(Number),
          expect.any(Number),
        ])
    },
  )

  test('each is there once', () => {
    const paths = catalogue.map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
  })

  const files = readdirSync(folder).filter((name) => name.endsWith('.yml'))
  test.each(files)('of %s people are told every value with bounds and a reason', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8')
    const network = parseNetwork(text, file, { venueNames: venues.map(({ name }) => name) })
    const all = knownParameters(network)
    expect(all.length).toBeGreaterThan(10)
    for (const { path, value, least, most, reason } of all) {
      expect([path, reason]).toEqual([path, expect.stringMatching(/.{20}/)])
      if (typeof value === 'object') continue
      expect([path, least, most]).toEqual([path, expect.any(Number), expect.any(Number)])
      expect(Number(value)).toBeGreaterThanOrEqual(least ?? Infinity)
      expect(Number(value)).toBeLessThanOrEqual(most ?? -Infinity)
    }
  })
})
