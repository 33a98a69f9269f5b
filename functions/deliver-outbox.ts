import { sweeper } from '../lib/runtime/scheduled.ts'

export const handler = sweeper()
