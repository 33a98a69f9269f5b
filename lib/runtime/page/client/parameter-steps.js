import { h, keep, say } from './dom.js'
import { counted, lasting } from './format.js'
import { mayAct } from './studio-data.js'

/**
 * @typedef {import('./studio-data.js').ParametersView} ParametersView
 * @typedef {import('./step-form.js').Step} Step
 */

/** Told a little before it is needed: the page and the network do not have quite the same time. */
const spareMs = 5_000

/**
 * The steps that may be taken now, and nothing else: a button that can do nothing is not there.
 *
 * @param {ParametersView} view
 * @param {number} now
 * @returns {readonly Step[]}
 */
export function stepsNow({ candidate, next, probation, emergency, active, rules, against }, now) {
  const inShadow = candidate?.shadowSince !== undefined
  const isLong = inShadow && now - candidate.shadowSince >= rules.minShadowMs
  const isApproved = (candidate?.approvals.length ?? 0) >= rules.approvals
  const isFree = !next && !probation && !emergency
  // Before the network file's own there is none.
  const hasBefore = emergency !== undefined || active.number > 0
  return [
    ...(!candidate && !next ? [propose] : []),
    ...(candidate && !inShadow && !probation ? [shadow] : []),
    ...(candidate && isLong && isApproved && isFree ? [activate(rules.leadMs, against)] : []),
    ...(candidate || next?.how === 'activate' ? [withdraw(next !== undefined)] : []),
    ...(hasBefore && next?.how !== 'roll-back' ? [rollBack(active.number)] : []),
    ...(emergency ? [] : [careful(rules.emergencyMs)]),
  ]
}

/**
 * What a proposal still waits for, in words; empty where it waits for nothing but somebody's step.
 *
 * @param {ParametersView} view
 * @param {number} now
 */
export function waitsFor({ candidate, probation, emergency, rules }, now) {
  if (!candidate) return ''
  const { shadowSince, approvals } = candidate
  const left = shadowSince === undefined ? 0 : shadowSince + rules.minShadowMs - now
  const missing = rules.approvals - approvals.length
  const waits = [
    ...(left > 0 ? [`it must be in shadow for ${lasting(left)} more`] : []),
    ...(missing > 0
      ? [
          `${counted(missing, 'approval is', 'approvals are')} missing, of ${rules.approvers.join(', ')}: npx starkeep govern approve --network <file> --key file:<your key> --by <your name> --why …`,
        ]
      : []),
    ...(probation
      ? [`the active set is on probation for ${lasting(probation.until - now)} more`]
      : []),
    ...(emergency ? [`an emergency set holds for ${lasting(emergency.until - now)} more`] : []),
  ]
  return waits.length === 0 ? '' : `Before it can become active: ${waits.join('; ')}.`
}

/** @param {(step: Step) => void} onStep */
export function stepButtons(onStep) {
  const element = h('p', { class: 'buttons', role: 'group', 'aria-label': 'Steps' })
  return {
    element,
    /** @param {readonly Step[]} steps */
    update(steps) {
      latest = steps
      keep(element, steps, {
        key: ({ name }) => name,
        create: ({ name }) => {
          const button = h('button', { type: 'button' })
          button.addEventListener('click', () => {
            const step = latest.find((one) => one.name === name)
            if (step) onStep(step)
          })
          return button
        },
        update: (button, { title }) =>
          say(button, mayAct ? `${title} …` : `How to: ${title.toLowerCase()}`),
      })
    },
  }
}

/** @type {readonly Step[]} */
let latest = []

/** @type {Step} */
const propose = {
  name: 'propose',
  title: 'Propose',
  text: 'Other values, all else as it is. Nothing changes yet.',
  hasChanges: true,
}

/** @type {Step} */
const shadow = {
  name: 'shadow',
  title: 'Begin shadow',
  text: 'The proposal decides beside the active set from now on, and does nothing.',
}

/**
 * @param {number} leadMs
 * @param {string | undefined} against
 * @returns {Step}
 */
function activate(leadMs, against) {
  return {
    name: 'activate',
    title: 'Activate',
    text: 'It becomes active for every worker at the same moment, and is on probation then.',
    duration: { label: 'In so many seconds', option: 'in', ms: leadMs + spareMs },
    against,
  }
}

/**
 * @param {boolean} isPlanned
 * @returns {Step}
 */
function withdraw(isPlanned) {
  return {
    name: 'withdraw',
    title: 'Withdraw',
    text: isPlanned
      ? 'It does not become active. What is active stays so.'
      : 'The proposal is taken back.',
  }
}

/**
 * @param {number} of
 * @returns {Step}
 */
function rollBack(of) {
  return {
    name: 'roll-back',
    title: 'Roll back',
    text: `Set ${of} ends, and the one before holds within a second, everywhere.`,
    of,
  }
}

/**
 * @param {number} emergencyMs
 * @returns {Step}
 */
function careful(emergencyMs) {
  return {
    name: 'emergency',
    title: 'Emergency',
    text: `More careful values at once, without shadow and approvals, for ${lasting(emergencyMs)} at most.`,
    hasChanges: true,
    duration: { label: 'For so many seconds', option: 'for', ms: Math.min(emergencyMs, 3_600_000) },
  }
}
