import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { build, type Plugin } from 'esbuild'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'

import * as infra from '../../infra/cloud/node-builtins.ts'
import { StoreUnavailableError } from '../../lib/adapters/store/unavailable.ts'
import { PortTakenError, serveApp } from '../../lib/runtime/http/serve-app.ts'
import { assets } from '../../lib/runtime/page/assets.ts'
import { lambdaPage } from '../../lib/runtime/page/lambda-page.ts'
import { pageApp } from '../../lib/runtime/page/page-app.ts'
import { viewEvents } from '../../lib/runtime/page/view-events.ts'
import type { NetworkView } from '../../lib/runtime/view/network-view.ts'
import { aView } from './a-view.ts'

const unavailable = new StoreUnavailableError('query TICK', new Error('timeout'))
const view = async (): Promise<NetworkView> => aView()
const app = pageApp({ view, everyMs: 2_000 })

describe('the page', () => {
  test('is HTML that knows how often to ask, and runs nothing inline', async () => {
    const response = await app.request('/')
    const html = await response.text()
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(html).toContain('data-every-ms="2000"')
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/)
  })

  test('asks only for what is there, from its own server', async () => {
    const html = await (await app.request('/')).text()
    const scripts = Object.entries(assets).filter(([name]) => /^[a-z-]+\.js$/.test(name))
    const imported = scripts.flatMap(([name, { text }]) =>
      name === 'uplot.js'
        ? []
        : [...text.matchAll(/from '\.\/([^']+)'/g)].map(([, file]) => `assets/${file}`),
    )
    const linked = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path]) => path)
    for (const path of new Set([...linked, ...imported]))
      expect([path, (await app.request(`/${path}`)).status]).toEqual([path, 200])
    // Nothing is served that no page asks for.
    const wanted = new Set([...linked, ...imported, 'assets/page.html'])
    expect(Object.keys(assets).filter((name) => !wanted.has(`assets/${name}`))).toEqual([])
  })

  test.each(['/', '/assets/page.js', '/api/view', '/nowhere'])(
    '%s lets nothing from elsewhere run, and is kept nowhere',
    async (path) => {
      const { headers } = await app.request(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).not.toMatch(/unsafe|https?:/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  test.each(['/nowhere', '/assets/nothing.js', '/assets/page.html', '/assets/constructor'])(
    '%s is not there, and says so',
    async (path) => {
      const response = await app.request(path)
      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ error: `there is nothing at ${path}` })
    },
  )
})

describe('its data', () => {
  test('is the view, and the past where there is one', async () => {
    expect(await (await app.request('/api/view')).json()).toEqual(aView())
    expect(await (await app.request('/api/history')).json()).toEqual({})
    const past = { 'BTC-USD': [{ round: 1, at: 2, mark: '3', sources: {}, posted: {} }] }
    const withPast = pageApp({ view, history: async () => past, everyMs: 2_000 })
    expect(await (await withPast.request('/api/history')).json()).toEqual(past)
  })

  test('is a sentence with 503 while the store does not answer, and the view again after', async () => {
    let down = true
    const flaky = pageApp({
      view: async () => (down ? await Promise.reject(unavailable) : aView()),
      everyMs: 60_000,
    })
    const response = await flaky.request('/api/view')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      error: 'the store is unavailable (query TICK): Error: timeout',
    })
    down = false
    expect((await flaky.request('/api/view')).status).toBe(200)
  })

  test('is read once for all who look at the same time', async () => {
    let reads = 0
    const counting = pageApp({
      view: async () => {
        reads += 1
        return await Promise.resolve(aView())
      },
      everyMs: 60_000,
    })
    await Promise.all(Array.from({ length: 20 }, async () => await counting.request('/api/view')))
    expect(reads).toBe(1)
  })
})

describe('its events', () => {
  test('are the view at once and again every interval, as it is then', async () => {
    let at = 1
    const live = pageApp({ view: async () => aView({ at: at++ }), everyMs: 20 })
    const response = await live.request('/api/events')
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const seen: number[] = []
    for await (const { event, data } of frames(response)) {
      expect(event).toBe('view')
      seen.push((JSON.parse(data) as NetworkView).at)
      if (seen.length === 3) break
    }
    expect(seen).toEqual([1, 2, 3])
  })

  test('say what is wrong while there is no view, and go on', async () => {
    let asked = 0
    const flaky = pageApp({
      view: async () => {
        asked += 1
        return asked === 1 ? await Promise.reject(unavailable) : aView()
      },
      everyMs: 20,
    })
    const seen: Frame[] = []
    for await (const frame of frames(await flaky.request('/api/events'))) {
      seen.push(frame)
      if (seen.length === 2) break
    }
    expect(seen.map(({ event }) => event)).toEqual(['problem', 'view'])
    expect(seen[0]?.data).toBe(unavailable.message)
  })

  test('are never silent for long, also where news are rare', async () => {
    const rare = new Hono().get('/', (context) =>
      viewEvents(context, { view, everyMs: 60_000, heartbeatMs: 20, sentence: String }),
    )
    const chunks: string[] = []
    for await (const chunk of texts(await rare.request('/'))) {
      chunks.push(chunk)
      if (chunks.length === 3) break
    }
    expect(chunks.slice(1)).toEqual([': still here\n\n', ': still here\n\n'])
  })

  test('end when the viewer goes: nothing is read any more', async () => {
    let reads = 0
    const counting = pageApp({
      view: async () => {
        reads += 1
        return await Promise.resolve(aView())
      },
      everyMs: 10,
    })
    const response = await counting.request('/api/events')
    for await (const { event: name } of frames(response)) if (name === 'view' && reads >= 2) break
    await wait(30)
    const after = reads
    await wait(100)
    expect(reads).toBe(after)
  })
})

const named = { what: 'the page', option: '--port' }

describe('on this machine', () => {
  test('it is served, and closes also while somebody looks', async () => {
    const page = await serveApp({
      app: pageApp({ view, everyMs: 20 }),
      port: 0,
      host: '127.0.0.1',
      named,
    })
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const events = await fetch(`${page.url}/api/events`)
    const reader = events.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    await page.close()
    await expect(fetch(page.url)).rejects.toThrow('fetch failed')
  })

  test('a port that is taken is named, with what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const served = serveApp({ app, port, host: '127.0.0.1', named })
    await expect(served).rejects.toThrow(PortTakenError)
    await expect(served).rejects.toThrow(
      `the page cannot be served at 127.0.0.1:${port}: another program listens there; choose another port with --port`,
    )
    other.close()
  })
})

describe('behind a function URL', () => {
  test('it answers with status, headers and text, and tells the page to poll', async () => {
    const handler = lambdaPage({ view, everyMs: 5_000 })
    const answer = await handler(invocation('/api/view'))
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false })
    expect(answer).toHaveProperty('body', JSON.stringify(aView()))
    expect(answer).toHaveProperty('headers.cache-control', 'no-store')
    expect(await handler(invocation('/api/events'))).toMatchObject({ statusCode: 204, body: '' })
    expect(await handler(invocation('/nowhere'))).toMatchObject({ statusCode: 404 })
  })

  test('its bundle holds every file that it serves, and reads none', async () => {
    const plugins = (infra as unknown as { readonly 'module.exports': Plugin[] })['module.exports']
    const { outputFiles } = await build({
      stdin: {
        contents: `export { assets } from '../../lib/runtime/page/assets.ts'`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      plugins,
    })
    const script = outputFiles[0]?.text ?? ''
    expect(script).not.toContain('readFileSync')
    const url = `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`
    expect(((await import(url)) as { readonly assets: unknown }).assets).toEqual(assets)
  })
})

type Frame = { readonly event: string; readonly data: string }

async function* frames(response: Response): AsyncGenerator<Frame> {
  let text = ''
  for await (const chunk of texts(response)) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? []
      yield { event: name, data }
    }
  }
}

async function* texts({ body }: Response): AsyncGenerator<string> {
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>)
    yield new TextDecoder().decode(chunk)
}

function invocation(rawPath: string): LambdaFunctionURLEvent {
  const http = { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { accept: '*/*' },
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: 'page.example',
      domainPrefix: 'page',
      http,
      requestId: '',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  }
}
