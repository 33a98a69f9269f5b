import { h, keep, say } from './dom.js'
import { quoted, readValue, valueText } from './parameter-values.js'
import { mayAct, ownName, take } from './studio-data.js'

/**
 * @typedef {import('./studio-data.js').KnownParameter} KnownParameter
 * @typedef {import('./studio-data.js').StepName} StepName
 * @typedef {{ name: StepName, title: string, text: string, hasChanges?: boolean, duration?: { label: string, option: string, ms: number }, of?: number, against?: string | undefined }} Step
 */

/**
 * One form for whatever is to be done: who and why, what the step needs beside, and the same as a command.
 *
 * @param {{ parameters: () => readonly KnownParameter[], onTaken: () => void }} to
 */
export function stepForm({ parameters, onTaken }) {
  const title = h('h3')
  const text = h('p', { class: 'under' })
  const chosen = h('ul', { class: 'chosen', 'aria-label': 'Values' })
  const place = h('input', {
    id: 'step-place',
    list: 'step-places',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'markets.BTC-USD.push.deviationBps',
  })
  const places = h('datalist', { id: 'step-places' })
  const adding = h(
    'p',
    { class: 'field' },
    h('label', { for: 'step-place' }, 'Parameter'),
    place,
    places,
  )
  const duration = h('input', { id: 'step-duration', inputmode: 'numeric', autocomplete: 'off' })
  const durationLabel = h('label', { for: 'step-duration' })
  const lasts = h('p', { class: 'field' }, durationLabel, duration)
  const force = h('input', { id: 'step-force', type: 'checkbox' })
  const forced = h(
    'p',
    { class: 'field check' },
    force,
    h('label', { for: 'step-force' }, 'Although its shadow run speaks against it'),
  )
  const by = h('input', { id: 'step-by', autocomplete: 'off', maxlength: '300', value: ownName })
  const why = h('input', { id: 'step-why', autocomplete: 'off', maxlength: '300' })
  const problems = h('ul', { class: 'problems', role: 'alert' })
  const command = h('code', {
    class: 'command',
    tabindex: '0',
    'aria-label': 'The same as a command',
  })
  const copy = h('button', { type: 'button' }, 'Copy')
  const go = h('button', { type: 'submit', class: 'main' })
  const cancel = h('button', { type: 'button' }, 'Leave it')
  const form = h(
    'form',
    { class: 'step', hidden: '', novalidate: '' },
    title,
    text,
    adding,
    chosen,
    lasts,
    forced,
    h('p', { class: 'field' }, h('label', { for: 'step-by' }, 'Who'), by),
    h('p', { class: 'field' }, h('label', { for: 'step-why' }, 'Why'), why),
    problems,
    h('p', { class: 'buttons' }, ...(mayAct ? [go] : []), cancel),
    h('p', { class: 'as-command' }, command, copy),
  )
  /** @type {Step | undefined} */
  let step
  /** @type {Map<string, string>} */
  const values = new Map()

  const show = () => {
    if (!step) return
    showChosen()
    say(command, commandOf(step, collected()))
  }
  const showChosen = () =>
    keep(
      chosen,
      [...values.keys()].flatMap((path) => parameters().find((one) => one.path === path) ?? []),
      {
        key: ({ path }) => path,
        create: (parameter) => chosenItem(parameter),
        update(item, parameter) {
          const problem = item.querySelector('.why')
          const read = readValue(parameter, values.get(parameter.path) ?? '')
          if (problem) say(problem, 'problem' in read ? read.problem : '')
          item.toggleAttribute('data-wrong', 'problem' in read)
        },
      },
    )
  /** @param {KnownParameter} parameter */
  const chosenItem = ({ path, value, unit }) => {
    const input = h('input', {
      id: `value-${path}`,
      'aria-describedby': `why-${path}`,
      autocomplete: 'off',
      value: values.get(path) ?? valueText(value),
    })
    input.addEventListener('input', () => {
      values.set(path, input.value)
      show()
    })
    const remove = h('button', { type: 'button', 'aria-label': `Leave ${path} as it is` }, '×')
    remove.addEventListener('click', () => {
      values.delete(path)
      show()
    })
    return h(
      'li',
      {},
      h('label', { for: `value-${path}` }, h('code', {}, path)),
      input,
      h('span', {}, unit),
      remove,
      h('small', { class: 'why', id: `why-${path}` }),
    )
  }
  const collected = () => ({
    changes: Object.fromEntries(
      [...values].flatMap(([path, said]) => {
        const parameter = parameters().find((one) => one.path === path)
        const read = parameter && readValue(parameter, said)
        return read && 'value' in read ? [[path, read.value]] : []
      }),
    ),
    seconds: Number(duration.value),
    isForced: force.checked,
    by: by.value.trim(),
    why: why.value.trim(),
  })
  const wrong = () => {
    const { changes, seconds, by: who, why: reason } = collected()
    return [
      ...(step?.hasChanges && values.size === 0 ? ['choose a parameter and its new value'] : []),
      ...[...values.keys()].flatMap((path) => {
        const parameter = parameters().find((one) => one.path === path)
        const read = parameter && readValue(parameter, values.get(path) ?? '')
        return read && 'problem' in read && !(path in changes) ? [`${path}: ${read.problem}`] : []
      }),
      ...(step?.duration && !(Number.isInteger(seconds) && seconds > 0)
        ? [`${step.duration.label.toLowerCase()}: expected whole seconds`]
        : []),
      ...(who === '' ? ['who: nobody is named'] : []),
      ...(reason === '' ? ['why: no reason is given'] : []),
    ]
  }
  /** @param {readonly string[]} found */
  const tell = (found) =>
    keep(problems, found, {
      key: (one) => one,
      create: () => h('li'),
      update: (item, one) => say(item, one),
    })
  const close = () => {
    form.hidden = true
    step = undefined
    values.clear()
  }
  const submit = async () => {
    if (!step) return
    const found = wrong()
    tell(found)
    if (found.length > 0) return
    go.disabled = true
    const answer = await take(step.name, bodyOf(step, collected()))
    go.disabled = false
    if (answer.kind === 'refused') {
      tell(answer.problems)
      return
    }
    close()
    onTaken()
  }
  const add = () => {
    const parameter = parameters().find(({ path }) => path === place.value.trim())
    if (!parameter) return
    values.set(parameter.path, values.get(parameter.path) ?? valueText(parameter.value))
    place.value = ''
    show()
    document.getElementById(`value-${parameter.path}`)?.focus()
  }
  place.addEventListener('input', add)
  form.addEventListener('input', show)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })
  cancel.addEventListener('click', close)
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(command.textContent).then(
      () => say(copy, 'Copied'),
      // A page that was not served safely may not write there: it is marked instead.
      () => getSelection()?.selectAllChildren(command),
    )
  })

  return {
    element: form,
    isOpen: () => step !== undefined,
    /**
     * @param {Step} next
     * @param {KnownParameter} [first]
     */
    open(next, first) {
      const isOther = step?.name !== next.name
      step = next
      if (isOther) values.clear()
      if (first) values.set(first.path, values.get(first.path) ?? valueText(first.value))
      form.hidden = false
      say(title, next.title)
      say(text, next.text)
      say(go, next.title)
      say(copy, 'Copy')
      adding.hidden = !next.hasChanges
      chosen.hidden = !next.hasChanges
      lasts.hidden = !next.duration
      forced.hidden = next.against === undefined
      if (isOther) force.checked = false
      if (next.duration && isOther) {
        say(durationLabel, next.duration.label)
        duration.value = String(Math.ceil(next.duration.ms / 1000))
      }
      places.replaceChildren(...parameters().map(({ path }) => h('option', { value: path })))
      tell([])
      show()
      form.scrollIntoView({ block: 'nearest' })
      const wanted = first ? document.getElementById(`value-${first.path}`) : undefined
      const next1 = wanted ?? (next.hasChanges ? place : why)
      next1.focus()
    },
  }
}

/**
 * @typedef {{ changes: Record<string, string | number | readonly string[]>, seconds: number, isForced: boolean, by: string, why: string }} Collected
 * @param {Step} step
 * @param {Collected} said
 * @returns {Record<string, unknown>}
 */
function bodyOf({ name, of }, { changes, seconds, isForced, by, why }) {
  const person = { by, why }
  switch (name) {
    case 'propose':
      return { ...person, changes }
    case 'emergency':
      return { ...person, changes, forMs: seconds * 1000 }
    case 'activate':
      return { ...person, inMs: seconds * 1000, isForced }
    case 'roll-back':
      return { ...person, of: of ?? 0 }
    case 'shadow':
    case 'withdraw':
      return person
  }
}

/**
 * @param {Step} step
 * @param {Collected} said
 */
function commandOf({ name, duration, hasChanges }, { changes, seconds, isForced, by, why }) {
  return [
    `npx starkeep govern ${name} --network <file>`,
    ...(hasChanges
      ? Object.entries(changes).map(
          ([path, value]) =>
            `--set ${quoted(`${path}=${typeof value === 'object' ? `[${value.join(', ')}]` : value}`)}`,
        )
      : []),
    ...(duration && seconds > 0 ? [`--${duration.option} ${seconds}s`] : []),
    ...(isForced ? ['--force'] : []),
    ...(by === '' ? [] : [`--by ${quoted(by)}`]),
    `--why ${why === '' ? '…' : quoted(why)}`,
  ].join(' ')
}
