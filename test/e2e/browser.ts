import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium, type Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** A browser of this machine; undefined where there is none. */
export async function openBrowser(): Promise<
  { readonly newPage: () => Promise<Page>; readonly close: () => Promise<void> } | undefined
> {
  if (!existsSync(executablePath)) return undefined
  const profile = await mkdtemp(join(tmpdir(), 'starkeep-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  })
  return {
    newPage: async () => await context.newPage(),
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
