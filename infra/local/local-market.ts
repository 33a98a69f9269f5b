import { venues } from '../../lib/adapters/venues/index.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import type { Clock } from '../../lib/ports.ts'
import { feedsCovered, type LocalFeeds } from './local-feeds.ts'
import { localTemplate } from './local-file.ts'
import type { MarketModel } from './market/market.ts'
import { recordedMarket } from './market/recorded.ts'
import { simulatedMarket } from './market/simulated.ts'

/** Where a local network's prices come from. */
export type LocalMarket =
  | { readonly kind: 'simulated'; readonly seed: string }
  | {
      readonly kind: 'recorded'
      readonly file: string
      /** Unix milliseconds; the recording's first row where undefined. */
      readonly from: number | undefined
      readonly speed: number
    }
  | { readonly kind: 'live' }

type OpenMarket = {
  /** Undefined where the real venues are asked. */
  readonly model: MarketModel | undefined
  /** What can be priced where that is not everything. */
  readonly feeds: LocalFeeds | undefined
}

export async function openLocalMarket(
  market: LocalMarket,
  world: { readonly clock: Clock; readonly onProgress: (message: string) => void },
): Promise<OpenMarket> {
  switch (market.kind) {
    case 'simulated':
      return { model: simulatedMarket({ seed: market.seed }), feeds: undefined }
    case 'live':
      return { model: undefined, feeds: undefined }
    case 'recorded':
      return await openRecording(market, world)
  }
}

async function openRecording(
  { file, from, speed }: LocalMarket & { readonly kind: 'recorded' },
  { clock, onProgress }: { readonly clock: Clock; readonly onProgress: (message: string) => void },
): Promise<OpenMarket> {
  onProgress(`Reading ${file} …`)
  const model = await recordedMarket({
    file,
    speed,
    startedAt: clock.now(),
    ...(from === undefined ? {} : { from }),
  })
  const known = venues.map(({ name }) => name)
  const feeds = feedsCovered(localTemplate(), model.covers(), known)
  const priced = Object.keys(feeds.markets)
  if (priced.length === 0) throw new UncoveredMarketsError(file, model.covers())
  const missing = feeds.missing.length > 0 ? `, but not ${feeds.missing.join(', ')}` : ''
  const unused = model.ignored.length > 0 ? `; unused: ${model.ignored.join(', ')}` : ''
  onProgress(`The recording prices ${priced.join(', ')}${missing}${unused}.`)
  onProgress(`It ends at ${new Date(model.endsAt).toISOString()}; prices stand still then.`)
  return { model, feeds }
}

/** The recording has no market of the template from two venues. */
export class UncoveredMarketsError extends Error {
  override readonly name = 'UncoveredMarketsError'

  constructor(file: string, covered: ReturnType<MarketModel['covers']>) {
    const has = covered.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`)
    super(
      `${file} prices no market: each needs spot prices from two venues, and it has ${has.join(', ') || 'none that are known here'}`,
    )
  }
}
