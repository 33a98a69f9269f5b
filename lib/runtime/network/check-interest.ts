import { accountFor } from './accounts.ts'
import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import type { Network } from './schema.ts'

/** What the jobs of interest need: an exchange that has any, an account that sends, and markets that are listed there. */
export function checkInterest({ jobs, engines, chains, markets }: Network): readonly Finding[] {
  const having = Object.entries(engines).flatMap(([name, engine]) =>
    engine.kind === 'starknet-perpetual' && engine.interest
      ? [{ name, chain: engine.chain, generation: engine.generation, ...engine.interest }]
      : [],
  )
  const paying = having.filter(({ payments }) => payments)
  const idle = [
    ...(jobs['update-exchange-time'] && having.length === 0
      ? [
          {
            path: ['jobs', 'update-exchange-time'],
            text: 'expected an engine with `interest`, which says how its time is kept',
          },
        ]
      : []),
    ...(jobs['apply-interests'] && paying.length === 0
      ? [
          {
            path: ['jobs', 'apply-interests'],
            text: 'expected an engine with `interest.payments`, which says what is paid',
          },
        ]
      : []),
  ]
  const old = having.flatMap(({ name, generation }) =>
    generation === 'detect' || generation === 'D'
      ? []
      : [
          {
            path: ['engines', name, 'interest'],
            text: `expected it with generation D only; this one is ${generation}`,
          },
        ],
  )
  const runs = jobs['update-exchange-time'] ?? jobs['apply-interests']
  const unsent = having.flatMap(({ name, chain }) => {
    const found = entry(chains, chain)
    return runs && found && !accountFor(found, 'funding')
      ? [
          {
            path: ['chains', chain],
            text: `expected an account for funding, which also sends interest to ${name}`,
          },
        ]
      : []
  })
  const unlisted = paying.flatMap(({ name, payments }) =>
    Object.keys(payments?.holdings ?? {}).flatMap((symbol) => {
      const market = Object.entries(markets).find(([known]) => known === symbol)?.[1]
      return market && Object.hasOwn(market.engines, name)
        ? []
        : [
            {
              path: ['engines', name, 'interest', 'payments', 'holdings', symbol],
              text: `expected a market that ${name} lists`,
            },
          ]
    }),
  )
  return [...idle, ...old, ...unsent, ...unlisted]
}
