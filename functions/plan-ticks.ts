import { planner } from '../lib/runtime/cloud/planner.ts'

export const handler = planner()
