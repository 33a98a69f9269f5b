import { worker } from '../lib/runtime/scheduled.ts'

export const handler = worker('publish-prices')
