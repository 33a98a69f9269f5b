import { referenceName } from '../reference.ts'
import { accountsOf } from './accounts.ts'
import type { Finding } from './problem.ts'
import { repeated } from './repeated.ts'
import type { Network } from './schema.ts'

/** Reports and transactions never share a key, and no two nodes do: who holds one key would be two witnesses. */
export function checkKeys({ oracles, peers, chains }: Network): readonly Finding[] {
  const names = [
    ...oracles.map(({ name }, at) => ({ name, path: ['oracles', at, 'name'] })),
    ...peers.map(({ name }, at) => ({ name, path: ['peers', at, 'name'] })),
  ]
  const registered = peers.flatMap((peer, at) =>
    (['signers', 'next'] as const).flatMap((of) =>
      (['stark', 'evm'] as const).flatMap((curve) => {
        const key = peer[of]?.[curve]
        return key === undefined ? [] : [{ path: ['peers', at, of, curve], key }]
      }),
    ),
  )
  const senders = Object.values(chains).flatMap((chain) =>
    chain.kind === 'starkex'
      ? []
      : accountsOf(chain).map(({ account }) => ({ key: referenceName(account.key) })),
  )
  const signers = oracles.flatMap((oracle, at) =>
    (['keys', 'next'] as const).flatMap((part) =>
      (['stark', 'evm'] as const).flatMap((curve) => {
        const key = oracle[part]?.[curve]
        return key ? [{ path: ['oracles', at, part, curve], key: referenceName(key) }] : []
      }),
    ),
  )
  const sending = new Set(senders.map(({ key }) => key))
  return [
    ...repeated(names, ({ name }) => name, 'expected a name that no other node has'),
    ...repeated(
      signers,
      ({ key }) => key,
      'expected a key that no other oracle and no other curve uses',
    ),
    ...repeated(registered, ({ key }) => key, 'expected a signer that no other peer has'),
    ...signers
      .filter(({ key }) => sending.has(key))
      .map(({ path }) => ({
        path,
        text: 'expected a key that sends no transactions: reports and transactions never share one',
      })),
  ]
}
