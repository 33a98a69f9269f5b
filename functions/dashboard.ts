import { page } from '../lib/runtime/scheduled.ts'

export const handler = page()
