import { page } from '../lib/runtime/cloud/page.ts'

export const handler = page()
