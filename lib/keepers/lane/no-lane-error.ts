/** Nobody can send for this exchange: its chain has no account in the network file. */
export class NoLaneError extends Error {
  override readonly name = 'NoLaneError'

  constructor(engine: string) {
    super(`no account sends for ${engine}; give its chain one in the network file`)
  }
}
