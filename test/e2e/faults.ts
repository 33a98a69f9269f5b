import type { FaultInput } from '../../infra/local/venues/faults.ts'
import { venueSimulators } from '../../infra/local/venues/index.ts'

/** Switches a fault of a simulated venue on; `venues` is where the simulators are. */
export async function setVenueFault(
  venues: string,
  fault: FaultInput & { readonly venue: string },
): Promise<void> {
  await sent(`${venues}/faults`, 'POST', fault)
}

/** All venues agree on other prices of the local network's markets from now on; conversions stay. */
export async function moveAllPrices(venues: string, factor: string): Promise<void> {
  const instruments = ['BTC', 'ETH', 'SOL', 'STRK'].flatMap((base) =>
    ['USD', 'USDT', 'USDC'].map((quote) => `${base}-${quote}`),
  )
  for (const { name } of venueSimulators)
    await setVenueFault(venues, { venue: name, fault: 'lie', factor, instruments })
}

/** Makes one venue well again, or all. */
export async function clearVenueFaults(venues: string, venue?: string): Promise<void> {
  await sent(`${venues}/faults${venue === undefined ? '' : `?venue=${venue}`}`, 'DELETE')
}

/** Asks for something of the owner of a simulator, and throws where it is not done. */
export async function sent(url: string, method: string, body?: object): Promise<void> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
}
