import { blobProofs } from '../lib/runtime/cloud/blob-proofs.ts'
import { worker } from '../lib/runtime/cloud/worker.ts'

export const handler = worker('prove-batches', blobProofs())
