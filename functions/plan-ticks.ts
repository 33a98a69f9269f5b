import { planner } from '../lib/runtime/scheduled.ts'

export const handler = planner()
