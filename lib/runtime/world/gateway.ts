import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

import type { MutualTls } from '../../adapters/http-client.ts'
import type { StarkexFeeder } from '../../adapters/starkex-feeder.ts'
import type { Chain, Clock } from '../../ports.ts'
import type { NetworkChain } from '../network/schema.ts'
import { gatewayBlockSeconds } from '../network/starkex.ts'
import type { Secrets } from '../secrets.ts'

type StarkexNetworkChain = Extract<NetworkChain, { kind: 'starkex' }>

/** The gateway of a StarkEx exchange, as a chain. */
export async function composeGateway(
  name: string,
  { gateway, tls, batches }: StarkexNetworkChain,
  parts: {
    readonly secrets: Secrets
    readonly clock: Clock
    readonly cutOff: AbortSignal | undefined
  },
): Promise<Chain & { readonly feeder?: StarkexFeeder }> {
  const { secrets, clock, cutOff } = parts
  const { starkexChain } = await import('../../adapters/chains/starkex.ts')
  // Read with the first question: most functions never ask one, and may not read them.
  const certificates = tls && (async () => certificatesOf(name, tls, secrets))
  const address = async (reference: StarkexNetworkChain['gateway']) =>
    (await secrets.text(reference)).reveal().trim()
  const chain = starkexChain({
    name,
    url: await address(gateway),
    tls: certificates,
    blockSeconds: gatewayBlockSeconds,
    clock,
    cutOff,
  })
  if (!batches) return chain
  const { starkexFeeder } = await import('../../adapters/chains/starkex-feeder.ts')
  const feeder = starkexFeeder({
    chain: name,
    feederUrl: await address(batches.feeder),
    availabilityUrl: await address(batches.availability),
    tls: certificates,
    cutOff,
  })
  if (!batches.tellsNewest) return { ...chain, feeder }
  const { starkexFates } = await import('../../adapters/chains/starkex-fates.ts')
  return { ...chain, feeder, fates: starkexFates(feeder, { now: () => clock.now() }) }
}

/** Whatever is wrong with them is told by name alone. */
export async function certificatesOf(
  chain: string,
  tls: NonNullable<StarkexNetworkChain['tls']>,
  secrets: Secrets,
): Promise<MutualTls> {
  const [certificate, key, ca] = await Promise.all(
    [tls.certificate, tls.key, tls.ca].map(async (one) => (await secrets.text(one)).reveal()),
  )
  const read = { certificate: certificate ?? '', key: key ?? '', ca: ca ?? '' }
  try {
    createSecureContext({ cert: read.certificate, key: read.key })
    // In a context of connections, what is no certificate would be passed over.
    new X509Certificate(read.ca).toString()
  } catch (error) {
    throw new UnfitCertificateError(chain, error)
  }
  return read
}

/** What the file calls a certificate, its key and their authority is not that. Shows none of it. */
export class UnfitCertificateError extends Error {
  override readonly name = 'UnfitCertificateError'

  constructor(chain: string, error: unknown) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason'
    super(
      `the certificates of ${chain} do not fit (${code}): each part of tls must be PEM, and the key that of the certificate`,
    )
  }
}
