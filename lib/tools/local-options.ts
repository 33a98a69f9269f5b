/** What `starkeep local` was told, each with a meaning of its own in its help. */
export type LocalOptions = {
  readonly for?: number
  readonly from?: number
  readonly speed?: number
  readonly seed: string
  readonly port?: number
  readonly data: string
  readonly temporary?: true
  readonly starknet: 'box' | 'devnet'
  readonly starkex?: true
  readonly blobs?: true
  readonly json?: true
  readonly verbose?: true
}

/** Of the live page. */
export const defaultPort = 4747
