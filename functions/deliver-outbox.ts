import { sweeper } from '../lib/runtime/cloud/sweeper.ts'

export const handler = sweeper()
