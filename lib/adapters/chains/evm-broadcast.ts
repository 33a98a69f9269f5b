import type { BroadcastAnswer } from '../../domain/transaction.ts'
import type { RpcRefusal } from '../rpc.ts'

/**
 * What an error of eth_sendRawTransaction means; undefined where it does not say that the pool has not got the bytes.
 * The texts are those of geth, anvil, Nethermind, Erigon, Besu and Reth: only the texts tell the cases apart.
 */
export function evmAnswer(error: RpcRefusal): BroadcastAnswer | undefined {
  const said = error.message.toLowerCase()
  const found = meanings.find(([words]) => words.test(said))
  if (!found) return undefined
  const [, why] = found
  return why === 'known' ? { kind: 'known' } : { kind: 'refused', why, reason: error.message }
}

type Meaning = 'known' | Extract<BroadcastAnswer, { kind: 'refused' }>['why']

/** The first that fits decides, so the narrower words stand first. */
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /already known|already imported|alreadyknown|\bknown transaction|already in (?:the )?mempool/,
    'known',
  ],
  [/replacement (?:transaction|tx) underpriced|could not replace existing/, 'underpriced'],
  // geth: the account has transactions of the other kind (with blobs, or without) on their way; they go first.
  [/address already reserved/, 'nonce-too-high'],
  [/nonce (?:is )?too low|oldnonce|old nonce/, 'nonce-too-low'],
  [
    /nonce (?:is )?too high|nonce gap|noncegap|gapped nonce|too far in the future/,
    'nonce-too-high',
  ],
  [/insufficient funds|insufficientfunds|upfront cost exceeds|sender doesn't have enough/, 'funds'],
  [/priority fee per gas higher|tip (?:is )?higher than|tip above fee/, 'invalid'],
  [
    /underpriced|fee too low|feetoolow|less than block base fee|below (?:the )?(?:current )?(?:base fee|minimum)|gas price too low|gas price below/,
    'underpriced',
  ],
  [
    /intrinsic gas|exceeds (?:block )?gas limit|exceeds the configured cap|invalid (?:sender|signature|chain ?id|transaction)|chain ?id mismatch|oversized data|transaction too large|invalid kzg|missing blob hashes|too many blobs|type not supported|failed to decode|rlp|gas limit too high|tx gas limit|negative value|init ?code/,
    'invalid',
  ],
]
