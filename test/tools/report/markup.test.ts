import { describe, expect, test } from 'vitest'

import { html, jsonMarkup, verbatim } from '../../../lib/tools/report/markup.ts'

describe('HTML of a report', () => {
  test('takes every string for text, between tags and inside of quoted attributes', () => {
    const name = `<b title='"'>&`
    expect(html`<i title="${name}">${name}</i>`.markup).toBe(
      '<i title="&lt;b title=&#39;&quot;&#39;&gt;&amp;">&lt;b title=&#39;&quot;&#39;&gt;&amp;</i>',
    )
  })

  test('takes markup as it is, lists piece by piece, and leaves out what is not there', () => {
    const items = ['a', '<b>'].map((text) => html`<i>${text}</i>`)
    expect(html`<b>${items}${undefined}</b>${3}`.markup).toBe('<b><i>a</i><i>&lt;b&gt;</i></b>3')
  })

  test('holds JSON that cannot end the script it stands in', () => {
    const { markup } = jsonMarkup({ name: '</script><script>alert(1)</script><!--' })
    expect(markup).not.toContain('<')
    expect(JSON.parse(markup)).toEqual({ name: '</script><script>alert(1)</script><!--' })
  })

  test.each(['x = "</script>"', 'p {} </STYLE>', '<!-- x'])(
    'takes no script or style that would end its element: %s',
    (text) => {
      expect(() => verbatim(text)).toThrow('a script or style may not hold')
    },
  )
})
