import { openKzg } from '../lib/adapters/kzg/kzg.ts'
import { worker } from '../lib/runtime/cloud/worker.ts'

export const handler = worker('prove-batches', openKzg())
