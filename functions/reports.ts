import { reports } from '../lib/runtime/cloud/reports.ts'

export const handler = reports()
