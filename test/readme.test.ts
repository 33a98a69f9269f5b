import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { jobNames } from '../lib/runtime/network/job-names.ts'

const root = new URL('../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')))
const schema = z
  .object({ properties: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(new URL('infra/networks/network.schema.json', root), 'utf8')))

describe('the README', () => {
  test('begins with the two commands that do everything', () => {
    expect(readme).toContain('npm ci && npm start ')
    expect(readme).toContain('npm ci && npm test ')
  })

  test('names only scripts that are there', () => {
    const named = [...readme.matchAll(/npm run ([a-z:-]+)/g)].map(([, script]) => script ?? '')
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([])
  })

  test('links only to what is there', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path ?? '')
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((path) => !existsSync(new URL(path, root)))).toEqual([])
  })

  test.each(jobNames)('explains the job %s', (job) => {
    expect(readme).toContain(`\`${job}\``)
  })

  test.each(Object.keys(schema.properties))(
    'explains the section %s of a network file',
    (section) => {
      expect(readme).toMatch(new RegExp(`\\| .*\`${section}\``))
    },
  )
})
