import { worker } from '../lib/runtime/cloud/worker.ts'

export const handler = worker('pack-history')
